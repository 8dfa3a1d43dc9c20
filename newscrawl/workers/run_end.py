"""The end of a run that several workers shared: the leader's, with what all have counted."""

import asyncio
import logging
import time
from contextlib import suppress
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured

from newscrawl.exceptions import RedisGoneError, StoreError
from newscrawl.extensions.run_end import RunEndExtension
from newscrawl.storage import open_store
from newscrawl.storage.runtime import RUN_ID, blame, is_storing, store_of, storing
from newscrawl.workers.board import board_of
from newscrawl.workers.joining import BEAT_SECONDS
from newscrawl.workers.membership import Membership
from newscrawl.workers.merging import add_measures, add_stats, to_json

logger = logging.getLogger(__name__)

OF_THIS_WORKER = frozenset({"shutdown", "store_failed", "redis_failed"})
"""Finish reasons that say nothing of the site: the others go on."""


class SharedRunEnd(RunEndExtension):
    """
    Ends the run where this worker leads it, once the others have left what they counted; else leaves its own.

    A leader that has to stop while others are at work (a signal, a lost database) leaves the run to them. What a dead
    worker measured is missing from what the monitors see, and a warning says so; its counts are there.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SharedRunEnd":
        if not is_storing(crawler):
            raise NotConfigured
        extension = cls(crawler)
        crawler.signals.connect(extension.worker_closed, signal=signals.spider_closed)
        return extension

    async def worker_closed(self, reason: str) -> None:
        """The end of this worker's part, and of the run where it leads."""
        spider: Any = self.crawler.spider
        run_id, member = self.crawler.stats.get_value(RUN_ID), self.crawler.get_extension(Membership)
        if run_id is None or member is None:
            return
        try:
            leads = await self._close(member, reason)
        except RedisGoneError as error:
            spider.failure = spider.failure or error
            leads = spider.leads
        if leads:
            self.spider_closed(reason)
            self._write_lines(member.jsonl_path)
        else:
            self._let_go()

    async def _close(self, member: Membership, reason: str) -> bool:
        """Leave or end the run; whether it is for this worker to end it."""
        spider: Any = self.crawler.spider
        board = board_of(self.crawler)
        if board.redis.is_gone:
            return bool(spider.leads)
        with suppress(DropItem, StoreError):
            member.hand_in()
        if spider.leads and not (reason in OF_THIS_WORKER and len(board.beats()) > 1):
            board.end()
            await self._gather(member)
            board.clear()
            return True
        board.leave_result({"stats": self.crawler.stats.get_stats(), "measures": to_json(self.measures)})
        if reason not in {*OF_THIS_WORKER, "finished"} and not board.is_over:
            board.stop(str(spider.failure or reason))
        member.close()
        board.leave()
        return False

    async def _gather(self, member: Membership) -> None:
        """Wait for the others to leave, or to be dead, and add what they counted."""
        board, until = board_of(self.crawler), time.monotonic() + member.patience
        while (beats := board.beats().keys() - {board.worker}) and time.monotonic() < until:
            await asyncio.sleep(BEAT_SECONDS / 2)
        member.close()
        results = board.results()
        unheard = [worker for worker in {*results, *beats} if "measures" not in results.get(worker, {})]
        for result in results.values():
            add_stats(self.crawler.stats, result["stats"])
            if "measures" in result:
                add_measures(self.measures, result["measures"])
        if unheard:
            logger.warning("What %s measured is missing: dead before the end", ", ".join(sorted(unheard)))
        with suppress(DropItem, StoreError), storing(self.crawler) as store:
            held = board.redis.hgetall(board.key("held"))
            store.take_over({int(number): kind for number, kind in held.items()})

    def _write_lines(self, path: str) -> None:
        """The JSON Lines of a run that was led on by a worker that wrote none."""
        if path and not self.crawler.settings["NEWSCRAWL_JSONL_PATH"]:
            try:
                open_store(self.crawler.settings["NEWSCRAWL_DATABASE_URL"], path).close()
            except StoreError as error:
                blame(self.crawler, error)

    def _let_go(self) -> None:
        """The run is in other hands, and with it its row."""
        try:
            store_of(self.crawler).close()
        except StoreError as error:
            blame(self.crawler, error)
        self.crawler.stats.set_value(RUN_ID, None)
