"""Crawls and their archive: each page is where the store says, as it was received, whatever happens to the run."""

import errno
import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from fixtures.replica.server import running_replica
from newscrawl.archive import writing
from newscrawl.archive.articles import extract_again
from newscrawl.archive.reading import decoded, read_place
from newscrawl.archive.recovery import close_leftovers
from newscrawl.exceptions import ArchiveError
from newscrawl.extraction.themes.smartmag import SMARTMAG
from newscrawl.storage import migrations, open_store
from newscrawl.storage.store import OF_THE_PAGE

from .archived import check, files, records
from .conftest import environment
from .local_server import Answer, serving
from .site_pages import TEXT, post
from .stored import EDITED, GOOD

PLACES = (
    "SELECT url, archive_file, archive_offset, archive_length, archive_digest FROM pages WHERE archive_file IS NOT NULL"
)
MOST = 10**7
TAGS = '<div class="the-post-foot"><div class="the-post-tags"><a href="/tag/x/" rel="tag">Ferries</a></div></div>'


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def archiving(storing_crawl, folder):
    """A storing crawl that archives."""
    storing_crawl.settings["NEWSCRAWL_ARCHIVE_DIR"] = str(folder)
    return storing_crawl


def store_of(crawl):
    return closing(open_store(f"sqlite:///{crawl.database}", readonly=True))


def types(folder: Path) -> list[tuple[str, str]]:
    """Kind and address of each record but the files' own."""
    found = [(one["WARC-Type"], one.get("WARC-Target-URI", "")) for path in files(folder) for one in records(path)]
    return [one for one in found if one[0] != "warcinfo"]


async def test_each_article_can_be_made_again_from_its_archived_pages(archiving, folder):
    with running_replica(articles=60) as replica:
        run = await archiving(replica.url)
    assert run.failure is None
    assert check(*files(folder)) == (0, "")
    assert [path.suffix for path in files(folder)] == [".gz"]
    with store_of(archiving) as store:
        several = 0
        for number in store.numbers():
            captures = store.captures(number)
            again = extract_again(folder, captures, SMARTMAG)
            before = store.get(captures[0].url)
            assert {name: getattr(again, name) for name in OF_THE_PAGE} == {name: before[name] for name in OF_THE_PAGE}
            assert again.content_hash == before["content_hash"]
            several += len(captures) > 1
        assert several, "the replica has posts of several pages"
    pages = archiving.rows("SELECT url FROM pages WHERE kind IN ('article', 'part') AND status = 200")
    assert sorted(pages) == sorted(archiving.rows("SELECT url FROM pages WHERE archive_file IS NOT NULL"))
    assert {kind for kind, _ in types(folder)} == {"response", "request"}
    assert not any(url == replica.url or "sitemap" in url or "/category/" in url for _, url in types(folder))


async def test_what_the_warcinfo_says(archiving, folder):
    with serving({"/a/": post("a")}) as site:
        await archiving(site.url, {"NEWSCRAWL_CONTACT": "mailto:me@example.org"}, urls="/a/")
        text = subprocess.run(["zcat", files(folder)[0]], capture_output=True, check=True).stdout.decode()
    for line in ("isPartOf: newsjournos", "http-header-user-agent: newscrawl (+mailto:me@example.org)", "robots: obey",
                 "format: WARC File Format 1.1", "software: newscrawl, Scrapy/"):  # fmt: skip
        assert f"\r\n{line}" in text


async def test_every_page_on_request(archiving, folder):
    with running_replica(articles=5) as replica:
        await archiving(replica.url, {"NEWSCRAWL_ARCHIVE_PAGES": "all"})
        asked = {f"{replica.url}{path.lstrip('/')}" for path in replica.paths}
    answered = {url for kind, url in types(folder) if kind == "response"}
    assert {replica.url, f"{replica.url}robots.txt"} <= answered <= asked
    assert {row[0] for row in archiving.rows("SELECT url FROM pages WHERE status = 200 AND kind <> 'home'")} <= answered
    assert archiving.rows("SELECT count(*) FROM pages WHERE kind = 'home' AND archive_file IS NOT NULL") == [(1,)]


