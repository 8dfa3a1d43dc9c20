"""How a run ends before its time: nothing more is sent, and nothing is waited for."""

import asyncio
import logging
from typing import Any
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.asyncio import create_looping_call
from twisted.python.failure import Failure

from newscrawl.exceptions import NewscrawlError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How long a run that is to end may go on waiting for its next request; Scrapy tells nobody that it is to end."""

_closing: "WeakKeyDictionary[Crawler, asyncio.Future[None]]" = WeakKeyDictionary()


class RunEndingError(IgnoreRequest):
    """A request is not sent, because the run is ending. Its errback hears nothing: it has not failed, nobody tried."""


def end_run(crawler: Crawler, error: NewscrawlError, finish_reason: str) -> None:
    """End the run with ``error`` as its failure, where it has none yet. What has come is stored."""
    if is_ending(crawler):
        return
    assert crawler.spider
    logger.warning("The run ends: %s", error)
    if getattr(crawler.spider, "failure", None) is None:
        crawler.spider.failure = error  # type: ignore[attr-defined]
    _closing[crawler] = asyncio.ensure_future(crawler.engine.close_spider_async(reason=finish_reason))
    _drop_waiting(crawler)


def is_ending(crawler: Crawler) -> bool:
    """Whether the run has been told to end: by ``end_run``, by a signal, by CloseSpider, or as there is no more."""
    engine: Any = crawler.engine
    return crawler in _closing or not engine.running or engine._slot is None or engine._slot.closing is not None


def _drop_waiting(crawler: Crawler) -> None:
    """Drop what waits in the downloader for the delay to pass, which may take a day."""
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            request, answer = slot.queue.popleft()
            answer.errback(Failure(RunEndingError(f"the run is ending: {request.url}")))


class EndingMiddleware:
    """
    Lets no request pass once the run is ending, and drops those that wait.

    Scrapy waits for every request that its downloader holds, and sends it: with a Retry-After of a day, Ctrl-C would
    need that day.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._looking: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "EndingMiddleware":
        middleware = cls(crawler)
        crawler.signals.connect(middleware.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(middleware.spider_closed, signal=signals.spider_closed)
        return middleware

    def spider_opened(self) -> None:
        self._looking = create_looping_call(self._look)
        self._looking.start(LOOK_SECONDS, now=False)

    def spider_closed(self) -> None:
        if self._looking is not None and self._looking.running:
            self._looking.stop()

    def _look(self) -> None:
        if is_ending(self.crawler):
            _drop_waiting(self.crawler)

    def process_request(self, request: Request) -> None:
        if is_ending(self.crawler):
            raise RunEndingError(f"the run is ending: {request.url}")

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, RunEndingError):
            request.errback = None
