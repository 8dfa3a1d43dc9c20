"""The frontier follows the store: a page is settled once its article is stored, never before."""

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.frontier.outcomes import settle
from newscrawl.items import Visit
from newscrawl.storage.runtime import RUN_ID, storing


class FrontierPipeline:
    """Notes what became of each page that was asked for an article; counts ``newscrawl/stored/gone``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "FrontierPipeline":
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Visit):
            return item
        stats = self.crawler.stats
        assert stats
        with storing(self.crawler) as store:
            outcome = settle(store, stats.get_value(RUN_ID), item)
            is_known = outcome == "gone" and store.article_id(item.url) is not None
        if is_known:
            stats.inc_value("newscrawl/stored/gone")
        if item.outcome == "unchanged":
            stats.inc_value("newscrawl/stored/unchanged")
        raise DropItem(f"visited, {outcome}: {item.url}", log_level="DEBUG")
