"""One run a store at a time, however the one before it ended."""

import subprocess
import sys

import pytest

from newscrawl.exceptions import AnotherRunError
from newscrawl.extensions.run_lock import RunLockExtension
from newscrawl.storage import engine_of
from tests.conftest import ROOT
from tests.local_server import serving
from tests.site_pages import site

QUIET = ("-s", "LOG_LEVEL=ERROR", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
HOLD = """
import sys
from newscrawl.extensions.run_lock import RunLockExtension
from newscrawl.storage import engine_of
lock = RunLockExtension(engine_of(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_run_does_nothing(scrapy, tmp_path):
    lock = tmp_path / "data" / "newsjournos.db.lock"
    holder = RunLockExtension(engine_of(f"sqlite:///{tmp_path}/data/newsjournos.db"))
    with serving(site("a")) as server:
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET)
        assert (done.code, server.seen) == (4, [])
        assert done.err == "scrapy crawl: another run holds data/newsjournos.db.lock; nothing was done\n"
        assert list(lock.parent.iterdir()) == [lock]
        holder.engine_stopped()
        assert scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET).code == 0


def test_a_killed_run_blocks_nobody(tmp_path):
    database = f"sqlite:///{tmp_path}/news.db"
    command = [sys.executable, "-c", HOLD, database]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        assert child.stdout.readline() == "held\n"
        with pytest.raises(AnotherRunError):
            RunLockExtension(engine_of(database))
        child.kill()
    RunLockExtension(engine_of(database)).engine_stopped()
