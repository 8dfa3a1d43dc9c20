"""Standard streams that whoever started a command has closed."""

import os
import sys

_MODES = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_WRONLY}
"""Nothing to read, nobody to hear what went wrong; but what was to be written has no place, and that is an error."""


def fill_closed_streams() -> None:
    """
    Take the numbers of closed streams, and give Python the streams that it then lacks.

    Else the next file or socket would get such a number, and with it whatever a library writes to standard error.
    """
    for number, mode in _MODES.items():
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # the lowest number that is free
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
