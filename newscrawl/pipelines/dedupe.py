"""One article, one item a run, whatever the addresses it was found under."""

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.items import Article
from newscrawl.seen import Seen
from newscrawl.storage.runtime import storing


class DedupePipeline:
    """
    Drops an article that this run has had: by address, then by post id, then by content.

    The address it was found under is remembered as another one of the first; ``newscrawl/duplicates/<by>`` counts.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._seen = Seen()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "DedupePipeline":
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        keys = [(by, value) for by in ("url", "post_id", "content_hash") if (value := getattr(item, by))]
        by = next((key[0] for key in keys if key in self._seen), None)
        if by:
            self._drop(item, by)
        for key in keys:
            self._seen.add(key)
        return item

    def _drop(self, item: Article, by: str) -> None:
        assert self.crawler.stats
        with storing(self.crawler) as store:
            first = store.url_by(by, getattr(item, by))
            if first and first != item.url:
                store.remember_url(item.url, first)
        self.crawler.stats.inc_value(f"newscrawl/duplicates/{by}")
        raise DropItem(f"duplicate by {by} of {first}: {item.url}", log_level="DEBUG")
