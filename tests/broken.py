"""Components that fail, each in its own place; named by the tests of the exit codes."""

from typing import Any

from scrapy import signals
from scrapy.exceptions import CloseSpider
from scrapy.exporters import JsonItemExporter

from newscrawl.exceptions import NewscrawlError, StoreError
from newscrawl.spiders.newsjournos import NewsjournosSpider


class BrokenSpider(NewsjournosSpider):
    """Its callback raises for every article."""

    def parse_article(self, response: Any, discovered_by: str) -> Any:
        raise RuntimeError("callback")


class Pipeline:
    """Raises for every item."""

    def process_item(self, item: Any) -> Any:
        raise RuntimeError("pipeline")


class Unopened:
    """Raises when the spider opens."""

    def open_spider(self) -> None:
        raise RuntimeError("open")


class NoStore:
    """A store that says what is wrong with it."""

    def open_spider(self) -> None:
        raise StoreError("the database is no database")


class LockedError(NewscrawlError):
    """Another run is at work."""

    exit_code = 4


class Locked:
    """Ends the run before its first request, as a component does that finds another run at work."""

    def __init__(self, crawler: Any) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Locked":
        return cls(crawler)

    def open_spider(self) -> None:
        self.crawler.spider.failure = LockedError("another run holds the lock")
        raise CloseSpider("locked")


class Extension:
    """Raises when all is over."""

    @classmethod
    def from_crawler(cls, crawler: Any) -> "Extension":
        extension = cls()
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_closed(self) -> None:
        raise RuntimeError("extension")


class Exporter(JsonItemExporter):
    """Raises for every item."""

    def export_item(self, item: Any) -> None:
        raise RuntimeError("exporter")
