"""A store that fails while a spider reads it ends the run with one line, not with a traceback a page."""

from collections.abc import Iterable
from typing import Any

from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl.exceptions import StoreError
from newscrawl.storage.runtime import end_run


class StoreFailureMiddleware:
    """Turns a StoreError of a callback into the end of the run."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StoreFailureMiddleware":
        return cls(crawler)

    def process_spider_exception(self, response: Response, exception: Exception) -> Iterable[Any] | None:
        if not isinstance(exception, StoreError):
            return None
        end_run(self.crawler, exception)
        return ()
