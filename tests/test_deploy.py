"""Runs that nobody watches: the lines of the README and the files of docs/deploy, as cron, systemd and Docker use them."""

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from fixtures.replica.server import running_replica
from newscrawl.extensions.run_lock import RunLockExtension
from newscrawl.storage import engine_of
from tests.conftest import ROOT
from tests.needed import lacking, needs
from tests.unattended import HOME, QUICK, is_litter, readme_lines

DEPLOY = ROOT / "docs/deploy"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
analyses = needs("systemd-analyze", shutil.which("systemd-analyze"))


@pytest.fixture(scope="module")
def replica():
    with running_replica(articles=12) as server:
        yield server


@pytest.fixture
def home(tmp_path):
    """The checkout as it lies in HOME, in a place of its own, with the interpreter of this run as its .venv."""
    place = tmp_path / "opt/newscrawl"
    place.mkdir(parents=True)
    for name in ("newscrawl", "scrapy.cfg", "docs"):
        (place / name).symlink_to(ROOT / name)
    (place / ".venv").symlink_to(sys.prefix)
    return place


def to_replica(url: str) -> str:
    """What a line of the README gets besides, so that it goes to the replica."""
    return f" -a base_url={url} {shlex.join(QUICK)}"


def run(command: str | list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in just this environment."""
    shell = isinstance(command, str)
    return subprocess.run(
        ["/bin/sh", "-c", command] if shell else command,
        cwd=folder,
        env={"PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def stored(database: Path) -> tuple[int, list[int]]:
    """How many articles a database holds, and what its runs ended with."""
    with sqlite3.connect(database) as db:
        (articles,) = db.execute("SELECT count(*) FROM articles").fetchone()
        return articles, [code for (code,) in db.execute("SELECT exit_code FROM runs ORDER BY id")]


@pytest.mark.parametrize("way", ["cron", "systemd", "Scrapyd", "Docker"])
def test_each_way_is_three_lines_or_fewer(way):
    assert 1 <= len(readme_lines(way)) <= 3


def test_what_the_readme_names_is_there():
    named = {path for way in ("systemd", "Scrapyd", "Docker") for line in readme_lines(way) for path in line.split()}
    files = {path.removeprefix(f"{HOME}/") for path in named if "docs/deploy/" in path}
    assert files == {
        f"docs/deploy/{name}" for name in ("newscrawl.service", "newscrawl.timer", "scrapyd.conf", "Dockerfile")
    }
    assert all((ROOT / path).is_file() for path in files)


# cron: NAME=VALUE lines are the environment, the sixth field is for /bin/sh; what is printed is mailed.
CRON = {"HOME": "/nonexistent", "LOGNAME": "alice", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}


def crontab(home: Path) -> tuple[str, dict[str, str]]:
    """The command and the environment of the README's crontab."""
    *names, job = readme_lines("cron")
    assert re.match(r"\d+ \* \* \* \* cd ", job)
    assert "%" not in job, "cron takes it for the end of the line"
    return job.split(maxsplit=5)[5].replace(HOME, str(home)), CRON | dict(name.split("=", 1) for name in names)


def test_cron_runs_it_and_has_nothing_to_mail(home, tmp_path, replica):
    command, environment = crontab(home)
    done = run(command + to_replica(replica.url), tmp_path, **environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    articles, codes = stored(home / "data/newsjournos.db")
    assert (articles > 5, codes) == (True, [0])
    log = (home / "data/crawl.log").read_text()
    assert "Run finished" in log
    assert "NEWSCRAWL_CONTACT is not set" not in log


def test_cron_mails_one_line_of_a_run_that_could_not_be(home, tmp_path, replica):
    command, environment = crontab(home)
    holder = RunLockExtension(engine_of(f"sqlite:///{home}/data/newsjournos.db"))
    done = run(command + to_replica(replica.url), tmp_path, **environment)
    holder.engine_stopped()
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "scrapy crawl: another run holds data/newsjournos.db.lock; nothing was done\n"


def unit(name: str, home: Path, tmp_path: Path) -> Path:
    """A unit file that lies in another place, with the checkout in ``home``."""
    file = tmp_path / "units" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text((DEPLOY / name).read_text().replace(HOME, str(home)))
    return file


def service() -> dict[str, str]:
    """The [Service] part of the unit, one value a name."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(DEPLOY / "newscrawl.service")
    return dict(parser["Service"])


@analyses
def test_systemd_takes_the_units(home, tmp_path):
    units = [str(unit(name, home, tmp_path)) for name in ("newscrawl.service", "newscrawl.timer")]
    done = run(["systemd-analyze", "verify", "--man=no", *units], tmp_path, PATH=SYSTEM_PATH)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@analyses
def test_the_service_may_do_little(home, tmp_path):
    """systemd's own measure, 0 for what is safest to 100 for what may do anything; 15 when this was written."""
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager"]
    if "--offline" not in run(["systemd-analyze", "--help"], tmp_path, PATH=SYSTEM_PATH).stdout:
        lacking("this systemd-analyze cannot judge a file")
    done = run([*command, str(unit("newscrawl.service", home, tmp_path))], tmp_path, PATH=SYSTEM_PATH)
    assert done.returncode == 0, done.stdout[-500:]


def test_the_service_as_systemd_starts_it(home, tmp_path, replica):
    """Its command in its folder and environment, with code that stays as it is."""
    given = service()
    state = tmp_path / given["StateDirectory"]
    state.mkdir()
    assert given["WorkingDirectory"] == f"/var/lib/{given['StateDirectory']}"
    command = shlex.split(given["ExecStart"].replace(HOME, str(home)) + to_replica(replica.url))
    environment = dict(pair.split("=", 1) for pair in given["Environment"].replace(HOME, str(home)).split())
    done = run(command, state, PATH=SYSTEM_PATH, **environment)
    assert done.returncode == 0, done.stderr[-500:]
    assert stored(state / "data/newsjournos.db")[1] == [0]
    assert not (home / "data").exists()


def test_a_run_that_did_nothing_is_no_failed_unit_and_any_other_is():
    assert service()["SuccessExitStatus"] == "4"


class Image:
    """A Docker file done by hand in a folder: COPY, ENV, WORKDIR, ENTRYPOINT and CMD; RUN is left to Docker."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.steps = re.findall(r"^([A-Z]+) +(.+)", (DEPLOY / "Dockerfile").read_text().replace("\\\n", " "), re.M)
        self.environment = {"PATH": f"{Path(sys.executable).parent}:{SYSTEM_PATH}"}
        for _, words in filter(lambda step: step[0] == "ENV", self.steps):
            self.environment |= dict(pair.split("=", 1) for pair in words.split())
        self.environment["PYTHONPATH"] = str(self.inside(self.environment["PYTHONPATH"]))
        kept = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
        for _, words in filter(lambda step: step[0] == "COPY", self.steps):
            source, target = words.split()
            assert f"!{source}" in kept, f"the ignore file keeps {source} from Docker"
            self._copy(ROOT / source, self.inside(target) / ("" if not target.endswith("/") else source))

    def _copy(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)

    def step(self, name: str) -> str:
        return next(words for step, words in reversed(self.steps) if step == name)

    def inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")


def test_the_image_runs_once_and_keeps_its_data_in_the_volume(tmp_path, replica):
    image = Image(tmp_path / "image")
    assert image.step("VOLUME") == image.step("WORKDIR") == "/var/lib/newscrawl"
    assert image.step("USER").isdigit()
    assert image.step("USER") != "0"
    folder = image.inside(image.step("WORKDIR"))
    folder.mkdir(parents=True)
    before = {path for path in image.root.rglob("*") if folder not in (path, *path.parents)}
    command = [*json.loads(image.step("ENTRYPOINT")), *json.loads(image.step("CMD"))]
    done = run([*command, "-a", f"base_url={replica.url}", *QUICK], folder, **image.environment)
    assert done.returncode == 0, done.stderr[-500:]
    assert stored(folder / "data/newsjournos.db")[1] == [0]
    assert {path for path in image.root.rglob("*") if folder not in (path, *path.parents)} == before
    assert not [path for path in before if is_litter(path)]


def test_the_image_holds_the_replica_too(tmp_path):
    """So that ``docker run newscrawl demo`` shows what it does."""
    image = Image(tmp_path / "image")
    command = [*json.loads(image.step("ENTRYPOINT")), "replica", "--port", "0", "--articles", "3"]
    command += ["--truth", "truth.jsonl"]
    assert run(command, tmp_path, **image.environment).returncode == 0
    assert (tmp_path / "truth.jsonl").exists()


def test_the_health_of_a_container_is_that_of_the_store():
    (health,) = re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert json.loads(health) == ["scrapy", "status", "newsjournos"]
    assert (ROOT / "newscrawl/commands/status.py").is_file()
