"""An export that is killed, stopped or out of room: the file is whole, old or new. However many articles: as little memory."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from .conftest import ROOT, environment
from .exported import PLAIN, SITE, stored

MANY = 600
KILLS = 3

# The export in a process that says how far it is: a line for each 50 articles, in the midst of writing.
CHILD = """
import resource, sys
from newscrawl.export import jsonl
from newscrawl.export.jsonl import encoded
count = 0
def slow(value):
    global count
    count += 1
    if count % 50 == 0:
        print(count, flush=True)
    return encoded(value)
jsonl.encoded = slow
from scrapy.cmdline import execute
execute(["scrapy", "export", "newsjournos", "--output", sys.argv[1], *sys.argv[2:]])
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    many = (
        replace(PLAIN, url=f"{SITE}{n}/", post_id=n, content_hash=f"{n}", body=f"Story {n} " * 600)
        for n in range(1, MANY + 1)
    )
    return stored(tmp_path_factory.mktemp("many"), many)


def start(url: str, path: str, code: str = CHILD, *words: str) -> "subprocess.Popen[str]":
    env = environment(NEWSCRAWL_DATABASE_URL=url)
    command = [sys.executable, "-c", code, path, *words]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


def test_killed_at_any_moment_the_old_file_stays_whole(url, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    dice = random.Random(3)
    for _ in range(KILLS):
        with start(url, str(path)) as child:
            for _ in range(dice.randrange(1, MANY // 50)):
                assert child.stdout.readline()
            child.kill()
        assert path.read_text() == "old"
    assert len(os.listdir(tmp_path)) == 2, "the next export takes away what the last left"
    with start(url, str(path)) as child:
        child.communicate()
    assert len([json.loads(line) for line in path.read_text().splitlines()]) == MANY
    assert os.listdir(tmp_path) == ["a.jsonl"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stopped_by_a_signal_it_leaves_nothing(url, tmp_path, number):
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with start(url, str(path)) as child:
        for _ in range(3):
            child.stdout.readline()
        child.send_signal(number)
        _, err = child.communicate()
    assert (child.returncode, err) == (1, f"scrapy export: stopped by a signal; {path} is as it was\n")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.jsonl"]


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
from scrapy.cmdline import execute
execute(["scrapy", "export", "newsjournos", "--output", sys.argv[1], *sys.argv[2:]])
"""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.jsonl", ()), ("a.json.gz", ("--fields", "all")), ("a.csv", ()), ("a.rss", ()), ("a.parquet", ("--fields", "url,content_hash,body")),
        ("out", ("--format", "parquet", "--partition", "month")),
    ],
)  # fmt: skip
def test_without_room_the_last_good_one_stays(tmp_path, name, words):
    dice = random.Random(1)
    many = [
        replace(PLAIN, url=f"{SITE}{n}/", post_id=n, content_hash=f"{n}", body=dice.randbytes(6_000).hex())
        for n in range(1, 80)
    ]
    url = stored(tmp_path, many)
    path = tmp_path / "place" / name
    path.parent.mkdir()
    if name == "out":
        (path / "published=2001-01").mkdir(parents=True)
        (path / "published=2001-01/part-0.parquet").write_text("old")
    else:
        path.write_text("old")
    with start(url, str(path), FULL, *words) as child:
        _, err = child.communicate()
    assert (child.returncode, err) == (1, f"scrapy export: {path}: File too large\n")
    assert os.listdir(tmp_path / "place") == [name]
    held = path / "published=2001-01/part-0.parquet" if name == "out" else path
    assert held.read_text() == "old"


MEMORY = """
import resource, sys
from scrapy.cmdline import execute
try:
    execute(["scrapy", "export", "newsjournos", "--output", sys.argv[1], *sys.argv[2:]])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A store of 6,000 articles of some kB, made of one row."""
    url = stored(tmp_path_factory.mktemp("large"), [replace(PLAIN, body="A ferry came. " * 300)])
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db, db:
        db.execute("DROP TRIGGER articles_fts_insert")
        names = [row[1] for row in db.execute("PRAGMA table_info(articles)")]
        made = {"id": "n + 1", "url": "url || n", "post_id": "n", "content_hash": "n",
                "published_at": "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2024-01-01', (n * 7 % 700) || ' days')"}  # fmt: skip
        db.execute(
            f"""WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 6000)
            INSERT INTO articles ({", ".join(names)})
            SELECT {", ".join(made.get(name, name) for name in names)} FROM numbers, articles WHERE id = 1"""
        )
    return url


@pytest.mark.parametrize("name", ["jsonl", "parquet", "rss"])
def test_memory_does_not_grow_with_the_articles(large, tmp_path, name):
    peaks = []
    for limit in ("600", "6000"):
        with start(large, f"{tmp_path}/a.{name}", MEMORY, "--format", name, "--limit", limit) as child:
            out, err = child.communicate()
        assert err == ""
        peaks.append(int(out))
    assert peaks[1] - peaks[0] < 12_000, "kB; 6,000 articles are 50 MB"
