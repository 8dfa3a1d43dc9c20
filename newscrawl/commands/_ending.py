"""How a command of ours ends: with what it found on standard output, or with one line on standard error."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from newscrawl.configuration import check_settings
from newscrawl.exceptions import UsageProblem
from newscrawl.reporting.plain import one_line

FAILED, USAGE = 1, 2


def leave(command: str, code: int, why: str) -> NoReturn:
    """Leave with one line that says why."""
    sys.stderr.write(f"scrapy {command}: {one_line(why, 1000)}\n")
    sys.exit(code)


def one_spider(command: str, settings: BaseSettings, args: list[str]) -> str:
    """
    The spider that is named, alone; ``settings`` become those of its site.

    Leaves with USAGE where it is none of the project's, or its settings cannot be meant.
    """
    for word in args:
        if word.startswith("-"):
            leave(command, USAGE, f"{word}: is no option; --help lists those that there are")
    loader = get_spider_loader(settings)
    names = loader.list()
    if len(args) != 1 or args[0] not in names:
        given = " ".join(args) or "no spider"
        leave(command, USAGE, f"{given}: allowed is the name of one spider, {', '.join(names)}")
    loader.load(args[0]).update_settings(settings)
    with refusing(command):
        check_settings(settings)
    return args[0]


def check_text(command: str, words: Iterable[str]) -> None:
    """Words of the command line that were UTF-8; others have half characters in them. Leaves with USAGE."""
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            leave(command, USAGE, f"{word!r}: is no UTF-8 text")


@contextmanager
def refusing(command: str) -> Iterator[None]:
    """What is wrong with the command line or the settings ends the command with USAGE."""
    try:
        yield
    except (UsageError, UsageProblem) as error:
        leave(command, USAGE, str(error))
    except OSError as error:  # --pidfile
        leave(command, USAGE, f"{error.filename}: {error.strerror}")


def show(command: str, lines: Iterable[str]) -> None:
    """
    Write to standard output, in UTF-8 whatever the locale; a reader that has seen enough may close the pipe.

    Leaves with FAILED where it can take no more.
    """
    try:
        sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode(errors="backslashreplace"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        drop_output()
    except OSError as error:
        drop_output()
        leave(command, FAILED, f"standard output: {error.strerror}")


def drop_output() -> None:
    """Let standard output take no more, after a reader has closed it: else Python complains when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
