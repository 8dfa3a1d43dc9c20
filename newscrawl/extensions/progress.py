"""What a person at a terminal sees of a run while it lasts; a log file sees none of it."""

import logging
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.reactor import is_reactor_installed

from newscrawl.exceptions import StoreError

if TYPE_CHECKING:
    from tqdm import tqdm

SECONDS = 0.5
"""Between two updates."""
COUNT_EVERY = 6
"""Updates from one look at how much there is to do to the next: that is a query."""
ERASE = "\x1b[K"
"""To the end of the terminal's line: what it echoed behind ours, such as ``^C``."""
STATES = ("new", "updated", "unchanged", "gone", "held")
KNOWN = "{elapsed} |{bar:10}| {n} of {total} articles, {rate_noinv_fmt}, {remaining} left{postfix}"
UNKNOWN = "{elapsed} | {n} articles, {rate_noinv_fmt}{postfix}"


class AboveBar:
    """The terminal as log handlers write to it while the line is shown: above it."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self.bar = bar

    def write(self, text: str) -> None:
        self.bar.write(f"{ERASE}{text}", self.bar.fp, end="")

    def flush(self) -> None:
        self.bar.fp.flush()


class ProgressExtension:
    """
    One line at the foot of the terminal: time, articles, rate, time left, what became of them, and what went wrong.

    The time left is that of the articles known so far, where the spider can tell (``expected_articles``: those done
    and those still to do). At the end the line is gone. Off where standard error is no terminal, and in Scrapy's shell.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.terminal = sys.stderr
        self.bar: tqdm[Any] | None = None
        self._handlers: list[logging.StreamHandler[TextIO]] = []
        self._ticks = 0
        self._expected: int | None = None
        self.task = create_looping_call(self.update)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ProgressExtension":
        off = crawler.settings["NEWSCRAWL_PROGRESS"] == "off" or os.environ.get("TERM") == "dumb"
        if off or not sys.stderr.isatty() or not hasattr(crawler.spidercls, "expected_articles"):
            raise NotConfigured
        extension = cls(crawler)
        crawler.signals.connect(extension.engine_started, signal=signals.engine_started)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def engine_started(self) -> None:
        from tqdm import tqdm  # not loaded where there is no terminal

        tqdm.monitor_interval = 0  # no thread of its own
        tqdm.set_lock(threading.RLock())  # nor a lock between processes
        self.bar = tqdm(
            file=self.terminal,
            leave=False,
            ncols=columns(self.terminal),
            unit="",
            smoothing=0.05,  # of the last half minute
            mininterval=0,
            miniters=0,
            bar_format=UNKNOWN,
        )
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self.terminal:
                handler.setStream(cast("TextIO", AboveBar(self.bar)))
                self._handlers.append(handler)
        self.task.start(SECONDS)
        if is_reactor_installed():
            from twisted.internet import reactor

            # A second Ctrl-C ends the process without closing the spider.
            reactor.addSystemEventTrigger("before", "shutdown", self.close)  # type: ignore[arg-type]

    def spider_closed(self) -> None:
        self.close()

    def close(self) -> None:
        """Take the line away; the terminal is the log's again."""
        if self.task.running:
            self.task.stop()
        for handler in self._handlers:
            handler.setStream(self.terminal)
        self._handlers = []
        if self.bar is not None and not self.bar.disable:  # a bar without a total has no truth value
            self.bar.close()
            with suppress(OSError):
                self.terminal.write(ERASE)
                self.terminal.flush()

    def update(self) -> None:
        """Bring the line up to date; where the terminal is gone, the run goes on without it."""
        try:
            self._draw()
        except OSError:
            self.close()

    def _draw(self) -> None:
        assert self.bar is not None
        stats = self.crawler.stats.get_stats()
        if not self._expected or self._ticks % COUNT_EVERY == 0:
            self._expected = self._ask()
        self._ticks += 1
        n = done(stats)
        self.bar.total = max(self._expected, n) if self._expected else None
        self.bar.bar_format = KNOWN if self._expected else UNKNOWN
        self.bar.ncols = columns(self.terminal)
        self.bar.set_postfix_str(facts(stats), refresh=False)
        if n != self.bar.n:
            self.bar.update(n - self.bar.n)
        else:  # an update by nothing would hide from the rate that time has passed
            self.bar.refresh()

    def _ask(self) -> int | None:
        try:
            expected: int | None = getattr(self.crawler.spider, "expected_articles", None)
        except StoreError:
            return None  # the run is ending, and says why
        return expected


def columns(terminal: TextIO) -> int:
    """How wide the line may be: less than the terminal by the ``^C`` that it shows, which must not begin another."""
    return max((os.get_terminal_size(terminal.fileno()).columns or 80) - len("^C") - 1, 1)


def done(stats: Mapping[str, Any]) -> int:
    """Articles that the run is through with, whatever became of them."""
    return sum(total(stats, name) for name in ("stored", "rejected", "failed", "skipped"))


def total(stats: Mapping[str, Any], name: str) -> int:
    """All that was counted below a name of ours."""
    return sum(count for key, count in stats.items() if key.startswith(f"newscrawl/{name}/"))


def facts(stats: Mapping[str, Any]) -> str:
    """
    What there is to say besides, in words; what there is none of is left out.

    >>> facts({"newscrawl/stored/new": 2, "response_received_count": 4, "newscrawl/failed/http_500": 1})
    '2 new, 4 pages, 1 failed'
    """
    counts = {state: stats.get(f"newscrawl/stored/{state}", 0) for state in STATES}
    counts["pages"] = stats.get("response_received_count", 0)
    counts["waiting"] = stats.get("scheduler/enqueued", 0) - stats.get("scheduler/dequeued", 0)
    counts["rejected"] = total(stats, "rejected")
    counts["failed"] = total(stats, "failed")
    counts["errors"] = stats.get("log_count/ERROR", 0)
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
