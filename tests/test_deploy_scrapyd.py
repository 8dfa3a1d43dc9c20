"""Scrapyd for real: the egg is built and uploaded, a job is scheduled and finishes, as the README has it."""

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from fixtures.replica.server import running_replica
from tests.conftest import ROOT, environment
from tests.needed import needs
from tests.unattended import is_litter, readme_lines
from tests.waiting import until

pytestmark = needs("requirements-test.txt", find_spec("scrapyd") and find_spec("scrapyd_client"))
PATIENCE = 60
"""Seconds for a crawl of some articles and all around it, on a machine that has other things to do."""
READMES_URL = "http://127.0.0.1:6800/"


class Service:
    """A Scrapyd that runs in a folder with the project's configuration, and what it answers."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/"
        given = (ROOT / "docs/deploy/scrapyd.conf").read_text()
        assert given.count("http_port = 6800\n") == 1
        given = given.replace("http_port = 6800\n", f"http_port = {port}\npoll_interval = 0.1\n")
        (folder / "scrapyd.conf").write_text(given)
        self.log = (folder / "scrapyd.log").open("w")
        ours = environment()
        for name in ("PYTHONPATH", "SCRAPY_SETTINGS_MODULE"):  # the egg brings both
            del ours[name]
        command = [sys.executable, "-m", "scrapyd"]
        self.process = subprocess.Popen(command, cwd=folder, env=ours, stdout=self.log, stderr=subprocess.STDOUT)

    def said(self) -> str:
        """What Scrapyd and the errors of its jobs said."""
        return (self.folder / "scrapyd.log").read_text()

    def ask(self, name: str, **fields: str) -> dict[str, Any]:
        """An answer to GET."""
        with urlopen(f"{self.url}{name}.json?{urlencode(fields)}", timeout=5) as answer:
            return dict(json.load(answer))

    def wait_until(self, holds, what: str) -> None:
        """Return once ``holds()``; it is asked ten times a second."""

        def holds_still() -> bool:
            assert self.process.poll() is None, self.said()
            return holds()

        try:
            until(holds_still, what, PATIENCE, pause=0.1)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.said()}") from error

    def answers(self) -> bool:
        try:
            return self.ask("daemonstatus")["status"] == "ok"
        except (URLError, ConnectionError):
            return False

    def finished(self) -> list[str]:
        """The ids of the jobs that are over."""
        return [job["id"] for job in self.ask("listjobs", project="newscrawl")["finished"]]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture(scope="module")
def egg(tmp_path_factory):
    """The egg that scrapyd-deploy makes of a copy of the tree; it builds in place, and leaves what it built."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("setup.py", "scrapy.cfg"):
        shutil.copy(ROOT / name, tree)
    shutil.copytree(ROOT / "newscrawl", tree / "newscrawl", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "scrapyd_client.deploy", "--build-egg", "newscrawl.egg"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return tree / "newscrawl.egg"


@pytest.fixture(scope="module")
def scrapyd(tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("service") / "scrapyd")
    yield service
    service.stop()


@pytest.fixture(scope="module")
def deployed(scrapyd, egg):
    """``scrapyd-deploy`` as the README has it, but for the port, and with the egg that is made already."""
    assert READMES_URL in (ROOT / "scrapy.cfg").read_text()
    config = egg.parent / "scrapy.cfg"
    config.write_text(config.read_text().replace(READMES_URL, scrapyd.url))
    scrapyd.wait_until(scrapyd.answers, "Scrapyd answers")  # it started while the egg was built
    command = [sys.executable, "-m", "scrapyd_client.deploy", "--egg", egg.name]
    done = subprocess.run(command, cwd=egg.parent, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["spiders"]) == ("ok", 2), answer
    return answer


def schedule(scrapyd: Service, *more: tuple[str, str]) -> str:
    """The README's ``curl ... schedule.json``, with more fields; the id of the job, once it is over."""
    curl = readme_lines("Scrapyd")[-1].split()
    assert curl[:2] == ["curl", f"{READMES_URL}schedule.json"]
    fields = [tuple(word.split("=", 1)) for before, word in pairwise(curl) if before == "-d"]
    with urlopen(f"{scrapyd.url}schedule.json", urlencode([*fields, *more]).encode(), timeout=30) as answer:
        job = json.load(answer)
    assert job["status"] == "ok", job
    scrapyd.wait_until(lambda: job["jobid"] in scrapyd.finished(), "the job is over")
    return str(job["jobid"])


def runs(database: Path) -> list[tuple[int, dict[str, str]]]:
    """Exit code and arguments of each run."""
    with sqlite3.connect(database) as db:
        return [
            (code, json.loads(text)) for code, text in db.execute("SELECT exit_code, arguments FROM runs ORDER BY id")
        ]


def test_a_job_finishes_and_its_articles_are_stored(scrapyd, deployed, tmp_path):
    database = tmp_path / "news.db"
    settings = {
        "NEWSCRAWL_DATABASE_URL": f"sqlite:///{database}",
        "NEWSCRAWL_JSONL_PATH": f"{tmp_path}/news.jsonl",
        "DOWNLOAD_DELAY": "0",
        "AUTOTHROTTLE_ENABLED": "False",
    }
    with running_replica(articles=12) as replica:
        fields = [("base_url", replica.url), ("_version", deployed["version"])]
        job = schedule(scrapyd, *fields, *(("setting", f"{name}={value}") for name, value in settings.items()))
    assert "Process finished" in scrapyd.said(), scrapyd.said()
    given = {"_job": job, "_version": deployed["version"], "base_url": replica.url}
    assert runs(database) == [(0, given)]
    with sqlite3.connect(database) as db:
        (articles,) = db.execute("SELECT count(*) FROM articles").fetchone()
    assert len((tmp_path / "news.jsonl").read_text().splitlines()) == articles > 5
    assert "Run finished" in (scrapyd.folder / f"logs/newscrawl/newsjournos/{job}.log").read_text()


def test_a_job_that_cannot_run_says_why_in_scrapyds_log(scrapyd, deployed):
    schedule(scrapyd, ("mode", "fast"))
    assert "scrapy crawl: mode='fast': allowed is incremental or full" in scrapyd.said()
    assert "Process died: exitstatus=2" in scrapyd.said()


def test_the_egg_holds_the_whole_package(egg):
    with zipfile.ZipFile(egg) as archive:
        held = {name for name in archive.namelist() if not name.startswith("EGG-INFO/")}
        assert archive.read("EGG-INFO/entry_points.txt").split() == b"[scrapy] settings = newscrawl.settings".split()
    files = (path for path in (egg.parent / "newscrawl").rglob("*") if path.is_file() and not is_litter(path))
    assert held == {path.relative_to(egg.parent).as_posix() for path in files}
