"""Sitemaps: the addresses that a site lists for search engines, whatever made the file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, urljoin, urlsplit

from protego import Protego

from newscrawl.discovery.addresses import named
from newscrawl.discovery.feed import entries_of
from newscrawl.discovery.moments import utc
from newscrawl.discovery.xml_records import MAX_RECORDS, Record, read_text, text_of
from newscrawl.exceptions import UnreadableSourceError

USUAL_PLACES = ("/sitemap_index.xml", "/wp-sitemap.xml", "/sitemap.xml")
"""Paths to try where robots.txt names no sitemap, in the order that costs WordPress and its plugins least requests."""
MAX_ROBOTS = 500 * 1024
"""Bytes of a robots.txt that are looked at, as search engines do."""

# fmt: off
OTHER_KINDS = frozenset({
    "page", "pages", "misc", "home", "root", "addl", "local", "locations", "kml",
    "category", "categories", "post_tag", "tag", "tags", "post_format", "taxonomies", "taxonomy", "tax",
    "date", "archives", "post-archive", "author", "authors", "user", "users",
    "attachment", "attachments", "image", "video",
    "product", "products", "product_cat", "product_tag", "product_brand", "product_attributes", "shop_order",
    "elementor_library", "e-landing-page", "e-floating-buttons", "wp_block", "ct_template", "forum", "topic", "reply",
})
# fmt: on
"""What a child sitemap may hold other than articles, as WordPress and its plugins call it in the file's name."""
_NAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"wp-sitemap-(taxonomies|users)-.*",  # WordPress: kinds of its own, whatever they hold
        r"wp-sitemap-posts-(.+?)-\d+",  # WordPress: a post type
        r"(.+?)-sitemap(?:-index)?[-_]?\d*",  # Yoast, Rank Math, AIOSEO, SEOPress, Jetpack: post-sitemap2
        r"(?:sitemap-pt-|sitemap-)(tax)-.*",  # XML Sitemaps: sitemap-tax-category
        r"sitemap-pt-(.+?)-(?:p\d+-)?\d{4}-\d{2}",  # XML Sitemaps: sitemap-pt-post-2025-05, sitemap-pt-page-p1-2025-05
        r"sitemap-(.+?)[-_]?\d*",  # others: sitemap-misc, sitemap-authors
    )
)
_SITE_ROOT = re.compile(r"https?://[^/?#]+/?(?:#.*)?", re.IGNORECASE)
_ENDINGS = re.compile(r"(?:\.(?:xml|gz|txt|php))+$", re.IGNORECASE)
_LONGEST_NAME = 200  # characters; the patterns take the square of it in time


@dataclass(frozen=True, slots=True)
class Entry:
    """One address. ``lastmod``: its last change, ISO 8601 in UTC; None where it is not stated, or not as a moment."""

    url: str
    lastmod: str | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """
    What a file holds, in its order: other sitemaps (``children``) or ``pages``.

    ``cut``: the file breaks off, breaks, or is longer than the protocol allows; what stands before is given.
    """

    children: tuple[Entry, ...] = ()
    pages: tuple[Entry, ...] = ()
    cut: bool = False


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """
    A sitemap index, a sitemap, a list of addresses as plain text, or a feed given as a sitemap; zipped or not.

    Dropped are addresses that are relative or not of http(s), and the site's root, which some plugins put first among
    the posts. The date in a news entry is when the article came out, not its last change.

    :param url: what errors name.
    :raises UnreadableSourceError: for a file that is none of these, or of which nothing can be read.
    """
    text, cut = text_of(body, url)
    if not text.startswith(b"<"):
        return _plain_text(text, url, cut)
    document = read_text(text, url)
    if document.root == "sitemapindex":
        return Sitemap(children=tuple(_entries(document.records)), cut=document.cut)
    if document.root == "urlset":
        pages = tuple(entry for entry in _entries(document.records) if not _SITE_ROOT.fullmatch(entry.url))
    else:
        pages = tuple(Entry(entry.url, None) for entry in entries_of(document))
    return Sitemap(pages=pages, cut=document.cut)


def _entries(records: Iterable[Record]) -> Iterable[Entry]:
    for record in records:
        stated: dict[str, str] = {}
        for element in record:
            stated.setdefault(element.name, element.text)
        url = named(stated.get("loc"))
        if url:
            yield Entry(url, utc(stated.get("lastmod")))


def _plain_text(text: bytes, url: str, cut: bool) -> Sitemap:
    lines = text.decode("utf-8", "replace").splitlines()
    if named(lines[0]) is None:
        raise UnreadableSourceError(f"{url}: neither XML nor a list of addresses")
    many = len(lines) > MAX_RECORDS
    if cut and not many:
        lines.pop()  # it may be half an address
    found = [address for line in lines[:MAX_RECORDS] if (address := named(line)) and not _SITE_ROOT.fullmatch(address)]
    return Sitemap(pages=tuple(Entry(address, None) for address in found), cut=cut or many)


def names_articles(child_url: str) -> bool:
    """
    Whether a child sitemap may hold articles, as far as its name tells: False for names that are known to hold others.

    >>> [names_articles(f"https://newsjournos.com/{name}-sitemap.xml") for name in ("post", "category", "essay")]
    [True, False, True]
    """
    parts = urlsplit(child_url)
    asked = parse_qs(parts.query)
    if "sitemap" in asked:  # a site without pretty addresses: /?sitemap=posts&sitemap-subtype=page
        kinds = asked["sitemap"] + asked.get("sitemap-subtype", [])
        return not any(kind.lower() in OTHER_KINDS for kind in kinds)
    name = parts.path.rpartition("/")[2]
    if len(name) > _LONGEST_NAME:
        return True
    name = _ENDINGS.sub("", name)
    for pattern in _NAMES:
        match = pattern.fullmatch(name)
        if match:
            return match[1].lower() not in OTHER_KINDS
    return name.lower() not in OTHER_KINDS


def robots_sitemaps(body: bytes, url: str) -> list[str]:
    """The sitemaps that a robots.txt at ``url`` names: absolute, in its order, each once."""
    rules = Protego.parse(body[:MAX_ROBOTS].decode("utf-8-sig", "replace"))
    found: dict[str, None] = {}
    for line in rules.sitemaps:
        try:
            address = named(urljoin(url, line))
        except ValueError:  # no address at all, such as "http://["
            continue
        if address:
            found[address] = None
    return list(found)
