"""What the workers of a run know together; it lies in Redis, under names that begin with spider and site."""

import itertools
import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from newscrawl.workers import scripts
from newscrawl.workers.connection import PatientRedis, connect

OVER = "over"
PARTS = ("workers", "queue", "leases", "seen", "number", "results", "held")
REMEMBERED = 86_400
"""Seconds in which a worker that was away can still read that its run is over."""


class Lease(NamedTuple):
    """An entry of the queue that a worker has in hand: the entry as it stands there, and its score."""

    entry: str
    score: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a worker sees when it gives a sign of life: the run's values, and the beat of each worker."""

    run: Mapping[str, str]
    beats: Mapping[str, str]


class Board:
    """
    One run as its workers share it.

    :param site: spider and origin; what begins every name
    :param origin: of the site, whose slot all its runs share
    :raises RedisGoneError: from any method
    """

    def __init__(self, client: PatientRedis, site: str, origin: str) -> None:
        self.redis: Any = cast("Any", client)  # its answers are text, which its types do not know
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.run_id = ""
        self.is_over = False
        self._site, self._slot = f"newscrawl:{{{site}}}", f"newscrawl:{{{site}}}:slot:{origin}"
        self._numbers = itertools.count()
        names = ("PUSH", "POP", "BEAT", "LEAVE", "TAKE", "HOLD")
        self._scripts = {name: client.register_script(getattr(scripts, name)) for name in names}

    def key(self, name: str) -> str:
        """The full name of a part of the run."""
        return f"{self._site}:{name}"

    def _do(self, script: str, keys: tuple[str, ...], *values: Any) -> Any:
        return self._scripts[script](keys=list(keys), args=list(values))

    def _keys(self, *names: str) -> tuple[str, ...]:
        return tuple(map(self.key, names))

    def begin(self) -> None:
        """Forget the run before, whose workers are gone."""
        self.redis.delete(*self._keys("run", *PARTS))

    def announce(self, arguments: Mapping[str, str]) -> None:
        """Let others join the run, which this worker leads."""
        values = {"id": self.run_id, "leader": self.worker, "arguments": json.dumps(dict(arguments), sort_keys=True)}
        self.redis.hset(self.key("run"), mapping=values)

    def run(self) -> dict[str, str]:
        """The values of the run; none where there is no run."""
        return dict(self.redis.hgetall(self.key("run")))

    def beats(self) -> dict[str, str]:
        """The last beat of each worker."""
        return dict(self.redis.hgetall(self.key("workers")))

    def beat(self, leases: list[Lease]) -> Sight:
        """Give a sign of life, and say what is in hand."""
        known = [text for lease in leases for text in lease]
        run, beats = self._do("BEAT", self._keys("run", "workers", "leases", "queue"), self.worker, self.run_id, *known)
        sight = Sight(_pairs(run), _pairs(beats))
        its_run = sight.run.get("id", self.run_id)
        self.is_over |= its_run != self.run_id or sight.run.get("state") == OVER
        return sight

    def end(self) -> None:
        """Tell the others that the run is over: they take no more off the queue."""
        self.is_over = True
        self.redis.hset(self.key("run"), "state", OVER)

    def clear(self) -> None:
        """Forget a run that is over, but for its word."""
        self.redis.delete(*self._keys(*PARTS))
        self.redis.expire(self.key("run"), REMEMBERED)

    def stop(self, why: str) -> None:
        """Tell the leader that the site has to be left alone."""
        self.redis.hset(self.key("run"), "stop", why)

    def leave(self, worker: str | None = None, beat: str = "") -> int:
        """
        Take a worker out, this one or one that is dead; how many requests went back to the queue.

        :param beat: the last one known of it; -1 where it has given another since
        """
        keys = (*self._keys("workers", "leases", "queue"), f"{self._slot}:open")
        return int(self._do("LEAVE", keys, worker or self.worker, beat))

    def push(self, fingerprint: str, score: float, entry: str) -> bool:
        """Add an entry to the queue; False where its fingerprint was seen in this run. Empty: it is always added."""
        return bool(self._do("PUSH", self._keys("seen", "queue", "number"), fingerprint, score, entry))

    def pop(self) -> Lease | None:
        """Lease the first entry of the queue; None where there is none, or the run is over."""
        found = self._do("POP", self._keys("queue", "leases", "run"), self.worker, self.run_id)
        return Lease(*found) if found else None

    def acknowledge(self, entries: list[str]) -> None:
        """What came of these is stored."""
        self.redis.hdel(self.key("leases"), *entries)

    def is_busy(self) -> bool:
        """Whether something waits, or is in anybody's hand."""
        return bool(self.redis.zcard(self.key("queue")) or self.redis.hlen(self.key("leases")))

    def take_slot(self, delay: float, most: int, seconds: float) -> tuple[float, str, int]:
        """
        Ask to send a request: seconds to wait (0: now), a token to give back, and how many the run has sent.

        :param delay: seconds until the next one may be sent
        :param most: open at once
        :param seconds: after which it counts as closed
        """
        token = f"{self.worker} {next(self._numbers)}"
        keys = (self._slot, f"{self._slot}:open", self.key("run"))
        wait, sent = self._do("TAKE", keys, delay * 1000, most, token, seconds * 1000)
        return int(wait) / 1000, token, int(sent)

    def give_slot(self, token: str) -> None:
        """A request is answered, or has failed."""
        self.redis.zrem(f"{self._slot}:open", token)

    def hold_slot(self, seconds: float) -> None:
        """Let nobody send anything to the site for a while."""
        self._do("HOLD", (self._slot,), seconds * 1000)

    def leave_result(self, result: Mapping[str, Any]) -> None:
        """Keep what this worker has counted so far."""
        self.redis.hset(self.key("results"), self.worker, json.dumps(result, default=str))

    def results(self) -> dict[str, dict[str, Any]]:
        """What the other workers have counted."""
        kept = self.redis.hgetall(self.key("results"))
        return {worker: json.loads(text) for worker, text in kept.items() if worker != self.worker}


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


_boards: "WeakKeyDictionary[Crawler, Board]" = WeakKeyDictionary()


def board_of(crawler: Crawler) -> Board:
    """
    The board of a crawl, connected on first use.

    :raises RedisGoneError: Redis does not answer
    """
    if crawler not in _boards:
        settings, spider = crawler.settings, crawler.spider
        client = connect(settings["NEWSCRAWL_REDIS_URL"], settings.getfloat("NEWSCRAWL_REDIS_WAIT"))
        origin: str = spider.origin.url  # type: ignore[union-attr]
        _boards[crawler] = Board(client, f"{crawler.spidercls.name} {origin}", origin)
    return _boards[crawler]
