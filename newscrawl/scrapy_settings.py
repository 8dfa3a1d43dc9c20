"""What the command line gives for Scrapy's own settings is checked; Scrapy would end with a traceback."""

import logging
import math
import os
from pathlib import Path
from typing import Any

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings

from newscrawl.exceptions import SettingError
from newscrawl.outputs import refuse_database

LOG_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
_SWITCHES = frozenset({"True", "true", "False", "false", "0", "1"})
_AT_LEAST_ONE = frozenset({"CONCURRENT_REQUESTS", "CONCURRENT_ITEMS", "REACTOR_THREADPOOL_MAXSIZE"})
"""Without any, nothing would ever be done."""
_FRACTIONS = ("_DELAY", "_TIMEOUT", "_INTERVAL", "_CONCURRENCY", "_JITTER", "_SECONDS")


def check_scrapy_settings(settings: BaseSettings) -> None:
    """
    Refuse a log, a switch or a number that cannot be meant.

    :raises SettingError: a value is not allowed
    :raises UsageProblem: the log would be written into a database
    """
    _check_log(settings)
    for name in settings:
        default = getattr(default_settings, str(name), None)
        if settings.getpriority(name) != SETTINGS_PRIORITIES["cmdline"] or not isinstance(default, bool | int | float):
            continue
        switch = isinstance(default, bool) or str(name).endswith("_ENABLED")
        if switch and str(settings[name]) not in _SWITCHES:
            raise SettingError(f"{name}={settings[name]!r}: allowed is True or False")
        if not switch and not _is_number(settings[name], whole=not str(name).endswith(_FRACTIONS)):
            raise SettingError(f"{name}={settings[name]!r}: allowed is a number")
        least = 1 if name in _AT_LEAST_ONE else 0
        if not switch and default >= 0 and float(settings[name]) < least and "PRIORITY" not in str(name):
            raise SettingError(f"{name}={settings[name]!r}: allowed is a number from {least} up")
    _check_reactor(settings)


def _check_log(settings: BaseSettings) -> None:
    level, file = settings["LOG_LEVEL"], settings["LOG_FILE"]
    if not isinstance(level, int) and not isinstance(logging.getLevelName(str(level)), int) and not level.isdigit():
        raise SettingError(f"LOG_LEVEL={level!r}: allowed are {', '.join(LOG_LEVELS)}")
    if file:
        refuse_database(Path(file), f"LOG_FILE={file!r}")
    if file and (Path(file).is_dir() or not os.access(Path(file).absolute().parent, os.W_OK)):
        raise SettingError(f"LOG_FILE={file!r}: allowed is a file in a folder that can be written")


def _check_reactor(settings: BaseSettings) -> None:
    """Where there is a reactor, it has to be asyncio's: what crawls here awaits asyncio's futures."""
    given, usual = settings["TWISTED_REACTOR"], default_settings.TWISTED_REACTOR
    if settings.getbool("TWISTED_REACTOR_ENABLED"):
        if given != usual:
            raise SettingError(f"TWISTED_REACTOR={given!r}: allowed is {usual}")
        if settings.getbool("FORCE_CRAWLER_PROCESS"):
            raise SettingError("FORCE_CRAWLER_PROCESS=True: allowed is False")


def _is_number(value: Any, whole: bool) -> bool:
    try:
        return math.isfinite(int(value) if whole else float(value))
    except (TypeError, ValueError):
        return False
