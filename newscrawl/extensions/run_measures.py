"""What the articles of a run look like, counted as they come."""

from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from newscrawl import clock
from newscrawl.items import Article, Rejection
from newscrawl.monitors.measures import Measures
from newscrawl.seen import Seen
from newscrawl.storage.rows import as_dict


class RunMeasures:
    """
    Fills ``measures`` from the items of the run: articles, kept or refused, and rejects.

    A duplicate was counted when it came first. ``crawler.get_extension(RunMeasures).measures`` is what the monitors
    judge.
    """

    def __init__(self, crawler: Crawler) -> None:
        assert crawler.stats
        self.stats = crawler.stats
        self.measures = Measures(clock.now())
        self._seen = Seen()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunMeasures":
        extension = cls(crawler)
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.item_dropped, signal=signals.item_dropped)
        return extension

    def item_scraped(self, item: Any) -> None:
        """An article that was kept; a rejection, where no pipeline takes it out."""
        if isinstance(item, Article):
            if self._seen.add(item.url):
                self.measures.add(as_dict(item))
        elif isinstance(item, Rejection):
            self.measures.add_reject(item.url, item.reason)

    def item_dropped(self, item: Any, exception: BaseException) -> None:
        """A rejection, or an article that validation refused; nothing where it is a duplicate or the store failed."""
        if isinstance(item, Rejection):
            self.measures.add_reject(item.url, item.reason)
        elif isinstance(item, Article):
            reason = str(exception).partition(":")[0]
            if self.stats.get_value(f"newscrawl/rejected/{reason}") and self._seen.add(item.url):
                self.measures.refuse(as_dict(item), reason)
