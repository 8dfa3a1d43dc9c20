"""What several test modules use: the real engine in this process, and the command in its own."""

import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scrapy import signals
from scrapy.cmdline import execute
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from newscrawl.items import Alias, Article, Rejection
from newscrawl.storage import open_store

from . import postgres_server
from .needed import lacking

ROOT = Path(__file__).parent.parent
FAST: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "NEWSCRAWL_ARCHIVE_DIR": "",
    "DOWNLOAD_HANDLERS": {"https": None},  # the system's certificates take longer to load than a small crawl takes
}


@pytest.fixture(autouse=True)
def _log_level() -> Iterator[None]:
    """Scrapy opens the root logger for everything; the next test is to hear what it would hear alone."""
    level = logging.root.level
    yield
    logging.root.setLevel(level)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres_server.Server]:
    """A server that all test processes share."""
    if not postgres_server.programs():
        lacking("PostgreSQL is not installed")
    place = tmp_path_factory.getbasetemp()
    with postgres_server.shared(place.parent if "PYTEST_XDIST_WORKER" in os.environ else place) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: postgres_server.Server) -> str:
    """An empty store, to be copied."""
    name = postgres.new_database()
    open_store(postgres.url(name)).close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """NEWSCRAWL_DATABASE_URL of an empty store, in each of the databases that there are."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/x/news.db"
    server = request.getfixturevalue("postgres")
    return server.url(server.new_database(request.getfixturevalue("postgres_template")))


@dataclass(slots=True)
class Run:
    """What a crawl in this process gave."""

    crawler: Crawler
    items: list[Any] = field(default_factory=list)

    @property
    def articles(self) -> list[Article]:
        return [item for item in self.items if isinstance(item, Article)]

    @property
    def slugs(self) -> list[str]:
        """The last step of each article's address, in alphabetical order."""
        return sorted(article.url.rstrip("/").rpartition("/")[2] for article in self.articles)

    @property
    def aliases(self) -> list[Alias]:
        return [item for item in self.items if isinstance(item, Alias)]

    @property
    def rejections(self) -> list[Rejection]:
        return [item for item in self.items if isinstance(item, Rejection)]

    @property
    def failure(self) -> BaseException | None:
        return getattr(self.crawler.spider, "failure", None)

    def stat(self, name: str, default: Any = 0) -> Any:
        return self.crawler.stats.get_value(name, default)


def project_settings(**more: Any) -> Settings:
    """The project's settings as a run in this process needs them: no reactor, no delay."""
    settings = Settings()
    settings.setmodule("newscrawl.settings", priority="project")
    settings.setdict({"TWISTED_REACTOR_ENABLED": False, "LOG_LEVEL": "DEBUG", **FAST, **more}, priority="cmdline")
    return settings


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., Awaitable[Run]]:
    """``await crawl(url, settings={...}, argument=value)``: what the spider yields, without pipelines."""

    async def run(url: str, settings: dict[str, Any] | None = None, **arguments: str) -> Run:
        ours = {"ITEM_PIPELINES": {}, "NEWSCRAWL_DATABASE_URL": f"sqlite:///{tmp_path}/store.db", **(settings or {})}
        wired = project_settings(**ours)
        run = Run(Crawler(SpiderLoader.from_settings(wired).load("newsjournos"), wired))

        def keep(item: Any) -> None:
            run.items.append(item)

        run.crawler.signals.connect(keep, signal=signals.item_scraped)
        await run.crawler.crawl_async(base_url=url, **arguments)
        return run

    return run


class StoringCrawl:
    """``await storing_crawl(url, settings={...}, argument=value)``: a whole run; all runs of a test share one store."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "store.db"
        self.settings = {
            "NEWSCRAWL_DATABASE_URL": f"sqlite:///{self.database}",
            "NEWSCRAWL_JSONL_PATH": str(folder / "store.jsonl"),
            "LOG_LEVEL": "ERROR",
        }

    async def __call__(
        self, url: str, settings: dict[str, Any] | None = None, connect: Any = None, **arguments: str
    ) -> Run:
        """:param connect: called with the crawler before it runs, to listen to its signals"""
        wired = project_settings(**{**self.settings, **(settings or {})})
        run = Run(Crawler(SpiderLoader.from_settings(wired).load("newsjournos"), wired))

        def keep(item: Any) -> None:
            run.items.append(item)

        run.crawler.signals.connect(keep, signal=signals.item_scraped)
        if connect:
            connect(run.crawler)
        await run.crawler.crawl_async(base_url=url, **arguments)
        return run

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query answers."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(sql, values).fetchall()


@pytest.fixture
def storing_crawl(tmp_path: Path) -> StoringCrawl:
    """Whole runs into one store, which is empty at first."""
    return StoringCrawl(tmp_path)


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command in a process of its own left."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


def environment(**more: str) -> dict[str, str]:
    """The environment of a command: this one without settings of ours."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("NEWSCRAWL_", "SCRAPY_"))}
    return {**ours, "PYTHONPATH": str(ROOT), "SCRAPY_SETTINGS_MODULE": "newscrawl.settings", **more}


@pytest.fixture
def scrapy(tmp_path: Path) -> Callable[..., Ended]:
    """``scrapy("crawl", ...)``: the command in an empty folder and in a process of its own."""

    def run(*words: str, **more: str) -> Ended:
        command = [sys.executable, "-m", "scrapy", *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(**more), capture_output=True, text=True, timeout=60, check=False
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def scrapy_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Callable[..., Ended]:
    """``scrapy_here("extract", ...)``: the command in an empty folder, in this process, which is quicker."""
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "newscrawl.settings")
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **more: Any) -> Ended:
        with pytest.raises(SystemExit) as ended:
            execute(["scrapy", *words], project_settings(LOG_ENABLED=False, **more))
        said = capfd.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run
