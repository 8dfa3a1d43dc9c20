"""
One extractor as a process: it reads the pages of a folder and answers each line of standard input with one of JSON.

Runs in the peer's environment, from its own folder, so it needs nothing but the standard library.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

INDEX = "index.json"
"""Names the pages of a folder: a list of [file, file of the page that is timed, address]."""
LEAST = 1.0
"""Seconds of a round at least: who is fast goes over the pages more than once, and a disturbance weighs less."""


def serve(
    extract: Callable[[bytes, str], Any],
    values: Callable[[Any], dict[str, Any]],
    packages: Iterable[str] = (),
    failures: tuple[type[Exception], ...] = (),
) -> None:
    """
    Answer until standard input ends: ``versions``, ``values``, ``round``.

    :param extract: what is timed: a page and its address to whatever the extractor gives
    :param values: fields of that, for the comparison; not timed
    :param packages: whose versions are told
    :param failures: errors that cost no more than their page
    """
    answers, sys.stdout = sys.stdout, sys.stderr  # some peers print
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    folder = Path(sys.argv[1])
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    pages = [((folder / name).read_bytes(), url) for name, _, url in index]
    timed = [((folder / name).read_bytes(), url) for _, name, url in index]

    def one(page: tuple[bytes, str]) -> Any:
        try:
            return extract(*page)
        except failures:
            return None

    def told(page: tuple[bytes, str]) -> dict[str, Any] | None:
        found = one(page)
        return None if found is None else values(found)

    def a_round() -> float:
        gc.collect()
        passes, begun = 0, time.process_time()
        while not passes or time.process_time() - begun < LEAST:
            passes += 1
            for page in timed:
                one(page)
        return (time.process_time() - begun) / passes

    questions: dict[str, Callable[[], Any]] = {
        "versions": lambda: {name: version(name) for name in packages},
        "values": lambda: [told(page) for page in pages],
        "round": a_round,
    }
    for line in sys.stdin:
        print(json.dumps(questions[line.strip()](), default=str), file=answers, flush=True)
