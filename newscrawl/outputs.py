"""What may be written to: never a database, and a device only as what it is."""

import os
from pathlib import Path

from newscrawl.exceptions import UsageProblem

_SQLITE = b"SQLite format 3\0"
"""How a database of SQLite begins, by its file format."""


def is_special(path: Path) -> bool:
    """Whether it is a device or a pipe, which is written to and never replaced."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def refuse_database(path: Path, what: str) -> None:
    """
    Refuse an output that would take the place of a database, most likely of one's own.

    :param what: how the message names it
    :raises UsageProblem: it is one
    """
    if not path.is_file():  # to open a pipe would be to wait for its other end
        return
    try:
        with path.open("rb") as file:
            is_database = file.read(len(_SQLITE)) == _SQLITE
    except OSError:  # whoever writes it will say what is wrong
        return
    if is_database:
        raise UsageProblem(f"{what}: is a database; name another file")
