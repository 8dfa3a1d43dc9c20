"""A deed in a process of its own, killed before one of its steps: what it does to files, and each statement of SQL."""

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = frozenset({"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate"})
"""Names of Python's audit events; files that are opened to be written, written to and seen on disk come to them."""
ALIKE = 40
"""Characters by which a statement is told from the one before."""
FAILED = 70
"""The exit code of a deed that raised."""

Deed = Callable[[], Any]


@dataclass(slots=True)
class Steps:
    """
    Counts steps, once ``counts`` is true, and kills its process before number ``last``, 0 for never.

    A piece that is written is written by half before the kill, as a power cut may leave it.
    """

    last: int = 0
    counts: bool = True
    done: int = 0
    before: str = ""

    def __call__(self, *_: object) -> None:
        self.done += self.counts
        if self.counts and self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """See the steps of this process from now on; there is no way back."""
        write, fsync, ftruncate, connect = os.write, os.fsync, os.ftruncate, sqlite3.connect

        def half_written(descriptor: int, data: Any) -> int:
            if self.counts and self.done + 1 == self.last:
                write(descriptor, bytes(data)[: len(data) // 2])
            self()
            return write(descriptor, data)

        def before(deed: Callable[..., Any]) -> Callable[..., Any]:
            def stepped(*words: Any) -> Any:
                self()
                return deed(*words)

            return stepped

        def traced(*words: Any, **more: Any) -> sqlite3.Connection:
            db = connect(*words, **more)
            db.set_trace_callback(self._read)
            return db

        os.write, os.fsync, os.ftruncate = half_written, before(fsync), before(ftruncate)
        sqlite3.connect = traced
        sys.addaudithook(self._hear)

    def _read(self, sql: str) -> None:
        """A statement begins; one that only repeats the last, with other values, is no step of its own."""
        if not sql.startswith(("--", "SELECT")) and sql[:ALIKE] != self.before:  # "--": one of a trigger
            self.before = sql[:ALIKE]
            self()

    def _hear(self, event: str, words: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and words[2] & WRITES):
            self()


def forked(deed: Deed, steps: Steps | None = None) -> tuple[int, int]:
    """
    Do something in a child, whose steps are watched where ``steps`` are given: its exit code, and the steps it took.

    The code is -9 where it was killed, that of SystemExit where it raised this, FAILED for any other error. This
    process must have no other thread.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _do(deed, steps, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, int(told or 0)


def _do(deed: Deed, steps: Steps | None, writer: int) -> None:
    code, write = FAILED, os.write
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    try:
        if steps:
            steps.watch()
        deed()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        if code == FAILED:
            sys.excepthook(*sys.exc_info())
        write(writer, str(steps.done if steps else 0).encode())
        sys.stderr.flush()
        os._exit(code)
