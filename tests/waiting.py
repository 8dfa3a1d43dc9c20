"""The one place where tests sleep: servers, jobs and workers tell nobody when they are ready, so they are asked."""

import time
from collections.abc import Callable


def until(holds: Callable[[], object], what: str = "it", seconds: float = 60.0, pause: float = 0.02) -> None:
    """
    Return once ``holds()``.

    :param holds: may raise where it cannot hold any more
    :param what: what is waited for, for the error
    :param seconds: after which it is given up
    :param pause: seconds between two questions
    :raises TimeoutError: it did not hold in time
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} seconds")
        time.sleep(pause)
