"""Where an output goes: standard output, or a file that is there only once it is whole."""

import fcntl
import gzip
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from newscrawl.exceptions import UsageProblem
from newscrawl.outputs import is_special, refuse_database

MEMORY = 1 << 16
"""Bytes of a file's buffer."""


def check_target(path: Path, is_folder: bool = False) -> None:
    """
    Refuse a place where no output can be written, before there is anything to write.

    :param is_folder: the output is a folder of files
    :raises UsageProblem: a folder, unless that is what is written; a database; or not writable
    """
    if path.is_dir() != is_folder and path.exists():
        raise UsageProblem(f"--output {path}: {'is no folder' if is_folder else 'is a folder'}")
    if is_special(path):
        if not os.access(path, os.W_OK):
            raise UsageProblem(f"--output {path}: is not writable")
        return
    refuse_database(path, f"--output {path}")
    folder = Path(os.path.realpath(path)).parent
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    if not nearest.is_dir():
        raise UsageProblem(f"--output {path}: {nearest} is no folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageProblem(f"--output {path}: {nearest} is not writable")


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Standard output for bytes, flushed at the end."""
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def new_file(path: Path, packs: bool = True, told_by: Path | None = None) -> Iterator[BinaryIO]:
    """
    A file that takes the place of ``path`` when the block ends, in one step and safe on disk.

    If anything goes wrong, what was at ``path`` stays and what was written goes; after kill -9 it lies beside, hidden,
    until the next output to ``path``.

    :param packs: whether a file whose name ends in .gz is compressed
    :param told_by: a file that tells of what is replaced; it goes first, so that it never tells of another
    :raises OSError: it cannot be written
    """
    if is_special(path):
        with path.open("wb") as file:
            yield file
        return
    path = Path(os.path.realpath(path))  # a link stays a link
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    descriptor, name = tempfile.mkstemp(".tmp", f".{path.name}.", path.parent)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.fchmod(descriptor, _mode(path))
        with os.fdopen(descriptor, "wb", MEMORY) as file:
            yield from _packed(file, packs and path.suffix == ".gz")
            file.flush()
            os.fsync(file.fileno())
            _remove(told_by)
            os.replace(name, path)
    finally:
        with suppress(FileNotFoundError):  # it is gone where all went well
            os.unlink(name)
    sync_folder(path.parent)


def _remove(path: Path | None) -> None:
    """See a file gone from disk; None: there is none."""
    if path and path.is_file():
        path.unlink()
        sync_folder(path.parent)


def _packed(file: BinaryIO, packs: bool) -> Iterator[BinaryIO]:
    if not packs:
        yield file
        return
    # Neither name nor time inside: the same articles give the same bytes.
    with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        yield cast("BinaryIO", packed)


@contextmanager
def new_folder(path: Path, told_by: Path | None = None) -> Iterator[Path]:
    """
    A folder that takes the place of ``path`` when the block ends; as ``new_file`` does for a file.

    :raises OSError: it cannot be written
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    made = Path(tempfile.mkdtemp(".tmp", f".{path.name}.", path.parent))
    descriptor = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.chmod(made, 0o777 & ~_umask())
        yield made
        sync_folder(made)
        _remove(told_by)
        if path.exists():
            swap(made, path)
        else:
            made.rename(path)
    finally:
        os.close(descriptor)
        shutil.rmtree(made, ignore_errors=True)  # where all went well, what was there before
    sync_folder(path.parent)


def swap(one: Path, other: Path) -> None:
    """
    Let two folders change places in one step.

    :raises OSError: it cannot be done; where the system has no such step, it takes two, with nothing at ``other``
        in between
    """
    import ctypes

    at_current, exchange = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    with suppress(AttributeError):  # a C library without it
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        if rename(at_current, os.fsencode(one), at_current, os.fsencode(other), exchange) == 0:
            return
    aside = one.with_suffix(".old.tmp")
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def remove_leftovers(path: Path) -> None:
    """Take away what outputs to ``path`` left that were killed; one that is being written is locked."""
    for left in path.parent.glob(f".{_escaped(path.name)}.*.tmp"):
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if left.is_dir():
                    shutil.rmtree(left)
                else:
                    left.unlink()
            finally:
                os.close(descriptor)


def sync_folder(path: Path) -> None:
    """See the names in a folder on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced; else those of any new one."""
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
