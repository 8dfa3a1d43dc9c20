"""The one store of a running crawl, shared by the components that write to it."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.exceptions import StoreError
from newscrawl.storage import open_store
from newscrawl.storage.sqlite_store import SqliteStore
from newscrawl.storage.store import Store

logger = logging.getLogger(__name__)

FAILURE = "newscrawl/failure"
"""Stat: in one line, why the run could not store."""
RUN_ID = "newscrawl/run_id"
"""Stat: the run's row in ``runs``."""

_stores: "WeakKeyDictionary[Crawler, Store]" = WeakKeyDictionary()
_closing: "WeakKeyDictionary[Crawler, asyncio.Future[None]]" = WeakKeyDictionary()


def store_of(crawler: Crawler) -> Store:
    """
    The store that the crawler's settings name, opened on first use; one in memory where nothing is to be stored.

    :raises NewscrawlError: as ``open_store``
    """
    if crawler not in _stores:
        settings = crawler.settings
        if is_storing(crawler):
            _stores[crawler] = open_store(settings["NEWSCRAWL_DATABASE_URL"], settings["NEWSCRAWL_JSONL_PATH"])
        else:
            _stores[crawler] = SqliteStore(Path(":memory:"))
    return _stores[crawler]


def is_storing(crawler: Crawler) -> bool:
    """Whether this crawl stores what it finds."""
    return "newscrawl.pipelines.store.StorePipeline" in crawler.settings.getdict("ITEM_PIPELINES")


@contextmanager
def storing(crawler: Crawler) -> Iterator[Store]:
    """
    The store, to write to. An error ends the run: what cannot be stored should not be fetched.

    :raises StoreError: the first time something cannot be stored
    :raises DropItem: after that
    """
    assert crawler.stats
    if crawler.stats.get_value(FAILURE):
        raise DropItem("not stored: the store has failed", log_level="DEBUG")
    try:
        yield store_of(crawler)
    except StoreError as error:
        end_run(crawler, error)
        raise


def end_run(crawler: Crawler, error: StoreError) -> None:
    """End a run whose store has failed; the first reason counts."""
    blame(crawler, error)
    if crawler not in _closing:
        closing = crawler.engine.close_spider_async(reason="store_failed")
        _closing[crawler] = asyncio.ensure_future(closing)


def blame(crawler: Crawler, error: StoreError) -> None:
    """Let the crawl command say why the run failed; the first reason counts."""
    assert crawler.stats
    if not crawler.stats.get_value(FAILURE):
        logger.error("%s", error)
        crawler.stats.set_value(FAILURE, str(error))
    if crawler.spider is not None and getattr(crawler.spider, "failure", None) is None:
        crawler.spider.failure = error  # type: ignore[attr-defined]


def record_exit_code(crawler: Crawler, code: int) -> None:
    """
    Add to the run's row what is known only when all is over. Nothing where no run was recorded.

    :raises StoreError: as ``open_store``
    """
    assert crawler.stats
    run_id = crawler.stats.get_value(RUN_ID)
    if run_id is not None:
        if crawler in _stores:
            _stores.pop(crawler).close()  # a run that was stopped by force has left it open
        store = open_store(crawler.settings["NEWSCRAWL_DATABASE_URL"])
        store.finish_run(run_id, {"exit_code": code})
        store.close()
