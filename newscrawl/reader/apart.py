"""Whether a crawl has a process of its own for reading pages."""

import os

from scrapy.settings import BaseSettings

READER_PROCESS = "NEWSCRAWL_READER_PROCESS"


def reads_apart(settings: BaseSettings) -> bool:
    """
    What ``NEWSCRAWL_READER_PROCESS`` says. ``auto``: where the crawl waits for nobody and there is a core to spare.

    Several workers keep the cores of a machine busy by themselves.
    """
    if settings[READER_PROCESS] != "auto":
        return bool(settings[READER_PROCESS] == "1")
    is_alone = not settings["NEWSCRAWL_REDIS_URL"]
    return is_alone and settings.getfloat("DOWNLOAD_DELAY") == 0 and _cores() > 1


def _cores() -> int:
    """How many cores this process may use; not every system says, then how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
