"""Storing: an article counts as seen only once it is here."""

from contextlib import suppress
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DropItem
from scrapy.utils.asyncio import create_looping_call

from newscrawl.exceptions import StoreError
from newscrawl.items import Alias, Article
from newscrawl.storage.database import BATCH_SECONDS
from newscrawl.storage.runtime import RUN_ID, blame, store_of, storing


class StorePipeline:
    """
    Saves articles and their other addresses, and begins the run's row; counts ``newscrawl/stored/<state>``.

    Opens the store; RunEndExtension closes it. What cannot be stored ends the run as failed, with one line.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        assert crawler.stats
        self.stats = crawler.stats
        self._run_id: int | None = None
        self._early: dict[str, list[str]] = {}
        self._committing: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StorePipeline":
        pipeline = cls(crawler)
        crawler.signals.connect(pipeline.spider_opened, signal=signals.spider_opened)
        return pipeline

    def open_spider(self) -> None:
        spider = self.crawler.spider
        assert spider
        try:
            # Another process may have begun the run, and with it the row.
            self._run_id = self.stats.get_value(RUN_ID) or store_of(self.crawler).start_run(
                spider.name, dict(getattr(spider, "given_arguments", {}))
            )
        except StoreError as error:
            blame(self.crawler, error)
            raise CloseSpider("store_failed") from error  # any other error here makes Scrapy stumble on its way out
        self.stats.set_value(RUN_ID, self._run_id)
        store_of(self.crawler).run_id = self._run_id

    def spider_opened(self) -> None:
        """Let no batch wait for a slow site."""
        if self._run_id is not None:
            self._committing = create_looping_call(self._commit_if_due)
            self._committing.start(BATCH_SECONDS, now=False)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Alias):
            self._remember(item)
        if not isinstance(item, Article):
            return item
        with storing(self.crawler) as store:
            state = store.save(item)
            for url in self._early.pop(item.url, ()):
                store.remember_url(url, item.url)
        self.stats.inc_value(f"newscrawl/stored/{state}")
        return item

    def _remember(self, alias: Alias) -> None:
        with storing(self.crawler) as store:
            if alias.replaced and store.rename(alias.url, alias.article_url):
                self.stats.inc_value("newscrawl/renamed")
            elif store.article_id(alias.article_url) is None:  # its article is still to come
                self._early.setdefault(alias.article_url, []).append(alias.url)
            else:
                store.remember_url(alias.url, alias.article_url)
        raise DropItem(f"another address of {alias.article_url}: {alias.url}", log_level="DEBUG")

    def _commit_if_due(self) -> None:
        try:
            with storing(self.crawler) as store:
                store.commit_if_due()
        except (DropItem, StoreError):  # the run has been told, and is ending
            self._committing.stop()

    def close_spider(self) -> None:
        """Whoever looks at the store when the spider is closed sees all of it."""
        if self._committing is not None and self._committing.running:
            self._committing.stop()
        if self._run_id is not None:
            with suppress(DropItem, StoreError), storing(self.crawler) as store:  # an error was told by ``storing``
                store.commit()
