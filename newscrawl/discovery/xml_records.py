"""
XML of a source becomes flat records: the entries of a sitemap, the items of a feed, each as the elements right in it.

No tree is built, so that memory is bounded by the entries kept; entities are never expanded, and nothing is fetched.
The parser is strict, since one that guesses turns a broken address into another one; what most often breaks XML in
the wild (control characters, wrong bytes, a bare ``&``) is mended in the text instead.
"""

import codecs
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from lxml import etree

from newscrawl.exceptions import UnreadableSourceError

MAX_BYTES = 50 * 1024 * 1024
"""Unzipped size of a file in bytes, as the sitemap protocol has it; what is beyond is not looked at."""
MAX_RECORDS = 50_000
"""Entries of a file, as the sitemap protocol has it; what is beyond is not looked at."""

RECORDS = {"urlset": "url", "sitemapindex": "sitemap", "rss": "item", "RDF": "item", "feed": "entry"}
"""Name of the root: name of its records. A document with any other root is no source."""
WANTED = frozenset({"loc", "lastmod", "link", "guid", "id", "pubDate", "published", "date"})
"""Elements of a record that are kept."""

_GZIP = b"\x1f\x8b"
_CHUNK = 64 * 1024
_MOST_WANTED = 50  # elements kept of one record
_MOST_ELEMENTS = 1_000_000  # elements of a file: some seconds
_MOST_MENDED = 4 * 1024 * 1024  # bytes of a file that is worth mending
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,99}?encoding\s*=\s*["'](iso-8859-\d+|windows-125\d)["']""", re.IGNORECASE)
_STRAY = codecs.BOM_UTF8 + b" \t\r\n"  # a second mark, as included PHP files leave it
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_LITERAL = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))", re.DOTALL)
_BARE = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")


class Element(NamedTuple):
    """A closed element: its name without namespace, its own text, its attributes."""

    name: str
    text: str
    attributes: Mapping[str, str]


Record = list[Element]


@dataclass(frozen=True, slots=True)
class Document:
    """``root``: name of the root. ``cut``: the file breaks off or breaks; what stands before is given."""

    root: str
    records: list[Record]
    cut: bool


def unzip(body: bytes) -> tuple[bytes, bool]:
    """At most ``MAX_BYTES`` of a file that may be gzip, and whether there was more. ``zlib.error`` for broken gzip."""
    if not body.startswith(_GZIP):
        return body[:MAX_BYTES], len(body) > MAX_BYTES
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    plain = stream.decompress(body, MAX_BYTES)
    return plain, not stream.eof


def text_of(body: bytes, url: str) -> tuple[bytes, bool]:
    """
    The text of a file in UTF-8, unzipped, and whether it was cut.

    :raises UnreadableSourceError: for broken gzip, and where nothing is in it.
    """
    try:
        plain, cut = unzip(body)
    except zlib.error as error:
        raise UnreadableSourceError(f"{url}: broken gzip") from error
    plain = _utf8(plain).translate(None, _CONTROLS).strip().lstrip(_STRAY)
    if not plain:
        raise UnreadableSourceError(f"{url}: nothing in it")
    return plain, cut


def _utf8(body: bytes) -> bytes:
    for mark, name in _MARKS.items():
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace").encode()
    declared = _DECLARED.match(body)
    try:
        text = body.decode(declared[1].decode() if declared else "utf-8", "replace")
    except LookupError:  # windows-1259
        text = body.decode("utf-8", "replace")
    return text.encode()


def read_xml(body: bytes, url: str) -> Document:
    """
    The records of an XML file, zipped or not.

    :param url: what errors name.
    :raises UnreadableSourceError: for a file that is empty, no XML, an HTML page, declares a document type, has
        another root than ``RECORDS``, or breaks before its first record is whole.
    """
    text, _ = text_of(body, url)
    return read_text(text, url)


def read_text(text: bytes, url: str) -> Document:
    """As ``read_xml``, for what ``text_of`` gave."""
    found = _parse(text, url)
    if not found.closed:
        mended = _mended(text)
        again = _parse(mended, url) if mended != text else found
        found = again if len(again.records) > len(found.records) or again.closed else found
    if not found.root:
        raise UnreadableSourceError(f"{url}: {_beginning(text)}")
    if not found.closed and not found.records:
        raise UnreadableSourceError(f"{url}: breaks before its first entry")
    many = len(found.records) > MAX_RECORDS
    return Document(found.root, found.records[:MAX_RECORDS], many or not found.closed)


def _beginning(text: bytes) -> str:
    """What a text that is no XML looks like."""
    if text[:15].lower().startswith(b"<!doctype html"):
        return _not_xml("html")
    return f"no XML, begins with {' '.join(text[:60].decode('utf-8', 'replace').split())[:40]!r}"


def _mended(text: bytes) -> bytes:
    """The text with ``&amp;`` for each ``&`` that begins no entity of XML; comments and CDATA stay."""
    if len(text) > _MOST_MENDED:
        return text
    pieces = _LITERAL.split(text)
    pieces[::2] = [_BARE.sub(b"&amp;", piece) for piece in pieces[::2]]
    return b"".join(pieces)


@dataclass(slots=True)
class _Collector:
    """What the parser tells its news: keeps the records, forgets the rest."""

    url: str
    root: str = ""
    closed: bool = False
    records: list[Record] = field(default_factory=list)
    elements: int = 0
    _depth: int = 0
    _record: Record | None = None
    _inside: int = 0
    """Depth of the elements right in the record."""
    _parts: list[str] | None = None
    _name: str = ""
    _attributes: Mapping[str, str] = field(default_factory=dict)

    def doctype(self, name: str, *_: str | None) -> None:
        """The root is not known yet. Sources need no document type, and entities could only come from one."""
        raise UnreadableSourceError(f"{self.url}: {_not_xml(name)}")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        self.elements += 1
        if self._record is not None and self._depth != self._inside:
            return
        name = tag.rpartition("}")[2]
        if self._record is not None:
            if name in WANTED and len(self._record) < _MOST_WANTED:
                self._parts, self._name, self._attributes = [], name, dict(attributes) if attributes else {}
        elif self._depth == 1:
            if name not in RECORDS:
                raise UnreadableSourceError(f"{self.url}: {_not_xml(name)}")
            self.root = name
        elif name == RECORDS[self.root]:
            self._record, self._inside = [], self._depth + 1

    def data(self, text: str) -> None:
        """Text, in pieces."""
        if self._parts is not None:
            self._parts.append(text)

    def end(self, _: str) -> None:
        """An element ends."""
        if self._record is not None and self._depth <= self._inside:
            if self._depth < self._inside:
                self.records.append(self._record)
                self._record = None
            elif self._parts is not None:
                self._record.append(Element(self._name, "".join(self._parts).strip(), self._attributes))
                self._parts = None
        self._depth -= 1
        self.closed = self._depth == 0

    def close(self) -> None:
        """Never called: the parser would close what the file left open."""


def _not_xml(name: str) -> str:
    return "an HTML page" if name.lower() == "html" else f"neither sitemap nor feed: <{name[:40]}>"


def _parse(text: bytes, url: str) -> _Collector:
    collector = _Collector(url)
    parser = etree.XMLParser(
        target=cast("Any", collector), encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, recover=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        for start in range(0, len(text), _CHUNK):
            parser.feed(text[start : start + _CHUNK])
            if collector.closed or len(collector.records) > MAX_RECORDS or collector.elements > _MOST_ELEMENTS:
                break
    except etree.XMLSyntaxError:  # what came before it is kept
        pass
    return collector