async def test_nothing_where_it_is_off(storing_crawl, tmp_path):
    with serving({"/a/": post("a")}) as site:
        await storing_crawl(site.url, {"NEWSCRAWL_ARCHIVE_DIR": ""}, urls="/a/")
    assert not list(tmp_path.rglob("*.warc*"))
    assert storing_crawl.rows("SELECT archive_file FROM pages") == [(None,)]
    assert storing_crawl.rows("SELECT archive FROM revisions") == [(None,)]


async def test_a_page_that_came_again_is_kept_once(archiving, folder):
    with serving({"/a/": [post("a"), post("a"), post("a", "<p>Trams.</p>"), post("a")]}) as site:
        url, seen = f"{site.url}a/", []
        for _ in range(4):
            await archiving(site.url, urls="/a/")
            seen.append(archiving.rows(f"{PLACES} AND archive_run = (SELECT max(id) FROM runs)"))
    answers = [kind for kind, _ in types(folder) if kind != "request"]
    assert answers == ["response", "revisit", "response", "response"]
    assert seen[0] == seen[1] != seen[2]
    assert len(files(folder)) == 4, "a closed file is not touched again"
    assert check(*files(folder)) == (0, "")
    again = json.loads(archiving.rows("SELECT archive FROM revisions WHERE revision = 1")[0][0])
    assert [url, *seen[1][0][1:]] == again[0]


async def test_a_page_whose_record_was_moved_away_is_kept_again(archiving, folder):
    with serving({"/a/": post("a")}) as site:
        await archiving(site.url, urls="/a/")
        files(folder)[0].unlink()
        await archiving(site.url, urls="/a/")
    assert [kind for kind, _ in types(folder)] == ["response", "request"]


async def test_other_answers(archiving, folder):
    moved = Answer(301, headers={"Location": "/new/"})
    same = Answer(200, post("same"), {"ETag": '"1"'})
    script = {"/old/": moved, "/new/": post("new"), "/same/": same, "/down/": Answer(503), "/no/": Answer(403)}
    with serving(script) as site:
        for urls in ("/old/,/same/,/down/,/no/,/lost/", "/same/"):
            await archiving(site.url, {"RETRY_ENABLED": False}, urls=urls)
        base = site.url.rstrip("/")
    kept = [url.removeprefix(base) for kind, url in types(folder) if kind in {"response", "revisit"}]
    assert sorted(kept) == ["/lost/", "/new/", "/old/", "/same/", "/same/"]
    places = {row[0].removeprefix(base) for row in archiving.rows(PLACES)}
    assert places == {"/new/", "/same/"}, "only a page is a version of an article"


async def test_what_is_gone_keeps_the_page_it_had(archiving, folder):
    with serving({"/a/": [post("a"), Answer(404)]}) as site:
        await archiving(site.url, urls="/a/")
        before = archiving.rows(PLACES)
        await archiving(site.url, urls="/a/")
    assert archiving.rows("SELECT state FROM articles") == [("gone",)]
    assert archiving.rows(PLACES) == before
    with store_of(archiving) as store:
        assert (
            extract_again(folder, store.captures(1), SMARTMAG).content_hash
            == store.get(f"{site.url}a/")["content_hash"]
        )


async def test_a_version_that_is_not_trusted_leaves_the_stored_one_its_pages(archiving, folder):
    tagged = post("a", f"{TEXT}<p>More.</p>", tags=TAGS)
    with serving({"/a/": [tagged, post("a")]}) as site:
        await archiving(site.url, urls="/a/")
        first = archiving.rows("SELECT archive FROM revisions")
        run = await archiving(site.url, urls="/a/")
    assert run.stat("newscrawl/stored/held") == 1
    assert archiving.rows("SELECT archive FROM revisions") == first
    assert archiving.rows(PLACES)[0][1] != json.loads(first[0][0])[0][1], "what came is archived all the same"


