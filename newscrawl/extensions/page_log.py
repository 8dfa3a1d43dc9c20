"""Every answer of the site, noted in ``pages``: when, which status, which validators."""

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.http import Response

from newscrawl import clock
from newscrawl.exceptions import StoreError
from newscrawl.storage.runtime import storing

KINDS = {"parse_home": "home", "parse_section": "section", "parse_article": "article", "parse_part": "part"}
"""What a page is asked for, by the callback that reads it."""


class PageLogExtension:
    """Notes each response under its request's address; robots.txt is Scrapy's own affair and has no row."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PageLogExtension":
        if "newscrawl.pipelines.store.StorePipeline" not in crawler.settings.getdict("ITEM_PIPELINES"):
            raise NotConfigured  # a crawl that stores nothing opens no store
        extension = cls(crawler)
        crawler.signals.connect(extension.response_received, signal=signals.response_received)
        return extension

    def response_received(self, response: Response, request: Request) -> None:
        kind = KINDS.get(getattr(request.callback, "__name__", ""))
        if not kind:
            return
        try:
            with storing(self.crawler) as store:
                store.record_page(
                    request.url,
                    kind,
                    status=response.status,
                    fetched_at=clock.stamp(),
                    etag=_header(response, "ETag"),
                    last_modified=_header(response, "Last-Modified"),
                )
        except (DropItem, StoreError):
            return  # the run has been told, and is ending


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
