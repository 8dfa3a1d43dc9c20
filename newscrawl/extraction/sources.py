"""Where a field can come from. A source is a small frozen record: it prints, compares and is tried alone."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, cast

from lxml import etree

from newscrawl.extraction.jsonld import ARTICLE_TYPES
from newscrawl.extraction.page import Page
from newscrawl.extraction.query import select
from newscrawl.extraction.text import clean, unescape, without_tags

_UNSEEN = ("script", "style", "noscript", "template")
_pattern = cache(re.compile)
_NO_TEXT = ("br", *_UNSEEN)
_ALL_TEXT = etree.XPath("string()", smart_strings=False)


class Source(Protocol):
    """Answers with raw values of a page, best first; an empty list means "not stated here"."""

    @property
    def origin(self) -> str:
        """The word that ``Article.sources`` shows for it."""

    def __call__(self, page: Page) -> list[Any]: ...


def text_of(element: etree._Element) -> str:
    """All text that a reader sees below an element, a space for each ``<br>``."""
    if not len(element) and element.tag not in _NO_TEXT:
        return element.text or ""
    if next(element.iter(*_NO_TEXT), None) is None:
        return cast("str", _ALL_TEXT(element))
    pieces = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        if event == "end":
            pieces.append((inner.tail or "") if inner is not element else "")
        elif inner.tag in _UNSEEN:
            walk.skip_subtree()
        else:
            pieces.append(" " if inner.tag == "br" else inner.text or "")
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Css:
    """Text, or an attribute, of each match of a CSS query inside a region."""

    region: str
    query: str
    attribute: str | None = None
    origin: str = field(default="theme", repr=False)

    def __call__(self, page: Page) -> list[str]:
        found = [element for parent in page.region(self.region) for element in select(parent, self.query)]
        if self.attribute:
            return [value for element in found if (value := element.get(self.attribute))]
        return [text_of(element) for element in found]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of the region's own element."""

    region: str
    attribute: str
    origin: str = field(default="theme", repr=False)

    def __call__(self, page: Page) -> list[str]:
        return [value for element in page.region(self.region) if (value := element.get(self.attribute))]


@dataclass(frozen=True, slots=True)
class Links:
    """Name and address of each link that matches inside a region; ``skip`` leaves out the first few."""

    region: str
    query: str
    origin: str = field(default="rel", repr=False)
    skip: int = 0
    last: bool = False

    def __call__(self, page: Page) -> list[dict[str, str | None]]:
        found = [element for parent in page.region(self.region) for element in select(parent, self.query)][self.skip :]
        return [
            {"name": text_of(element), "url": page.absolute(element.get("href"))}
            for element in (found[-1:] if self.last else found)
        ]


@dataclass(frozen=True, slots=True)
class NamedLink:
    """In each element of a region, the name that one query finds with the address that another finds."""

    region: str
    name: str
    link: str
    origin: str = field(default="rel", repr=False)

    def __call__(self, page: Page) -> list[dict[str, str | None]]:
        return [
            {"name": text_of(name), "url": page.absolute(link.get("href"))}
            for element in page.region(self.region)
            for name, link in zip(select(element, self.name)[:1], select(element, self.link)[:1], strict=False)
        ]


@dataclass(frozen=True, slots=True)
class LinkOfClass:
    """The link whose class names the term that a body class names: the primary section among several."""

    region: str
    query: str
    body_class: str
    link_class: str
    origin: str = field(default="rel", repr=False)

    def __call__(self, page: Page) -> list[dict[str, str | None]]:
        terms = [match[1] for token in page.body_classes if (match := _pattern(self.body_class).fullmatch(token))]
        wanted = {self.link_class.format(term) for term in terms}
        return [
            {"name": text_of(element), "url": page.absolute(element.get("href"))}
            for parent in page.region(self.region)
            for element in select(parent, self.query)
            if not wanted.isdisjoint((element.get("class") or "").split())
        ][:1]


@dataclass(frozen=True, slots=True)
class JsonLdPath:
    """
    Values at a path of the page's nodes of some types. Its text is often still HTML-escaped.

    ``separator`` parts a list that is written as one text.
    """

    path: str
    types: frozenset[str] = field(default=ARTICLE_TYPES, repr=False)
    separator: str | None = None
    origin: str = field(default="json-ld", repr=False)

    def __call__(self, page: Page) -> list[Any]:
        graph = page.jsonld
        for node in graph.of_type(self.types):
            values = graph.values(node, self.path)
            if self.separator and len(values) == 1 and isinstance(values[0], str):
                values = values[0].split(self.separator)
            if values:
                return [unescape(value) if isinstance(value, str) else value for value in values]
        return []


@dataclass(frozen=True, slots=True)
class JsonLdPersons:
    """Authors of the article node: name and address, references resolved."""

    path: str = "author"
    origin: str = field(default="json-ld", repr=False)

    def __call__(self, page: Page) -> list[dict[str, str | None]]:
        people = []
        for value in JsonLdPath(self.path)(page):
            if isinstance(value, dict) and isinstance(name := value.get("name"), str):
                url = value.get("url")
                people.append({"name": unescape(name), "url": page.absolute(url) if isinstance(url, str) else None})
            elif isinstance(value, str):
                people.append({"name": value, "url": None})
        return people


@dataclass(frozen=True, slots=True)
class Meta:
    """Contents of ``<meta property=...>`` or ``<meta name=...>``."""

    name: str
    origin: str = field(default="meta", repr=False)

    def __call__(self, page: Page) -> list[str]:
        return [text for content in page.meta.get(self.name, ()) if (text := clean(without_tags(content)))]


@dataclass(frozen=True, slots=True)
class HeadLink:
    """The address of ``<link rel=...>`` in the head."""

    rel: str
    origin: str = field(default="rel", repr=False)

    def __call__(self, page: Page) -> list[str]:
        url = page.head_link(self.rel)
        return [url] if url else []


@dataclass(frozen=True, slots=True)
class BodyClass:
    """What a pattern captures in the class tokens of ``<body>``."""

    pattern: str
    origin: str = field(default="theme", repr=False)

    def __call__(self, page: Page) -> list[str]:
        return [match[1] for token in page.body_classes if (match := _pattern(self.pattern).fullmatch(token))]
