"""After kill -9 at any moment, or on a full disk: every version has its line, every line its version, each once."""

import errno
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.exceptions import StoreError
from newscrawl.export.output import new_file, new_folder
from newscrawl.storage import jsonl_file, open_store

from .stored import EDITED, GOOD

ROOT = Path(__file__).parents[1]
KILLS = 3


def kill_after(lines: int, url: str, jsonl: str) -> None:
    """Let a child save until it has said so ``lines`` times, then kill it where it is."""
    command = [sys.executable, "-m", "tests.crash_child", url, jsonl]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout
        for _ in range(lines):
            assert child.stdout.readline()
        child.kill()


def stored(folder: Path) -> int:
    """How many versions the database holds; they are the lines of the file, in their order."""
    with closing(sqlite3.connect(folder / "news.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")
        versions = [row[0] for row in db.execute("SELECT article FROM revisions ORDER BY id")]
        latest = db.execute("SELECT count(*) FROM articles a JOIN revisions r ON r.article_id = a.id"
                            " AND r.revision = a.revision AND r.content_hash = a.content_hash").fetchone()  # fmt: skip
        assert latest == db.execute("SELECT count(*) FROM articles").fetchone()
    assert (folder / "news.jsonl").read_text(encoding="utf-8").splitlines() == versions
    assert len(set(versions)) == len(versions)
    return len(versions)


def test_rows_and_lines_agree_after_kills(tmp_path):
    url, jsonl = f"sqlite:///{tmp_path}/news.db", str(tmp_path / "news.jsonl")
    dice = random.Random(7)
    reached = [0]
    for _ in range(KILLS):
        lines = dice.randrange(40, 130)
        kill_after(lines, url, jsonl)
        open_store(url, jsonl).close()
        reached.append(stored(tmp_path))
        assert reached[-1] >= reached[-2] + lines - 25, "at most one batch is lost, which is 25 of these"
    assert not Path(f"{tmp_path}/news.jsonl.1").exists()


FULL = """
import resource, sys
from dataclasses import replace
from newscrawl.exceptions import StoreError
from newscrawl.storage import open_store
from tests.stored import GOOD
store = open_store(sys.argv[1], sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
try:
    for number in range(5_000):
        text = f"{number} " * 300
        store.save(replace(GOOD, url=f"https://newsjournos.com/{number}/", post_id=number, body=text, content_hash=text))
except StoreError as error:
    print(error)
    sys.exit(3)
"""


def test_a_full_disk_is_one_clear_error_and_nothing_is_torn(tmp_path):
    url, jsonl = f"sqlite:///{tmp_path}/news.db", str(tmp_path / "news.jsonl")
    command = [sys.executable, "-c", FULL, url, jsonl]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "")
    assert len(done.stdout.splitlines()) == 1
    assert str(tmp_path) in done.stdout
    open_store(url, jsonl).close()
    assert stored(tmp_path)


@pytest.mark.parametrize("make", [new_file, new_folder], ids=["file", "folder"])
def test_a_manifest_goes_before_what_it_tells_of(tmp_path, monkeypatch, make):
    """A kill between the two leaves no manifest, rather than one of another file."""
    told_by = tmp_path / "a.manifest.json"
    told_by.touch()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt), make(tmp_path / "a", told_by=told_by):
        assert told_by.exists(), "nothing takes its place yet"
    assert list(tmp_path.iterdir()) == []


# how much of the next line a power cut left behind the last whole one
TORN = {"its first byte": 1, "half of it": 400, "all but its end": -1, "all of it": None, "nothing": 0}


@pytest.mark.parametrize("end", TORN.values(), ids=TORN)
def test_a_line_that_is_torn_is_cut_off_and_written_once(tmp_path, end):
    url, jsonl = f"sqlite:///{tmp_path}/news.db", tmp_path / "news.jsonl"
    with closing(open_store(url, str(jsonl))) as store:
        store.save(GOOD)
    whole = jsonl.read_bytes()
    jsonl.write_bytes(whole + whole.replace(b"Ferries of", b"Ferries")[:end])
    open_store(url, str(jsonl)).close()
    assert jsonl.read_bytes() == whole
    with closing(open_store(url, str(jsonl))) as store:
        store.save(EDITED)
    assert stored(tmp_path) == 2


def test_lines_that_cannot_be_written_take_their_rows_with_them(tmp_path, monkeypatch):
    store = open_store(f"sqlite:///{tmp_path}/news.db", str(tmp_path / "news.jsonl"))
    store.save(GOOD)
    store.commit()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(jsonl_file.os, "fsync", full)
    store.save(EDITED)
    with pytest.raises(StoreError, match=r"news\.jsonl: No space left"):
        store.commit()
    assert stored(tmp_path) == 1
    monkeypatch.undo()
    assert store.save(EDITED) == "updated"
    store.close()
    assert stored(tmp_path) == 2
