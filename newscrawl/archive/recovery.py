"""Files that a killed run left open: cut to their last whole record, and closed."""

import fcntl
import os
import zlib
from pathlib import Path
from typing import BinaryIO

from newscrawl.archive.writing import ENDING, OPEN, STAMP, explain, sync_folder

_PIECE = 256 * 1024


def close_leftovers(folder: Path) -> list[Path]:
    """
    Close what was left open under a folder, but not what another process is writing; the files that were closed.

    What was seen on disk before the process died is never cut off: it consists of whole records. A file without one
    whole record is removed.

    :raises ArchiveError: a file cannot be read or written
    """
    closed = []
    for path in sorted(folder.glob(f"*-{STAMP}{ENDING}{OPEN}")):
        try:
            if (found := _close(path)) is not None:
                closed.append(found)
        except OSError as error:
            raise explain(path, error) from error
    return closed


def _close(path: Path) -> Path | None:
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another run's
            return None
        end = whole_length(file)
        if end == 0:
            path.unlink()
            return None
        file.truncate(end)
        os.fsync(file.fileno())
        closed = path.with_name(path.name.removesuffix(OPEN))
        path.rename(closed)
        sync_folder(path.parent)
        return closed


def whole_length(file: BinaryIO) -> int:
    """How many bytes from the beginning are whole gzip members, each a record; their checksums are right."""
    end = 0
    file.seek(0)
    rest = b""
    while True:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        length, last, rest = _read_member(member, file, rest)
        if not member.eof or not last.endswith(b"\r\n\r\n"):
            return end
        end += length


def _read_member(member: "zlib._Decompress", file: BinaryIO, rest: bytes) -> tuple[int, bytes, bytes]:
    """The compressed length of a member, its last bytes, and what was read beyond it."""
    length, last = 0, b""
    while not member.eof:
        piece, rest = rest or file.read(_PIECE), b""
        if not piece:
            break
        try:
            last = (last + member.decompress(piece))[-4:]
        except zlib.error:
            break
        length += len(piece) - len(member.unused_data)
    return length, last, member.unused_data
