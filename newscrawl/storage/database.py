"""A database that is written in transactions, together with the JSON Lines file that follows it."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from newscrawl.exceptions import StoreError
from newscrawl.storage.jsonl_file import JsonLinesFile
from newscrawl.storage.opening import explain, open_to_read, open_to_write

BATCH = 50
"""Articles a transaction."""
BATCH_SECONDS = 2.0
"""A transaction is not left open longer than this while there is something to do."""


class Database:
    """
    A connection to a database of today's schema, which is created or brought up to date when it is opened.

    :raises StoreSchemaError: it is of another program or of a newer version; the file is left as it was
    :raises StoreError: from any method, where database or file cannot be opened, read or written; the batch is undone

    ``before_commit``: what sees files on disk that the rows of a batch speak of; its StoreError undoes the batch.
    """

    def __init__(self, path: Path, jsonl_path: Path | None = None, readonly: bool = False) -> None:
        self.path = path
        try:
            self.db = open_to_read(path) if readonly else open_to_write(path)
        except (OSError, sqlite3.Error) as error:
            raise explain(path, error) from error
        self.db.row_factory = sqlite3.Row
        self._jsonl = JsonLinesFile(jsonl_path) if jsonl_path and not readonly else None
        self.before_commit: list[Callable[[], None]] = []
        self._unsaved = 0
        self._begun = 0.0
        self._is_closed = False
        if self._jsonl:
            self._bring_in_step()

    def _bring_in_step(self) -> None:
        try:
            with self.writing():
                pass
            self.commit()
        except StoreError:
            self.db.close()
            raise

    def read(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        """The rows of a query."""
        try:
            return self.db.execute(sql, values)
        except sqlite3.Error as error:
            raise explain(self.path, error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Statements of the open transaction; if one fails, all of it is forgotten."""
        try:
            if not self.db.in_transaction:
                self.db.execute("BEGIN IMMEDIATE")
                self._begun = time.monotonic()
            yield self.db
        except sqlite3.Error as error:
            self.roll_back()
            raise explain(self.path, error) from error

    def commit_if_due(self) -> None:
        """Commit a batch that is large, or has been open for long enough."""
        if self._unsaved >= BATCH or (self.db.in_transaction and time.monotonic() - self._begun > BATCH_SECONDS):
            self.commit()

    def commit(self) -> None:
        """Make everything so far durable: lines first, then rows and the file's new length in one transaction."""
        if not self.db.in_transaction:
            return
        try:
            for see_on_disk in self.before_commit:
                see_on_disk()
            if self._jsonl:
                self._jsonl.catch_up(self.db)
            self.db.execute("COMMIT")
        except (StoreError, sqlite3.Error) as error:
            self.roll_back()
            if self._jsonl:
                self._jsonl.cut_back()
            raise (error if isinstance(error, StoreError) else explain(self.path, error)) from error
        self._unsaved = 0

    def roll_back(self) -> None:
        """Forget what is not committed."""
        self._unsaved = 0
        if self.db.in_transaction:
            with suppress(sqlite3.Error):  # where even this fails, SQLite does it when the file is opened next
                self.db.execute("ROLLBACK")

    def close(self) -> None:
        """Commit and close; no write-ahead log stays behind. Nothing where it is closed already."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self.commit()
        finally:
            self.db.close()
