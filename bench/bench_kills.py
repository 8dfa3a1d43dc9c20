"""
Full crawls of the replica, killed again and again until they finish, and what is stored then.

Run: ``python -m bench.bench_kills [KILLS [ARTICLES]]`` (default 100 120)
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixtures.replica.http import Reply, Request
from fixtures.replica.server import ReplicaServer, running_replica
from newscrawl.archive.places import Place
from newscrawl.archive.reading import read_place

ROOT = Path(__file__).parents[1]
KILLS, ARTICLES = 100, 120
FAST = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "CONCURRENT_REQUESTS=8", "CONCURRENT_REQUESTS_PER_DOMAIN=8")
RECORDS = "SELECT archive_file, archive_offset, archive_length, archive_digest FROM pages WHERE archive_file NOT NULL"
GAPS = """SELECT article_id FROM revisions GROUP BY article_id HAVING min(revision) <> 1 OR max(revision) <> count(*)
UNION ALL SELECT id FROM articles WHERE revision IS NOT (SELECT max(revision) FROM revisions WHERE article_id = id)"""
TWICE = """SELECT post_id FROM articles GROUP BY post_id HAVING count(*) > 1
UNION ALL SELECT content_hash FROM articles GROUP BY content_hash HAVING count(*) > 1"""
ADDRESSES = "SELECT url FROM articles WHERE state <> 'gone' UNION SELECT url FROM article_urls"


@dataclass(slots=True)
class Killer:
    """Sends ``signal`` to ``child`` the moment a server gets request number ``at``, before it is answered."""

    child: "subprocess.Popen[bytes] | None" = None
    at: int = 0
    signal: int = signal.SIGKILL
    seen: int = 0
    total: int = 0

    def __call__(self, request: Request) -> Reply | None:
        """An interceptor of the replica that leaves every request to it."""
        self.seen += 1
        self.total += 1
        if self.seen == self.at and self.child:
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
    settings = (
        *FAST,
        f"NEWSCRAWL_DATABASE_URL=sqlite:///{folder}/news.db",
        f"NEWSCRAWL_JSONL_PATH={folder}/news.jsonl",
        f"NEWSCRAWL_ARCHIVE_DIR={folder}/archive",
        f"LOG_FILE={folder}/crawl.log",
        "LOG_LEVEL=INFO",
    )
    options = [word for setting in settings for word in ("-s", setting)]
    command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", "-a", f"base_url={url}", "-a", "mode=full"]
    killer.at, killer.seen, killer.signal = at, 0, by
    with subprocess.Popen([*under, *command, *options], cwd=ROOT, stderr=subprocess.DEVNULL) as child:
        killer.child = child
        code = child.wait()
        killer.child = None
    return code


def faults(folder: Path, is_over: bool = False) -> list[str]:
    """
    What is wrong with a store, its lines and its archive, whatever happened to the runs; a line each.

    :param is_over: the last run ended by itself, so that no torn line may stand after the others
    """
    found: list[str] = []
    if not (folder / "news.db").exists():
        return found
    with closing(sqlite3.connect(folder / "news.db")) as db:
        if not db.execute("SELECT 1 FROM sqlite_master").fetchone():  # there was no room even for the tables
            return found
        checks = {
            "integrity": [row for row in db.execute("PRAGMA integrity_check") if row != ("ok",)],
            "a row that leads nowhere": db.execute("PRAGMA foreign_key_check").fetchall(),
            "revisions": db.execute(GAPS).fetchall(),
            "stored twice": db.execute(TWICE).fetchall(),
        }
        db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
        versions = [row[0] for row in db.execute("SELECT article FROM revisions ORDER BY id")]
        (kept,) = db.execute("SELECT max(length) FROM outputs").fetchone()
        with (folder / "news.jsonl").open("rb") as file:  # what a kill left behind that length is cut off by the next
            lines = file.read(kept or 0).decode().splitlines()
            if is_over and file.read(1):
                found.append("the file of lines is longer than noted")
        if lines != versions or len(set(lines)) != len(lines):
            found.append(f"{len(lines)} lines for {len(versions)} versions")
        found += [f"{name}: {rows[:3]}" for name, rows in checks.items() if rows]
        for place in db.execute(RECORDS):
            read_place(folder / "archive", Place(*place))  # raises where there is no such record
    for line in lines:
        json.loads(line)
    return found


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


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    kills, articles = (*given, *(KILLS, ARTICLES)[len(given) :])
    sums, dice, begun, killer = Sums(), random.Random(7), time.monotonic(), Killer()
    with running_replica(articles=articles) as server:
        killer.watch(server)
        while sums.kills < kills:
            with tempfile.TemporaryDirectory() as folder:
                killed_until_done(Path(folder), server, killer, dice, kills - sums.kills, sums)
    print(
        f"{sums.kills} kills in {sums.crawls} crawls of {articles} posts: {sums.articles} articles, "
        f"{len(sums.faults)} faults, {len(sums.lost)} lost, {sum(sums.requests)} requests, "
        f"{time.monotonic() - begun:.0f} s"
    )
    for line in (*sums.faults, *sorted(sums.lost)):
        print(line)
    sys.exit(bool(sums.faults or sums.lost))


if __name__ == "__main__":
    main()
