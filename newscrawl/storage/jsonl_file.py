"""The JSON Lines file: the revisions of the database, a line each, in their order."""

import logging
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from newscrawl.exceptions import StoreError

logger = logging.getLogger(__name__)

_STATE = "SELECT length, revision_id FROM outputs WHERE path = ?"
_NOTE = """INSERT INTO outputs (path, length, revision_id) VALUES (?, ?, ?)
ON CONFLICT (path) DO UPDATE SET length = excluded.length, revision_id = excluded.revision_id"""
_LINES = "SELECT id, article FROM revisions WHERE id > ? ORDER BY id"
_LINE = "SELECT article FROM revisions WHERE id = ?"


Stream = Callable[[Any, str, Any], Iterable[tuple[int, str]]]
"""The rows of a query on a connection, however many they are."""


class JsonLinesFile:
    """
    A file that follows the ``revisions`` table: what it lacks is added, what was never committed is cut off.

    A file that was moved away, emptied or shortened is written anew, so that both agree again; lines that are not of
    this database are kept beside it, as ``NAME.1``.
    """

    def __init__(self, path: Path, stream: Stream) -> None:
        self.path = path.absolute()
        self._stream = stream
        self._is_known = False
        self._length = 0

    def catch_up(self, db: Any) -> None:
        """
        Write the lines of the open transaction, see them on disk, and note the length in that same transaction.

        :raises StoreError: the file cannot be written, or is no file
        """
        try:
            self._catch_up(db)
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror or error}; see NEWSCRAWL_JSONL_PATH") from error

    def _catch_up(self, db: Any) -> None:
        noted: tuple[int, int] | None = db.execute(_STATE, (str(self.path),)).fetchone()
        file = self._open()
        try:
            start = tuple(noted) if noted and self._agrees(db, file, *noted) else self._recognise(db, file)
            if start is None:
                file.close()
                self._set_aside()
                file, start = self._open(), (0, 0)
            self._length = start[0]
            end = self._append(db, file, start[1])
        finally:
            file.close()
        self._is_known = True
        if noted is None or end != tuple(noted):
            db.execute(_NOTE, (str(self.path), *end))

    def cut_back(self) -> None:
        """Take back what ``catch_up`` wrote, as far as the disk lets us; the next one will see to the rest."""
        self._is_known = False
        with suppress(OSError):
            if self.path.stat().st_size > self._length:
                os.truncate(self.path, self._length)

    def _open(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "r+b")
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise StoreError(f"{self.path}: is not a regular file; name another one in NEWSCRAWL_JSONL_PATH")
        return file

    def _agrees(self, db: Any, file: BinaryIO, length: int, revision: int) -> bool:
        """Whether the file up to ``length`` is what we wrote; told by its last line, and only when in doubt."""
        size = os.fstat(file.fileno()).st_size
        if self._is_known and size == length:
            return True
        if revision == 0 or size < length:
            return length == 0
        line = db.execute(_LINE, (revision,)).fetchone()[0].encode() + b"\n"
        file.seek(max(0, length - len(line)))
        return bool(file.read(len(line)) == line)

    def _append(self, db: Any, file: BinaryIO, revision: int) -> tuple[int, int]:
        """Write the lines after ``revision`` at the noted length; the new length and the last revision."""
        length = self._length
        file.truncate(length)
        file.seek(length)
        for number, text in self._stream(db, _LINES, (revision,)):
            line = f"{text}\n".encode()
            file.write(line)
            length, revision = length + len(line), number
        file.flush()
        if length != self._length:
            os.fsync(file.fileno())
        return length, revision

    def _set_aside(self) -> None:
        number = 1
        while (kept := self.path.with_name(f"{self.path.name}.{number}")).exists():
            number += 1
        self.path.rename(kept)
        logger.warning("%s held lines of another database; kept as %s, and written anew", self.path, kept.name)

    def _recognise(self, db: Any, file: BinaryIO) -> tuple[int, int] | None:
        """
        How far the file is the first revisions of the database: length and revision; None where it is something else.

        A last line that is cut short does not count, but does no harm.
        """
        length = revision = 0
        file.seek(0)
        for number, text in self._stream(db, _LINES, (0,)):
            line = f"{text}\n".encode()
            there = file.read(len(line))
            if there != line:
                return (length, revision) if line.startswith(there) else None
            length, revision = length + len(line), number
        return None if file.read(1) else (length, revision)
