"""What ``scrapy crawl`` ends with, in a process of its own: the code, and the line that says why."""

import signal
import sqlite3
import subprocess
import sys

import pytest

from tests.conftest import environment
from tests.local_server import Answer, serving
from tests.site_pages import home, post, site

QUIET = ("-s", "LOG_LEVEL=ERROR", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
BROKEN = "tests.broken"


def one_pipeline(name: str) -> tuple[str, str]:
    """The option that makes a broken class the only pipeline."""
    return ("-s", f'ITEM_PIPELINES={{"{BROKEN}.{name}": 1}}')


def test_done(scrapy, tmp_path):
    with serving(site("a", "b")) as server:
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", "-O", "out/a.jsonl", *QUIET)
    assert (done.code, done.err) == (0, "")
    assert len((tmp_path / "out/a.jsonl").read_text().splitlines()) == 2


def test_the_last_line_of_the_log_says_what_became_of_it(scrapy):
    with serving(site("a")) as server:
        done = scrapy(
            "crawl",
            "newsjournos",
            "-a",
            f"base_url={server.url}",
            "-a",
            "discover=sections",
            *QUIET,
            "-s",
            "LOG_LEVEL=INFO",
        )
    assert done.code == 0
    assert [
        line
        for line in done.lines
        if "Run finished, ok: articles 1 new, 0 updated" in line and "; 4 requests, " in line
    ]


USAGE = {
    "argument": (("-a", "mode=fast"), "mode='fast': allowed is incremental or full"),
    "unknown argument": (("-a", "bse_url=x"), "bse_url is no argument; the nearest is base_url"),
    "url of another site": (("-a", "urls=https://example.org/"), "urls='https://example.org/': allowed"),
    "no NAME=VALUE": (("-a", "mode"), "Invalid -a value"),
    "setting": (("-s", "NEWSCRAWL_DATABASE_URL=x"), "NEWSCRAWL_DATABASE_URL='x': allowed is sqlite:///PATH"),
    "add-on refuses": (
        ("-s", "NEWSCRAWL_REDIS_URL=redis://127.0.0.1:1/0"),
        "NEWSCRAWL_REDIS_URL is set: workers share a database",
    ),
    "unknown setting": (
        ("-s", "NEWSCRAWL_JSON=x"),
        "NEWSCRAWL_JSON is no setting; the nearest is NEWSCRAWL_JSONL_PATH",
    ),
    "no requests at once": (
        ("-s", "CONCURRENT_REQUESTS=-1"),
        "CONCURRENT_REQUESTS='-1': allowed is a number from 1 up",
    ),
    "less than no time": (("-s", "DOWNLOAD_TIMEOUT=-1"), "DOWNLOAD_TIMEOUT='-1': allowed is a number from 0 up"),
    "what a spider has by itself": (("-a", "crawler=1"), "crawler is no argument"),
    "no UTF-8": (("-a", "sections=\udcff"), "sections='\\udcff': allowed is"),
    "lines in no UTF-8": (("-s", "NEWSCRAWL_JSONL_PATH=\udcff"), "NEWSCRAWL_JSONL_PATH='\\udcff': allowed is a path"),
    "feed without anything": (("-s", 'FEEDS={"a.csv": null}'), "FEEDS: a.csv has no format"),
    "feed whose format is no word": (("-s", 'FEEDS={"a.csv": {"format": ["csv"]}}'), "FEEDS: a.csv has no format"),
    "feed without format": (("-s", 'FEEDS={"a.csv": {}}'), "FEEDS: a.csv has no format"),
    "metrics in a folder": (("-s", "NEWSCRAWL_PROMETHEUS_FILE=."), "NEWSCRAWL_PROMETHEUS_FILE='.': is a folder"),
    "another reactor": (
        ("-s", "TWISTED_REACTOR=twisted.internet.epollreactor.EPollReactor"),
        "TWISTED_REACTOR='twisted.internet.epollreactor.EPollReactor': allowed is twisted.internet.asyncioreactor.",
    ),
    "process of another reactor": (("-s", "FORCE_CRAWLER_PROCESS=1"), "FORCE_CRAWLER_PROCESS=True: allowed is False"),
    "unknown option": (("--fast",), "newsjournos --fast: allowed is the name of one spider"),
    "option without value": (("-o",), "argument -o/--output: expected one argument"),
    "two outputs": (("-o", "a.json", "-O", "b.json"), "Please use only one of -o/--output"),
    "unknown format": (("-o", "a.docx"), "Unrecognized output format 'docx'"),
    "packed format": (("-o", "a.txt.gz"), "Unrecognized output format 'gz:txt'"),
    "output is the store's": (
        ("-O", "data/newsjournos.jsonl"),
        "-o data/newsjournos.jsonl: is the file of the store's",
    ),
    "output is the store's, by the spider's name": (
        ("-O", "data/%(name)s.jsonl"),
        "-o data/%(name)s.jsonl: is the file of the store's",
    ),
    "output is a folder": (("-o", "/tmp:json"), "-o /tmp: is a directory"),
    "output that nothing stores": (("-o", "foo://a/b.json"), "-o foo://a/b.json: foo:// is no storage that Scrapy has"),
    "output without its library": (
        ("-o", "gs://me:secret@a/b.json"),
        "-o gs://a/b.json: needs google.cloud.storage, which is not",
    ),
    "output with a name that is not filled": (
        ("-o", "%(section)s-%(time)s.json"),
        "-o %(section)s-%(time)s.json: %(section)s is nothing that a crawl fills in",
    ),
    "output whose name is no text": (("-o", "%(time)d.json"), "-o %(time)d.json: cannot be filled in: %d format"),
    "output that is no address": (("-o", "file://[/a.json"), "-o file://[/a.json: Invalid IPv6 URL"),
    "output below a file": (("-o", "/etc/hostname/a.json"), "-o /etc/hostname/a.json: /etc/hostname is no directory"),
}


@pytest.mark.parametrize(("words", "said"), USAGE.values(), ids=USAGE)
def test_usage_gets_one_line_and_nothing_else(scrapy, tmp_path, words, said):
    with serving(site("a")) as server:
        done = scrapy("crawl", "newsjournos", *QUIET, "-a", f"base_url={server.url}", *words)
    assert done.code == 2
    assert len(done.lines) == 1
    assert done.err.startswith(f"scrapy crawl: {said}")
    assert server.seen == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [(), ("harbour_post",), ("newsjournos", "newsjournos")])
