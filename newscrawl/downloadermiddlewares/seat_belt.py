"""A run that has gone wild stops."""

from scrapy import Request
from scrapy.crawler import Crawler

from newscrawl.downloadermiddlewares.ending import RunEndingError, end_run
from newscrawl.exceptions import TooManyRequestsError


class SeatBeltMiddleware:
    """
    Lets ``NEWSCRAWL_MAX_REQUESTS`` requests pass, and ends the run at the next one.

    Stands next to the downloader, so that retries, redirects and robots.txt count as well.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = crawler.settings.getint("NEWSCRAWL_MAX_REQUESTS")
        self.sent = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SeatBeltMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if self.sent >= self.most:
            error = TooManyRequestsError(f"max_requests: NEWSCRAWL_MAX_REQUESTS={self.most} and more to ask for")
            end_run(self.crawler, error, "max_requests")
            raise RunEndingError(f"one request too many: {request.url}")
        self.sent += 1
