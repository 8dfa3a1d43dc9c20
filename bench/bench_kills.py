"""
The replica crawled, exported, migrated, extracted again, killed again and again, and what is stored then.

    .venv/bin/python -m bench.bench_kills [--kills N] [--articles N] [--seed N] [KIND ...]

Kinds: ``full``, a full crawl that is killed at random requests until it finishes; ``recrawl``, an incremental one of a
site with edits, killed at any of its steps; ``run-end``, the same from its last stored page on; ``export``,
``migration`` (from the first schema), ``reextract``. Default: all of them, 100 kills each; 0 kills is at every step.
Steps are what a process does to files, and each statement of SQL. Exits with 1 where anything was lost, doubled or
half, or nothing was killed.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.kill_checks import ADDRESSES, faults, options
from bench.kill_kinds import first_crawl, forked_in, kinds, survives
from bench.killing import Steps, forked
from fixtures.replica.http import Reply, Request
from fixtures.replica.server import ReplicaServer, running_replica

ROOT = Path(__file__).parents[1]
KILLS, ARTICLES = 100, 120
LATER = 2
"""The replica's day when it is crawled again: some posts are edited, renamed, gone, new."""


@dataclass(slots=True)
class Killer:
    """
    Sends ``signal`` to ``child`` the moment a server gets request number ``at``, before it is answered; and so with
    the next ones, ``times`` in all.
    """

    child: "subprocess.Popen[bytes] | None" = None
    at: int = 0
    signal: int = signal.SIGKILL
    times: int = 1
    seen: int = 0
    total: int = 0

    def __call__(self, request: Request) -> Reply | None:
        """An interceptor of the replica that leaves every request to it."""
        self.seen += 1
        self.total += 1
        if self.at and self.at <= self.seen < self.at + self.times and self.child:
            self.child.send_signal(self.signal)
        return None

    def watch(self, server: ReplicaServer) -> None:
        """See the requests of a server from now on."""
        server.site.interceptors.append((lambda request: True, self))


def crawl(
    folder: Path, url: str, killer: Killer, at: int = 0, by: int = signal.SIGKILL, under: tuple[str, ...] = ()
) -> int:
    """
    A full crawl in a process of its own, which gets a signal at request ``at``, 0 for never; its exit code.

    :param under: a command that runs it
    """
    command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", "-a", f"base_url={url}", "-a", "mode=full"]
    killer.at, killer.seen, killer.signal = at, 0, by
    with subprocess.Popen([*under, *command, *options(folder)], cwd=ROOT, stderr=subprocess.DEVNULL) as child:
        killer.child = child
        code = child.wait()
        killer.child = None
    return code


def lost(folder: Path, server: ReplicaServer) -> set[str]:
    """Articles of the site that are not stored, by no address."""
    with closing(sqlite3.connect(folder / "news.db")) as db:
        stored = {row[0] for row in db.execute(ADDRESSES)}
    return {json.loads(line)["url"] for line in server.site.control.lines()} - stored


@dataclass(slots=True)
class Sums:
    """What the kills came to."""

    kills: int = 0
    crawls: int = 0
    articles: int = 0
    faults: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    requests: list[int] = field(default_factory=list)


def killed_until_done(folder: Path, server: ReplicaServer, killer: Killer, dice: Any, most: int, sums: Sums) -> None:
    """One crawl, killed at random requests until it finishes, or ``most`` times; looked at after each kill."""
    killer.total = 0
    for number in range(most + 1):
        at = dice.randrange(1, len(server.corpus)) if number < most else 0
        code = crawl(folder, server.url, killer, at)
        sums.faults += faults(folder, is_over=code >= 0)
        if code >= 0:
            break
        sums.kills += 1
    if code:
        sums.faults.append(f"exit code {code}")
    sums.crawls += 1
    sums.requests.append(killer.total)
    sums.lost |= lost(folder, server)
    with closing(sqlite3.connect(folder / "news.db")) as db:
        sums.articles += db.execute("SELECT count(*) FROM articles").fetchone()[0]


def full(kills: int, articles: int, seed: int) -> tuple[str, Sums]:
    """Full crawls until there were so many kills."""
    sums, dice, killer = Sums(), random.Random(seed), Killer()
    with running_replica(articles=articles) as server:
        killer.watch(server)
        while sums.kills < (kills or KILLS):
            with tempfile.TemporaryDirectory() as folder:
                killed_until_done(Path(folder), server, killer, dice, (kills or KILLS) - sums.kills, sums)
    return f"in {sums.crawls} crawls: {sums.articles} articles, {sum(sums.requests)} requests", sums


@contextmanager
def replica_beside(articles: int) -> Iterator[str]:
    """A replica in a process of its own, since a process with threads should not fork; its address."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with running_replica(articles=articles) as server:
            os.write(writer, f"{server.url}\n".encode())
            signal.pause()
    os.close(writer)
    with os.fdopen(reader) as told:
        url = told.readline().strip()
        try:
            yield url
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def stepwise(name: str, kills: int, articles: int, seed: int) -> tuple[str, Sums]:
    """A deed of a kind, done once, and then killed at ``kills`` of its steps, a copy of the same folder each time."""
    sums = Sums()
    with replica_beside(articles) as url, tempfile.TemporaryDirectory() as top:
        begin, copy, steps = Path(top) / "begin", Path(top) / "copy", Steps()
        begin.mkdir()
        kind, crawl_first = kinds(url)[name], first_crawl(name, url)
        code, _ = forked(lambda: crawl_first(begin, steps))
        assert code == 0, f"the first crawl ended with {code}"
        kind.prepare(begin)
        with urllib.request.urlopen(f"{url}__replica__/day/{LATER}", data=b"") as answer:
            assert answer.status == 200
        before = kind.seen(begin)
        shutil.copytree(begin, copy)
        code, total = forked_in(kind, copy, 0)
        assert code == 0, f"{name} ended with {code}"
        done = kind.seen(copy)
        every = range(1, total + 1)
        chosen = random.Random(seed).sample(every, min(kills, total)) if kills else every
        for step in sorted(chosen):
            shutil.rmtree(copy)
            shutil.copytree(begin, copy)
            killed, found = survives(kind, copy, step, before, done)
            sums.kills += killed
            sums.faults += found
    return f"at {len(chosen)} of {total} steps", sums


def main() -> None:
    names = ["full", *kinds("")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*names, []], metavar="KIND", default=names)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--seed", type=int, default=7)
    given, failed = parser.parse_args(), False
    for name in given.kinds:
        begun = time.monotonic()
        words = (given.kills, given.articles, given.seed)
        how, sums = full(*words) if name == "full" else stepwise(name, *words)
        print(
            f"{name}, {given.articles} posts: {sums.kills} kills {how}; {len(sums.faults)} faults, "
            f"{len(sums.lost)} lost, {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        for line in (*sums.faults, *sorted(sums.lost)):
            print(line)
        failed |= bool(sums.faults or sums.lost or not sums.kills)
    sys.exit(failed)


if __name__ == "__main__":
    main()
