"""A worker's life in a run: signs of life, what it hands in, what it takes over from those that died."""

import asyncio
import logging
import time
from typing import Any, cast

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, DropItem, NotConfigured
from scrapy.utils.asyncio import create_looping_call

from newscrawl.downloadermiddlewares.ending import end_run, is_ending
from newscrawl.exceptions import AnotherRunError, BlockedError, RedisGoneError, StoreError
from newscrawl.storage import engine_of
from newscrawl.storage.dialects import Lock
from newscrawl.storage.runtime import RUN_ID, is_storing, store_of, storing
from newscrawl.workers.board import Sight, board_of
from newscrawl.workers.entry import LEASE
from newscrawl.workers.joining import BEAT_SECONDS, lead_or_join
from newscrawl.workers.scheduler import GONE, SharedScheduler

logger = logging.getLogger(__name__)

MOST_TIMES = 2
"""How often a request that was lost is made again."""


class Membership:
    """
    Leads or joins the run, in the place of the lock of a run that is alone.

    Twice a second a worker says that it lives, and acknowledges the requests whose outcome is in the database. One that
    has said nothing for ``NEWSCRAWL_LEASE_SECONDS`` is dead: its requests go back to the queue, and where it led,
    whoever gets the lock of the store leads on with the same run. Before it ends the run, the leader asks again for
    what the frontier says was asked for and never came.

    :raises AnotherRunError: a run without Redis is at work
    :raises SpiderArgumentError: the run at work has other arguments
    :raises RedisGoneError: Redis does not answer
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.spider = cast("Any", crawler.spider)
        self.engine = engine_of(crawler.settings["NEWSCRAWL_DATABASE_URL"])
        self.patience = crawler.settings.getfloat("NEWSCRAWL_LEASE_SECONDS")
        self.board = board_of(crawler)
        self._lock: Lock | None = lead_or_join(self.board, self.engine, self.spider.given_arguments)
        self._seen: dict[str, tuple[str, float]] = {}
        self._last = time.monotonic()
        self._beating: Any = None
        self._held: dict[int, str] = {}
        self._lost: dict[str, int] = {}
        self._starting: asyncio.Future[None] | None = None
        self._unled: float | None = None
        self.spider.leads = self._lock is not None
        self.jsonl_path: str = crawler.settings["NEWSCRAWL_JSONL_PATH"]
        if not self.spider.leads:
            # The leader writes the lines; each machine has files of its own.
            crawler.settings.set("NEWSCRAWL_JSONL_PATH", "", "cmdline")
        if self.board.run_id:
            crawler.stats.set_value(RUN_ID, int(self.board.run_id))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Membership":
        if not is_storing(crawler):
            raise NotConfigured
        member = cls(crawler)
        connect = crawler.signals.connect
        connect(member.spider_opened, signal=signals.spider_opened)
        connect(member.spider_idle, signal=signals.spider_idle)
        connect(member.engine_stopped, signal=signals.engine_stopped)
        return member

    @property
    def scheduler(self) -> SharedScheduler:
        scheduler = self.crawler.engine._slot.scheduler  # type: ignore[union-attr]
        assert isinstance(scheduler, SharedScheduler)
        return scheduler

    def spider_opened(self) -> None:
        """Announce the run, and begin to give signs of life."""
        run_id = self.crawler.stats.get_value(RUN_ID)
        if run_id is None:  # the store could not be opened
            return
        self.board.run_id = str(run_id)
        store = store_of(self.crawler)
        store.engine.make_each_durable(store.db)  # what is acknowledged has to outlive the server
        if self.spider.leads:
            self.board.announce(self.spider.given_arguments)
        self._beating = create_looping_call(self.beat)
        self._beating.start(BEAT_SECONDS, now=True)

    def beat(self) -> None:
        """A sign of life, and what follows from those of the others."""
        if self.board.redis.is_gone:
            return
        try:
            self.hand_in()
            self._look(self.board.beat(list(self.scheduler.queue.leases.values())))
        except RedisGoneError as error:
            end_run(self.crawler, error, GONE)
        except (DropItem, StoreError):  # the run has been told, and is ending
            return
        slot = self.crawler.engine._slot
        if slot is not None and not is_ending(self.crawler):
            slot.nextcall.schedule()  # something may have come into the queue, or the run may be over

    def hand_in(self) -> None:
        """Acknowledge what is done, once all that came of it is in the database."""
        queue, slot = self.scheduler.queue, self.crawler.engine._slot
        at_work = {request.meta.get(LEASE) for request in slot.inprogress} if slot else set()
        done = [entry for entry in queue.leases if entry not in at_work | self.scheduler.leases_at_work()]
        if not done:
            return
        with storing(self.crawler) as store:
            store.commit()
            kinds = store.held_kinds()
        if new := {number: kind for number, kind in kinds.items() if self._held.get(number) != kind}:
            self.board.redis.hset(self.board.key("held"), mapping={str(number): kind for number, kind in new.items()})
            self._held = kinds
        self.board.leave_result({"stats": self.crawler.stats.get_stats()})
        queue.acknowledge(done)

    def _look(self, sight: Sight) -> None:
        if self.spider.leads and sight.run.get("id") != self.board.run_id and not self.board.is_over:
            logger.warning("Redis has come back without its data: the run is announced again")
            self.board.announce(self.spider.given_arguments)
        if self.spider.leads and (why := sight.run.get("stop")):
            end_run(self.crawler, BlockedError(why), "blocked")
        now = time.monotonic()
        if now - self._last > 3 * BEAT_SECONDS:  # whoever was away cannot tell who else was
            self._seen.clear()
        self._last = now
        for worker, beat in sight.beats.items():
            known, since = self._seen.get(worker, ("", now))
            self._seen[worker] = (beat, since if known == beat else now)
        if not self.board.is_over:
            self._bury(now, sight)

    def _bury(self, now: float, sight: Sight) -> None:
        """What dead workers had in hand is for the others, the lead included."""
        for worker, (beat, since) in list(self._seen.items()):
            if worker not in sight.beats:
                del self._seen[worker]
            elif now - since > self.patience and worker != self.board.worker:
                back = self.board.leave(worker, beat)
                if back >= 0:
                    logger.warning("Worker %s is dead; %d requests of it go back to the queue", worker, back)
        if self.spider.leads or sight.run.get("leader") in sight.beats:
            self._unled = None
            return
        self._unled = self._unled or now
        # A board that says nothing lost its data, and the leader may not have seen it yet.
        if sight.run.get("id") or now - self._unled > self.patience:
            self._lead()

    def _lead(self) -> None:
        """Lead the run on, where the store's lock is free."""
        try:
            self._lock = self.engine.hold_run()
        except (AnotherRunError, StoreError):
            return
        logger.warning("Leads run %s on, whose leader is gone", self.board.run_id)
        self.spider.leads = True
        self.board.announce(self.spider.given_arguments)
        self._starting = asyncio.ensure_future(self._start_again())

    async def _start_again(self) -> None:
        """Read what the leader before may not have read to its end; what it asked for is not asked for again."""
        async for request in self.spider.start():
            self.crawler.engine.crawl(request)

    def spider_idle(self) -> None:
        """
        Nobody has anything in hand: what was asked for and is not settled was lost, and is asked for again.

        :raises DontCloseSpider: there is such a thing, or the leader has only just begun
        """
        if self._starting is not None and not self._starting.done():
            raise DontCloseSpider
        if not self.spider.leads or is_ending(self.crawler) or self.board.redis.is_gone:
            return
        if self.scheduler.has_pending_requests():  # what the spider has just asked for, at this same moment
            return
        frontier = self.spider.frontier
        with storing(self.crawler) as store:
            store.take_over({int(number): kind for number, kind in self._kinds().items()})
            pages = store.lost(frontier.run, frontier.origin)
        again = [page for page in pages if self._lost.get(page["url"], 0) < MOST_TIMES]
        for page in again:
            self._lost[page["url"]] = self._lost.get(page["url"], 0) + 1
            self.crawler.stats.inc_value("newscrawl/workers/lost")
            found_by = page["discovered_by"] or "frontier"
            self.crawler.engine.crawl(self.spider.article_request(page["url"], found_by, dont_filter=True))
        if again:
            logger.warning("%d requests were lost, and are made again", len(again))
            raise DontCloseSpider

    def _kinds(self) -> dict[str, str]:
        try:
            return dict(self.board.redis.hgetall(self.board.key("held")))
        except RedisGoneError as error:
            end_run(self.crawler, error, GONE)
            return {}

    def close(self) -> None:
        """Give no more signs of life, and hand in what is done."""
        if self._beating is not None and self._beating.running:
            self._beating.stop()

    def engine_stopped(self) -> None:
        self.close()
        if self._lock is not None:
            self._lock.release()
