"""What section pages, menus and the home page lead to."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from newscrawl.extraction.identity import host, normalise_url
from newscrawl.extraction.page import Page
from newscrawl.extraction.query import first, select
from newscrawl.extraction.sources import text_of
from newscrawl.extraction.text import clean

_PAGE_NUMBER = re.compile(r"/page/(\d{1,9})/?$", re.ASCII)


class SectionLink(NamedTuple):
    """A section as the menus name it."""

    name: str
    url: str

    @property
    def slug(self) -> str:
        """Last step of its path, such as ``u-s-news``."""
        return urlsplit(self.url).path.rstrip("/").rpartition("/")[2]


def sections(page: Page) -> list[SectionLink]:
    """
    The sections that the site's own menus name (header, off-canvas, footer), in menu order, each once.

    Menu entries that WordPress marks as a category tell where sections live; other menu links into the same
    place, as in footers built by hand, are sections too.
    """
    queries = page.theme.listing
    marked = _menu_links(page, queries.menus)
    folders = {urlsplit(link.url).path.strip("/").partition("/")[0] for link in marked}
    loose = [
        link
        for link in _menu_links(page, queries.loose_menus)
        if (path := urlsplit(link.url).path.strip("/")).partition("/")[0] in folders and "/" in path
    ]
    found: dict[str, SectionLink] = {}
    for link in [*marked, *loose]:
        found.setdefault(link.url.rstrip("/"), link)
    return list(found.values())


def _menu_links(page: Page, query: str) -> list[SectionLink]:
    found = []
    for region in page.region("html"):
        for element in select(region, query):
            name, url = clean(text_of(element)), page.absolute(element.get("href"))
            if name and url and host(url) == host(page.url) and urlsplit(url).path.strip("/"):
                found.append(SectionLink(name, normalise_url(url)))
    return found


def article_links(page: Page) -> list[str]:
    """Addresses that the cards of the page's main area and of its featured grid lead to, each once."""
    found: dict[str, None] = {}
    for region in page.region("listing"):
        for card in select(region, page.theme.listing.cards):
            link = None if _inside_other(card, region) else _card_link(page, card)
            if link:
                found[link] = None
    return list(found)


def _inside_other(card: etree._Element, region: etree._Element) -> bool:
    """Whether a card stands in a sidebar, a widget, or the content of another card."""
    for parent in card.iterancestors():
        if parent is region:
            return False
        if parent.tag in {"article", "aside"} or "widget" in (parent.get("class") or "").split():
            return True
    return False


def _card_link(page: Page, card: etree._Element) -> str | None:
    for query in page.theme.listing.card_links:
        element = first(card, query)
        url = page.absolute(element.get("href")) if element is not None else None
        if url and host(url) == host(page.url):
            return normalise_url(url)
    return None


def other_article_links(page: Page) -> list[str]:
    """Addresses that ticker, widgets, mega menus and cards anywhere on the page lead to, each once."""
    found: dict[str, None] = {}
    for region in page.region("html"):
        for element in select(region, page.theme.listing.other_links):
            url = page.absolute(element.get("href"))
            if url and host(url) == host(page.url):
                found[normalise_url(url)] = None
    return list(found)


def next_page(page: Page) -> str | None:
    """
    The page of older articles: the head's ``rel=next``, the pager's next link, the "Load More" link, and last the
    next number where a pager is there but says no address. None on the last page.
    """
    if url := page.head_link("next"):
        return url
    for region in page.region("listing"):
        for query in page.theme.listing.next_page:
            element = first(region, query)
            url = page.absolute(element.get("href")) if element is not None else None
            if url and host(url) == host(page.url):
                return url
    if any(first(region, page.theme.listing.endless) is not None for region in page.region("listing")):
        return _next_number(page.url)
    return None


def _next_number(url: str) -> str:
    parts = urlsplit(url)
    match = _PAGE_NUMBER.search(parts.path)
    number = int(match[1]) + 1 if match else 2
    stem = parts.path[: match.start()] if match else parts.path.rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, f"{stem}/page/{number}/", "", ""))