def test_one_known_spider_is_named(scrapy, words):
    done = scrapy("crawl", *words, *QUIET)
    assert (done.code, len(done.lines)) == (2, 1)
    assert "allowed is the name of one spider, harbourherald, newsjournos" in done.err


def test_an_unknown_section_is_usage_although_the_home_page_was_read(scrapy):
    with serving({**site("a"), "/": home({"World": "world", "Tech": "tech"})}) as server:
        done = scrapy("crawl", "newsjournos", *QUIET, "-a", f"base_url={server.url}", "-a", "sections=sport")
    assert (done.code, len(done.lines)) == (2, 1)
    assert "sections='sport': allowed are the sections of the site's menus, World, Tech" in done.err


def test_the_environment_sets_and_the_command_line_wins(scrapy):
    wrong = {"NEWSCRAWL_CONTACT": "nobody"}
    done = scrapy("crawl", "newsjournos", *QUIET, "-a", "base_url=http://127.0.0.1:9/", **wrong)
    assert (done.code, len(done.lines)) == (2, 1)
    assert "NEWSCRAWL_CONTACT='nobody'" in done.err
    with serving(site("a")) as server:
        base = f"base_url={server.url}"
        done = scrapy("crawl", "newsjournos", *QUIET, "-a", base, "-s", "NEWSCRAWL_CONTACT=a@example.org", **wrong)
    assert done.code == 0
    assert server.seen[0].headers["User-Agent"] == "newscrawl (+a@example.org)"


FAILED = {
    "refused": (None, (), "robots.txt could not be read"),
    "no site": ({"/": "<html><body>Parked</body></html>"}, (), "its menus name no sections"),
    "robots.txt 500": ({**site("a"), "/robots.txt": Answer(500)}, (), "robots.txt answered 500"),
    "callback raises": (site("a"), ("-s", f"SPIDER_MODULES={BROKEN}"), "RuntimeError: callback"),
    "pipeline raises": (site("a"), one_pipeline("Pipeline"), "RuntimeError: pipeline"),
    "extension raises": (site("a"), ("-s", f"EXTENSIONS={{\"{BROKEN}.Extension\": 1}}"), "RuntimeError: extension"),
    "exporter raises": (
        site("a"),
        ("-s", f"FEED_EXPORTERS={{\"json\": \"{BROKEN}.Exporter\"}}", "-o", "a.json"),
        "RuntimeError: exporter",
    ),
    "cannot start": (site("a"), one_pipeline("Unopened"), "could not start: RuntimeError: open"),
    "store cannot open": (site("a"), one_pipeline("NoStore"), "the database is no database"),
    "feed cannot be written": (site("a"), ("-o", "/proc/no/a.json"), "No such file or directory: '/proc/no'"),
}  # fmt: skip


@pytest.mark.parametrize(("script", "words", "said"), FAILED.values(), ids=FAILED)
def test_a_failed_run_ends_with_the_reason(scrapy, script, words, said):
    if script is None:
        done = scrapy("crawl", "newsjournos", *QUIET, "-a", "base_url=http://127.0.0.1:9/", *words)
    else:
        with serving(script) as server:
            done = scrapy("crawl", "newsjournos", *QUIET, "-a", f"base_url={server.url}", *words)
    assert done.code == 1
    assert done.lines[-1].startswith("scrapy crawl: ")
    assert said in done.lines[-1]


def test_a_component_may_end_the_run_with_a_code_of_its_own(scrapy):
    with serving(site("a")) as server:
        done = scrapy("crawl", "newsjournos", *QUIET, "-a", f"base_url={server.url}", *one_pipeline("Locked"))
    assert (done.code, done.err) == (4, "scrapy crawl: another run holds the lock\n")
    assert server.seen == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_as_failed(tmp_path, number):
    """The signal is sent while the server holds a page, so the crawl is under way."""
    script = {**site("a", "b"), "/a/": Answer(200, post("a"), wait_for=2, at_most=20)}
    with serving(script) as server:
        command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", *QUIET, "-a", f"base_url={server.url}"]
        command += ["-a", "urls=/a/,/b/", "-s", "CONCURRENT_REQUESTS=1"]
        with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as process:
            server.wait_until_asked("/a/", 30)
            process.send_signal(number)
            server.release()
            _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.splitlines()[-1] == "scrapy crawl: stopped by a signal before it was done"


def test_the_run_remembers_its_exit_code(scrapy, tmp_path):
    with serving(site("a")) as server:
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET)
    assert (done.code, done.err) == (0, "")
    with serving({"/": Answer(500)}) as server:
        assert scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET).code == 1
    with sqlite3.connect(tmp_path / "data" / "newsjournos.db") as db:
        assert db.execute("SELECT exit_code FROM runs ORDER BY id").fetchall() == [(0,), (1,)]
