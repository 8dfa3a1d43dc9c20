"""``scrapy status``: what it says of store, runs and health, and the exit code that monitoring goes by."""

import fcntl
import json
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newscrawl import clock
from newscrawl.reporting.run_report import bare_report
from newscrawl.reporting.standing import judge, standing
from newscrawl.reporting.standing_text import to_lines
from newscrawl.storage import open_store
from newscrawl.storage.lock import is_held, lock_of
from tests.local_server import serving
from tests.site_pages import site
from tests.stored import EDITED, GOOD, OTHER_POST

QUIET = ("-s", "LOG_LEVEL=ERROR", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
START = "2026-01-01T00:00:00+00:00"
FINDING = {"monitor": "fields", "verdict": "layout_changed", "failed": True, "message": "lead: 2 of 20", "url": None}


@pytest.fixture
def store(tmp_path, monkeypatch):
    at(monkeypatch, 0)
    with closing(open_store(f"sqlite:///{tmp_path}/news.db")) as store:
        yield store


def at(monkeypatch, hour):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 1 + hour // 24, hour % 24, tzinfo=UTC))


def a_run(store, code, why=None, health="ok", findings=(), report=True):
    """A run that ended with ``code``, or was killed (None)."""
    number = store.start_run("newsjournos", {})
    if code is None:
        return
    row = {"id": number, "spider": "newsjournos", "started_at": START, "arguments": {}, "why": why, "exit_code": code}
    kept = bare_report(row) | {"health": health, "findings": list(findings)}
    values = {"exit_code": code, "finish_reason": "finished", "new": 2}
    store.finish_run(number, values | ({"report": json.dumps(kept)} if report else {}))


# Runs in their order, each with what a_run takes; whether one is at work; what status should say.
STANDINGS = {
    "healthy": ([{"code": 0}], False, (0, "ok", None)),
    "quiet": ([{"code": 0, "health": "quiet"}], False, (0, "quiet", None)),
    "unhealthy": ([{"code": 3, "why": "lead is empty", "health": "unhealthy"}], False, (3, "unhealthy", "lead is empty")),
    "unhealthy without a word": (
        [{"code": 3, "health": "unhealthy", "findings": [FINDING]}],
        False,
        (3, "unhealthy", "lead: 2 of 20"),
    ),
    "failed": ([{"code": 0}, {"code": 1, "why": "no room", "health": "failed"}], False, (1, "failed", "no room")),
    "failed without a report": ([{"code": 1, "report": False}], False, (1, "failed", "run 1 ended with exit code 1")),
    "its section is gone": ([{"code": 2, "report": False}], False, (1, "failed", "run 1 ended with exit code 2")),
    "killed": ([{"code": 0}, {"code": None}], False, (1, "failed", "run 2 was killed before it was done")),
    "well again": ([{"code": 1, "health": "failed"}, {"code": 0}], False, (0, "ok", None)),
    "at work": ([{"code": 0}, {"code": None}], True, (0, "ok", None)),
    "at work after a bad one": ([{"code": 3, "why": "w"}, {"code": None}], True, (3, "unhealthy", "w")),
    "the first is at work": ([{"code": None}], True, (0, "ok", "the first run is at work")),
    "another program waits for its turn": ([{"code": 0}], True, (0, "ok", None)),
    "never": ([], False, (1, "failed", "no run has finished yet")),
}  # fmt: skip


@pytest.mark.parametrize(("runs", "at_work", "expected"), STANDINGS.values(), ids=STANDINGS)
def test_the_exit_code_follows_the_last_run_that_ended(store, runs, at_work, expected):
    for values in runs:
        a_run(store, **values)
    state = standing(store, "newsjournos", at_work)
    assert (state["exit_code"], state["health"], state["why"]) == expected
    assert len(state["runs"]) == len(runs)


def test_a_run_at_its_very_end_is_judged_by_its_report(store):
    run = {
        "id": 1,
        "exit_code": None,
        "finished_at": START,
        "report": {"health": "unhealthy", "run": {"why": None}, "findings": [FINDING]},
    }
    assert judge(run) == (3, "unhealthy", "lead: 2 of 20")


@pytest.mark.parametrize(("hour", "code"), [(2, 0), (5, 3), (50, 3)])
def test_a_last_good_run_may_be_too_old(store, monkeypatch, hour, code):
    a_run(store, 0)
    at(monkeypatch, hour)
    state = standing(store, "newsjournos", False, oldest=4 * 3600)
    assert state["exit_code"] == code
    assert state["last_done"] == {"id": 1, "finished_at": START, "age_seconds": hour * 3600}
    if code:
        ago = {5: "5 hours", 50: "2 days"}[hour]
        assert state["why"] == f"the last good run ended {ago} ago, --max-age allows 4 hours"


def test_counts_and_freshness(store):
    store.save(GOOD, START)
    store.save(EDITED, START)
    store.save(replace(OTHER_POST, url=f"{GOOD.url}x/", published_at="2025-06-01T00:00:00+00:00"), START)
    store.set_page(GOOD.url, "article", article_id=1, next_check_at="2025-01-01T00:00:00+00:00", outcome="article")
    store.set_page("https://newsjournos.com/later/", "article", article_id=2, next_check_at="2027-01-01T00:00:00+00:00")
    store.set_page("https://newsjournos.com/new/", "article", todo="new")
    store.set_page("https://newsjournos.com/bad/", "article", outcome="failed", failures=2, retry_run=9)
    store.set_page("https://newsjournos.com/gone/", "article", outcome="gone", failures=2, retry_run=9)
    state = standing(store, "newsjournos", False)
    assert state["articles"] == {"total": 2, "new": 1, "updated": 1, "unchanged": 0, "gone": 0}
    assert state["revisions"] == 3
    assert state["newest"] == {"published_at": "2025-06-01T00:00:00+00:00", "first_seen_at": START}
    assert state["waiting"] == {"todo": 1, "retrying": 1, "due": 1}
    assert json.loads(json.dumps(state)) == state


def test_five_runs_are_shown_newest_first(store):
    for _ in range(7):
        a_run(store, 0)
    assert [run["id"] for run in standing(store, "newsjournos", False)["runs"]] == [7, 6, 5, 4, 3]


def test_lines_for_people_hold_no_control_characters(store):
    store.save(replace(GOOD, published_at="2025-06-01T00:00:00+00:00"), START)
    finding = FINDING | {"message": "section \x1b[2J\nnewsjournos: healthy", "url": "https://newsjournos.com/\x07"}
    a_run(store, 3, "why \x1b]0;x\x07", "unhealthy", [finding])
    state = standing(store, "newsjournos", True) | {
        "places": [{"path": "a.db", "bytes": 2_000}, {"path": "b", "bytes": 9}]
    }
    lines = to_lines(state)
    assert lines[0] == "newsjournos: UNHEALTHY: why ]0;x"
    assert "  kept in    a.db (2.0 kB), b (9 bytes)" in lines
    assert "  failed     section [2J newsjournos: healthy; look at https://newsjournos.com/" in lines
    assert "  at work    a run, now" in lines
    assert "\n".join(lines).replace("\n", "").isprintable()


def test_who_holds_the_lock(tmp_path):
    database, lock = tmp_path / "news.db", tmp_path / "news.db.lock"
    assert not is_held(lock_of(database))
    assert not lock.exists()
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
    assert not is_held(lock_of(database))
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert is_held(lock_of(database))
    os.close(descriptor)
    assert not is_held(lock_of(database))


USAGE = {
    "no spider": ((), "no spider: allowed is the name of one spider, harbourherald, newsjournos"),
    "unknown spider": (
        ("harbour_post",),
        "harbour_post: allowed is the name of one spider, harbourherald, newsjournos",
    ),
    "two spiders": (("newsjournos", "newsjournos"), "newsjournos newsjournos: allowed is"),
    "option": (("newsjournos", "--fast"), "--fast: is no option"),
    "age": (("newsjournos", "--max-age", "young"), "argument --max-age: invalid float value: 'young'"),
    "no age": (("newsjournos", "--max-age", "nan"), "--max-age nan: allowed is a number of hours above 0"),
    "setting": (("newsjournos", "-s", "NEWSCRAWL_JSON=x"), "NEWSCRAWL_JSON is no setting"),
}


@pytest.mark.parametrize(("words", "said"), USAGE.values(), ids=USAGE)
def test_usage_is_one_line(scrapy, tmp_path, words, said):
    done = scrapy("status", *words)
    assert (done.code, done.out, len(done.lines)) == (2, "", 1)
    assert done.err.startswith(f"scrapy status: {said}")
    assert list(tmp_path.iterdir()) == []


def test_no_database_is_one_line_and_none_is_made(scrapy, tmp_path):
    done = scrapy("status", "newsjournos")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("scrapy status: database data/newsjournos.db: does not exist yet")
    assert list(tmp_path.iterdir()) == []


def test_another_programs_database_is_one_line(scrapy, tmp_path):
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("CREATE TABLE t (x)")
    done = scrapy("status", "newsjournos", "-s", "NEWSCRAWL_DATABASE_URL=sqlite:///other.db")
    assert (done.code, len(done.lines)) == (1, 1)
    assert "belongs to another program" in done.err


def test_an_unhealthy_run_is_told_in_any_locale(scrapy, tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path}/data/newsjournos.db")) as store:
        a_run(store, 3, "section \u015fehir \ud800", "unhealthy")
    done = scrapy("status", "newsjournos", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (done.code, done.err) == (3, "")
    assert done.out.startswith("newsjournos: UNHEALTHY: section \u015fehir")


def test_after_a_crawl_and_while_another_writes(scrapy, tmp_path):
    with serving(site("a", "b")) as server:
        assert scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET).code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    done = scrapy("status", "newsjournos")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "newsjournos: healthy\n  articles   2 (2 new, 0 updated, 0 unchanged, 0 gone), 2 revisions"
    )
    assert {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()} == before
    descriptor = os.open(tmp_path / "data/newsjournos.db.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with closing(open_store(f"sqlite:///{tmp_path}/data/newsjournos.db")) as store:
        store.start_run("newsjournos", {})
        store.save(GOOD)  # in the open transaction
        assert store.db.in_transaction
        done = scrapy("status", "newsjournos", "--json")
    os.close(descriptor)
    state = json.loads(done.out)
    assert (done.code, state["at_work"], state["articles"]["total"], len(state["runs"])) == (0, True, 2, 2)
    assert [place["path"] for place in state["places"]] == ["data/newsjournos.db", "data/newsjournos.jsonl"]
    assert state["places"][1]["bytes"] == (tmp_path / "data/newsjournos.jsonl").stat().st_size
