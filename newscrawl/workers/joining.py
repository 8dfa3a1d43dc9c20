"""How a process comes into a run: it leads where nobody does, else it joins."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TypeVar

from newscrawl.exceptions import AnotherRunError, SpiderArgumentError
from newscrawl.storage.dialects import Engine, Lock
from newscrawl.workers.board import OVER, Board

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
"""Between two signs of life."""
LOOK_SECONDS = 4 * BEAT_SECONDS
"""How long it takes to see whether anybody lives."""
START_SECONDS = 15.0
"""How long a leader that holds the lock is waited for until it has announced its run."""
PAUSE = 0.1
Seen = TypeVar("Seen")


def lead_or_join(board: Board, engine: Engine, arguments: Mapping[str, str]) -> Lock | None:
    """
    The lock of the store, where this process leads the run; None where it has joined another's.

    ``board.run_id`` is then that of the run, where it has one already: the leader before may just have died.

    :raises AnotherRunError: a run that is not on the board holds the store
    :raises SpiderArgumentError: the run there has other arguments
    """
    try:
        lock = engine.hold_run()
    except AnotherRunError:
        _join(board, arguments)
        return None
    with ExitStack() as otherwise:
        otherwise.callback(lock.release)
        if board.beats() and bool(_seen_within(LOOK_SECONDS, lambda: _any_moves(board))):
            board.run_id = _checked(board.run(), arguments)
        else:
            board.begin()
        otherwise.pop_all()
    return lock


def _join(board: Board, arguments: Mapping[str, str]) -> None:
    run: Mapping[str, str] = _seen_within(START_SECONDS, lambda: _led_run(board))
    if not run:
        raise AnotherRunError("another run, which shares its work with nobody, holds the store; nothing was done")
    board.run_id = _checked(run, arguments)
    logger.info("Joins run %s", board.run_id)


def _checked(run: Mapping[str, str], arguments: Mapping[str, str]) -> str:
    theirs = json.loads(run["arguments"]) if "arguments" in run else dict(arguments)  # Redis may just have been emptied
    if theirs != dict(arguments):
        given = " ".join(f"-a {name}={value}" for name, value in sorted(theirs.items())) or "none"
        raise SpiderArgumentError(f"the run that is at work has other arguments; allowed are its own: {given}")
    return run.get("id", "")


def _any_moves(board: Board) -> bool:
    """Whether a worker gives signs of life."""
    before = board.beats()
    if not before or board.run().get("state") == OVER:
        return False
    time.sleep(PAUSE)
    return any(before.get(worker) != beat for worker, beat in board.beats().items())


def _led_run(board: Board) -> Mapping[str, str]:
    """The run on the board, where its leader gives signs of life; else nothing."""
    run, before = dict(board.run()), board.beats()
    leader = run.get("leader", "")
    if not run.get("id") or run.get("state") == OVER or leader not in before:
        return {}
    time.sleep(PAUSE)
    return run if board.beats().get(leader) != before[leader] else {}


def _seen_within(seconds: float, look: Callable[[], Seen]) -> Seen:
    """What a look shows at last: something, or nothing for so long."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() <= end:
        time.sleep(PAUSE)
    return found
