"""The files of the store: which are opened, which are left alone, and how the lines follow the rows."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.exceptions import SettingError, StoreError, StoreSchemaError
from newscrawl.storage import migrations, open_store, opening

from .conftest import ROOT
from .stored import EDITED, GOOD, OTHER_POST, A, lines


@pytest.fixture
def place(tmp_path):
    return f"sqlite:///{tmp_path}/x/news.db", str(tmp_path / "y" / "news.jsonl")


def test_what_was_not_committed_is_in_neither(place):
    store = open_store(*place)
    store.save(GOOD)
    store.commit()
    store.save(EDITED)
    store.db.close()
    with open(place[1], "a", encoding="utf-8") as file:
        file.write('{"cut": ')  # as a kill between the line and the rows leaves it
    again = open_store(*place)
    assert again.get(GOOD.url)["headline"] == GOOD.headline
    again.close()
    assert [line["headline"] for line in lines(place)] == [GOOD.headline]


@pytest.mark.parametrize("text", ["", '{"half": '], ids=["emptied", "shortened"])
def test_a_file_that_lost_lines_is_written_anew(place, text):
    store = open_store(*place)
    store.save(GOOD)
    store.save(EDITED)
    store.close()
    with open(place[1], "w", encoding="utf-8") as file:
        file.write(text)
    open_store(*place).close()
    assert [line["headline"] for line in lines(place)] == [GOOD.headline, EDITED.headline]


def test_no_log_stays_behind_a_clean_close(place, tmp_path):
    store = open_store(*place)
    store.save(GOOD)
    store.close()
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["news.db"]


def test_lines_are_off_without_a_path(place, tmp_path):
    store = open_store(place[0], "")
    store.save(GOOD)
    store.close()
    assert not (tmp_path / "y").exists()


def make_foreign(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")


def make_newer(path):
    with sqlite3.connect(path) as db:
        db.executescript(
            f"PRAGMA application_id = {migrations.APPLICATION_ID}; PRAGMA user_version = 999; CREATE TABLE x (y)"
        )


def make_text(path):
    path.write_text("not a database, and long enough to have a header of a hundred bytes " * 3)


BAD_FILES = {"of another program": make_foreign, "of a newer schema": make_newer, "no database": make_text}


@pytest.mark.parametrize("make", BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_not_ours_stays_as_it_was(tmp_path, make):
    path = tmp_path / "other.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"other\.db") as caught:
        open_store(f"sqlite:///{path}")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["other.db"]


def test_a_log_that_another_program_left_stays_too(tmp_path):
    path = tmp_path / "other.db"
    code = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "db.execute('PRAGMA journal_mode = WAL'); db.execute('CREATE TABLE bookmarks (url)'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    before = {name: (tmp_path / name).read_bytes() for name in ("other.db", "other.db-wal")}
    assert before["other.db-wal"]
    with pytest.raises(StoreSchemaError, match="another program"):
        open_store(f"sqlite:///{path}")
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_places_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    os.mkfifo(tmp_path / "pipe")
    names = ("", "file/news.db", "circle", "circle/news.db", "pipe", "x" * 300)
    for path in (*(tmp_path / name for name in names), "/dev/null"):
        for readonly in (True, False):
            with pytest.raises(StoreError) as caught:
                open_store(f"sqlite:///{path}", str(tmp_path / "news.jsonl"), readonly)
            assert str(tmp_path) in str(caught.value) or path == "/dev/null"
            assert "\n" not in str(caught.value)


def test_a_database_that_another_program_writes_to(place, monkeypatch):
    open_store(*place).close()
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0)
    with closing(sqlite3.connect(place[0].removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program is writing"):
            open_store(*place)


URLS = {
    "mysql://me:secret@localhost/news": "mysql",
    "sqlite:///": "sqlite",
    "sqlite:///:memory:": "memory",
    "sqlite://news.db": "news.db",
    "news.db": "news.db",
    "": "",
}


@pytest.mark.parametrize(("url", "named"), URLS.items(), ids=URLS)
def test_addresses_of_no_store_are_named_without_their_passwords(tmp_path, monkeypatch, url, named):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match="allowed is sqlite:///PATH") as caught:
        open_store(url)
    assert named in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_relative_address_is_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///data/news.db", "data/news.jsonl").close()
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["news.db", "news.jsonl"]


def test_the_lines_do_not_go_into_the_database(place):
    with pytest.raises(SettingError, match="is the database"):
        open_store(place[0], place[0].removeprefix("sqlite:///"))


def test_reading_only_reads(place, tmp_path):
    with pytest.raises(StoreError, match="does not exist yet"):
        open_store(place[0], readonly=True)
    assert not (tmp_path / "x").exists()
    store = open_store(*place)
    store.save(GOOD)
    store.commit()
    with closing(open_store(*place, readonly=True)) as reader:  # beside a crawl at work
        assert reader.get(GOOD.url)["headline"] == GOOD.headline
        assert reader.counts() | {"articles": 1, "new": 1, "updated": 0, "rejects": 0} == reader.counts()
        with pytest.raises(StoreError, match="written"):
            reader.mark_gone(GOOD.url)
    store.close()
    open_store(*place, readonly=True).close()
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["news.db"]


def test_lines_follow_when_they_are_turned_on_late_or_go_elsewhere(place, tmp_path):
    with closing(open_store(place[0])) as store:
        store.save(GOOD)
    with closing(open_store(*place)) as store:
        store.save(EDITED)
    with closing(open_store(place[0], str(tmp_path / "second.jsonl"))) as store:
        store.save(OTHER_POST)
    open_store(*place).close()
    assert (tmp_path / "second.jsonl").read_text() == (tmp_path / "y" / "news.jsonl").read_text()
    assert len(lines(place)) == 3


FOREIGN = '{"url": "https://example.org/"}\n'


@pytest.mark.parametrize("earlier", [False, True], ids=["before the first run", "in place of ours"])
def test_lines_of_somebody_else_are_kept_beside(place, tmp_path, earlier, caplog):
    if earlier:
        with closing(open_store(*place)) as store:
            store.save(GOOD)
    (tmp_path / "y").mkdir(exist_ok=True)
    (tmp_path / "y" / "news.jsonl").write_text(FOREIGN * 40)
    with closing(open_store(*place)) as store:
        store.save(GOOD)
    assert [line["url"] for line in lines(place)] == [A]
    assert (tmp_path / "y" / "news.jsonl.1").read_text() == FOREIGN * 40
    assert "news.jsonl.1" in caplog.text


def test_a_copy_of_both_files_goes_on_as_they_are(place, tmp_path):
    with closing(open_store(*place)) as store:
        store.save(GOOD)
    shutil.copytree(tmp_path / "x", tmp_path / "copy")
    shutil.copy(tmp_path / "y" / "news.jsonl", tmp_path / "copy")
    with closing(open_store(f"sqlite:///{tmp_path}/copy/news.db", str(tmp_path / "copy" / "news.jsonl"))) as store:
        store.save(EDITED)
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == ["news.db", "news.jsonl"]
    assert len((tmp_path / "copy" / "news.jsonl").read_text().splitlines()) == 2
    assert len(lines(place)) == 1


def test_a_file_that_is_rotated_away_during_a_run_is_written_whole(place, tmp_path):
    with closing(open_store(*place)) as store:
        store.save(GOOD)
        store.commit()
        (tmp_path / "y" / "news.jsonl").rename(tmp_path / "y" / "old")
        store.save(EDITED)
    assert [line["headline"] for line in lines(place)] == [GOOD.headline, EDITED.headline]


@pytest.mark.parametrize("make", [lambda path: path.mkdir(parents=True), os.mkfifo], ids=["folder", "pipe"])
def test_lines_need_a_file(tmp_path, make):
    make(tmp_path / "news.jsonl")
    with pytest.raises(StoreError, match=r"news\.jsonl"):
        open_store(f"sqlite:///{tmp_path}/news.db", str(tmp_path / "news.jsonl"))


OPEN_IT = """
import os, sys
from newscrawl.exceptions import StoreError
from newscrawl.storage import open_store, sqlite_store
if os.geteuid() == 0:  # to whom no permission applies; only now, since others may not be able to read this code
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    open_store(sys.argv[1]).close()
except StoreError as error:
    print(error)
"""


@pytest.fixture
def open_folder():
    """A folder that every user finds the way to."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("writable", ["neither", "folder", "file"])
def test_a_database_that_only_others_may_write_stays_as_it_was(open_folder, writable):
    folder, path = open_folder / "data", open_folder / "data" / "news.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        store.save(GOOD)
    path.chmod(0o666 if writable == "file" else 0o444)
    folder.chmod(0o777 if writable == "folder" else 0o555)
    before = path.read_bytes()
    command = [sys.executable, "-c", OPEN_IT, f"sqlite:///{path}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    folder.chmod(0o755)
    assert done.stderr == ""
    assert done.stdout == f"database {path}: it cannot be written; check the permissions of the file and its folder\n"
    assert path.read_bytes() == before
    assert os.listdir(folder) == ["news.db"]
