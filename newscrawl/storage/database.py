"""A database that is written in transactions, together with the JSON Lines file that follows it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from newscrawl.exceptions import StoreError
from newscrawl.storage.dialects import Engine
from newscrawl.storage.jsonl_file import JsonLinesFile

BATCH = 50
"""Articles a transaction."""
BATCH_SECONDS = 2.0
"""A batch is not left open longer than this while there is something to do."""
NO_LIMIT = 2**63 - 1
"""What LIMIT takes for as many as there are."""


class Database:
    """
    A connection to a database of today's schema, which is created or brought up to date when it is opened.

    :raises StoreSchemaError: it is of another program or of a newer version; the file is left as it was
    :raises StoreError: from any method, where database or file cannot be opened, read or written; the batch is undone

    ``before_commit``: what sees files on disk that the rows of a batch speak of; its StoreError undoes the batch.
    """

    def __init__(self, engine: Engine, jsonl_path: Path | None = None, readonly: bool = False) -> None:
        self.engine = engine
        failures: tuple[type[Exception], ...] = (OSError, *engine.errors)
        try:
            self.db = engine.open(readonly)
        except failures as error:
            raise engine.explain(error) from error
        self._jsonl = JsonLinesFile(jsonl_path, engine.stream) if jsonl_path and not readonly else None
        self.before_commit: list[Callable[[], None]] = []
        self._unsaved = 0
        self._begun: float | None = None
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

    def read(self, sql: str, values: Any = ()) -> Any:
        """The rows of a query."""
        try:
            return self.db.execute(sql, values)
        except self.engine.errors as error:
            raise self.engine.explain(error) from error

    def stream(self, sql: str, values: Any = ()) -> Iterator[Any]:
        """The rows of a query, however many they are, one at a time."""
        try:
            # Not "yield from", which closes the rows of a stream that is left, maybe after their database.
            for row in self.engine.stream(self.db, sql, values):  # noqa: UP028
                yield row
        except self.engine.errors as error:
            raise self.engine.explain(error) from error

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """Statements of the open transaction; if one fails, all of it is forgotten."""
        try:
            if not self.db.in_transaction:
                self.engine.begin(self.db)
                self._begun = self._begun or time.monotonic()
            yield self.db
        except self.engine.errors as error:
            self.roll_back()
            raise self.engine.explain(error) from error

    def commit_if_due(self) -> None:
        """
        Commit a batch that is large, or has been open for long enough.

        Of a database that others write to as well, what was written is committed at once, so that nobody waits; the
        lines, and seeing all of it on the disk, still come once a batch.
        """
        is_old = self._begun is not None and time.monotonic() - self._begun > BATCH_SECONDS
        if self._unsaved >= BATCH or is_old:
            self.commit()
        elif self.engine.is_shared and self.db.in_transaction:
            self._commit(is_whole=False)

    def commit(self) -> None:
        """Make everything so far durable: lines first, then rows and the file's new length in one transaction."""
        if not self.db.in_transaction:
            if self._begun is None:
                return
            with self.writing():  # the rows are committed, their lines are not written yet
                pass
        self._commit(is_whole=True)
        self._unsaved, self._begun = 0, None

    def _commit(self, is_whole: bool) -> None:
        failures: tuple[type[Exception], ...] = (StoreError, *self.engine.errors)
        try:
            for see_on_disk in self.before_commit:
                see_on_disk()
            if is_whole:
                if self._jsonl:
                    self._jsonl.catch_up(self.db)
                self.engine.make_durable(self.db)
            self.db.execute("COMMIT")
        except failures as error:
            self.roll_back()
            if self._jsonl:
                self._jsonl.cut_back()
            raise (error if isinstance(error, StoreError) else self.engine.explain(error)) from error

    def roll_back(self) -> None:
        """Forget what is not committed."""
        self._unsaved = 0
        if not self.engine.is_shared:
            self._begun = None
        if self.db.in_transaction:
            with suppress(*self.engine.errors):  # where even this fails, the database does it by itself
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
