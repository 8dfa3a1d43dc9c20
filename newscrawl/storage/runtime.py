"""The one store of a running crawl, shared by the components that write to it."""

from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from newscrawl.storage import open_store
from newscrawl.storage.sqlite_store import SqliteStore

_stores: "WeakKeyDictionary[Crawler, SqliteStore]" = WeakKeyDictionary()


def store_of(crawler: Crawler) -> SqliteStore:
    """
    The store that the crawler's settings name, opened on first use. StorePipeline closes it.

    :raises NewscrawlError: as ``open_store``
    """
    if crawler not in _stores:
        settings = crawler.settings
        _stores[crawler] = open_store(settings["NEWSCRAWL_DATABASE_URL"], settings["NEWSCRAWL_JSONL_PATH"])
    return _stores[crawler]