async def test_a_held_version_that_is_trusted_at_last_has_its_own_pages(archiving, folder):
    script = {f"/{slug}/": post(slug, f"{TEXT}<p>{slug}</p>", tags=TAGS) for slug in "abc"}
    with serving({**script, "/a/": [script["/a/"], post("a", f"{TEXT}<p>a</p>")]}) as site:
        for _ in range(2):
            await archiving(site.url, urls="/a/,/b/,/c/")
    found = archiving.rows("SELECT revision, changed_fields, archive FROM revisions WHERE revision > 1")
    ((revision, changed, archive),) = found
    assert (revision, changed) == (2, '["tags"]')
    assert [tuple(json.loads(archive)[0])] == archiving.rows(f"{PLACES} AND url LIKE '%/a/'")
    with store_of(archiving) as store:
        number = store.article_id(f"{site.url}a/")
        assert extract_again(folder, store.captures(number), SMARTMAG).tags == []


async def test_a_run_without_an_archive_names_no_older_page(archiving):
    with serving({"/a/": [post("a"), post("a", "<p>Trams.</p>")]}) as site:
        await archiving(site.url, urls="/a/")
        await archiving(site.url, {"NEWSCRAWL_ARCHIVE_DIR": ""}, urls="/a/")
    assert archiving.rows("SELECT revision, archive IS NULL FROM revisions") == [(1, 0), (2, 1)]


def test_what_a_killed_run_held_is_let_go_by_an_edit(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/news.db")
    store.save(GOOD)
    assert store.save(replace(EDITED, tags=[])) == "held"
    store.close()
    store = open_store(f"sqlite:///{tmp_path}/news.db")
    assert store.save(EDITED) == "updated"
    assert not store.is_held(1)
    store.close()


async def test_a_full_disk_ends_the_run_with_one_line(archiving, folder, monkeypatch):
    write, sent = os.write, []

    def until_full(descriptor, data):
        sent.append(len(data))
        if sum(sent) > 60_000 and len(data) > 100:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data)

    monkeypatch.setattr(writing.os, "write", until_full)
    with running_replica(articles=40) as replica:
        run = await archiving(replica.url)
    monkeypatch.undo()
    assert isinstance(run.failure, ArchiveError)
    assert run.failure.exit_code == 1
    assert "No space left on device; see NEWSCRAWL_ARCHIVE_DIR" in str(run.failure)
    assert run.stat("finish_reason") == "store_failed"
    assert run.stat("log_count/ERROR") == 1
    assert_in_step(archiving.database, folder)


async def test_what_cannot_be_seen_on_disk_is_not_in_the_store(archiving, folder, monkeypatch):
    def broken(writer):
        raise ArchiveError("archive: Input/output error")

    with serving({"/a/": post("a"), "/b/": post("b")}) as site:
        await archiving(site.url, urls="/a/")
        monkeypatch.setattr(writing.ArchiveWriter, "sync", broken)
        run = await archiving(site.url, urls="/b/")
    assert isinstance(run.failure, ArchiveError)
    assert archiving.rows("SELECT count(*) FROM articles") == [(1,)]
    assert [row[0] for row in archiving.rows(PLACES)] == [f"{site.url}a/"]


