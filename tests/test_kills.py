"""A crawl that is killed, stopped or told another time, again and again: every article is stored, once."""

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from urllib.parse import urljoin

import pytest

from bench.bench_kills import Killer, Sums, crawl, killed_until_done, lost
from bench.kill_checks import ADDRESSES, GAPS, TWICE, faults
from fixtures.replica.server import running_replica
from newscrawl import clock
from newscrawl.base_spiders.arguments import read_arguments
from newscrawl.base_spiders.resuming import taken_up
from newscrawl.frontier.frontier import Frontier
from newscrawl.frontier.period import Period
from newscrawl.storage.database import BATCH
from newscrawl.storage.sqlite_store import SqliteStore
from tests.conftest import ROOT, environment
from tests.needed import lacking

KILLS = 3
# what runs a command that can make no file longer than so many bytes
LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
os.execv(sys.argv[2], sys.argv[2:])
"""
FULL = "full"
BASE = "http://127.0.0.1:9/"


@pytest.fixture
def killer():
    return Killer()


def test_a_crawl_that_is_killed_again_and_again_stores_every_article_once(tmp_path, killer):
    with running_replica(articles=30) as server:
        killer.watch(server)
        sums = Sums()
        killed_until_done(tmp_path, server, killer, random.Random(3), KILLS, sums)
        assert (sums.faults, sums.lost) == ([], set())
        assert sums.kills >= 2, "it was killed at all"


def test_a_full_crawl_goes_on_where_it_was_killed(tmp_path, killer):
    with running_replica(articles=110) as server:
        killer.watch(server)
        assert crawl(tmp_path, server.url, killer) == 0
        posts = {f"/{post.slug}/" for post in server.corpus}
        whole = killer.total
        lists = sum(path not in posts for path in server.paths)
        killer.total, at = 0, whole - 8
        assert crawl(tmp_path, server.url, killer, at=at) == -signal.SIGKILL
        assert crawl(tmp_path, server.url, killer) == 0
        assert killer.total <= whole + lists + BATCH + 8 < whole + at, "one batch and what was on its way come twice"
        assert (faults(tmp_path, is_over=True), lost(tmp_path, server)) == ([], set())


# kills at so many steps; bench.bench_kills says what the kinds are
STEPS = {"run-end": 1, "migration": 3, "reextract": 1}


@pytest.mark.parametrize(("kind", "kills"), STEPS.items(), ids=STEPS)
def test_what_is_killed_at_any_step_is_whole_and_done_when_it_is_done_again(kind, kills):
    command = [sys.executable, "-m", "bench.bench_kills", "--kills", str(kills), "--articles", "5", kind]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert f"{kind}, 5 posts: {kills} kills at {kills} of" in done.stdout


STOPS = {"ctrl-c": (signal.SIGINT, 1), "ctrl-c twice": (signal.SIGINT, 2), "SIGTERM": (signal.SIGTERM, 1)}


@pytest.mark.parametrize(("by", "times"), STOPS.values(), ids=STOPS)
def test_a_clean_interrupt_loses_nothing(tmp_path, killer, by, times):
    killer.times = times
    with running_replica(articles=30) as server:
        killer.watch(server)
        assert crawl(tmp_path, server.url, killer, at=25, by=by) == 1
        assert faults(tmp_path) == []
        with closing(sqlite3.connect(tmp_path / "news.db")) as db:
            stored = {row[0] for row in db.execute("SELECT url FROM pages WHERE outcome = 'article'")}
        assert stored
        assert crawl(tmp_path, server.url, killer) == 0
        again = {urljoin(server.url, path) for path in server.paths[-killer.seen :]}
        assert not stored & again, "all that was answered is stored, and not asked for twice"
        assert (faults(tmp_path, is_over=True), lost(tmp_path, server)) == ([], set())


# how far the clock jumps before the second and the third run, and whether the third fetches articles again
JUMPS = {
    "back": ((-timedelta(days=400), timedelta()), False),
    "forth and back": ((timedelta(days=3000), timedelta()), True),
}


@pytest.mark.parametrize(("jumps", "again"), JUMPS.values(), ids=JUMPS)
async def test_a_clock_that_jumps_loses_nothing_and_asks_for_nothing_for_ever(storing_crawl, monkeypatch, jumps, again):
    with running_replica(articles=25) as server:
        now = server.corpus.now
        monkeypatch.setattr(clock, "now", lambda: now)
        await storing_crawl(server.url)
        for jump in jumps:
            server.site.control.reset_log()
            monkeypatch.setattr(clock, "now", lambda jump=jump: now + jump)
            run = await storing_crawl(server.url)
            assert (run.failure, run.stat("log_count/ERROR")) == (None, 0)
            assert len(server.paths) == len(set(server.paths)) <= 60
        assert bool(run.stat("newscrawl/requests/article")) is again, "what was fetched in 2033 is not due in 2033"
        assert (await storing_crawl(server.url)).stat("newscrawl/requests/article") == 0
        new = [row for (row,) in storing_crawl.rows("SELECT new FROM runs ORDER BY id")]
        assert new[0] > 0
        assert set(new[1:]) == {0}
        stored = {row for (row,) in storing_crawl.rows(ADDRESSES)}
        assert {json.loads(line)["url"] for line in server.site.control.lines()} <= stored
        assert storing_crawl.rows(GAPS) == storing_crawl.rows(TWICE) == []


def test_a_file_that_cannot_be_written_is_one_error_and_nothing_is_lost(tmp_path, killer):
    with running_replica(articles=6) as server:
        killer.watch(server)
        assert crawl(tmp_path, server.url, killer) == 0
        before = len(server.paths)
        for path in (tmp_path / "news.db", tmp_path / "news.jsonl"):
            content = path.read_bytes()
            path.rename(tmp_path / "kept")
            path.mkdir()  # root writes to what is read-only, but not to a folder
            assert crawl(tmp_path, server.url, killer) == 1
            assert len(server.paths) == before, "what cannot be stored is not fetched"
            path.rmdir()
            (tmp_path / "kept").rename(path)
            assert path.read_bytes() == content
        assert crawl(tmp_path, server.url, killer) == 0
        assert (faults(tmp_path, is_over=True), lost(tmp_path, server)) == ([], set())


@pytest.mark.parametrize("most", [60_000, 400_000])
def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(tmp_path, killer, most):
    with running_replica(articles=30) as server:
        killer.watch(server)
        assert crawl(tmp_path, server.url, killer, under=(sys.executable, "-c", LIMITED, str(most))) == 1
        assert faults(tmp_path) == []
        assert crawl(tmp_path, server.url, killer) == 0
        assert (faults(tmp_path, is_over=True), lost(tmp_path, server)) == ([], set())


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1.5 MB, and what gives it more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=1500k", "tmpfs", folder], check=False).returncode:
        lacking("no disk can be mounted here")
    yield folder, lambda: subprocess.run([mount, "-o", "remount,size=40m", folder], check=True)
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_full_and_has_room_again(small_disk, killer):
    folder, make_room = small_disk
    with running_replica(articles=40) as server:
        killer.watch(server)
        assert crawl(folder, server.url, killer) == 1
        assert faults(folder) == []
        make_room()
        assert crawl(folder, server.url, killer) == 0
        assert (faults(folder, is_over=True), lost(folder, server)) == ([], set())


FETCHED = {"outcome": "article", "failures": 0, "todo": None}
# row of a page that a run asked for, the run, whether run 5 wants it in the full crawl that run 3 began
WANTED = {
    "fetched by it": (FETCHED, 3, False),
    "fetched by the one after it": (FETCHED, 4, False),
    "fetched before it": (FETCHED, 2, True),
    "asked for and not answered": (FETCHED | {"todo": "changed"}, 4, True),
    "led elsewhere": (FETCHED | {"outcome": "moved"}, 3, False),
    "failed": (FETCHED | {"failures": 1}, 4, True),
    "rejected, maybe by a mishap": (FETCHED | {"outcome": "rejected"}, 4, True),
    "rejected by this run": (FETCHED | {"outcome": "rejected"}, 5, False),
}


@pytest.mark.parametrize(("row", "asked_run", "wanted"), WANTED.values(), ids=WANTED)
def test_what_a_full_crawl_that_goes_on_wants(tmp_path, row, asked_run, wanted):
    store = SqliteStore(tmp_path / "news.db")
    store.set_page(f"{BASE}a/", "article", asked_run=asked_run, discovered_run=1, **row)
    frontier = Frontier(store, 5, True, Period(), BASE)
    frontier.full_since = 3
    assert frontier.learn(f"{BASE}a/", "sections", "section:World").wanted is wanted
    store.close()


# arguments of earlier runs and why each ended, the first of them that the next full run goes on from (0: none)
ROWS = {
    "none": ([], 0),
    "killed": ([({"mode": FULL}, "killed")], 1),
    "stopped, then killed": ([({"mode": FULL}, "shutdown"), ({"mode": "Full"}, None)], 1),
    "finished": ([({"mode": FULL}, "finished")], 0),
    "finished, then killed": ([({"mode": FULL}, "finished"), ({"mode": FULL}, "killed")], 2),
    "killed, then incremental": ([({"mode": FULL}, "killed"), ({}, "finished")], 0),
    "killed, then incremental, killed": ([({"mode": FULL}, "killed"), ({}, "killed")], 0),
    "of another site": ([({"mode": FULL}, "killed"), ({"mode": FULL, "base_url": "http://127.0.0.1:8/"}, None)], 1),
    "of a section": ([({"mode": FULL, "sections": "World"}, "killed")], 0),
    "of some addresses": ([({"mode": FULL}, "killed"), ({"urls": f"{BASE}a/"}, "finished")], 1),
    "no such argument any more": ([({"mode": FULL}, "killed"), ({"mood": "x"}, "finished")], 1),
}


@pytest.mark.parametrize(("rows", "expected"), ROWS.values(), ids=ROWS)
def test_which_run_a_full_run_goes_on_from(tmp_path, rows, expected):
    store = SqliteStore(tmp_path / "news.db")
    for given, why in rows:
        number = store.start_run("newsjournos", {"base_url": BASE, **given})
        store.finish_run(number, {"finish_reason": why})
    run = store.start_run("newsjournos", {"base_url": BASE, "mode": FULL})
    found = {}
    for mode in ("full", "incremental"):
        frontier = Frontier(store, run, True, Period(), BASE)
        taken_up(frontier, "newsjournos", read_arguments({"base_url": BASE, "mode": mode}))
        found[mode] = frontier.full_since
    store.close()
    assert found == {"full": expected or run, "incremental": run}
