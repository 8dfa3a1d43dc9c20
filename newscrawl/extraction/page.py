"""One fetched page: parsed once, its kind told by the body's classes, its regions found once."""

import codecs
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple, cast

from lxml import etree
from scrapy.http import Response, TextResponse
from w3lib.encoding import html_to_unicode

from newscrawl.extraction import identity
from newscrawl.extraction.cutting import cut
from newscrawl.extraction.jsonld import JsonLd
from newscrawl.extraction.query import first, select
from newscrawl.extraction.theme import Site, Theme, Themes, Unread

_EMPTY = b"<html><body></body></html>"
MOST_BYTES = 5_000_000
MOST_ELEMENTS = 60_000
"""What a page may have; a real one has 160 kB and 1,700 elements. Up to here, any page is read in about a second."""
_FEW = 3 * MOST_ELEMENTS  # bytes, as ``<b>`` has; a smaller page is not counted, which takes a twentieth of its time
_LARGE = 256 * 1024  # bytes; a smaller page cannot hold attributes enough to matter
_MOST_ATTRIBUTES = 2_000
_COUNT = etree.XPath("count(//*)")
_META = etree.XPath("/html/head/meta[@content]")
_LINKS = etree.XPath("/html/head/link[@rel and @href]")
_SCRIPTS = etree.XPath("(/html/head | /html/body)/script[@type='application/ld+json']", smart_strings=False)
_ALL_SCRIPTS = etree.XPath("//script[@type='application/ld+json']", smart_strings=False)


_AT_ONCE = 8 * 1024


def _is_utf8(body: bytes) -> bool:
    """Decoded piece by piece: a text of the whole page would push it out of the processor's cache."""
    view, at = memoryview(body), 0
    try:
        while at < len(body):
            end = at + _AT_ONCE
            _, read = codecs.utf_8_decode(view[at:end], "strict", end >= len(body))
            at += read
    except UnicodeDecodeError:
        return False
    return True


def _to_utf8(body: bytes, content_type: str | None) -> bytes:
    """Bytes that are valid UTF-8 are UTF-8, whatever a header says; else header, BOM, meta, and last Windows-1252."""
    if _is_utf8(body):
        return body.removeprefix(b"\xef\xbb\xbf")
    try:
        _, text = html_to_unicode(content_type, body, auto_detect_fun=lambda _: "cp1252")
    except (LookupError, UnicodeError):  # a codec of Python that is no charset: base64, idna, undefined
        text = body.decode("cp1252", "replace")
    return text.encode("utf-8", "replace")


