"""
A store as days of crawls leave it, for tests of what is read from one: the replica, crawled on the evenings of its days.

    .venv/bin/python -m tests.crawled FOLDER
"""

import asyncio
import subprocess
import sys
from functools import cache
from pathlib import Path
from unittest.mock import patch

from scrapy.crawler import Crawler
from scrapy.spiderloader import SpiderLoader

from fixtures.replica.server import running_replica
from newscrawl import clock
from newscrawl.storage.runtime import record_exit_code
from tests.conftest import ROOT, environment, project_settings

ARTICLES, DAYS = 60, (0, 1, 3, 5, 8)
NAME = "newsjournos.db"


@cache
def crawled_store(base: Path) -> Path:
    """The database; crawled once a test session, whose base folder ``base`` is."""
    folder = base / "crawled"
    folder.mkdir()
    command = [sys.executable, "-m", "tests.crawled", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / NAME


def main(folder: Path) -> None:
    """Crawl the replica into a folder, its clock set to the evening of each day."""
    settings = project_settings(
        NEWSCRAWL_DATABASE_URL=f"sqlite:///{folder / NAME}", NEWSCRAWL_JSONL_PATH="", LOG_LEVEL="ERROR"
    )
    with running_replica(articles=ARTICLES) as replica:
        for day in DAYS:
            replica.corpus.day = day
            with patch.object(clock, "now", lambda: replica.corpus.now):
                crawler = Crawler(SpiderLoader.from_settings(settings).load("newsjournos"), settings.copy())
                asyncio.run(crawler.crawl_async(base_url=replica.url))
                assert crawler.stats.get_value("newscrawl/stored/new"), crawler.spider.failure
                record_exit_code(crawler, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
