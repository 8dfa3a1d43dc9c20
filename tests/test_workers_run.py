"""Several workers, one run: real processes, a real Redis, a real PostgreSQL."""

import time
from collections import Counter
from contextlib import contextmanager

import pytest

from fixtures.replica.server import running_replica

from .redis_server import NEEDS_REDIS, Workers, running_redis
from .waiting import until

pytestmark = NEEDS_REDIS
ARTICLES = 24
DELAY = 0.03
"""Seconds between two requests: a run that lasts long enough for something to happen in it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def shared(server, postgres, postgres_template, tmp_path):
    """The replica, a database, and workers that crawl the one into the other."""
    name = postgres.new_database(postgres_template)
    server.client.flushall()
    with (
        running_replica(articles=ARTICLES) as replica,
        Workers(tmp_path, replica.url, postgres.url(name), server.url, DOWNLOAD_DELAY=DELAY) as workers,
    ):
        yield replica, workers, lambda sql: postgres.ask(sql, name)


@contextmanager
def held_back(server):
    """Nothing is sent to the site, as if it had said Retry-After: time for workers to come and go."""
    (slot,) = (key for key in server.client.scan_iter("*:slot:*") if not key.endswith(":open"))
    server.client.hset(slot, "from", int(time.time() * 1000) + 600_000)
    yield
    server.client.hset(slot, "from", 0)


def join(workers, number):
    """Start more workers, and wait until they are at work."""
    joined = range(len(workers.processes), len(workers.processes) + number)
    for _ in joined:
        workers.start()
    until(lambda: all("Joins run 1" in workers.log(one) and "Spider opened" in workers.log(one) for one in joined))


def waiting(server):
    """How many articles are in the queue."""
    return sum(
        "parse_article" in entry
        for key in server.client.scan_iter("*:queue")
        for entry in server.client.zrange(key, 0, -1)
    )


def holders(server):
    """The workers that have an article in hand."""
    leases = (server.client.hgetall(key) for key in server.client.scan_iter("*:leases"))
    return {held.split()[0] for lease in leases for entry, held in lease.items() if "parse_article" in entry}


def asked(replica):
    """How often each address was asked for, and each that is an article's."""
    paths = Counter(replica.paths)
    slugs = {f"/{article.slug}/" for article in replica.corpus}
    return paths, Counter({path: times for path, times in paths.items() if path in slugs}), slugs


def is_all_stored(ask, slugs):
    urls = [url for (url,) in ask("SELECT url FROM articles UNION ALL SELECT url FROM article_urls")]
    assert len(urls) == len(set(urls))
    assert slugs <= {"/" + url.partition("//")[2].partition("/")[2] for url in urls}
    assert ask("SELECT max(revision) FROM articles") == [(1,)]
    assert ask("SELECT count(*) FROM revisions") == ask("SELECT count(*) FROM articles")
    return True


def lines(workers):
    return len((workers.folder / "news.jsonl").read_text().splitlines())


def test_two_workers_are_one_crawler_to_the_site(shared, server):
    replica, workers, ask = shared
    workers.start()
    until(lambda: asked(replica)[1] and waiting(server) > 4)
    with held_back(server):
        join(workers, 1)
        until(lambda: len(holders(server)) == 2)  # else the first may be through before the other has begun
        alone = len(replica.log)
    assert workers.wait() == [0, 0], workers.log(0) + workers.log(1)
    paths, _, slugs = asked(replica)
    assert max(paths.values()) == 1
    assert is_all_stored(ask, slugs)
    assert lines(workers) == ask("SELECT count(*) FROM revisions")[0][0]
    ((new, requests, reason, code),) = ask("SELECT new, requests, finish_reason, exit_code FROM runs")
    assert (new, requests, reason, code) == (len(slugs) - 1, len(replica.log), "finished", 0)  # one is told twice
    assert len(list((workers.folder / "archive").glob("*.warc.gz"))) == 2  # both had work
    times = sorted(entry["time"] for entry in replica.log)[alone:]
    assert times[-1] - times[0] > 0.9 * DELAY * (len(times) - 1)  # each keeping the delay by itself, it were half
    assert {key.rpartition("}:")[2].partition(":")[0] for key in server.client.scan_iter()} == {"run", "slot"}


def test_a_leader_that_is_killed_loses_nothing(shared, server):
    replica, workers, ask = shared
    leader = workers.start()
    until(lambda: len(asked(replica)[1]) > 2)
    with held_back(server):
        join(workers, 3)
        leader.kill()
    assert workers.wait() == [-9, 0, 0, 0], workers.log(1)
    _, articles, slugs = asked(replica)
    assert is_all_stored(ask, slugs)
    assert sum(times - 1 for times in articles.values()) <= 2  # what it had on its way
    assert ask("SELECT id, finish_reason, exit_code FROM runs") == [(1, "finished", 0)]
    assert lines(workers) == ask("SELECT count(*) FROM revisions")[0][0]


def test_redis_may_come_back_with_its_data_or_without(shared, server):
    replica, workers, ask = shared
    workers.start()
    until(lambda: asked(replica)[1])
    with held_back(server):
        join(workers, 1)
    for number, forget in ((3, lambda: None), (9, server.forget)):
        until(lambda number=number: len(asked(replica)[1]) > number)
        server.kill()
        forget()
        server.start()
    assert workers.wait() == [0, 0], workers.log(0) + workers.log(1)
    _, articles, slugs = asked(replica)
    assert is_all_stored(ask, slugs)
    assert sum(times - 1 for times in articles.values()) <= 2
    assert ask("SELECT count(*) FROM runs") == [(1,)]


def test_a_redis_that_stays_away_ends_the_run_and_its_password_is_nowhere(shared, tmp_path_factory):
    replica, workers, ask = shared
    with running_redis(tmp_path_factory.mktemp("secured"), secret="hush!") as lost:
        workers.settings |= {"NEWSCRAWL_REDIS_URL": lost.url, "NEWSCRAWL_REDIS_WAIT": 1, "LOG_LEVEL": "DEBUG"}
        workers.start()
        until(lambda: len(asked(replica)[1]) > 2)
        lost.kill()
        assert workers.wait() == [1]
    assert workers.log(0).splitlines()[-1] == (
        f"scrapy crawl: rediss://127.0.0.1:{lost.port}/0 has not answered for 1 s; see NEWSCRAWL_REDIS_URL. "
        "What was stored is kept: run again"
    )
    assert ask("SELECT finish_reason, exit_code FROM runs") == [("redis_failed", 1)]
    left = [path.read_bytes() for path in workers.folder.rglob("*") if path.is_file()]
    assert len(left) > 4  # log, lines, archive, reports
    assert not any(b"hush" in content for content in (*left, repr(ask("SELECT * FROM runs")).encode()))
