"""One run a store at a time."""

from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newscrawl.storage import SQLITE
from newscrawl.storage.lock import RunLock, lock_of


class RunLockExtension:
    """
    Holds a lock beside the database from before the first request to the end of the run.

    :raises AnotherRunError: another run holds it; nothing was done
    :raises StoreError: the lock's file cannot be made
    """

    def __init__(self, path: Path) -> None:
        self._lock = RunLock(path)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunLockExtension":
        url: str = crawler.settings["NEWSCRAWL_DATABASE_URL"]
        if not url.startswith(SQLITE) or not crawler.settings.getdict("ITEM_PIPELINES"):
            raise NotConfigured  # a crawl that stores nothing disturbs nobody
        path = Path(url.removeprefix(SQLITE))
        if path.is_dir():
            raise NotConfigured  # the store will say so
        extension = cls(lock_of(path))
        crawler.signals.connect(extension.engine_stopped, signal=signals.engine_stopped)
        return extension

    def engine_stopped(self) -> None:
        self._lock.release()
