"""Where pages are read: in the crawl's own process, or in one beside it once there are many."""

import asyncio
import fcntl
import logging
import os
import pickle
import signal
import struct
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from newscrawl.extraction.page import Captured
from newscrawl.extraction.reading import Reading, read_post
from newscrawl.extraction.theme import Site
from newscrawl.similarity.signatures import Signatures

logger = logging.getLogger(__name__)

LENGTH = struct.Struct("<I")
"""Stands before each answer, and says how many bytes it has."""
COMMAND = (sys.executable, "-P", "-m", "newscrawl.reader.process")
BUFFER = 1024 * 1024
"""Bytes that a pipe to the other process holds: some pages."""
_NO_START = (OSError, RuntimeError, pickle.PicklingError, AttributeError, TypeError)
"""No process or no thread to watch it, as asyncio does; the others: a table that cannot be sent."""


class Reader:
    """
    Reads pages for a crawl.

    A second process takes over what costs most from a crawl that has no time to wait, where the machine has a core to
    spare. It holds no file of the crawl, ends with it however that ends, and is not missed: where it dies, its pages
    are read here, and all that follow.

    :param site: the table that pages are read by
    :param is_apart: whether there may be another process
    """

    few = 50
    """Pages that are read here first: for fewer, a process would not be worth its start."""
    patience = 30.0
    """Seconds that the other process has for an answer, and for ending."""

    def __init__(self, site: Site, is_apart: bool = False) -> None:
        self.site = site
        self.signatures = Signatures()
        """What the other process has signed; whoever takes it closes it."""
        self._is_apart = is_apart
        self._number = 0
        self._asking = asyncio.Lock()  # what waits to be written is moved with each write, so it is one question
        self._starting: asyncio.Task[Process | None] | None = None
        self._answering: asyncio.Task[None] | None = None
        self._awaited: deque[asyncio.Future[Reading | None]] = deque()

    async def read(self, captured: Sequence[Captured], moment: datetime, discovered_by: str) -> Reading:
        """What the pages are; see ``read_post``."""
        self._number += 1
        reading = None
        if self._is_apart and self._number > self.few:
            reading = await self._answer(([tuple(page) for page in captured], moment, discovered_by))
            if reading and reading.article and reading.signature:
                self.signatures.add(reading.article.content_hash, reading.signature)
        return reading or read_post(captured, self.site, moment, discovered_by)

    async def close(self) -> None:
        """Let the other process end, and wait for it."""
        self._is_apart = False
        process = await self._starting if self._starting else None
        if process:
            assert process.stdin
            assert self._answering
            process.stdin.close()
            try:
                await asyncio.wait_for(self._answering, self.patience)
            except TimeoutError:  # something holds it
                _kill(process)
            await process.wait()

    async def _answer(self, question: object) -> Reading | None:
        """As ``_read_apart``, but not for ever: a process that is stopped, or that something holds, is ended."""
        try:
            return await asyncio.wait_for(self._read_apart(question), self.patience)
        except TimeoutError:
            if self._is_apart and self._starting and (process := await self._starting):
                self._give_up(f"has not answered for {self.patience:g} seconds")
                _kill(process)
            return None

    async def _read_apart(self, question: object) -> Reading | None:
        """The answer of the other process; None where there is none, or it has ended."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        process = await asyncio.shield(self._starting)  # others wait for it too
        answer: asyncio.Future[Reading | None] = asyncio.get_running_loop().create_future()
        async with self._asking:
            if not self._is_apart or not process:
                return None
            assert process.stdin
            self._awaited.append(answer)
            process.stdin.write(pickle.dumps(question))
            with suppress(ConnectionError):  # then its answers end too
                await process.stdin.drain()
        return await answer

    async def _start(self) -> Process | None:
        try:
            site = pickle.dumps(self.site)
            paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
            process = await asyncio.create_subprocess_exec(
                *COMMAND,
                stdin=PIPE,
                stdout=PIPE,
                env={**os.environ, "PYTHONPATH": paths},
                limit=BUFFER,
                start_new_session=True,  # what is typed at the terminal is for the crawl
            )
        except _NO_START as error:
            self._give_up(f"cannot be started: {error}")
            return None
        assert process.stdin
        assert process.stdout
        pipe = process.stdin.transport.get_extra_info("pipe")  # uvloop tells none
        if pipe and hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # the user's pipes have all that they may
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, BUFFER)
        process.stdin.write(site)
        self._answering = asyncio.create_task(self._take_answers(process.stdout))
        return process

    async def _take_answers(self, answers: asyncio.StreamReader) -> None:
        """Answers come in the order of the questions, until the process ends."""
        try:
            while True:
                (length,) = LENGTH.unpack(await answers.readexactly(LENGTH.size))
                reading = pickle.loads(await answers.readexactly(length))
                answer = self._awaited.popleft()
                if not answer.done():  # its callback may have been cancelled
                    answer.set_result(reading)
        except asyncio.IncompleteReadError:
            self._give_up("has ended")
        finally:
            self._is_apart = False
            for answer in self._awaited:
                if not answer.done():
                    answer.set_result(None)
            self._awaited.clear()

    def _give_up(self, why: str) -> None:
        """Read here from now on, and say so where that is not the end of the crawl."""
        if self._is_apart:
            logger.warning("The process that reads pages %s; the crawl's own goes on reading", why)
        self._is_apart = False


def _kill(process: Process) -> None:
    """By number: Process.kill would also look whether it has ended, which is for asyncio to see."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
