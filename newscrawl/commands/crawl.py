"""``scrapy crawl``: Scrapy's own, with an exit status that tells the truth."""

import argparse
import asyncio
import logging
from pathlib import Path

from scrapy.commands import crawl
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from newscrawl.commands._ending import FAILED, USAGE, leave, refusing
from newscrawl.commands._feeds import check_targets, prepare_feeds, with_format
from newscrawl.configuration import check_settings
from newscrawl.exceptions import NewscrawlError, StoreError, UnhealthyError, UsageProblem
from newscrawl.outputs import refuse_database
from newscrawl.reporting.plain import one_line

SPIDERS_OWN = frozenset({"self", "cls", "crawler"})
"""What Scrapy gives a spider by itself, and ``-a`` cannot."""

DONE = 0
# 3 (unhealthy) and 4 (another run holds the lock) are the exit_code of the error that a component raises or that
# ``spider.failure`` holds; see newscrawl/exceptions.py.


class ErrorCounter(logging.Handler):
    """
    Remembers the first error of the log and counts them all.

    Scrapy's own count ends when the spider is closed; errors of exporters and extensions come after that.
    """

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0
        self.first = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1
        if not self.first:
            cause = record.exc_info[1] if record.exc_info else None
            said = one_line(record.getMessage(), 200)
            self.first = f"{said} ({describe(cause)})" if cause else said


def describe(error: BaseException) -> str:
    """An error in words: its own where it is one of ours, else with its type."""
    return str(error) if isinstance(error, NewscrawlError) else f"{type(error).__name__}: {error}"


class Command(crawl.Command):
    """Scrapy's own ``crawl``; 0 done, 1 failed, 2 usage, 3 unhealthy, 4 locked. See README."""

    def long_desc(self) -> str:
        return "Run a spider of the project by name. Exits with 0 done, 1 failed, 2 usage, 3 unhealthy, 4 locked."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        # argparse would print its usage as well; a wrong option gets one line, as everything wrong does.
        parser.error = lambda message: leave("crawl", USAGE, message)  # type: ignore[method-assign]

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        for name in ("output", "overwrite_output"):
            setattr(opts, name, [with_format(one) for one in getattr(opts, name) or ()])
        with refusing("crawl"):
            if opts.pidfile:
                refuse_database(Path(opts.pidfile), f"--pidfile {opts.pidfile}")
            super().process_options(args, opts)
            check_settings(self.settings)
            check_metrics(self.settings["NEWSCRAWL_PROMETHEUS_FILE"])
            for name in SPIDERS_OWN & opts.spargs.keys():
                raise UsageProblem(f"{name} is no argument")
            prepare_feeds(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert isinstance(self.crawler_process, AsyncCrawlerProcess)
        names = self.crawler_process.spider_loader.list()
        if len(args) != 1 or args[0] not in names:
            given = " ".join(args) or "no spider"
            leave("crawl", USAGE, f"{given}: allowed is the name of one spider, {', '.join(names)}")
        errors = ErrorCounter()
        logging.root.addHandler(errors)
        crawler = self._create_crawler(args[0])
        with refusing("crawl"):
            check_settings(crawler.settings)  # those of the site among them
            spider = dict.fromkeys(dir(crawler.spidercls), "")
            check_targets(crawler.settings, {**spider, **opts.spargs, "name": crawler.spidercls.name})
        task = self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        code, why = recorded(crawler, *verdict(crawler, task, errors))
        reported(crawler, code, why)
        if code != DONE:
            leave("crawl", code, why)


def has_begun(crawler: Crawler) -> bool:
    """Whether a crawl came as far as to count; a spider or an add-on may have refused before that."""
    return crawler._stats is not None  # what Scrapy says to read before a crawl starts


def recorded(crawler: Crawler, code: int, why: str) -> tuple[int, str]:
    """The same exit code, once the run's row holds it; FAILED where that cannot be written."""
    if not has_begun(crawler):  # there is no row
        return code, why
    from newscrawl.storage.runtime import record_exit_code  # not loaded for a usage error

    try:
        record_exit_code(crawler, code)
    except StoreError as error:
        return (code, why) if code != DONE else (FAILED, str(error))
    return code, why


def reported(crawler: Crawler, code: int, why: str) -> None:
    """Report files, metrics and alerts, of a run that is over or could not start."""
    from newscrawl.reporting.finish import finish
    from newscrawl.storage.runtime import RUN_ID

    run_id = crawler.stats.get_value(RUN_ID) if has_begun(crawler) else None
    finish(crawler.settings, crawler.spidercls.name, run_id, code, one_line(why, 1000))


def verdict(crawler: Crawler, task: "asyncio.Task[None]", errors: ErrorCounter) -> tuple[int, str]:
    """The exit code of a run that is over, and the reason for any but 0."""
    error = task.exception() if task.done() and not task.cancelled() else None
    failure: BaseException | None = getattr(crawler.spider, "failure", None) or error
    if isinstance(failure, NewscrawlError) and not (isinstance(failure, UnhealthyError) and errors.count):
        return failure.exit_code, str(failure)
    if failure and not isinstance(failure, NewscrawlError):
        logging.getLogger(__name__).error("The crawl could not start", exc_info=failure)
        return FAILED, f"could not start: {describe(failure)}"
    if not task.done() or task.cancelled():
        return FAILED, "stopped by force before it was done"
    stats = crawler.stats
    if stats.get_value("finish_reason") == "shutdown":
        return FAILED, "stopped by a signal before it was done"
    if errors.count:
        return FAILED, f"{errors.count} errors in the log, the first: {errors.first}"
    lost = [name for name in stats.get_stats() if name.startswith(("spider_exceptions/", "feedexport/failed_count/"))]
    if lost:
        return FAILED, f"{lost[0]}: {stats.get_value(lost[0])}"
    return DONE, ""


def check_metrics(path: str) -> None:
    """
    Refuse a place where metrics cannot be written, or should not.

    :raises UsageProblem: it is a folder or a database
    """
    if path:
        what = f"NEWSCRAWL_PROMETHEUS_FILE={path!r}"
        refuse_database(Path(path), what)
        if Path(path).is_dir():
            raise UsageProblem(f"{what}: is a folder")
