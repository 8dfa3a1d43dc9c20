"""No output takes the place of a database, nor of a device."""

import os
import re
import sqlite3
from contextlib import closing
from urllib.parse import unquote

import pytest

from newscrawl.outputs import is_special, refuse_database
from newscrawl.reporting.prometheus import Metric, write_metrics
from newscrawl.storage import open_store

from .local_server import serving
from .site_pages import site
from .stored import GOOD

DATABASE = "data/newsjournos.db"
CRAWL = ("crawl", "newsjournos", "-a", "base_url=http://127.0.0.1:1/")
QUIET = ("-L", "ERROR", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
OVER = {
    "-O": (*CRAWL, "-O", f"{DATABASE}:csv"),
    "-o": (*CRAWL, "-o", f"{DATABASE}:jsonl"),
    "-O, by the spider's name": (*CRAWL, *QUIET, "-O", "data/%(name)s.db:csv"),
    "-O, by a file's address": (*CRAWL, "-O", "file:data/newsjournos%2Edb:csv"),
    "--pidfile": (*CRAWL, "--pidfile", DATABASE),
    "--logfile": (*CRAWL, "--logfile", DATABASE),
    "metrics": (*CRAWL, "-s", f"NEWSCRAWL_PROMETHEUS_FILE={DATABASE}"),
    "export": ("export", "newsjournos", "--format", "csv", "--output", DATABASE),
    "report": ("report", "newsjournos", "--output", DATABASE),
}


@pytest.mark.parametrize("words", OVER.values(), ids=OVER)
def test_a_database_is_no_place_for_an_output(scrapy, tmp_path, words):
    (tmp_path / "data").mkdir()
    with closing(open_store(f"sqlite:///{tmp_path}/{DATABASE}")) as store:
        store.save(GOOD)
    done = scrapy(*words)
    assert (done.code, len(done.lines)) == (2, 1)
    assert DATABASE in unquote(done.err)
    assert done.err.endswith(": is a database; name another file\n")
    with closing(sqlite3.connect(tmp_path / DATABASE)) as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (1,)


def test_a_pipe_is_not_opened_to_see_what_it_holds(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refuse_database(tmp_path / "pipe", "-o pipe")
    assert is_special(tmp_path / "pipe")


@pytest.mark.parametrize("output", ["/dev/full:jsonl", "/dev/full:csv"])
@pytest.mark.parametrize("option", ["-o", "-O"])
def test_a_full_disk_is_told_once(scrapy, option, output):
    with serving(site(*"abcdefgh")) as server:
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", option, output, *QUIET)
    assert done.code == 1
    assert re.fullmatch(
        r"scrapy crawl: 1 errors? in the log, the first: Error storing \w+ feed \(8 items\) in: /dev/full "
        r"\(OSError: \[Errno 28\] No space left on device: '/dev/full'\)",
        done.lines[-1],
    )
    assert done.err.count("[scrapy.extensions.feedexport] ERROR") == 1


def test_metrics_leave_a_device_what_it_is(tmp_path):
    link = tmp_path / "null"
    link.symlink_to("/dev/null")
    write_metrics(link, "newsjournos", [Metric("a", "gauge", "b", [({}, 1)])])
    assert link.is_symlink()
    assert is_special(link)
    assert list(tmp_path.iterdir()) == [link]
