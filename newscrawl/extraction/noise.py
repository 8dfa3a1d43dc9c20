"""What stands in a post's content and is no part of the article."""

import re

from lxml import etree

from newscrawl.extraction.theme import Noise

_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What stands in a page's text, but may not be written into a tree."""


def remove_noise(content: etree._Element, noise: Noise) -> None:
    """Take out of the tree what is no part of the article: scripts, advertisements, share rows, cards, menus."""
    behind: dict[tuple[etree._Element, bool], list[str]] = {}
    for element in list(content.iter(etree.Element)):
        if element is not content and _is_noise(element, noise):
            if element.tag == "noscript":
                _keep_lazy_image(element)
            _drop(element, behind)
    for (place, is_parent), texts in behind.items():  # at once: one by one, each would copy all before it
        text = ((place.text if is_parent else place.tail) or "") + "".join(texts)
        setattr(place, "text" if is_parent else "tail", _CONTROL.sub("", text))


def _is_noise(element: etree._Element, noise: Noise) -> bool:
    if element.tag in noise.tags:
        return True
    stated = element.keys()
    if not stated:
        return False
    if "hidden" in stated or ("id" in stated and element.get("id") in noise.ids):
        return True
    if "style" in stated and _HIDDEN.search(element.get("style") or ""):
        return True
    for token in (element.get("class") or "").split():
        if token in noise.classes or token.startswith(noise.class_prefixes):
            return True
    return False


def _keep_lazy_image(noscript: etree._Element) -> None:
    """A lazy image whose address stands only in the ``<noscript>`` behind it."""
    image, shown = noscript.find(".//img"), noscript.getprevious()
    if image is not None and shown is not None and shown.tag == "img" and not shown.get("data-src"):
        shown.set("data-src", image.get("src") or "")


def _drop(element: etree._Element, behind: dict[tuple[etree._Element, bool], list[str]]) -> None:
    """Remove an element; the text behind it goes to ``behind``, under what it will stand in (True) or follow."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail:
        behind.setdefault((parent, True) if before is None else (before, False), []).append(element.tail)
    parent.remove(element)
