"""Which request comes next: this worker's own, or the first of all."""

import heapq
import itertools
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy_redis.scheduler import Scheduler

from newscrawl.base_spiders.article_spider import ARTICLE_PRIORITY
from newscrawl.downloadermiddlewares.ending import end_run
from newscrawl.exceptions import RedisGoneError
from newscrawl.workers.board import Board, board_of
from newscrawl.workers.dupefilter import SharedDupeFilter
from newscrawl.workers.entry import LEASE, is_plain
from newscrawl.workers.queue import LeasedQueue

GONE = "redis_failed"
"""Finish reason of a run that lost its Redis."""


class SharedScheduler(Scheduler):
    """
    scrapy-redis' scheduler, where only plain requests are shared.

    What carries objects (a section's walk, the parts of an article) and what is tried again stays with its worker,
    under the lease of the article that it is about. The leader has requests pending as long as anybody has one; the
    others until the leader says that the run is over.
    """

    def __init__(self, crawler: Crawler, board: Board) -> None:
        super().__init__(board.redis, persist=True, dupefilter=SharedDupeFilter.from_crawler(crawler))
        self.crawler = crawler
        self.board = board
        self.queue: Any = None
        self._own: list[tuple[int, int, Request]] = []
        self._numbers = itertools.count()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SharedScheduler":
        scheduler = cls(crawler, board_of(crawler))
        scheduler.stats = crawler.stats
        return scheduler

    def open(self, spider: Spider) -> None:
        self.spider: Any = spider
        self.queue = LeasedQueue(self.board, spider)

    def close(self, reason: str) -> None:
        """Nothing: what is left is for the others."""

    def __len__(self) -> int:
        return len(self._own) + len(self.queue)

    def enqueue_request(self, request: Request) -> bool:
        """Share a plain request, keep another; False where it was asked for in this run."""
        try:
            return self._enqueue(request)
        except RedisGoneError as error:
            self._end(error)
            return False

    def _enqueue(self, request: Request) -> bool:
        arguments = self.spider.arguments
        if is_plain(request) and not arguments.max_articles and not arguments.from_archive:
            fingerprint = "" if request.dont_filter else self.df.request_fingerprint(request)
            is_new = self.queue.push(request, fingerprint)
        else:
            is_new = request.dont_filter or not self.df.request_seen(request)
            if is_new:
                heapq.heappush(self._own, (-request.priority, next(self._numbers), request))
        if is_new:
            self.stats.inc_value("scheduler/enqueued/redis")
        return bool(is_new)

    def next_request(self) -> Request | None:
        """The first of the worker's own and of all; None where there is none now."""
        if self._own and -self._own[0][0] > ARTICLE_PRIORITY:
            return heapq.heappop(self._own)[2]
        try:
            request: Request | None = self.queue.pop()
        except RedisGoneError as error:
            self._end(error)
            return None
        if request is None and self._own:
            request = heapq.heappop(self._own)[2]
        if request is not None:
            self.stats.inc_value("scheduler/dequeued/redis")
        return request

    def has_pending_requests(self) -> bool:
        """Whether this worker has to stay."""
        if self._own:
            return True
        if self.board.redis.is_gone:
            return False
        try:
            return self.board.is_busy() if self.spider.leads else not self.board.is_over
        except RedisGoneError as error:
            self._end(error)
            return False

    def leases_at_work(self) -> set[str]:
        """Leases under which requests wait here."""
        return {request.meta[LEASE] for _, _, request in self._own if LEASE in request.meta}

    def _end(self, error: RedisGoneError) -> None:
        end_run(self.crawler, error, GONE)
