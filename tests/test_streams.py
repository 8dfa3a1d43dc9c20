"""Standard streams that are closed or full: a crawl does without, and what has to be shown and cannot is an error."""

import shlex
import subprocess
import sys

import pytest

from newscrawl.reader.reader import Reader
from newscrawl.storage import open_store

from .conftest import ROOT, environment
from .local_server import serving
from .site_pages import site
from .stored import GOOD

PAGE = ROOT / "fixtures" / "pages" / "classic-yoast.html"
CRAWL = ("crawl", "newsjournos", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0", "--logfile", "log")
SHOWING = {
    "status": ("status", "newsjournos"),
    "diff": ("diff", "newsjournos", GOOD.url),
    "extract": ("extract", "newsjournos", str(PAGE)),
    "export": ("export", "newsjournos", "--format", "jsonl"),
}
STREAMS = {">&-": "Bad file descriptor", "> /dev/full": "No space left on device"}


def run(folder, words, streams):
    """A command of Scrapy, its streams as a shell sets them."""
    command = shlex.join([sys.executable, "-m", "scrapy", *words])
    return subprocess.run(
        f"{command} {streams}", shell=True, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("streams", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_crawl_needs_no_stream(tmp_path, streams):
    apart = ("-s", "NEWSCRAWL_READER_PROCESS=1")
    slugs = [f"a{number}" for number in range(Reader.few + 10)]
    with serving(site(*slugs)) as server:
        done = run(tmp_path, (*CRAWL, *apart, "-a", f"base_url={server.url}"), streams)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = (tmp_path / "log").read_text()
    assert f"'newscrawl/stored/new': {len(slugs)}" in log
    assert "goes on reading" not in log


@pytest.mark.parametrize(("streams", "why"), STREAMS.items())
@pytest.mark.parametrize(("command", "words"), SHOWING.items(), ids=SHOWING)
def test_what_cannot_be_shown_is_one_line(tmp_path, command, words, streams, why):
    (tmp_path / "data").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/data/newsjournos.db")
    store.save(GOOD)
    store.close()
    done = run(tmp_path, words, streams)
    assert (done.returncode, done.stderr) == (1, f"scrapy {command}: standard output: {why}\n")
