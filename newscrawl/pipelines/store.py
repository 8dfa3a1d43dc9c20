"""Storing: an article counts as seen only once it is here."""

import asyncio
import json
from typing import Any

from scrapy.crawler import Crawler

from newscrawl.exceptions import StoreError
from newscrawl.items import Article
from newscrawl.storage.runtime import store_of

_OUTCOMES = ("new", "updated", "unchanged", "gone")


class StorePipeline:
    """Saves articles to the database and the JSON Lines file; counts ``newscrawl/stored/<state>``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        assert crawler.stats
        self.stats = crawler.stats
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StorePipeline":
        return cls(crawler)

    def open_spider(self) -> None:
        spider = self.crawler.spider
        assert spider
        self.store = store_of(self.crawler)
        self.run_id = self.store.start_run(spider.name, getattr(spider, "given_arguments", {}))
        self.stats.set_value("newscrawl/run_id", self.run_id)

    def process_item(self, item: Article) -> Article:
        try:
            state = self.store.save(item)
        except StoreError as error:
            self._fail(error)
            raise
        self.stats.inc_value(f"newscrawl/stored/{state}")
        return item

    def _fail(self, error: StoreError) -> None:
        """End the run: what cannot be stored should not be fetched."""
        self.store.roll_back()
        self._blame(error)
        engine = self.crawler.engine
        if engine is not None and self._closing is None:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason="store_failed"))

    def _blame(self, error: StoreError) -> None:
        """Let the crawl command say why the run failed; the first reason counts."""
        spider = self.crawler.spider
        if spider is not None and getattr(spider, "failure", None) is None:
            spider.failure = error  # type: ignore[attr-defined]

    def close_spider(self) -> None:
        values = self.stats.get_stats()
        counts: dict[str, Any] = {name: values.get(f"newscrawl/stored/{name}", 0) for name in _OUTCOMES}
        counts["rejected"] = _total(values, "newscrawl/rejected/")
        counts["failed"] = _total(values, "newscrawl/failed/")
        counts["requests"] = values.get("downloader/request_count", 0)
        counts["stats"] = json.dumps(values, default=str)
        try:
            self.store.finish_run(self.run_id, counts)
            self.store.close()
        except StoreError as error:
            self._blame(error)
            raise


def _total(values: dict[str, Any], prefix: str) -> int:
    return sum(value for name, value in values.items() if name.startswith(prefix))
