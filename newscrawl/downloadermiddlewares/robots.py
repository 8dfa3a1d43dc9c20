"""robots.txt: its rules, its Crawl-delay, and what its absence means."""

import asyncio
import logging
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotConfigured,
    ResponseDataLossError,
)
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler, load_object

from newscrawl.downloadermiddlewares.ending import RunEndingError, end_run
from newscrawl.exceptions import BlockedError, RobotsUnreachableError

logger = logging.getLogger(__name__)

LONGEST_DELAY = 86_400.0
REFUSED = frozenset({429, 503})  # not 403: RFC 9309 takes any other 4xx as "there are no rules"
DOWNLOAD_ERRORS = (
    CannotResolveHostError,
    DownloadCancelledError,  # too large
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,  # its redirect led to another origin, or in circles
    OSError,  # what came could not be decompressed
    ResponseDataLossError,
)


class RobotsForbiddenError(IgnoreRequest):
    """robots.txt forbids a request. Raised before it is sent."""


class RobotsMiddleware:
    """
    Obeys robots.txt (``ROBOTSTXT_OBEY``), as RFC 9309 has it.

    No request passes before the file is read: one task fetches it and every request waits for that task. (In Scrapy
    2.19 the requests that wait share one Deferred, and all but the first pass unchecked.) A 4xx answer allows all; a
    5xx, a 429 or no answer forbids all, where Scrapy would allow all; a 429 or 503 ends the run as blocked. Crawl-delay
    becomes the least delay of the slot.
    """

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self.user_agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self.parser_class: type[RobotParser] = load_object(crawler.settings["ROBOTSTXT_PARSER"])
        self._parsers: dict[str, asyncio.Future[RobotParser]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let the request pass, or raise RobotsForbiddenError, RobotsUnreachableError or RunEndingError."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        url = urljoin(request.url, "/robots.txt")
        if url not in self._parsers:
            self._parsers[url] = asyncio.ensure_future(self._fetch(url))
        parser = await asyncio.shield(self._parsers[url])
        if not parser.allowed(request.url, self.user_agent):
            self.crawler.stats.inc_value("robotstxt/forbidden")
            raise RobotsForbiddenError(f"robots.txt forbids {request.url}")

    async def _fetch(self, url: str) -> RobotParser:
        request = Request(url, callback=NO_CALLBACK, priority=1000, meta={"dont_obey_robotstxt": True})
        self.crawler.stats.inc_value("robotstxt/request_count")
        try:
            response: Response = await self.crawler.engine.download_async(request)
        except RunEndingError:
            raise
        except DOWNLOAD_ERRORS as error:
            raise RobotsUnreachableError(f"{url} could not be read: {str(error) or type(error).__name__}") from error
        self.crawler.stats.inc_value(f"robotstxt/response_status_count/{response.status}")
        if response.status in REFUSED:
            end_run(self.crawler, BlockedError(f"blocked: {url} answered {response.status}"), "blocked")
            raise RunEndingError(f"{url} answered {response.status}")
        if response.status >= 500:
            raise RobotsUnreachableError(f"{url} answered {response.status}, which forbids all until it answers")
        body = response.body if response.status < 300 else b""
        parser: RobotParser = build_from_crawler(self.parser_class, self.crawler, body)
        await self.crawler.signals.send_catch_log_async(signals.robots_parsed, robotparser=parser, request=request)
        self._apply_delay(parser.crawl_delay(self.user_agent), request)
        return parser

    def _apply_delay(self, delay: float | None, request: Request) -> None:
        """Make Crawl-delay the least delay: of the slot, of slots made later, and of AutoThrottle."""
        downloader: Any = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        slot = downloader.slots.get(key)
        least = self.crawler.settings.getfloat("DOWNLOAD_DELAY")
        if not delay or not least < delay < float("inf"):
            return
        delay = min(delay, LONGEST_DELAY)
        logger.info("robots.txt asks for a Crawl-delay of %g s: done", delay)
        downloader.per_slot_settings[key] = {"delay": delay, "jitter": 0.0}
        if slot:
            slot.delay, slot.jitter = max(slot.delay, delay), 0.0
        if throttle := self.crawler.get_extension(AutoThrottle):
            throttle.mindelay = max(throttle.mindelay, delay)
            throttle.maxdelay = max(throttle.maxdelay, delay)
