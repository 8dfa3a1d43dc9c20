"""No request leaves the scheme, host and port of base_url."""

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured

from newscrawl.base_spiders.origin import Origin


class OffOriginError(IgnoreRequest):
    """A request would leave the origin of the crawl. Raised before it is sent."""


class SameOriginMiddleware:
    """
    Refuses requests to another scheme, host or port, and those that carry a user name or password.

    Scrapy's OffsiteMiddleware knows hosts only, lets subdomains pass, and lets every request with ``dont_filter``
    pass. The target of a redirect comes through here as any request does.
    """

    def __init__(self, crawler: Crawler, origin: Origin) -> None:
        self.crawler = crawler
        self.origin = origin

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SameOriginMiddleware":
        origin = getattr(crawler.spider, "origin", None)
        if origin is None:
            raise NotConfigured
        return cls(crawler, origin)

    def process_request(self, request: Request) -> None:
        if not self.origin.covers(request.url) or "@" in urlsplit(request.url).netloc:
            self.crawler.stats.inc_value("newscrawl/refused/off_origin")
            raise OffOriginError(f"{request.url} is not on {self.origin.url}")
