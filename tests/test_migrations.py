"""From an older schema to today's: whole or not at all, and with nothing lost."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.exceptions import StoreSchemaError
from newscrawl.storage import migrations, open_store, opening
from newscrawl.storage.schema import APPLICATION_ID, FIELDS

from .stored import GOOD

ROOT = Path(__file__).parents[1]
OLDER, NEWER = migrations.SCHEMA_VERSION, migrations.SCHEMA_VERSION + 1


def connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def columns(db: sqlite3.Connection, table: str = "articles") -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


@pytest.fixture
def older(tmp_path):
    """A database of an item class that had no ``subtitle`` and had a ``mood``, with one article in it."""
    path = tmp_path / "news.db"
    store = open_store(f"sqlite:///{path}", str(tmp_path / "news.jsonl"))
    store.save(GOOD)
    store.close()
    with closing(connect(path)) as db:
        db.execute("ALTER TABLE articles DROP COLUMN subtitle")
        db.execute("ALTER TABLE articles ADD COLUMN mood TEXT DEFAULT 'calm'")
    return path


@pytest.fixture
def newer(older, monkeypatch):
    """A release whose step leads from the database of ``older`` to today's item class."""
    monkeypatch.setattr(opening, "SCHEMA_VERSION", NEWER)
    monkeypatch.setitem(migrations.STEPS, NEWER, migrations.rebuild_articles)


@pytest.mark.usefixtures("newer")
def test_an_older_database_is_brought_up_to_date_when_it_opens(older, tmp_path):
    store = open_store(f"sqlite:///{older}", str(tmp_path / "news.jsonl"))
    assert store.get(GOOD.url) == {name: getattr(GOOD, name) for name in FIELDS}
    assert store.save(GOOD) == "unchanged"
    store.close()
    with closing(connect(older)) as db, closing(connect(tmp_path / "fresh.db")) as fresh:
        migrations.create(fresh)
        assert version(db) == NEWER
        assert columns(db) == columns(fresh)
        schema = "SELECT type, name, tbl_name FROM sqlite_schema ORDER BY type, name"
        assert db.execute(schema).fetchall() == fresh.execute(schema).fetchall()
        assert db.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'ozgur'").fetchall() == [(1,)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.usefixtures("newer")
def test_reading_does_not_migrate(older):
    before = older.read_bytes()
    with pytest.raises(StoreSchemaError, match="next crawl"):
        open_store(f"sqlite:///{older}", readonly=True)
    assert older.read_bytes() == before


def half_a_step(db):
    db.execute("DROP TABLE rejects")
    db.execute("CREATE TABLE articles (x)")


def test_a_step_that_fails_leaves_the_old_version_whole(older):
    with closing(connect(older)) as db:
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            migrations.migrate(db, OLDER, NEWER, {NEWER: half_a_step})
        assert version(db) == OLDER
        assert columns(db, "rejects")


def test_steps_are_taken_in_turn_and_each_is_kept(older):
    def first(db):
        db.execute("ALTER TABLE runs ADD COLUMN host TEXT")

    with closing(connect(older)) as db:
        with pytest.raises(sqlite3.OperationalError):
            migrations.migrate(db, OLDER, NEWER + 1, {NEWER: first, NEWER + 1: half_a_step})
        assert version(db) == NEWER
        assert "host" in columns(db, "runs")


KILLED = f"""
import os, signal, sqlite3, sys
from newscrawl.storage import migrations

def step(db):
    migrations.rebuild_articles(db)
    os.kill(os.getpid(), signal.SIGKILL)

db = sqlite3.connect(sys.argv[1], isolation_level=None)
migrations.migrate(db, {OLDER}, {NEWER}, {{{NEWER}: step}})
"""


def test_a_step_that_is_killed_leaves_the_old_version_whole(older):
    done = subprocess.run([sys.executable, "-c", KILLED, str(older)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    with closing(connect(older)) as db:
        assert version(db) == OLDER
        assert "mood" in columns(db)
        assert db.execute("SELECT url FROM articles").fetchall() == [(GOOD.url,)]
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_creation_that_fails_leaves_an_empty_database(tmp_path, monkeypatch):
    monkeypatch.setattr(migrations, "TABLES", migrations.TABLES + "CREATE TABLE articles (x);")
    with closing(connect(tmp_path / "news.db")) as db:
        with pytest.raises(sqlite3.OperationalError):
            migrations.migrate(db, 0)
        assert db.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
    monkeypatch.undo()
    open_store(f"sqlite:///{tmp_path}/news.db").close()
    with closing(connect(tmp_path / "news.db")) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_every_version_since_the_first_has_its_step():
    assert sorted(migrations.STEPS) == list(range(2, migrations.SCHEMA_VERSION + 1))
