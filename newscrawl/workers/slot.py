"""A site's manners hold for all workers together: it sees one crawler."""

import asyncio
import base64
import json
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response, TextResponse
from scrapy.utils.httpobj import urlparse_cached

from newscrawl.downloadermiddlewares.ending import RunEndingError, end_run, is_ending
from newscrawl.downloadermiddlewares.retry_after import STATUSES, seconds_to_wait, server_time
from newscrawl.exceptions import RedisGoneError, TooManyRequestsError
from newscrawl.workers.board import board_of
from newscrawl.workers.scheduler import GONE

LONGEST_PAUSE = 1.0
"""Seconds until a request that waits looks again, so that it hears of the run's end."""
TOKEN = "newscrawl_slot"


class SharedSlotMiddleware:
    """
    Lets a request pass when the site may be asked again, by whichever worker.

    The delay (AutoThrottle's, Crawl-delay), the limit of requests open at once, Retry-After and NEWSCRAWL_MAX_REQUESTS
    count for all workers. robots.txt is read by the first of them, and is then the same for all.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.board = board_of(crawler)
        settings = crawler.settings
        self.most_open = settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")
        self.most = settings.getint("NEWSCRAWL_MAX_REQUESTS")
        self.seconds = settings.getfloat("DOWNLOAD_TIMEOUT") + 10
        self.delay = settings.getfloat("DOWNLOAD_DELAY")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SharedSlotMiddleware":
        if getattr(crawler.spider, "replay", None) is not None:
            raise NotConfigured  # no site is asked
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        try:
            if _is_robots(request) and (kept := self._robots(request)):
                return kept
            await self._wait(request)
        except RedisGoneError as error:
            end_run(self.crawler, error, GONE)
            raise RunEndingError(str(error)) from error
        return None

    async def _wait(self, request: Request) -> None:
        while True:
            if is_ending(self.crawler):
                raise RunEndingError(f"the run is ending: {request.url}")
            slot = self._local_slot(request)
            delay = slot.delay if slot else self.delay
            wait, token, sent = self.board.take_slot(delay, self.most_open, self.seconds)
            if not wait:
                break
            await asyncio.sleep(min(wait, LONGEST_PAUSE))
        request.meta[TOKEN] = token
        if slot:
            slot.lastseen = 0  # it has waited already
        if sent > self.most:
            self.board.give_slot(token)
            error = TooManyRequestsError(f"max_requests: NEWSCRAWL_MAX_REQUESTS={self.most} and more to ask for")
            end_run(self.crawler, error, "max_requests")
            raise RunEndingError(f"one request too many: {request.url}")

    def _local_slot(self, request: Request) -> Any:
        downloader: Any = self.crawler.engine.downloader
        return downloader.slots.get(downloader.get_slot_key(request))

    def process_response(self, request: Request, response: Response) -> Response:
        self._give(request)
        header = response.headers.get("Retry-After")
        try:
            if response.status in STATUSES and header:
                if wait := seconds_to_wait(header.decode("latin-1"), server_time(response)):
                    self.board.hold_slot(wait)
            elif _is_robots(request) and response.status in {200, 404, 410} and "cached" not in response.flags:
                self._keep_robots(response)
        except RedisGoneError as error:
            end_run(self.crawler, error, GONE)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        self._give(request)

    def _give(self, request: Request) -> None:
        token = request.meta.pop(TOKEN, None)
        if token and not self.board.redis.is_gone:
            try:
                self.board.give_slot(token)
            except RedisGoneError as error:
                end_run(self.crawler, error, GONE)

    def _keep_robots(self, response: Response) -> None:
        headers = {
            name.decode(): response.headers[name].decode("latin-1")  # type: ignore[union-attr]
            for name in response.headers
        }
        kept = {"status": response.status, "headers": headers, "body": base64.b64encode(response.body).decode()}
        self.board.redis.hset(self.board.key("run"), "robots", json.dumps(kept))

    def _robots(self, request: Request) -> Response | None:
        text = self.board.redis.hget(self.board.key("run"), "robots")
        if not text:
            return None
        kept = json.loads(str(text))
        body = base64.b64decode(kept["body"])
        return TextResponse(request.url, kept["status"], kept["headers"], body, flags=["cached"])


def _is_robots(request: Request) -> bool:
    return urlparse_cached(request).path == "/robots.txt"
