"""``scrapy work``: many sites, one after the other or some at once, shared out among all workers by Redis."""

import argparse
import os
import subprocess
import sys
import time

from scrapy.commands import ScrapyCommand
from scrapy.spiderloader import get_spider_loader

from newscrawl.commands._ending import FAILED, USAGE, leave, refusing
from newscrawl.configuration import check_settings
from newscrawl.exceptions import NewscrawlError, SettingError

LOOK_SECONDS = 0.1
"""Between two looks at the crawls."""
HELD = 4
"""Exit code of a crawl whose site another run is at work on."""


class Command(ScrapyCommand):
    """
    Crawls each site that is due with ``scrapy crawl NAME``, a process a site, and ends when none is left.

    Exits with 0 where all crawls did, else with 1 failed or 3 unhealthy, the worst of them; 2 usage.
    """

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] [spider ...]"

    def short_desc(self) -> str:
        return "Crawl the sites that are due, shared out among workers on any number of machines"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("work", USAGE, message)  # type: ignore[method-assign]
        parser.add_argument("--at-once", type=int, default=1, metavar="N", help="sites at a time; default 1")
        parser.add_argument(
            "--every", type=int, default=3600, metavar="SECONDS", help="a site is due so long after its last crawl"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        with refusing("work"):
            super().process_options(args, opts)
            check_settings(self.settings)
        for name, most in (("at_once", 100), ("every", 31_536_000)):
            if not 0 < getattr(opts, name) <= most:
                option = f"--{name.replace('_', '-')}"
                leave("work", USAGE, f"{option} {getattr(opts, name)}: allowed is a whole number from 1 to {most}")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        known = get_spider_loader(self.settings).list()
        for name in args:
            if name not in known:
                leave("work", USAGE, f"{name}: allowed are names of spiders, {', '.join(known)}")
        try:
            self.exitcode = self._work(args or known, opts)
        except SettingError as error:
            leave("work", USAGE, str(error))
        except NewscrawlError as error:
            leave("work", FAILED, str(error))

    def _work(self, names: list[str], opts: argparse.Namespace) -> int:
        """The worst exit code of the crawls."""
        assert self.settings is not None
        if not self.settings["NEWSCRAWL_REDIS_URL"]:
            raise SettingError("NEWSCRAWL_REDIS_URL is not set: workers share out their sites by a Redis")
        # Not loaded for a usage error.
        from newscrawl.workers.connection import connect
        from newscrawl.workers.sites import Sites

        settings = self.settings
        client = connect(settings["NEWSCRAWL_REDIS_URL"], settings.getfloat("NEWSCRAWL_REDIS_WAIT"))
        lease = settings.getint("NEWSCRAWL_LEASE_SECONDS")
        sites = Sites(client, opts.every, lease)
        at_work: dict[str, subprocess.Popen[bytes]] = {}
        waiting, codes, kept = list(names), set[int](), time.monotonic()
        try:
            while waiting or at_work:
                while waiting and len(at_work) < opts.at_once:
                    name = waiting.pop(0)
                    if sites.claim(name):
                        at_work[name] = start(name, opts.set)
                for name in [name for name, crawl in at_work.items() if crawl.poll() is not None]:
                    codes.add(at_work.pop(name).returncode)
                    sites.done(name)
                if time.monotonic() - kept > lease / 3:
                    kept = time.monotonic()
                    sites.keep(at_work)
                time.sleep(LOOK_SECONDS if at_work else 0)
        finally:
            for crawl in at_work.values():
                crawl.terminate()
            for crawl in at_work.values():
                crawl.wait()
        return worst(codes)


def start(name: str, given: list[str]) -> "subprocess.Popen[bytes]":
    """The crawl of a site, which shares its run with nobody: the sites are what is shared."""
    words = [word for setting in given for word in ("-s", setting)]
    command = [sys.executable, "-m", "scrapy", "crawl", name, *words, "-s", "NEWSCRAWL_REDIS_URL="]
    return subprocess.Popen(command, env={**os.environ, "NEWSCRAWL_REDIS_URL": ""})


def worst(codes: set[int]) -> int:
    """
    The exit code for those of several crawls; that another run was at work on a site is no fault.

    >>> [worst({0, 4}), worst({0, 3}), worst({3, 2}), worst({-9, 0})]
    [0, 3, 1, 1]
    """
    if codes <= {0, HELD}:
        return 0
    return 3 if codes <= {0, 3, HELD} else FAILED
