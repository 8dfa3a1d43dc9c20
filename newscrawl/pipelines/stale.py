"""A cache may serve a page as it was before its last edit; that is no edit back."""

import json
from collections.abc import Mapping
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured

from newscrawl.items import Article
from newscrawl.storage.rows import as_dict
from newscrawl.storage.runtime import RUN_ID, is_storing, storing

STALE = "stale_copy"


class StalePipeline:
    """
    Rejects a version that is stored as an earlier one and by its own date is older than the last: ``stale_copy``.

    The article stays as it is, and its page is tried again as those that failed. An editor who goes back to an earlier
    text gives the page a new date. A page that states no date of its last edit is taken at its word.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StalePipeline":
        if not is_storing(crawler):
            raise NotConfigured
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article) or not self._is_stale(item):
            return item
        with storing(self.crawler) as store:
            store.reject(item.url, STALE, "an older copy of the page", item, self.crawler.stats.get_value(RUN_ID))
        self.crawler.stats.inc_value(f"newscrawl/rejected/{STALE}")
        raise DropItem(f"{STALE}: {item.url}", log_level="DEBUG")

    def _is_stale(self, item: Article) -> bool:
        with storing(self.crawler) as store:
            versions = store.versions(item.url)
        hashes = [version["content_hash"] for version in versions]
        if item.content_hash not in hashes[:-1] or item.content_hash == hashes[-1]:
            return False
        return edited(as_dict(item)) < edited(json.loads(versions[-1]["article"]))


def edited(values: Mapping[str, Any]) -> str:
    """When an article was written or last edited, as its page says."""
    return str(values["modified_at"] or values["published_at"] or "")
