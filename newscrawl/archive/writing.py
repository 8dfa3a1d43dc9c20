"""The files of the archive: one is open at a time, a full one is closed; all is on disk when it has to be."""

import fcntl
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import count
from pathlib import Path

from newscrawl.archive.places import Place
from newscrawl.archive.records import Exchange, Original, about, digest, exchange_records
from newscrawl.exceptions import ArchiveError

PREFIX = "newscrawl"
STAMP = f"{'[0-9]' * 14}-{'[0-9]' * 5}"
"""Matches what stands in the name of a file behind its prefix: the time to the second, and a number."""
ENDING = ".warc.gz"
OPEN = ".open"
"""Ends the name of a file that is being written."""


def explain(path: Path, error: OSError) -> ArchiveError:
    """The one line of an ArchiveError for what the system said."""
    return ArchiveError(f"{path}: {error.strerror or error}; see NEWSCRAWL_ARCHIVE_DIR")


def sync_folder(folder: Path) -> None:
    """See the names of a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ArchiveWriter:
    """
    Appends exchanges to WARC files under a folder, which is made where it is missing.

    While a file is written its name ends with ``.open``, and a lock on it tells other processes so; a Place names it
    as it is called once it is closed. A closed file is never touched again.

    :param facts: what the warcinfo record says, name to value
    :param most: bytes after which a file is closed and the next begun
    :param prefix: what the names of files begin with
    :raises ArchiveError: from any method, where folder or file cannot be written; the file is left whole
    """

    def __init__(self, folder: Path, facts: Mapping[str, str], most: int, prefix: str = PREFIX) -> None:
        self.folder = folder
        self.facts = facts
        self.most = most
        self.prefix = prefix
        self._name = ""
        self._descriptor: int | None = None
        self._end = 0
        self._unsynced = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explain(folder, error) from error

    def write(self, exchange: Exchange, moment: datetime, original: Original | None = None) -> Place:
        """
        Append an answer and its request; where the answer begins.

        :param moment: when it was received, in UTC
        :param original: the record that holds the same payload already
        """
        answer, request = exchange_records(exchange, moment, original)
        try:
            if self._descriptor is None:
                self._begin(moment)
            offset = self._end
            self._append(answer + request)
        except OSError as error:
            raise explain(self.folder / self._name, error) from error
        place = Place(self._name, offset, len(answer), digest(exchange.body))
        if self._end >= self.most:
            self.close()
        return place

    def sync(self) -> None:
        """See on disk what was written."""
        if self._descriptor is None or not self._unsynced:
            return
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise explain(self.folder / self._name, error) from error
        self._unsynced = False

    def close(self) -> None:
        """Close the open file, and give it its name."""
        if self._descriptor is None:
            return
        try:
            self.sync()
            path = self.folder / self._name
            path.with_name(path.name + OPEN).rename(path)
            sync_folder(self.folder)
        except OSError as error:
            raise explain(self.folder / self._name, error) from error
        finally:
            os.close(self._descriptor)
            self._descriptor = None

    def _begin(self, moment: datetime) -> None:
        """Make a file under a name that is not taken."""
        for number in count():
            self._name = f"{self.prefix}-{moment:%Y%m%d%H%M%S}-{number:05}{ENDING}"
            path = self.folder / self._name
            if path.exists():
                continue
            try:
                opened = os.open(f"{path}{OPEN}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            except FileExistsError:
                continue
            break
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._descriptor, self._end = opened, 0
        sync_folder(self.folder)
        self._append(about(self._name, moment, self.facts))

    def _append(self, data: bytes) -> None:
        """All of it or nothing."""
        assert self._descriptor is not None
        self._unsynced = True
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            with suppress(OSError):  # what cannot be cut off now, the next run cuts off
                os.ftruncate(self._descriptor, self._end)
                os.lseek(self._descriptor, self._end, os.SEEK_SET)
            raise
        self._end += len(data)
