"""How a command of ours refuses: in one line on standard error, with its exit code."""

import sys
from typing import NoReturn

from scrapy.settings import BaseSettings
from scrapy.spiderloader import get_spider_loader

from newscrawl.reporting.plain import one_line

FAILED, USAGE = 1, 2


def leave(command: str, code: int, why: str) -> NoReturn:
    """Leave with one line that says why."""
    sys.stderr.write(f"scrapy {command}: {one_line(why, 1000)}\n")
    sys.exit(code)


def one_spider(command: str, settings: BaseSettings, args: list[str]) -> str:
    """The spider that is named, alone; leaves with USAGE where it is none of the project's."""
    names = get_spider_loader(settings).list()
    if len(args) != 1 or args[0] not in names:
        given = " ".join(args) or "no spider"
        leave(command, USAGE, f"{given}: allowed is the name of one spider, {', '.join(names)}")
    return args[0]
