"""Pages that are read in a process of their own are what they are in the crawl's."""

import asyncio
import json
import os
import pickle
import signal
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scrapy.spiderloader import SpiderLoader

from newscrawl.extraction.page import Captured
from newscrawl.extraction.reading import read_post
from newscrawl.reader.apart import reads_apart
from newscrawl.reader.reader import COMMAND, LENGTH, Reader
from newscrawl.similarity.minhash import signature
from newscrawl.spiders.newsjournos import NewsjournosSpider

from .conftest import ROOT, environment, project_settings
from .local_server import serving
from .site_pages import post, section, site

PAGES = ROOT / "fixtures" / "pages"
INDEX = json.loads((PAGES / "pages.json").read_text(encoding="utf-8"))
NOON = datetime(2025, 5, 3, 12, tzinfo=UTC)
SITE = NewsjournosSpider.site()
HERE = "https://newsjournos.com"
PARTED = "<p>One.</p><div class='post-pagination'><a class='post-page-numbers' href='/parts/2/'>2</a></div>"
QUESTIONS = {
    **{name: [Captured((PAGES / name).read_bytes(), INDEX[name]["url"], "text/html")] for name in INDEX},
    "no text": [Captured(post("none", "<div></div>").encode(), f"{HERE}/none/")],
    "section": [Captured(section(["a"]).encode(), f"{HERE}/news/")],
    "no page": [Captured(b"", f"{HERE}/empty/")],
    "AMP": [Captured(b"<html amp><link rel=canonical href=/a/>", f"{HERE}/a/amp/")],
    "first of two": [Captured(post("parts", PARTED).encode(), f"{HERE}/parts/")],
    "both": [
        Captured(post("parts", PARTED).encode(), f"{HERE}/parts/"),
        Captured(post("parts", "<p>Two.</p>").encode(), f"{HERE}/parts/2/"),
    ],
}


@pytest.fixture
def apart(monkeypatch):
    """A reader with another process from its first page on."""
    monkeypatch.setattr(Reader, "few", 0)
    return Reader(SITE, is_apart=True)


def asked(reader):
    return asyncio.gather(*(reader.read(pages, NOON, "home") for pages in QUESTIONS.values()))


async def test_what_is_read_apart_is_the_same(apart):
    here = [read_post(pages, SITE, NOON, "home") for pages in QUESTIONS.values()]
    assert await asked(apart) == here
    assert {reading.kind for reading in here} == {"post", "amp", "archive", "other"}
    assert [bool(reading.article) for reading in here[-6:]] == [False] * 4 + [True] * 2
    assert apart._is_apart, "and none was read here"
    process = await apart._starting
    await apart.close()
    assert process.returncode == 0


async def test_what_was_signed_apart_need_not_be_signed_again(apart):
    readings = await asked(apart)
    signed = {one.article.content_hash: one.signature for one in readings if one.article and one.signature}
    assert len(signed) >= 4, "the other texts are short"
    for reading in readings:
        if reading.article:
            made = signature(reading.article.body)
            assert (reading.signature, apart.signatures.get(reading.article.content_hash)) == (made, made)
    await apart.close()
    apart.signatures.close()


async def test_a_loop_that_tells_no_pipe_will_do(apart, monkeypatch, caplog):
    """uvloop's does not."""
    monkeypatch.setattr("asyncio.unix_events._UnixWritePipeTransport.get_extra_info", lambda *_: None)
    assert await asked(apart) == await asked(Reader(SITE))
    assert caplog.records == []
    await apart.close()


async def test_few_pages_are_read_here():
    reader = Reader(SITE, is_apart=True)
    await asked(reader)
    assert reader._starting is None
    await reader.close()


async def test_a_process_that_is_killed_is_not_missed(apart, caplog):
    readings = asyncio.ensure_future(asked(apart))
    while apart._starting is None:
        await asyncio.sleep(0)
    process = await apart._starting
    process.kill()
    assert await readings == await asked(Reader(SITE))
    assert await asked(apart) == await asked(Reader(SITE)), "and no other one is begun"
    assert [record.message for record in caplog.records] == [
        "The process that reads pages has ended; the crawl's own goes on reading"
    ]
    await apart.close()
    assert process.returncode == -signal.SIGKILL


async def test_a_process_that_does_not_answer_is_not_waited_for(apart, caplog):
    await asked(apart)
    process = await apart._starting
    process.send_signal(signal.SIGSTOP)
    apart.patience = 0.05
    assert await asked(apart) == await asked(Reader(SITE))
    assert [record.message for record in caplog.records] == [
        "The process that reads pages has not answered for 0.05 seconds; the crawl's own goes on reading"
    ]
    await apart.close()
    assert process.returncode == -signal.SIGKILL
    apart.signatures.close()


async def test_a_process_that_does_not_end_is_ended(apart):
    await asked(apart)
    process = await apart._starting
    process.send_signal(signal.SIGSTOP)
    apart.patience = 0.05
    await apart.close()
    assert process.returncode == -signal.SIGKILL
    apart.signatures.close()


class Nameless:
    """A source of a table that no pickle can hold."""

    __reduce__ = None


def no_thread(*_):
    raise RuntimeError("can't start new thread")


