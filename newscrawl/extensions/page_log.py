"""Every answer of the site, noted in ``pages``: when, which status, which validators."""

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.http import Response

from newscrawl import clock
from newscrawl.exceptions import StoreError
from newscrawl.storage.runtime import is_storing, storing

KINDS = {
    "parse_home": "home",
    "parse_section": "section",
    "parse_article": "article",
    "parse_part": "part",
    "parse_sitemap": "sitemap",
    "parse_feed": "feed",
    "parse_rest": "rest",
    "parse_proof": "rest",
}
"""What a page is asked for, by the callback that reads it."""
READ_LATER = frozenset({"sitemap", "feed", "article"})
"""Kinds whose validators count only once what they hold is stored; who reads them notes these too."""


class PageLogExtension:
    """Notes each response under its request's address; robots.txt is Scrapy's own affair and has no row.
    Counts ``newscrawl/requests/<kind>``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PageLogExtension":
        if not is_storing(crawler):
            raise NotConfigured  # a crawl that stores nothing opens no store
        extension = cls(crawler)
        crawler.signals.connect(extension.response_received, signal=signals.response_received)
        return extension

    def response_received(self, response: Response, request: Request) -> None:
        kind = KINDS.get(getattr(request.callback, "__name__", ""))
        self.crawler.stats.inc_value(f"newscrawl/requests/{kind or 'other'}")
        if not kind:
            return
        values = {"status": response.status, "fetched_at": clock.stamp()}
        if kind not in READ_LATER and response.status != 304:
            values |= {"etag": header(response, "ETag"), "last_modified": header(response, "Last-Modified")}
        try:
            with storing(self.crawler) as store:
                store.set_page(request.url, kind, **values)
        except (DropItem, StoreError):
            return  # the run has been told, and is ending


def header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
