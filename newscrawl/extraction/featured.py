"""The featured image: the original upload, with the size that the page states for that file."""

import re
from typing import Any

from lxml import etree

from newscrawl.extraction.media import pixels, shown_address
from newscrawl.extraction.page import Page
from newscrawl.extraction.query import first, select
from newscrawl.extraction.sources import JsonLdPath, Meta, text_of
from newscrawl.extraction.text import clean
from newscrawl.items import Image

_RENDITION = re.compile(r"-\d+x\d+(?=\.\w+$)")
_IMAGE_OBJECT = frozenset({"ImageObject"})
_JSONLD = JsonLdPath("image")
_OPEN_GRAPH = Meta("og:image")
_OPEN_GRAPH_WIDTH = Meta("og:image:width")
_OPEN_GRAPH_HEIGHT = Meta("og:image:height")


def featured_image(page: Page) -> tuple[Image, str] | None:
    """The image and the word for its source; None for a post that has none."""
    region, shown = _region(page)
    if shown is None and not _has_image(page):
        return None  # og:image may then be the site's default picture, or one from the body
    found = _address(page, region, shown)
    if not found:
        return None
    url, source = found
    width, height = _stated_size(page, url)
    return {
        "url": url,
        "alt": (clean(shown.get("alt") or "") or None) if shown is not None else None,
        "caption": _caption(page, region),
        "width": width,
        "height": height,
    }, source


def _region(page: Page) -> tuple[etree._Element | None, etree._Element | None]:
    """The header where it shows the image (cover, classic, large-image), else the block for it; and the image."""
    for name in ("header", "featured"):
        for element in page.region(name):
            if (shown := first(element, page.theme.featured.image)) is not None:
                return element, shown
    return next(iter(page.region("featured") or page.region("header")), None), None


def _has_image(page: Page) -> bool:
    return any(page.theme.featured.marker in (article.get("class") or "") for article in page.region("article"))


def _address(page: Page, region: etree._Element | None, shown: etree._Element | None) -> tuple[str, str] | None:
    """The link to the upload; else, of all addresses stated for it, the first that is no resized copy."""
    if region is not None:
        for link in select(region, page.theme.featured.link):
            if url := page.absolute(link.get("href")):
                return url, "theme"
    candidates = [(url, "theme") for url in _shown_addresses(page, shown)]
    candidates += [(url, "json-ld") for url in _jsonld_addresses(page)]
    candidates += [(url, "meta") for value in _OPEN_GRAPH(page) if (url := page.absolute(value))]
    originals = [one for one in candidates if not _RENDITION.search(one[0])]
    if shown is not None and candidates:
        stem = _RENDITION.sub("", candidates[0][0])
        originals = [one for one in originals if one[0] == stem]
    return next(iter(originals + candidates), None)


def _shown_addresses(page: Page, shown: etree._Element | None) -> list[str]:
    if shown is None:
        return []
    entries = (shown.get("data-srcset") or shown.get("srcset") or "").split(",")
    addresses = [shown_address(shown), *(entry.split()[0] for entry in entries if entry.strip())]
    return [url for address in addresses if (url := page.absolute(address))]


def _jsonld_addresses(page: Page) -> list[str]:
    values = [value.get("url") if isinstance(value, dict) else value for value in _JSONLD(page)]
    return [url for value in values if isinstance(value, str) and (url := page.absolute(value))]


def _stated_size(page: Page, url: str) -> tuple[int | None, int | None]:
    """Pixels of the file at ``url``: the attributes of the image element are those of a rendition."""
    stated = [
        (pixels(_plain(node.get("width"))), pixels(_plain(node.get("height"))))
        for node in page.jsonld.of_type(_IMAGE_OBJECT)
        if page.absolute(_text(node.get("url"))) == url
    ]
    if any(page.absolute(value) == url for value in _OPEN_GRAPH(page)[:1]):
        stated.append((_first_number(page, _OPEN_GRAPH_WIDTH), _first_number(page, _OPEN_GRAPH_HEIGHT)))
    return max(stated, key=lambda size: sum(map(bool, size)), default=(None, None))


def _first_number(page: Page, source: Meta) -> int | None:
    return pixels(next(iter(source(page)), None))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _plain(value: Any) -> str | int | None:
    """A number as JSON-LD states it: 1280, "1280", or a QuantitativeValue's value."""
    if isinstance(value, dict):
        value = value.get("value")
    return value if isinstance(value, (str, int)) else None


def _caption(page: Page, region: etree._Element | None) -> str | None:
    caption = first(region, page.theme.featured.caption) if region is not None else None
    return (clean(text_of(caption)) or None) if caption is not None else None
