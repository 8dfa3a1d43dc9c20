"""The same crawls into SQLite and PostgreSQL: the same tables, and the same answers of every command."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from scrapy.crawler import Crawler
from scrapy.spiderloader import SpiderLoader

import newscrawl
from fixtures.replica.server import running_replica
from newscrawl import clock
from newscrawl.browse.__main__ import database
from newscrawl.commands.diff import find
from newscrawl.exceptions import UsageProblem
from newscrawl.picturing.page import make_page
from newscrawl.reporting.standing import standing
from newscrawl.storage import open_store, tables
from newscrawl.storage.runtime import record_exit_code
from newscrawl.storage.selecting import snapshot

from .conftest import project_settings
from .exported import export

DAYS = (0, 1, 3)
TIMED = {"stats", "report"}
"""Columns that hold how long something took."""
TABLES = {
    "articles": "id", "revisions": "id", "tags": "id", "article_tags": "article_id, position", "article_urls": "url",
    "pages": "url", "walks": "url", "held": "article_id", "runs": "id", "rejects": "id", "outputs": "path",
    "article_signatures": "article_id", "signature_bands": "value, article_id", "article_clusters": "article_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def crawled(postgres, tmp_path_factory):
    """The addresses of both stores after some days of the replica, and the moment of the last."""
    folder = tmp_path_factory.mktemp("crawled")
    urls = (f"sqlite:///{folder}/news.db", postgres.url(postgres.new_database()))
    with running_replica(articles=30) as replica:
        for day in DAYS:
            replica.corpus.day = day
            moment = replica.corpus.now
            for url in urls:
                with patch.object(clock, "now", lambda moment=moment: moment):
                    crawl(replica.url, url, folder)
    return *urls, moment


def crawl(site, url, folder):
    """A run whose requests follow one another, so that rows come in the same order each time."""
    settings = project_settings(
        NEWSCRAWL_DATABASE_URL=url,
        NEWSCRAWL_JSONL_PATH=f"{folder}/{url.partition(':')[0]}.jsonl",
        NEWSCRAWL_REPORTS_DIR="",
        CONCURRENT_REQUESTS=1,
        LOG_LEVEL="ERROR",
    )
    crawler = Crawler(SpiderLoader.from_settings(settings).load("newsjournos"), settings)
    asyncio.run(crawler.crawl_async(base_url=site))
    assert crawler.spider.failure is None
    record_exit_code(crawler, 0)


def asked(url, sql):
    """Names of the columns and the rows, by the plain driver."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
            cursor = db.execute(sql)
            return [column[0] for column in cursor.description], cursor.fetchall()
    with psycopg.connect(url) as server:
        cursor = server.execute(sql)
        return [column.name for column in cursor.description], cursor.fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_the_tables_are_the_same(crawled, table):
    ours, theirs = (
        [dict(zip(names, row, strict=True)) for row in rows]
        for names, rows in (asked(url, f"SELECT * FROM {table} ORDER BY {TABLES[table]}") for url in crawled[:2])
    )
    for row in (*ours, *theirs):
        for name in TIMED & row.keys():
            del row[name]
        row.pop("rowid", None)
        if table == "outputs":
            row["path"] = row["path"].rpartition("/")[2].partition(".")[2]
    assert theirs == ours
    assert ours or table in {"held", "rejects", "walks", "article_urls", "article_clusters"}


def test_something_was_edited_and_something_went(crawled):
    (counts,) = asked(crawled[1], "SELECT sum(updated), sum(gone) FROM runs WHERE id > 1")[1]
    assert min(counts) > 0


def test_pages_come_in_the_order_in_which_they_were_learnt(crawled):
    ours, theirs = (asked(url, "SELECT url FROM pages ORDER BY rowid")[1] for url in crawled[:2])
    assert theirs == ours


def test_the_lines_are_the_same(crawled):
    folder = crawled[0].removeprefix("sqlite:///").rpartition("/")[0]
    ours, theirs = (Path(folder, f"{name}.jsonl").read_bytes() for name in ("sqlite", "postgresql"))
    assert theirs == ours


EXPORTS = [
    ("--format", "jsonl", "--fields", "all"),
    ("--format", "csv", "--search", "the NOT ferr*", "--state", "new"),
    ("--format", "rss", "--limit", "5"),
]


@pytest.mark.parametrize("words", EXPORTS, ids=lambda words: words[1])
def test_exports_are_the_same(crawled, tmp_path, words):
    for number, url in enumerate(crawled[:2]):
        with patch.object(clock, "now", lambda: crawled[2]):
            assert export(url, "newsjournos", *words, "--output", str(tmp_path / f"{number}")) == 0
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes()
    assert (tmp_path / "0").stat().st_size > 1000


def test_status_and_report_are_the_same(crawled):
    found = []
    for url in crawled[:2]:
        with patch.object(clock, "now", lambda: crawled[2]), closing(open_store(url, readonly=True)) as store:
            assert not store.engine.is_at_work()
            with snapshot(store):
                found.append((standing(store, "newsjournos", at_work=False), make_page(store, "newsjournos")))
    assert found[1][0] == found[0][0]
    assert found[1][1] == found[0][1]


def test_changes_are_the_same(crawled):
    found = []
    for url in crawled[:2]:
        with closing(open_store(url, readonly=True)) as store:
            edited = store.read("SELECT url FROM articles WHERE revision > 1 ORDER BY id").fetchone()[0]
            path = "/" + edited.split("/", 3)[3]
            found.append((find(store, path), [dict(row) for row in store.versions(edited)]))
    assert found[1] == found[0]
    assert len(found[0][1]) > 1


@pytest.mark.parametrize("view", tables.VIEW_NAMES)
def test_views_are_the_same(crawled, view):
    ours, theirs = ({_plain(row) for row in asked(url, f"SELECT * FROM {view}")[1]} for url in crawled[:2])
    assert theirs == ours


def _plain(row):
    """The values, JSON without the spaces that one database has and the other has not."""
    return tuple(
        json.dumps(json.loads(value)) if isinstance(value, str) and value[:1] in {"[", "{"} else value for value in row
    )


def test_frames_are_the_same(crawled):
    ours, theirs = (newscrawl.open_store(url) for url in crawled[:2])
    assert theirs.articles(state="updated").equals(ours.articles(state="updated"))
    assert theirs.revisions(["headline", "tags"]).equals(ours.revisions(["headline", "tags"]))
    assert theirs.tags().equals(ours.tags())


def test_browsing_says_that_it_cannot(crawled, monkeypatch):
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", crawled[1])
    with pytest.raises(UsageProblem, match="Datasette reads SQLite files only"):
        database()