class _Counts:
    """A parser's target that builds nothing: how many elements there are, and attributes on the fullest one."""

    def __init__(self) -> None:
        self.elements = self.attributes = 0

    def start(self, _: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        self.attributes = max(self.attributes, len(attributes))

    def close(self) -> bool:
        return self.elements > MOST_ELEMENTS or self.attributes > _MOST_ATTRIBUTES


def _is_overfull(body: bytes) -> bool:
    """Whether the elements are too many, or one would take libxml2 hours: the square of its attributes' number."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, target=cast("Any", _Counts()))
    try:
        return cast("bool", etree.fromstring(body, parser))
    except etree.XMLSyntaxError:
        return False


def _unread(theme: Themes | Site) -> tuple[Unread, ...]:
    """What is not read on pages of the first layout; those of an older one are rarely met."""
    themes = theme.layouts if isinstance(theme, Site) else theme
    return themes.unread if isinstance(themes, Theme) else themes[0].unread


def _layout(tree: etree._Element, themes: tuple[Theme, ...]) -> Theme:
    """The first layout that the page shows the marker of, else the last."""
    return next((one for one in themes if one.marker and first(tree, one.marker) is not None), themes[-1])


class Captured(NamedTuple):
    """A page as it came: bytes without their compression, the address that answered, its Content-Type."""

    body: bytes
    url: str
    content_type: str | None = None

    @classmethod
    def of(cls, response: Response) -> "Captured":
        """What a response brought; nothing where it is no text."""
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return cls(response.body if isinstance(response, TextResponse) else b"", response.url, content_type)


class Page:
    """
    A page and its regions.

    :param tree: the root element
    :param url: the address that answered, after redirects
    :param theme: the table that names the regions; of several, ``self.theme`` is the one of this page's layout; a Site
        also says which host is the publisher's, since a mirror serves pages that name it
    """

    def __init__(self, tree: etree._Element, url: str, theme: Themes | Site) -> None:
        self.tree = tree
        self.url = url
        self.is_too_large = False
        self.publisher = identity.host(theme.home) if isinstance(theme, Site) else None
        themes = theme.layouts if isinstance(theme, Site) else theme
        self.theme = themes if isinstance(themes, Theme) else _layout(tree, themes)
        self._regions: dict[str, list[etree._Element]] = {"page": [tree]}

    @classmethod
    def from_html(
        cls,
        html: str | bytes,
        url: str,
        theme: Themes | Site,
        content_type: str | None = None,
        *,
        only_article: bool = False,
    ) -> "Page":
        """
        Parse a page; whatever the bytes, there is a tree.

        :param only_article: without the parts that no field of an article is read from; its links are not all there
        """
        body = html if isinstance(html, bytes) else html.encode("utf-8", "replace")
        if only_article:
            body = cut(body, _unread(theme))
        if isinstance(html, bytes):
            body = _to_utf8(body, content_type)
        body = body.replace(b"\x00", b"")
        is_too_large = len(body) > MOST_BYTES or (len(body) > _LARGE and _is_overfull(body))
        if is_too_large:
            body = _EMPTY
        # A tree of its own: the response's selector would keep response and tree alive until garbage collection.
        parser = etree.HTMLParser(
            encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
        )
        try:
            tree = etree.fromstring(body or _EMPTY, parser)
        except etree.XMLSyntaxError:  # nothing in it that could be an element
            tree = None
        if tree is not None and len(body) > _FEW and cast("float", _COUNT(tree)) > MOST_ELEMENTS:
            is_too_large, tree = True, None
        page = cls(etree.fromstring(_EMPTY, parser) if tree is None else tree, url, theme)
        page.is_too_large = is_too_large
        return page

    @classmethod
    def from_response(cls, response: Response, theme: Themes | Site) -> "Page":
        """The page of a response; a response that is no text is an empty page."""
        return cls.from_captured(Captured.of(response), theme)

    @classmethod
    def from_captured(cls, captured: Captured, theme: Themes | Site, *, only_article: bool = False) -> "Page":
        """The page of what a response brought."""
        return cls.from_html(captured.body, captured.url, theme, captured.content_type, only_article=only_article)

    def region(self, name: str) -> list[etree._Element]:
        """The elements of a region of the theme; none where the page lacks it."""
        found = self._regions.get(name)
        if found is None:
            found = self._regions[name] = self._find(name)
        return found

    def _find(self, name: str) -> list[etree._Element]:
        region = self.theme.regions[name]
        for within in region.within:
            parents = self.region(within)
            for axis, css in region.queries:
                if region.single:
                    firsts = (first(parent, css, axis) for parent in parents)
                    found = [one for one in firsts if one is not None][:1]
                else:
                    found = [one for parent in parents for one in select(parent, css, axis)]
                if found:
                    return found
        return []

    @cached_property
    def body_classes(self) -> frozenset[str]:
        """Class tokens of ``<body>``."""
        body = self.tree.find("body")
        return frozenset((body.get("class") or "").split()) if body is not None else frozenset()

    @cached_property
    def kind(self) -> str:
        """``post``, ``archive``, ``home``, ``page``, ``error404``, ``amp`` or ``other``; too large: ``post``."""
        if self.is_too_large:
            return "post"
        if not {"amp", "\u26a1"}.isdisjoint(self.tree.attrib):
            return "amp"
        for kind, tokens in self.theme.page_kinds:
            if not tokens.isdisjoint(self.body_classes):
                return kind
        return "post" if not self.body_classes and len(self.region("article")) == 1 else "other"

    @cached_property
    def meta(self) -> dict[str, list[str]]:
        """Contents of the head's meta elements by property or name, as they stand."""
        found: dict[str, list[str]] = {}
        for element in cast("list[etree._Element]", _META(self.tree)):
            name = element.get("property") or element.get("name")
            if name:
                found.setdefault(name.lower(), []).append(element.get("content") or "")
        return found

    def head_link(self, rel: str) -> str | None:
        """The address of the head's first link element of a rel that has one."""
        for element in cast("list[etree._Element]", _LINKS(self.tree)):
            if rel in (element.get("rel") or "").lower().split() and (url := self.absolute(element.get("href"))):
                return url
        return None

    @cached_property
    def jsonld(self) -> JsonLd:
        """Structured data; blocks stand in the head or at the end of the body, seldom elsewhere."""
        scripts = cast("list[etree._Element]", _SCRIPTS(self.tree) or _ALL_SCRIPTS(self.tree))
        return JsonLd(script.text or "" for script in scripts)

    @cached_property
    def canonical(self) -> str | None:
        """Address of ``link[rel=canonical]``."""
        return self.head_link("canonical")

    def absolute(self, href: str | None) -> str | None:
        """The http(s) address that a link of this page leads to."""
        return identity.absolute(self.url, href)
