"""What has to be true of a store, its lines, archive and reports, whatever was killed."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from newscrawl.archive.places import Place
from newscrawl.archive.reading import read_place

FAST = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "CONCURRENT_REQUESTS=8", "CONCURRENT_REQUESTS_PER_DOMAIN=8")
RECORDS = "SELECT archive_file, archive_offset, archive_length, archive_digest FROM pages WHERE archive_file NOT NULL"
GAPS = """SELECT article_id FROM revisions GROUP BY article_id HAVING min(revision) <> 1 OR max(revision) <> count(*)
UNION ALL SELECT a.id FROM articles a WHERE revision IS NOT (
    SELECT max(r.revision) FROM revisions r WHERE r.article_id = a.id
)"""
TWICE = """SELECT post_id FROM articles GROUP BY post_id HAVING count(*) > 1
UNION ALL SELECT content_hash FROM articles GROUP BY content_hash HAVING count(*) > 1"""
ADDRESSES = "SELECT url FROM articles WHERE state <> 'gone' UNION SELECT url FROM article_urls"
CONTENT = "SELECT url, post_id, revision, content_hash, state = 'gone', headline, body, tags FROM articles ORDER BY url"


def options(folder: Path) -> list[str]:
    """The settings of a command that keeps everything in ``folder``, as words of its command line."""
    settings = (
        *FAST,
        f"NEWSCRAWL_DATABASE_URL=sqlite:///{folder}/news.db",
        f"NEWSCRAWL_JSONL_PATH={folder}/news.jsonl",
        f"NEWSCRAWL_ARCHIVE_DIR={folder}/archive",
        f"NEWSCRAWL_REPORTS_DIR={folder}/reports",
        f"NEWSCRAWL_PROMETHEUS_FILE={folder}/reports/newscrawl.prom",
        f"LOG_FILE={folder}/crawl.log",
        "LOG_LEVEL=INFO",
    )
    return [word for setting in settings for word in ("-s", setting)]


def content(folder: Path) -> list[tuple[object, ...]]:
    """What is stored of each article, but for when."""
    with closing(sqlite3.connect(folder / "news.db")) as db:
        return db.execute(CONTENT).fetchall()


def faults(folder: Path, is_over: bool = False) -> list[str]:
    """
    What is wrong with a store, its lines, its archive and its reports, whatever happened to the runs; a line each.

    :param is_over: the last run ended by itself, so that no torn line and no half file may be left
    """
    found = [*_of_reports(folder / "reports", is_over)]
    if is_over:
        found += [f"left over: {path.name}" for path in folder.glob("archive/*.open")]
    if not (folder / "news.db").exists():
        return found
    with closing(sqlite3.connect(folder / "news.db")) as db:
        if not db.execute("SELECT 1 FROM sqlite_master").fetchone():  # there was no room even for the tables
            return found
        found += _of_rows(db)
        (kept,) = db.execute("SELECT max(length) FROM outputs").fetchone()
        versions = [row[0] for row in db.execute("SELECT article FROM revisions ORDER BY id")]
        for place in db.execute(RECORDS) if db.execute("PRAGMA user_version").fetchone()[0] > 3 else ():
            read_place(folder / "archive", Place(*place))  # raises where there is no such record
    lines: list[str] = []
    if kept is not None:
        with (folder / "news.jsonl").open("rb") as file:  # what a kill left behind that length is cut off by the next
            lines = file.read(kept).decode().splitlines()
            if is_over and file.read(1):
                found.append("the file of lines is longer than noted")
    if lines != versions or len(set(lines)) != len(lines):
        found.append(f"{len(lines)} lines for {len(versions)} versions")
    for line in lines:
        json.loads(line)
    return found


def _of_rows(db: sqlite3.Connection) -> Iterable[str]:
    checks = {
        "integrity": [row for row in db.execute("PRAGMA integrity_check") if row != ("ok",)],
        "a row that leads nowhere": db.execute("PRAGMA foreign_key_check").fetchall(),
        "revisions": db.execute(GAPS).fetchall(),
        "stored twice": db.execute(TWICE).fetchall(),
    }
    db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
    return [f"{name}: {rows[:3]}" for name, rows in checks.items() if rows]


def _of_reports(folder: Path, is_over: bool) -> Iterable[str]:
    """Reports and metrics are whole at all times: they are renamed into their place."""
    for path in sorted(folder.glob("*")) if folder.exists() else ():
        text = path.read_text(encoding="utf-8")
        if path.name.startswith("."):
            if is_over:
                yield f"left over: {path.name}"
        elif not text.endswith("\n"):
            yield f"{path.name} is half a file"
        elif path.suffix == ".json":
            json.loads(text)
