"""How much a run may ask at most, and how it ends while it waits."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from time import monotonic
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.statscollectors import MemoryStatsCollector
from scrapy.utils.test import get_crawler

from newscrawl import clock
from newscrawl.configuration import check_settings
from newscrawl.downloadermiddlewares.retry_after import RetryAfterMiddleware
from newscrawl.exceptions import SettingError, TooManyRequestsError
from tests.conftest import environment, project_settings
from tests.local_server import Answer, serving
from tests.site_pages import post, site

FAST = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
AN_HOUR = {"Retry-After": "3600"}
SCRIPT = {
    **site("a", "b"),
    "/a/": [Answer(500), Answer(500), post("a")],
    "/b/": Answer(301, headers={"Location": "/c/"}),
    "/c/": post("c"),
}
NEEDED = 8
"""Requests for SCRIPT: robots.txt, home, section, three for a, two for b."""


@pytest.mark.parametrize("most", range(1, NEEDED + 2))
@pytest.mark.parametrize("at_once", [1, 4])
async def test_no_request_more_than_allowed_is_sent(crawl, most, at_once):
    with serving(SCRIPT) as server:
        limits = {"NEWSCRAWL_MAX_REQUESTS": str(most), "CONCURRENT_REQUESTS": at_once}
        run = await crawl(server.url, limits, discover="sections")
    if most < NEEDED:
        assert len(server.seen) == most if at_once == 1 else len(server.seen) <= most
        assert isinstance(run.failure, TooManyRequestsError)
        assert f"NEWSCRAWL_MAX_REQUESTS={most}" in str(run.failure)
        assert run.stat("finish_reason") == "max_requests"
    else:
        assert len(server.seen) == NEEDED
        assert run.failure is None
        assert run.slugs == ["a", "c"]
    assert not [name for name in run.crawler.stats.get_stats() if name.startswith("newscrawl/failed/")]
    assert run.stat("log_count/ERROR") == 0


def test_a_run_gone_wild_ends_with_3_and_keeps_what_came(scrapy, tmp_path):
    with serving(site(*"abcdef")) as server:
        words = ("-s", "NEWSCRAWL_MAX_REQUESTS=5", "-s", "LOG_LEVEL=ERROR", "-s", "CONCURRENT_REQUESTS=1")
        base = f"base_url={server.url}"
        done = scrapy("crawl", "newsjournos", "-a", base, "-a", "discover=sections", *FAST, *words)
    assert done.code == 3
    assert done.err == "scrapy crawl: max_requests: NEWSCRAWL_MAX_REQUESTS=5 and more to ask for\n"
    assert len(server.seen) == 5
    with sqlite3.connect(tmp_path / "data" / "newsjournos.db") as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (2,)
        assert db.execute("SELECT requests, finish_reason FROM runs").fetchall() == [(5, "max_requests")]


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1e3", "", "many", "²", "9" * 10])
def test_the_most_requests_are_a_whole_number(value):
    with pytest.raises(SettingError, match="allowed is a whole number from 1 up"):
        check_settings(project_settings(NEWSCRAWL_MAX_REQUESTS=value), {})


HELD = [
    ("7", 7, "INFO"),
    ("600", 600, "INFO"),
    ("601", 601, "WARNING"),
    ("316800", 86_400, "WARNING"),  # 88 hours
    ("Sat, 03 May 2025 12:01:00 GMT", 60, "INFO"),
    ("Wed, 07 May 2025 04:00:00 GMT", 86_400, "WARNING"),
]


@pytest.mark.parametrize("delay", [0, 2])
@pytest.mark.parametrize(("header", "seconds", "level"), HELD)
def test_a_wait_holds_the_slot_and_is_told(monkeypatch, caplog, header, seconds, level, delay):
    monkeypatch.setattr(clock, "now", lambda: datetime(2025, 5, 3, 12, tzinfo=UTC))
    caplog.set_level("INFO")
    slot = Slot(1, delay, 0)
    engine = SimpleNamespace(
        running=True, _slot=SimpleNamespace(closing=None), downloader=SimpleNamespace(slots={"harbour.example": slot})
    )
    crawler = get_crawler()
    crawler.engine, crawler.stats = engine, MemoryStatsCollector(crawler)
    url = "https://harbour.example/a/"
    answer = Response(url, 429, {"Retry-After": header})
    RetryAfterMiddleware(crawler).process_response(Request(url, meta={"download_slot": "harbour.example"}), answer)
    assert slot.lastseen - monotonic() == pytest.approx(seconds, abs=1)
    assert slot.download_delay() > 0, "else Scrapy does not look at lastseen"
    (record,) = [record for record in caplog.records if "asks to wait" in record.message]
    assert record.levelname == level
    assert f"asks to wait {seconds} s: nothing is sent before 2025-05-0" in record.message


WAITING = {
    "an article": ({**site("a", "b"), "/a/": Answer(429, headers=AN_HOUR)}, ("-a", "urls=/a/,/b/")),
    "robots.txt": ({**site("a"), "/robots.txt": Answer(503, headers=AN_HOUR)}, ()),
    "Crawl-delay": ({**site("a"), "/robots.txt": "User-agent: *\nCrawl-delay: 3600"}, ()),
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("script", "words"), WAITING.values(), ids=WAITING)
def test_a_signal_ends_a_run_that_waits_for_an_hour(tmp_path, script, words, number):
    with serving(script) as server:
        command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", *FAST, "-a", f"base_url={server.url}"]
        command += [*words, "-s", "CONCURRENT_REQUESTS=1"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            lines = iter(process.stderr.readline, "")
            assert next((line for line in lines if "asks to wait" in line or "Crawl-delay of" in line), None)
            process.send_signal(number)
            asked = len(server.seen)
            try:
                _, err = process.communicate(timeout=20)
            finally:
                process.kill()
    assert process.returncode == 1
    assert err.splitlines()[-1] == "scrapy crawl: stopped by a signal before it was done"
    assert len(server.seen) == asked, "what waited was not sent"


async def test_a_run_that_is_done_does_not_wait_for_what_is_held(crawl):
    """The second article waits an hour when the first one ends the run."""
    script = {**site("a", "b"), "/b/": Answer(429, headers=AN_HOUR), "/a/": Answer(200, post("a"), wait_for=2)}
    with serving(script) as server:
        async with asyncio.timeout(20):
            run = await crawl(server.url, {"CONCURRENT_REQUESTS": 2}, urls="/b/,/a/", max_articles="1")
    assert run.slugs == ["a"]
    assert run.stat("finish_reason") == "max_articles"
    assert server.paths.count("/b/") == 1
