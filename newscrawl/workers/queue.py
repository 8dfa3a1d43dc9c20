"""The queue that the workers of a run share: JSON, in the order of priority, and a lease for each that is taken."""

import json
import logging

from scrapy import Request, Spider
from scrapy_redis.queue import PriorityQueue

from newscrawl.workers.board import Board, Lease
from newscrawl.workers.entry import LEASE, PoisonedEntryError, to_entry, to_request

logger = logging.getLogger(__name__)


class LeasedQueue(PriorityQueue):
    """
    scrapy-redis' queue with what it lacks: no pickle, first come first served, and nothing lost with its worker.

    ``leases`` are the entries that this worker has taken and whose outcome is not stored yet.
    """

    def __init__(self, board: Board, spider: Spider) -> None:
        super().__init__(board.redis, spider, board.key("queue"), serializer=json)  # the default is pickle
        self.board = board
        self.leases: dict[str, Lease] = {}
        self.poisoned = 0

    def push(self, request: Request, fingerprint: str = "") -> bool:
        """Add a plain request; False where its fingerprint was seen in this run."""
        return self.board.push(fingerprint, -request.priority, to_entry(request))

    def pop(self, timeout: int = 0) -> Request | None:
        """The first request, leased to this worker; entries that are none are dropped."""
        while (lease := self.board.pop()) is not None:
            try:
                request = to_request(lease.entry.partition(" ")[2], self.spider)
            except PoisonedEntryError as error:
                self._drop(lease, error)
                continue
            request.meta[LEASE] = lease.entry
            self.leases[lease.entry] = lease
            return request
        return None

    def _drop(self, lease: Lease, error: PoisonedEntryError) -> None:
        self.board.acknowledge([lease.entry])
        self.poisoned += 1
        if self.poisoned == 1:
            logger.warning("An entry of the queue was dropped, which no worker wrote: %s", error)

    def acknowledge(self, entries: list[str]) -> None:
        """What came of these is stored."""
        if entries:
            self.board.acknowledge(entries)
        for entry in entries:
            self.leases.pop(entry, None)
