"""One run a store at a time."""

import fcntl
import os
import time
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newscrawl.exceptions import AnotherRunError, StoreError
from newscrawl.storage import SQLITE

LOOK = 0.05
"""Seconds until a second try: ``scrapy status`` holds the lock for an instant, to see whether a run does."""


class RunLockExtension:
    """
    Holds a lock beside the database from before the first request to the end of the run.

    The system itself gives the lock back when its process ends, however it ends: a killed run blocks nobody. The
    file stays; removing it would let two runs lock two files of the same name.

    :raises AnotherRunError: another run holds it; nothing was done
    :raises StoreError: the lock's file cannot be made
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}; the lock of a run lies beside its database") from error
        if not any(self._is_taken(wait) for wait in (LOOK, 0)):
            os.close(self._descriptor)
            raise AnotherRunError(f"another run holds {path}; nothing was done")

    def _is_taken(self, wait: float) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(wait)
            return False
        return True

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunLockExtension":
        url: str = crawler.settings["NEWSCRAWL_DATABASE_URL"]
        if not url.startswith(SQLITE) or not crawler.settings.getdict("ITEM_PIPELINES"):
            raise NotConfigured  # a crawl that stores nothing disturbs nobody
        path = Path(url.removeprefix(SQLITE))
        if path.is_dir():
            raise NotConfigured  # the store will say so
        extension = cls(path.with_name(f"{path.name}.lock"))
        crawler.signals.connect(extension.engine_stopped, signal=signals.engine_stopped)
        return extension

    def engine_stopped(self) -> None:
        os.close(self._descriptor)
