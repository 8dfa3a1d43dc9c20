"""Feeds: the newest articles of a site or section, ten or so a page."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from newscrawl.discovery.addresses import named
from newscrawl.discovery.moments import utc
from newscrawl.discovery.xml_records import Document, Element, Record, read_xml
from newscrawl.exceptions import UnreadableSourceError

FEED_ROOTS = frozenset({"rss", "RDF", "feed"})
_DATES = ("pubDate", "published", "date")
_LONGEST_ID = 18  # digits; more would not fit the store


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """
    One item. ``post_id``: WordPress's number, where the item's guid is ``?p=37700`` on the article's own host (an
    imported post keeps the guid, and the number, of where it came from). ``published_at``: ISO 8601 in UTC.
    """

    url: str
    post_id: int | None
    published_at: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """The ``entries`` of a page, in its order. ``cut``: it breaks off or breaks; what stands before is given."""

    entries: tuple[FeedEntry, ...]
    cut: bool = False


def parse_feed(body: bytes, url: str) -> Feed:
    """
    The items of an RSS or Atom feed; none for a page past the end. Items without an address are dropped.

    :param url: what errors name.
    :raises UnreadableSourceError: for a file that is no feed, such as an HTML page, or of which nothing can be read.
    """
    document = read_xml(body, url)
    if document.root not in FEED_ROOTS:
        raise UnreadableSourceError(f"{url}: a sitemap, no feed")
    return Feed(tuple(entries_of(document)), document.cut)


def entries_of(document: Document) -> Iterable[FeedEntry]:
    """The entries of a feed that is read already."""
    for record in document.records:
        guid = next((element for element in record if element.name in ("guid", "id")), None)
        url = _link(record) or _permalink(guid)
        if url:
            dates = (utc(element.text) for element in record if element.name in _DATES)
            yield FeedEntry(url, _post_id(guid, url), next((date for date in dates if date), None))


def _link(record: Record) -> str | None:
    """The first link to the item itself: as text in RSS, as an attribute in Atom."""
    for element in record:
        if element.name == "link" and element.attributes.get("rel", "alternate") == "alternate":
            url = named(element.text or element.attributes.get("href"))
            if url:
                return url
    return None


def _permalink(guid: Element | None) -> str | None:
    if guid is None or guid.name != "guid" or guid.attributes.get("isPermaLink", "true").lower() != "true":
        return None
    return named(guid.text)


def _post_id(guid: Element | None, url: str) -> int | None:
    stated = named(guid.text) if guid else None
    if stated is None:
        return None
    parts, own = urlsplit(stated), urlsplit(url)
    number = parse_qs(parts.query).get("p", [""])[0]
    if parts.hostname != own.hostname or parts.fragment:
        return None
    if not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_ID):
        return None
    return int(number) or None


def next_feed_page(url: str) -> str:
    """
    The address of the page after this one.

    >>> next_feed_page("https://newsjournos.com/feed/"), next_feed_page("https://newsjournos.com/feed/?paged=2&a=b")
    ('https://newsjournos.com/feed/?paged=2', 'https://newsjournos.com/feed/?a=b&paged=3')
    """
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    number = next((value for name, value in given if name == "paged"), "")
    current = int(number) if number.isascii() and number.isdigit() and len(number) <= _LONGEST_ID else 1
    pairs = [(name, value) for name, value in given if name != "paged"] + [("paged", str(max(current, 1) + 1))]
    return urlunsplit(parts._replace(query=urlencode(pairs), fragment=""))