REASONS = {
    "no table": (replace(SITE, layouts=(Nameless(),)), {}),
    "no program": (SITE, {"newscrawl.reader.reader.COMMAND": ("/no/such/program",)}),
    "no thread to watch it": (SITE, {"asyncio.unix_events.threading.Thread.start": no_thread}),
}


@pytest.mark.parametrize(("table", "broken"), REASONS.values(), ids=REASONS)
async def test_a_process_that_cannot_be_started_is_not_missed(monkeypatch, caplog, table, broken):
    for name, value in broken.items():
        monkeypatch.setattr(name, value)
    monkeypatch.setattr(Reader, "few", 0)
    reader = Reader(table, is_apart=True)
    first = asyncio.ensure_future(reader._read_apart("one"))
    second = asyncio.ensure_future(reader._read_apart("another"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is None, "the other one is to be read here"
    (warning,) = [record.message for record in caplog.records]
    assert warning.startswith("The process that reads pages cannot be started: ")
    await reader.close()


@pytest.mark.parametrize("name", SpiderLoader.from_settings(project_settings()).list())
def test_the_table_of_a_site_can_be_sent(name):
    table = SpiderLoader.from_settings(project_settings()).load(name).site()
    assert pickle.loads(pickle.dumps(table)) == table


ENDS = {
    "at its end": b"",
    "before the site": pickle.dumps(SITE)[:50],
    "amid a question": pickle.dumps(SITE) + pickle.dumps((QUESTIONS["both"], NOON, "home"))[:500],
}


@pytest.mark.parametrize("sent", ENDS.values(), ids=ENDS)
def test_the_process_ends_in_silence_when_the_crawl_is_gone(sent):
    done = subprocess.run(COMMAND, input=sent, env=environment(), capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


class Talking:
    """Is the number 5 in another process, and writes so many bytes to standard error there, as a library may."""

    def __reduce__(self):
        return os.write, (2, b"noise")


def test_a_crawl_without_standard_error_is_answered_all_the_same():
    question = pickle.dumps((QUESTIONS["both"], NOON, Talking()))
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", *COMMAND]
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(pickle.dumps(SITE) + question)
        process.stdin.close()
        assert answer(process) == read_post(QUESTIONS["both"], SITE, NOON, 5)
        assert process.stdout.read() == b""


def test_the_process_ends_in_silence_when_nobody_takes_its_answers():
    question = pickle.dumps((QUESTIONS["both"], NOON, "home"))
    command = (COMMAND[0], "-X", "dev", *COMMAND[1:])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(), **pipes) as process:
        process.stdout.close()
        process.stdin.write(pickle.dumps(SITE) + question)
        process.stdin.flush()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_signals_are_for_the_crawl_to_hear():
    question = pickle.dumps((QUESTIONS["both"], NOON, "home"))
    with subprocess.Popen(COMMAND, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(pickle.dumps(SITE) + question)
        process.stdin.flush()
        answer(process)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(process.pid, number)
        process.stdin.write(question)
        process.stdin.flush()
        assert answer(process) == read_post(QUESTIONS["both"], SITE, NOON, "home")
        process.stdin.close()
        assert process.wait(60) == 0


def answer(process):
    (length,) = LENGTH.unpack(process.stdout.read(LENGTH.size))
    return pickle.loads(process.stdout.read(length))


async def test_a_crawl_is_the_same(crawl, monkeypatch, caplog):
    monkeypatch.setattr(Reader, "few", 0)
    pages = {**site("a", "b", "empty", "parts"), "/empty/": post("empty", ""), "/parts/": post("parts", PARTED)}
    pages["/parts/2/"] = post("parts", "<p>Two.</p>", canonical="/parts/2/")
    with serving(pages) as server:
        here, apart = [await crawl(server.url, settings={"NEWSCRAWL_READER_PROCESS": word}) for word in ("0", "1")]
    assert not any("goes on reading" in record.message for record in caplog.records)
    assert here.slugs == apart.slugs == ["a", "b", "parts"]
    assert [rejection.reason for rejection in apart.rejections] == ["no_text"]
    for run in (here, apart):
        assert [article.body.split() for article in run.articles if "parts" in article.url] == [["One.", "Two."]]


WHERE = {
    "a crawl that waits": ({"DOWNLOAD_DELAY": 1}, False),
    "one that does not": ({"DOWNLOAD_DELAY": 0}, True),
    "several workers": ({"DOWNLOAD_DELAY": 0, "NEWSCRAWL_REDIS_URL": "redis://127.0.0.1/0"}, False),
    "told to": ({"NEWSCRAWL_READER_PROCESS": "1"}, True),
    "told not to": ({"DOWNLOAD_DELAY": 0, "NEWSCRAWL_READER_PROCESS": "0"}, False),
}


@pytest.mark.parametrize(("settings", "is_apart"), WHERE.values(), ids=WHERE)
def test_where_there_is_a_process_for_reading(monkeypatch, settings, is_apart):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert reads_apart(project_settings(**settings)) is is_apart


def test_a_core_alone_is_not_shared(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert not reads_apart(project_settings(DOWNLOAD_DELAY=0))
