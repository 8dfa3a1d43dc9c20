"""An append-only file of lines whose length is known to the database."""

import os
from collections.abc import Iterable
from pathlib import Path

from newscrawl.exceptions import StoreError


class JsonLinesFile:
    """
    Lines that agree with the rows: on opening, the file is cut back to the length that the database remembers.

    :raises StoreError: the file cannot be opened or written
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
        self.length = os.fstat(self._descriptor).st_size

    def cut_back(self, length: int) -> None:
        """Forget what was written but never committed."""
        try:
            os.ftruncate(self._descriptor, length)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be cut back: {error.strerror}") from error
        self.length = length

    def append(self, lines: Iterable[str]) -> None:
        """Write whole lines at the end, and see them on disk. ``length`` moves only when all of them are."""
        data = "".join(f"{line}\n" for line in lines).encode("utf-8")
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self._descriptor, data[written:], self.length + written)
            os.fsync(self._descriptor)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror}") from error
        self.length += len(data)

    def close(self) -> None:
        os.close(self._descriptor)
