"""One line for the operator at the end of a run."""

import logging
import time

from scrapy import signals
from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)

OUTCOMES = ("new", "updated", "unchanged", "gone")


class RunSummaryExtension:
    """Says how much was read, what became of it, how long it took, and where it lies."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.began = time.monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunSummaryExtension":
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_closed(self, reason: str) -> None:
        logger.info("%s", self.line(reason))

    def line(self, reason: str) -> str:
        """The line: counts come from the stats, places from the settings."""
        stats, settings = self.crawler.stats, self.crawler.settings
        stored = ", ".join(f"{stats.get_value(f'newscrawl/stored/{name}', 0)} {name}" for name in OUTCOMES)
        rejected, failed = self._total("rejected"), self._total("failed")
        places = [settings["NEWSCRAWL_DATABASE_URL"], settings["NEWSCRAWL_JSONL_PATH"]]
        return (
            f"Run {reason}: {stats.get_value('response_received_count', 0)} pages, articles {stored}; "
            f"{rejected} rejected, {failed} failed, {time.monotonic() - self.began:.0f} s; "
            f"kept in {', '.join(filter(None, places))}"
        )

    def _total(self, prefix: str) -> int:
        stats = self.crawler.stats.get_stats()
        return sum(value for name, value in stats.items() if name.startswith(f"newscrawl/{prefix}/"))
