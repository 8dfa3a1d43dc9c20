"""One article, one item a run, whatever the addresses it was found under."""

from hashlib import blake2b
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.items import Alias, Article
from newscrawl.storage.runtime import store_of


class DedupePipeline:
    """
    Drops an article that this run has had: by address, then by post id, then by content.

    The address it was found under is remembered as another one of the first; ``newscrawl/duplicates/<by>`` counts.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._first: dict[bytes, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "DedupePipeline":
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Alias):
            store_of(self.crawler).remember_url(item.url, item.article_url)
            raise DropItem(f"another address: {item.url}", log_level="DEBUG")
        keys = {
            "url": item.url,
            "post_id": item.post_id and f"{item.post_id}",
            "content": item.content_hash,
        }
        for by, value in keys.items():
            first = self._first.get(_key(by, value)) if value else None
            if first:
                self._drop(item, first, by)
        self._first |= {_key(by, value): item.url for by, value in keys.items() if value}
        return item

    def _drop(self, item: Article, first: str, by: str) -> None:
        self.crawler.stats.inc_value(f"newscrawl/duplicates/{by}")
        if item.url != first:
            store_of(self.crawler).remember_url(item.url, first)
        raise DropItem(f"duplicate by {by} of {first}: {item.url}", log_level="DEBUG")


def _key(by: str, value: str) -> bytes:
    """Eight bytes a key: 50,000 articles stay within a few megabytes."""
    return blake2b(f"{by}:{value}".encode(), digest_size=8).digest()
