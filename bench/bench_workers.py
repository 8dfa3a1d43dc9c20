"""
What workers gain and lose: many sites with one and two of them, and runs whose workers, Redis or database are killed.

    .venv/bin/python -m bench.bench_workers sites [SITES [ARTICLES [ROUNDS]]]
    .venv/bin/python -m bench.bench_workers kills [RUNS]

It starts its own Redis, PostgreSQL and nginx, of Debian's packages, on 127.0.0.1. Rounds of one and two workers follow
one another, so that their ratio holds on a busy machine too; it cannot exceed what is idle of the second core.
"""

import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.many_sites import many_sites
from bench.running import FAST, ROOT, options, scrapy
from fixtures.replica.server import running_replica
from tests import postgres_server
from tests.conftest import environment
from tests.redis_server import RedisServer, Workers, running_redis

ARTICLES = 40
DELAY = 0.05
KINDS = (
    "leader",
    "follower",
    "two of four",
    "redis",
    "redis emptied",
    "postgresql",
    "postgresql killed",
    "SIGTERM to the leader",
)


def sites(number: int = 20, articles: int = 40, rounds: int = 3) -> None:
    """Print the pages a second of one and two workers, and their ratio."""
    with tempfile.TemporaryDirectory() as base, running_redis(Path(base, "redis")) as server:
        spiders = Path(base, "spiders")
        spiders.mkdir()
        with many_sites(number, articles, spiders) as names:
            _work(2, Path(base, "warm"), names, server, spiders)  # afterwards all pages are on disk
            costs: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
            for turn in range(rounds):
                for workers in costs:
                    costs[workers].append(_work(workers, Path(base, f"{turn}-{workers}"), names, server, spiders))
    ratios = [one[0] / two[0] for one, two in zip(*costs.values(), strict=True)]
    for workers, times in costs.items():
        wall, cpu = (statistics.median(which) for which in zip(*times, strict=True))
        speed = number * articles / wall
        print(f"{workers} worker(s): {wall:.1f} s, {speed:.0f} articles a second, {cpu:.1f} s of processor time")
    print(f"second worker: {statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f})")


def _work(workers: int, folder: Path, names: list[str], server: RedisServer, spiders: Path) -> tuple[float, float]:
    """Seconds until all sites are crawled into an empty folder, and of processor time that the crawls took."""
    folder.mkdir()
    server.client.flushall()
    places = {
        "DATABASE_URL": f"sqlite:///{folder}/%(name)s.db",
        "JSONL_PATH": f"{folder}/%(name)s.jsonl",
        "ARCHIVE_DIR": f"{folder}/%(name)s",
        "REPORTS_DIR": f"{folder}/reports",
        "REDIS_URL": server.url,
    }
    ours = (f"NEWSCRAWL_{setting}={value}" for setting, value in places.items())
    settings = (*FAST, "SPIDER_MODULES=many_spiders", "LOG_LEVEL=WARNING", *ours)
    start, used = time.monotonic(), _used()
    command = scrapy("work", *names, *options(settings))
    where = environment(PYTHONPATH=f"{ROOT}:{spiders}")
    with (folder / "log").open("wb") as log:
        at_work = [subprocess.Popen(command, cwd=ROOT, env=where, stdout=log, stderr=log) for _ in range(workers)]
        codes = [one.wait() for one in at_work]
    if any(codes) or len(list(folder.glob("*.db"))) != len(names):
        raise SystemExit(f"exit codes {codes}: {(folder / 'log').read_text()[-500:]}")
    return time.monotonic() - start, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def kills(runs: int = 21) -> None:
    """Print, for each kind of mishap, how many runs it hit, and what was lost, stored twice or fetched again."""
    totals: dict[str, Counter[str]] = {}
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as base, _own_postgres() as database:
        for turn in range(runs):
            kind = KINDS[turn % len(KINDS)]
            folder = Path(base, str(turn))
            with running_redis(folder / "redis") as redis:
                totals.setdefault(kind, Counter()).update(_mishap(kind, folder, database, redis, chance))
    for kind, counts in totals.items():
        print(f"{kind:24}", ", ".join(f"{count} {name}" for name, count in counts.items()))


@contextmanager
def _own_postgres() -> Iterator[postgres_server.Server]:
    with tempfile.TemporaryDirectory(prefix="newscrawl-", dir="/tmp") as folder:
        server = postgres_server.start(folder)
        try:
            yield server
        finally:
            _stop(server, signal.SIGQUIT)


def _stop(server: postgres_server.Server, how: signal.Signals) -> None:
    """Stop what serves the folder now; it may have been restarted."""
    number = Path(server.folder, "data", "postmaster.pid").read_text().split()[0]
    postgres_server.stop(replace(server, pid=int(number)), how)


def _mishap(
    kind: str, folder: Path, database: postgres_server.Server, redis: RedisServer, chance: random.Random
) -> Counter[str]:
    """Crawl with workers of which something is taken away at a moment of chance."""
    name, when = database.new_database(), chance.randrange(5, ARTICLES)
    with (
        running_replica(articles=ARTICLES) as replica,
        Workers(folder, replica.url, database.url(name), redis.url, DOWNLOAD_DELAY=DELAY) as workers,
    ):
        for _ in range(4 if kind == "two of four" else 2):
            workers.start()
        while len(replica.log) < when and any(one.poll() is None for one in workers.processes):
            time.sleep(0.01)
        _do(kind, workers, database, redis)
        codes = workers.wait(180)
        is_well = 0 in codes and set(codes) <= {0, -9, int(kind.startswith("SIG"))}
        if not is_well:
            print(f"{kind} after {when} requests: exit codes {codes}", flush=True)
        pages = Counter(replica.paths)
        articles = {f"/{post.slug}/" for post in replica.corpus}
        known = database.ask("SELECT url FROM articles UNION ALL SELECT url FROM article_urls", name)
        there = {"/" + url.partition("//")[2].partition("/")[2] for (url,) in known}
        ((rows, distinct),) = database.ask("SELECT count(*), count(DISTINCT content_hash) FROM articles", name)
        ((versions,),) = database.ask("SELECT count(*) FROM revisions", name)
        return Counter({
            "runs": 1,
            "articles lost": len(articles - there),
            "stored twice": rows - distinct + versions - rows,
            "fetched again": sum(pages[path] - 1 for path in articles if pages[path]),
            "runs that did not end well": int(not is_well),
        })  # fmt: skip


def _do(kind: str, workers: Workers, database: postgres_server.Server, redis: RedisServer) -> None:
    run = postgres_server.run
    numbers = range(len(workers.processes))
    joined = [number for number in numbers if "Joins run" in workers.log(number)]
    leader = next(number for number in numbers if number not in joined)
    victims = {"leader": [leader], "SIGTERM to the leader": [leader], "follower": joined[:1]}
    deeds: dict[str, Callable[[], object]] = {
        "redis": lambda: (redis.kill(), redis.start()),
        "redis emptied": lambda: (redis.kill(), redis.forget(), redis.start()),
        "postgresql": lambda: (_stop(database, signal.SIGINT), run(database.folder, database.port)),
        "postgresql killed": lambda: (_stop(database, signal.SIGQUIT), run(database.folder, database.port)),
    }
    if kind in deeds:
        deeds[kind]()
        return
    for number in victims.get(kind, [leader, *joined[:1]]):
        os.kill(workers.processes[number].pid, signal.SIGTERM if kind.startswith("SIG") else signal.SIGKILL)


if __name__ == "__main__":
    {"sites": sites, "kills": kills}[sys.argv[1]](*map(int, sys.argv[2:]))
