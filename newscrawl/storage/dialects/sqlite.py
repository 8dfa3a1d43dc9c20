"""SQLite: one file, one writer at a time, a search index that follows its table by triggers."""

import sqlite3
from pathlib import Path
from typing import Any

from newscrawl.exceptions import StoreError, UsageProblem
from newscrawl.storage.lock import RunLock, is_held, lock_of
from newscrawl.storage.opening import explain, open_to_read, open_to_write
from newscrawl.storage.searching import fold_query

_MATCHING = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?"


class SqliteEngine:
    """A database file; see Engine."""

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    is_shared = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = f"sqlite:///{path}"

    def open(self, readonly: bool) -> sqlite3.Connection:
        """A connection to the file."""
        db = open_to_read(self.path) if readonly else open_to_write(self.path)
        db.row_factory = sqlite3.Row
        return db

    def explain(self, error: Exception) -> StoreError:
        """The one line for what SQLite or the system said."""
        return explain(self.path, error)

    def begin(self, db: sqlite3.Connection) -> None:
        """Begin to write."""
        db.execute("BEGIN IMMEDIATE")

    def begin_reading(self, db: sqlite3.Connection) -> None:
        """Begin to read; what is seen is fixed by the first look."""
        db.execute("BEGIN")
        db.execute("SELECT 1 FROM articles LIMIT 1").fetchone()

    def make_durable(self, db: sqlite3.Connection) -> None:
        """Nothing: every commit is, by ``PRAGMA synchronous``."""

    def make_each_durable(self, db: sqlite3.Connection) -> None:
        """Every commit is on the disk anyway."""

    def stream(self, db: sqlite3.Connection, sql: str, values: Any) -> sqlite3.Cursor:
        """SQLite never holds more than a row."""
        return db.execute(sql, values)

    def index(self, db: sqlite3.Connection, number: int, values: dict[str, Any]) -> None:
        """Nothing: triggers do it."""

    def search(self, db: sqlite3.Connection, expression: str) -> tuple[str, list[Any]]:
        """
        The condition for an expression of FTS5, in the letters of the index.

        SQLite reports a wrong expression as it does a wrong statement; here it can only be the expression.
        """
        folded = fold_query(expression)
        try:
            db.execute(f"{_MATCHING} LIMIT 1", (folded,)).fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_ERROR":
                raise explain(self.path, error) from error
            raise UsageProblem(str(error).removeprefix("fts5: ")) from error
        return f"+id IN ({_MATCHING})", [folded]

    def size(self, db: sqlite3.Connection) -> int:
        """Bytes of the file."""
        return self.path.stat().st_size

    def hold_run(self) -> RunLock:
        """The lock of the file beside the database."""
        return RunLock(lock_of(self.path))

    def is_at_work(self) -> bool:
        """Whether a process holds that lock."""
        return is_held(lock_of(self.path))
