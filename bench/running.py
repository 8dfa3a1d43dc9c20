"""Scrapy as a process of its own: how long it ran, what it used, how many answers it got."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONCURRENCY = 8
FAST = (
    "DOWNLOAD_DELAY=0",
    "AUTOTHROTTLE_ENABLED=False",
    f"CONCURRENT_REQUESTS={CONCURRENCY}",
    f"CONCURRENT_REQUESTS_PER_DOMAIN={CONCURRENCY}",
)
"""No manners, so that work is measured and no waiting."""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""With it each start would compile the project anew, but not Scrapy."""


@dataclass(frozen=True)
class Run:
    """Seconds of wall and CPU time, peak memory in MB, answers received."""

    wall: float
    cpu: float
    memory: float
    pages: int


def scrapy(*words: str) -> list[str]:
    """A command of Scrapy."""
    return [sys.executable, "-m", "scrapy", *words]


def options(settings: Iterable[str]) -> list[str]:
    """Settings as words of the command line."""
    return [word for setting in settings for word in ("-s", setting)]


def stored_in(folder: Path) -> tuple[str, ...]:
    """Settings that keep database, lines, archive and reports in a folder."""
    return (
        f"NEWSCRAWL_DATABASE_URL=sqlite:///{folder}/news.db",
        f"NEWSCRAWL_JSONL_PATH={folder}/news.jsonl",
        f"NEWSCRAWL_ARCHIVE_DIR={folder}/archive",
        f"NEWSCRAWL_REPORTS_DIR={folder}/reports",
    )


def run(command: list[str], folder: Path, log: Path) -> Run:
    """
    Run a crawl in a folder, its log written anew.

    :raises SystemExit: it did not end with 0
    """
    log.unlink(missing_ok=True)
    began = time.perf_counter()
    child = subprocess.Popen([*command, "--logfile", str(log)], cwd=folder, env=ENVIRONMENT)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    found = re.search(r"'response_received_count': (\d+)", log.read_text(encoding="utf-8"))
    if child.returncode or not found:
        raise SystemExit(f"{' '.join(command)}: ended with {child.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, int(found[1]))
