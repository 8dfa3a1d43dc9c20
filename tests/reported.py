"""A store with some days of the replica's life in it, and the page that is made of it; for the tests of the report."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lxml import html
from scrapy.crawler import Crawler
from scrapy.spiderloader import SpiderLoader

from fixtures.replica.server import running_replica
from newscrawl import clock
from newscrawl.picturing.page import make_page
from newscrawl.storage import open_store
from newscrawl.storage.runtime import record_exit_code
from tests.conftest import project_settings

DAY_ZERO = datetime(2025, 11, 30, 23, tzinfo=UTC)


@contextmanager
def time_is(moment: datetime) -> Iterator[None]:
    with patch.object(clock, "now", lambda: moment):
        yield


@cache
def lived(folder: Path) -> Path:
    """The store of three days; made once, in a folder of that name below ``folder``."""
    database = folder / "report" / "news.db"
    live(database, days=(0, 1, 3), articles=60)
    return database


def live(database: Path, days: tuple[int, ...], articles: int) -> None:
    """A run on the evening of each of these days of the replica; as if each had ended at the moment it began."""
    settings = project_settings(
        NEWSCRAWL_DATABASE_URL=f"sqlite:///{database}", NEWSCRAWL_JSONL_PATH="", LOG_LEVEL="ERROR"
    )
    spider = SpiderLoader.from_settings(settings).load("newsjournos")
    with running_replica(articles=articles, per_page=10) as replica:
        for day in days:
            replica.corpus.day = day
            with time_is(DAY_ZERO + timedelta(days=day)):
                crawler = Crawler(spider, settings)
                asyncio.run(crawler.crawl_async(base_url=replica.url, discover="sections,sitemap,feed"))
                record_exit_code(crawler, 0)


def page_of(database: Path, at_work: bool = False) -> str:
    """The report of a store."""
    with closing(open_store(f"sqlite:///{database}", readonly=True)) as store:
        return make_page(store, "newsjournos", at_work)


class Page:
    """What a reader finds in a page."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = html.fromstring(text)

    def table(self, caption: str) -> list[list[str]]:
        """The rows under a caption that begins so, as texts."""
        (found,) = [one for one in self.tree.iter("table") if one.findtext("caption").startswith(caption)]
        return [[words(cell) for cell in row] for row in found.find("tbody")]

    def section(self, name: str) -> Any:
        """The section whose heading has this anchor."""
        return self.tree.get_element_by_id(name).getparent()

    def says(self, name: str) -> str:
        """The sentences of a section."""
        return " ".join(words(one) for one in self.section(name).findall("p"))

    def folds(self, name: str) -> dict[str, Any]:
        """What can be unfolded in a section, by its line."""
        folds = self.section(name).iterfind(".//details[@class='fold']")
        return {words(one.find("summary")): one for one in folds}


def words(node: Any) -> str:
    return " ".join(node.text_content().split())


def number(text: str) -> int:
    """A number as tables show it."""
    return int(text.replace(",", ""))
