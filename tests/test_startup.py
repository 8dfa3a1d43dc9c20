"""A run from cron loads what it uses, and no more."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NEEDED_LATER = {
    "aiohttp": "Scrapy's remote control, which is off",
    "dateparser": "a date that is not ISO 8601",
    "jinja2": "scrapy report",
    "pandas": "notebooks",
    "polars": "notebooks",
    "psycopg": "a PostgreSQL database",
    "pyarrow": "Parquet",
    "pygal": "scrapy report",
    "redis": "a shared queue",
    "tldextract": "Scrapy's cookies, which are off",
    "tqdm": "a terminal",
    "twisted.conch": "Scrapy's telnet console, which is off",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The modules that a run from its start to its report loads; nothing listens where it looks for the site."""
    folder = tmp_path_factory.mktemp("startup")
    settings = {"DATABASE_URL": f"sqlite:///{folder}/news.db", "JSONL_PATH": folder / "news.jsonl"}
    settings |= {"ARCHIVE_DIR": folder / "archive", "REPORTS_DIR": folder / "reports"}
    words = [word for name, value in settings.items() for word in ("-s", f"NEWSCRAWL_{name}={value}")]
    command = [sys.executable, "-X", "importtime", "-m", "scrapy", "crawl", "newsjournos", "-a"]
    command += ["base_url=http://127.0.0.1:9/", "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_DELAY=0", *words]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60).stderr
    assert "scrapy crawl: http://127.0.0.1:9/robots.txt could not be read" in told
    modules = set(re.findall(r"^import time: .*\| +(\S+)$", told, re.MULTILINE))
    assert {"newscrawl.extraction.article", "newscrawl.storage.store", "newscrawl.reporting.run_report"} <= modules
    return modules


@pytest.mark.parametrize("name", NEEDED_LATER)
def test_a_run_does_not_load_what_only_other_runs_need(loaded, name):
    assert not {module for module in loaded if f"{module}.".startswith(f"{name}.")}
