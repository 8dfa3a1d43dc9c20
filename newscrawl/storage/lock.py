"""Who may write to a store: one process at a time."""

import fcntl
import os
import time
from pathlib import Path

from newscrawl.exceptions import AnotherRunError, StoreError

LOOK = 0.05
"""Seconds until a second try: ``scrapy status`` holds the lock for an instant, to see whether a run does."""


def lock_of(database: Path) -> Path:
    """The file of the lock, beside the database."""
    return database.with_name(f"{database.name}.lock")


class RunLock:
    """
    Holds a lock until it is released.

    The system itself gives the lock back when its process ends, however it ends: a killed run blocks nobody. The
    file stays; removing it would let two runs lock two files of the same name.

    :raises AnotherRunError: another run holds it; nothing was done
    :raises StoreError: the lock's file cannot be made
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}; the lock of a run lies beside its database") from error
        if not any(self._is_taken(wait) for wait in (LOOK, 0)):
            os.close(self._descriptor)
            raise AnotherRunError(f"another run holds {path}; nothing was done")

    def _is_taken(self, wait: float) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(wait)
            return False
        return True

    def release(self) -> None:
        """Let the next one have it."""
        os.close(self._descriptor)


def is_held(path: Path) -> bool:
    """
    Whether a process holds a lock.

    It is asked for shared and given back at once, and never made: asking leaves nothing behind.

    :raises StoreError: the lock cannot be read
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
