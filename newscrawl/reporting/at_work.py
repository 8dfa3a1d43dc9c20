"""Whether a run is at work on a store now."""

import fcntl
import os
from pathlib import Path


def is_at_work(database: Path) -> bool:
    """
    Whether a process holds the lock beside the database.

    It is asked for shared and given back at once, and never made: asking leaves nothing behind.

    :raises OSError: the lock cannot be read
    """
    try:
        descriptor = os.open(database.with_name(f"{database.name}.lock"), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
