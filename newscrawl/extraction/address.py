"""Which post a page belongs to: its own address, and those of its other parts."""

from urllib.parse import urlsplit

from newscrawl.extraction.identity import host, normalise_url, without_part
from newscrawl.extraction.page import Page
from newscrawl.extraction.query import select
from newscrawl.extraction.sources import text_of
from newscrawl.extraction.text import clean


def article_url(page: Page) -> str:
    """The article's identity: its canonical link where that names the crawled host or the publisher, else its own."""
    canonical = page.canonical
    url = page.url
    if canonical and host(canonical) in {host(page.url), page.publisher}:
        url = canonical
    url = normalise_url(url)
    if not urlsplit(url).path.rstrip("/")[-1:].isdigit():
        return url  # which cannot be that of a further part
    number = _part_number(page)
    return without_part(url, number) if number else url


def _part_number(page: Page) -> int | None:
    """Which part of a multi-page post a page is, as its body class or its page numbers tell."""
    for token in page.body_classes:
        name, _, number = token.rpartition("-")
        if name in {"single-paged", "paged"}:
            return _number(number)
    for element in page.region("content"):
        for current in select(element, page.theme.current_part):
            part = _number(clean(text_of(current)))
            return part if part and part > 1 else None
    return None


def _number(text: str) -> int | None:
    """A number of a part; WordPress has no post of a million parts, and Python reads no number of 5,000 digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def part_links(page: Page) -> list[str]:
    """Addresses of the other parts of a multi-page post that this page links, in page order."""
    own = article_url(page)
    base = urlsplit(own).path.rstrip("/") + "/"
    found: dict[str, None] = {}
    for element in page.region("content"):
        for link in select(element, page.theme.part_links):
            url = page.absolute(link.get("href"))
            path = urlsplit(url).path if url else ""
            number = _number(path.removeprefix(base).strip("/")) if path.startswith(base) else None
            if url and number and number > 1:
                found[url] = None
    return list(found)
