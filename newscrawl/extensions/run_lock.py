"""One run a store at a time."""

import os

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newscrawl.storage import engine_of
from newscrawl.storage.dialects import Engine


class RunLockExtension:
    """
    Holds the lock of a database from before the first request to the end of the run.

    :raises AnotherRunError: another run holds it; nothing was done
    :raises StoreError: the lock cannot be asked for
    """

    def __init__(self, engine: Engine) -> None:
        self._lock = engine.hold_run()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunLockExtension":
        url: str = crawler.settings["NEWSCRAWL_DATABASE_URL"]
        if not crawler.settings.getdict("ITEM_PIPELINES"):
            raise NotConfigured  # a crawl that stores nothing disturbs nobody
        engine = engine_of(url)
        if engine.path and os.path.exists(engine.path) and not os.path.isfile(engine.path):
            raise NotConfigured  # the store will say so
        extension = cls(engine)
        crawler.signals.connect(extension.engine_stopped, signal=signals.engine_stopped)
        return extension

    def engine_stopped(self) -> None:
        self._lock.release()
