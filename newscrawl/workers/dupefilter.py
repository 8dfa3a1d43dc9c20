"""What the workers of a run have asked for, together."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy_redis.dupefilter import RFPDupeFilter

from newscrawl.workers.board import board_of


class SharedDupeFilter(RFPDupeFilter):
    """
    scrapy-redis' filter, by Scrapy's own fingerprints.

    Whether a shared request was seen is asked in the same step that adds it to the queue, so that no kill comes between
    the two; ``request_seen`` is for those that stay with their worker.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SharedDupeFilter":
        board = board_of(crawler)
        dupefilter = cls(board.redis, board.key("seen"))
        dupefilter.fingerprinter = crawler.request_fingerprinter
        return dupefilter

    def request_fingerprint(self, request: Request) -> str:
        """As Scrapy tells requests apart."""
        assert self.fingerprinter
        return str(self.fingerprinter.fingerprint(request).hex())

    def close(self, reason: str = "") -> None:
        """Leave it: others may be at work."""