def test_a_folder_that_cannot_be_made_fails_before_any_request(scrapy, tmp_path):
    (tmp_path / "file").write_text("")
    with serving({}) as site:
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={site.url}", "-L", "ERROR",
                      NEWSCRAWL_ARCHIVE_DIR="file/archive")  # fmt: skip
        assert site.paths == []
    assert (done.code, done.lines) == (
        1, ["scrapy crawl: file/archive: Not a directory; see NEWSCRAWL_ARCHIVE_DIR"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [("NEWSCRAWL_ARCHIVE_PAGES=some", "articles or all"), ("NEWSCRAWL_ARCHIVE_SIZE=0", "a whole number from 1 up")],
)
def test_wrong_settings(scrapy, setting, allowed):
    done = scrapy("crawl", "newsjournos", "-s", setting)
    assert done.code == 2
    assert done.lines == [f"scrapy crawl: {setting.replace('=', '=' + chr(39))}': allowed is {allowed}"]


def assert_in_step(database: Path, folder: Path) -> int:
    """Every place that the store names holds its page, once leftovers are closed; how many there are."""
    close_leftovers(folder)
    with closing(open_store(f"sqlite:///{database}")) as store:
        found = store.read(PLACES).fetchall()
        for url, *_ in found:
            answer = read_place(folder, store.place_of(url))
            assert answer.url == url
            assert decoded(answer, MOST).rstrip().endswith(b"</html>")
        for number in store.numbers():
            for capture in store.captures(number):
                assert read_place(folder, capture.place).url == capture.url
    if files(folder):
        assert check(*files(folder)) == (0, "")
    return len(found)


def killed_after(command: list[str], articles: int, **where) -> None:
    """Kill a crawl as it logs its so many-th article: downloads run ahead of the store, so requests are no measure."""
    with subprocess.Popen([*command, "-L", "DEBUG"], stderr=subprocess.PIPE, text=True, **where) as run:
        scraped = (line for line in run.stderr if "Scraped from" in line)
        assert len(list(islice(scraped, articles))) == articles
        run.kill()


def test_killed_at_any_moment_the_store_names_no_page_that_is_lost(tmp_path):
    dice = random.Random(11)
    database, folder = tmp_path / "news.db", tmp_path / "archive"
    settings = {
        "NEWSCRAWL_DATABASE_URL": f"sqlite:///{database}", "NEWSCRAWL_JSONL_PATH": "",
        "NEWSCRAWL_ARCHIVE_DIR": str(folder), "NEWSCRAWL_ARCHIVE_SIZE": "1",
    }  # fmt: skip
    words = ["crawl", "newsjournos", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "-a"]
    reached = [0]
    with running_replica(articles=150) as replica:
        command = [sys.executable, "-m", "scrapy", *words, f"base_url={replica.url}"]
        where = {"cwd": tmp_path, "env": environment(**settings)}
        for moments in (range(55, 100), range(5, 45)):
            killed_after(command, dice.choice(moments), **where)
            reached.append(assert_in_step(database, folder))
        done = subprocess.run([*command, "-L", "ERROR"], **where, check=False, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
        assert not [path for path in files(folder) if path.suffix == ".open"], "the last run closes what it finds"
        articles = {json.loads(line)["url"] for line in replica.site.control.lines()}
    assert reached == sorted(reached)
    assert reached[1] >= 50, "a batch at least"
    assert assert_in_step(database, folder) >= len(articles)
    with closing(sqlite3.connect(database)) as db:
        found = {row[0] for row in db.execute("SELECT url FROM articles UNION SELECT url FROM article_urls")}
        assert found >= articles
        assert db.execute("SELECT count(*) FROM revisions WHERE archive IS NULL").fetchone() == (0,)
    assert len(files(folder)) >= 3


def test_version_3_gets_the_columns_of_the_archive(tmp_path):
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        migrations.create(db)
        db.execute("DROP INDEX revisions_extraction")
        views = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
        for name in views:
            db.execute(f"DROP VIEW {name}")
        for name in ("file", "offset", "length", "digest", "run"):
            db.execute(f"ALTER TABLE pages DROP COLUMN archive_{name}")
        for table, name in (("revisions", "cause"), ("revisions", "archive"), ("held", "archive")):
            db.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
        db.execute(f"PRAGMA application_id = {migrations.APPLICATION_ID}")
        db.execute("PRAGMA user_version = 3")
    open_store(f"sqlite:///{path}").close()
    columns = "SELECT t.name, c.name, c.type, c.dflt_value FROM sqlite_schema t, pragma_table_info(t.name) c"
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(":memory:")) as fresh:
        migrations.create(fresh)
        assert set(db.execute(columns)) == set(fresh.execute(columns))
        assert db.execute("SELECT name FROM sqlite_schema WHERE name = 'revisions_extraction'").fetchall()
