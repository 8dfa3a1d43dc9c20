"""``scrapy report`` as its user runs it."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from scrapy.cmdline import execute

from newscrawl.storage import open_store
from tests.conftest import Ended, project_settings
from tests.stored import GOOD

FAILED, USAGE = 1, 2


@pytest.fixture
def stored(tmp_path):
    """A store with an article, where the command looks for it."""
    with closing(open_store(f"sqlite:///{tmp_path}/data/newsjournos.db")) as store:
        store.save(GOOD)
        store.start_run("newsjournos", {})


@pytest.fixture
def command(tmp_path, monkeypatch, capfd):
    """``command("newsjournos", ...)``: ``scrapy report`` in this process, and what it leaves."""
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "newscrawl.settings")
    monkeypatch.chdir(tmp_path)

    def run(*given):
        with pytest.raises(SystemExit) as ended:
            execute(["scrapy", "report", *given], project_settings())
        said = capfd.readouterr()
        return Ended(ended.value.code, said.out, said.err)

    return run


def files(folder):
    """Every file by its path, with what it holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("stored")
class TestCommand:
    def test_it_writes_one_file_and_says_nothing(self, command, tmp_path):
        before = files(tmp_path)
        done = command("newsjournos")
        assert (done.code, done.out, done.err) == (0, "", "")
        after = files(tmp_path)
        assert set(after) - set(before) == {"data/report.html"}
        assert {name: after[name] for name in before} == before
        page = after["data/report.html"].decode()
        assert page.startswith("<!DOCTYPE html>")
        assert "1 article in 1 section" in page
        assert stat.S_IMODE((tmp_path / "data/report.html").stat().st_mode) == 0o666 & ~umask()

    def test_another_site_has_its_own(self, command, tmp_path):
        Path("data/newsjournos.db").rename("data/harbourherald.db")
        assert command("harbourherald").code == 0
        assert "1 article in 1 section" in (tmp_path / "data/harbourherald/report.html").read_text(encoding="utf-8")
        assert not (tmp_path / "data/report.html").exists()

    def test_it_writes_where_it_is_told_and_replaces_the_last_one(self, command, tmp_path):
        place = tmp_path / "public/news.html"
        place.parent.mkdir()
        place.write_text("the last one")
        assert command("newsjournos", "--output", "public/news.html").code == 0
        assert "1 article in 1 section" in place.read_text()
        assert [path.name for path in place.parent.iterdir()] == ["news.html"]
        assert not (tmp_path / "data/report.html").exists()

    def test_standard_output_in_any_locale(self, scrapy, tmp_path):
        done = scrapy("report", "newsjournos", "-o", "-", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
        assert (done.code, done.err) == (0, "")
        assert done.out.endswith("</html>")
        assert not (tmp_path / "data/report.html").exists()

    def test_a_run_at_work_does_not_disturb(self, command, tmp_path):
        with closing(open_store(f"sqlite:///{tmp_path}/data/newsjournos.db")) as store, store.writing() as db:
            db.execute("UPDATE articles SET section = 'World'")
            done = command("newsjournos", "-o", "-")
            store.roll_back()
        assert (done.code, done.err) == (0, "")
        assert "without a section" in done.out, "what is not committed is not shown"

    def test_a_failed_one_leaves_the_last_one(self, command, tmp_path):
        (tmp_path / "data/report.html").write_text("the last one")
        with closing(sqlite3.connect(tmp_path / "data/newsjournos.db")) as db:
            db.execute("PRAGMA user_version = 999")
        done = command("newsjournos")
        assert (done.code, len(done.lines)) == (FAILED, 1)
        assert "schema version 999" in done.err
        assert (tmp_path / "data/report.html").read_text() == "the last one"


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


USED = {
    "no spider": ((), "no spider: allowed is the name of one spider, harbourherald, newsjournos"),
    "another spider": (("harbour",), "harbour: allowed is the name of one spider, harbourherald, newsjournos"),
    "two": (("newsjournos", "x"), "newsjournos x: allowed is the name of one spider"),
    "option": (("newsjournos", "--fast"), "--fast: is no option"),
    "no path": (("newsjournos", "--output", ""), "--output: is empty"),
    "folder": (("newsjournos", "--output", "."), "--output .: is a folder"),
    "setting": (("newsjournos", "-s", "NEWSCRAWL_JSON=x"), "NEWSCRAWL_JSON is no setting"),
}


@pytest.mark.parametrize(("given", "said"), USED.values(), ids=USED)
def test_usage_is_one_line(command, tmp_path, given, said):
    done = command(*given)
    assert (done.code, done.out, len(done.lines)) == (USAGE, "", 1)
    assert done.err.startswith(f"scrapy report: {said}")
    assert list(tmp_path.iterdir()) == []


def test_without_a_store_it_is_one_line_and_nothing_is_made(command, tmp_path):
    done = command("newsjournos")
    assert (done.code, done.out, len(done.lines)) == (FAILED, "", 1)
    assert done.err.startswith("scrapy report: database data/newsjournos.db: does not exist yet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("stored")
def test_a_full_disk_is_one_line(command):
    done = command("newsjournos", "--output", "/dev/full")
    assert (done.code, done.out, len(done.lines)) == (FAILED, "", 1)
    assert done.err == "scrapy report: /dev/full: No space left on device\n"
