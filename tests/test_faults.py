"""
A site that fails: a store that knows the site, a run on its next day with a fault, and a good run a day later.

The table is what docs/faults.md shows.
"""

import re
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest

from fixtures.replica.faults import inject
from fixtures.replica.server import running_replica
from newscrawl import clock
from newscrawl.base_spiders import sitemap_spider
from newscrawl.downloadermiddlewares import retry_after
from newscrawl.exceptions import NewscrawlError
from tests.conftest import StoringCrawl

POSTS = r"^/(?!category|feed|wp-|sitemap|robots|page/|post-sitemap|__)[a-z0-9-]+/(\d+/)?$"
LISTS = r"^/category/"
OLDER_LISTS = r"^/category/.*/page/"
SITEMAPS = r"sitemap"
ROBOTS = r"^/robots\.txt$"
FEED = r"^/feed/"
HOME = r"^/$"
ONE = "one article"
PLACES = {
    POSTS: "articles",
    ONE: "one article",
    LISTS: "section pages",
    OLDER_LISTS: "older section pages",
    SITEMAPS: "sitemaps",
    ROBOTS: "robots.txt",
    FEED: "feed",
    HOME: "home page",
}
QUICK = {"DOWNLOAD_MAXSIZE": 4 << 20, "CONCURRENT_REQUESTS": 4, "CONCURRENT_REQUESTS_PER_DOMAIN": 4}
SLOW = {**QUICK, "DOWNLOAD_TIMEOUT": 1, "CONCURRENT_REQUESTS": 32, "CONCURRENT_REQUESTS_PER_DOMAIN": 32}
STARTS = {"known": "", "empty": ", first crawl", "edited": ", edited before"}
TRIES = {1: "asks once", 3: "asks three times", 0: "asks nothing else"}


@dataclass(frozen=True)
class Row:
    """
    ``tries``: how often an address with the fault is asked for; None: the run is stopped, or asks as it always does.
    ``stored``: as before, all (of the site's new day), or part of it. ``tells``: words of the run's reason, or of a
    source's report. ``counted``: what articles failed, were skipped or rejected as.
    """

    fault: str
    where: str
    code: int
    tries: int | None
    stored: str
    tells: str = ""
    counted: str = ""
    start: str = "known"
    options: MappingProxyType[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    settings: MappingProxyType[str, Any] = field(default_factory=lambda: MappingProxyType(QUICK))
    discover: str = "sections,sitemap"

    @property
    def name(self):
        options = ", ".join(f"{name} {value:g}" for name, value in self.options.items())
        return f"{self.fault}{f' ({options})' if options else ''}"

    @property
    def place(self):
        return PLACES[self.where] + STARTS[self.start]

    @property
    def does(self):
        if self.tries is not None:
            return TRIES[self.tries]
        return "stops" if self.tells == "blocked" else "goes on"


def options(**given):
    return MappingProxyType(given)


SLOWLY = MappingProxyType(SLOW)
ROWS = [
    Row("429-seconds", POSTS, 3, None, "as before", "blocked"),
    Row("429-absurd", POSTS, 3, None, "as before", "blocked"),
    Row("429-nonsense", POSTS, 3, None, "as before", "blocked"),
    Row("429-soon", POSTS, 0, None, "all", options=options(most=1)),
    Row("503", LISTS, 3, None, "part", "blocked"),
    Row("403", POSTS, 3, None, "as before", "blocked", "failed/http_403"),
    Row("403", POSTS, 3, None, "part", "blocked", "failed/http_403", "empty", options(after=6)),
    Row("500", HOME, 1, 3, "as before", "could not be read: http_500"),
    Row("500", POSTS, 3, 3, "as before", "http_500", "failed/http_500"),
    Row("500", POSTS, 3, 3, "as before", "http_500", "failed/http_500", "empty"),
    Row("500", ONE, 0, 3, "part", "", "failed/http_500"),
    Row("500", POSTS, 0, None, "all", options=options(chance=0.2)),
    Row("slow", POSTS, 3, 3, "as before", "Timeout", "failed/DownloadTimeoutError", settings=SLOWLY),
    Row("cut", POSTS, 3, 3, "as before", "fetches failed", "failed/"),
    Row("cut", POSTS, 3, 3, "as before", "fetches failed", "failed/", "empty"),
    Row("cut", POSTS, 0, None, "all", options=options(chance=0.2)),
    Row("cut-gzip", POSTS, 3, 3, "as before", "CutAnswerError", "failed/CutAnswerError"),
    Row("cut-gzip", POSTS, 3, 3, "as before", "CutAnswerError", "failed/CutAnswerError", "empty"),
    Row("cut-gzip", LISTS, 3, 3, "all", "source empty"),
    Row("short-length", POSTS, 3, 3, "as before", "fetches failed", "failed/", "empty"),  # what is over may break it
    Row("broken-off", POSTS, 3, 3, "as before", "CutAnswerError", "failed/CutAnswerError"),
    Row("broken-off", POSTS, 3, 3, "as before", "CutAnswerError", "failed/CutAnswerError", "empty"),
    Row("broken-off", LISTS, 3, 3, "all", "source empty"),
    Row("endless", POSTS, 3, 1, "as before", "DownloadCancelledError", "failed/DownloadCancelledError"),
    Row("redirect-loop", POSTS, 3, None, "as before", "IgnoreRequest", "failed/IgnoreRequest"),
    Row("redirect-offsite", POSTS, 3, 1, "as before", "OffOriginError", "failed/OffOriginError"),
    Row("redirect-inside", LISTS, 3, 1, "all", "OffOriginError"),
    Row("redirect-metadata", POSTS, 3, 1, "as before", "OffOriginError", "failed/OffOriginError"),
    Row("redirect-file", POSTS, 3, 1, "as before", "http_302", "failed/http_302"),
    Row("charset-wrong", POSTS, 0, 1, "all"),
    Row("charset-missing", POSTS, 0, 1, "all"),
    Row("login", POSTS, 3, 1, "as before", "no posts", "skipped/other"),
    Row("login", POSTS, 3, 1, "as before", "no posts", "skipped/other", "empty"),
    Row("login", POSTS, 0, None, "part", "", "skipped/other", options=options(chance=0.2)),
    Row("login", ONE, 0, 1, "part", "", "skipped/other"),
    Row("login", LISTS, 3, 1, "all", "layout changed"),
    Row("consent", POSTS, 3, 1, "as before", "no posts", "skipped/other"),
    Row("consent", HOME, 1, 1, "as before", "its menus name no sections"),
    Row("empty", POSTS, 3, 3, "as before", "CutAnswerError", "failed/CutAnswerError"),
    Row("empty", POSTS, 3, 3, "as before", "CutAnswerError", "failed/CutAnswerError", "empty"),
    Row("older", POSTS, 0, 1, "part"),
    Row("older", POSTS, 0, None, "part", options=options(chance=0.7)),
    Row("older", POSTS, 0, 1, "all", "", "rejected/stale_copy", "edited"),
    Row("shifting", OLDER_LISTS, 0, None, "part", options=options(most=1)),
    Row("not-xml", SITEMAPS, 3, 1, "all", "source empty"),
    Row("not-xml", FEED, 0, 1, "all", "neither sitemap nor feed", discover="sections,feed"),
    Row("nested-index", SITEMAPS, 3, 1, "all", "levels of sitemaps are not read"),
    Row("cut-gzip", SITEMAPS, 3, None, "all", "CutAnswerError"),
    Row("gzip-bomb", SITEMAPS, 3, 1, "all", "source empty"),
    Row("many-addresses", SITEMAPS, 0, 1, "all", "addresses are not read"),
    Row("robots-disallow", ROBOTS, 1, 1, "as before", "robots.txt forbids"),
    Row("robots-moved", ROBOTS, 0, None, "all"),
    Row("robots-html", ROBOTS, 0, 1, "all"),
    Row("slow", ROBOTS, 1, 3, "as before", "could not be read", settings=SLOWLY),
]
PAGE = Path(__file__).parent.parent / "docs" / "faults.md"
STORED = """SELECT replace(url, '-2/', '/'), headline, body, revision, state = 'gone' FROM articles ORDER BY 1"""
"""One story has two posts, at ``slug`` and ``slug-2``: it is kept once, under the address that came first."""


def table():
    """The text of docs/faults.md."""
    head = """# What a failing site does to a crawl

Each row is a test. A store knows the site as it was on one day; on the next day there are new posts, edits, a renamed
and a removed one, and a full run meets the fault. Then the fault is gone, and an incremental run of the day after is
compared with a store that never saw it: address, headline, text, number of versions and state of every article are the
same. No run leaves an article that the site did not have on one of the two days.
Written by `python -m tests.test_faults`; the faults are in `fixtures/replica/faults.py`.

| Fault | Where | The crawl | Articles stored | It reports | Exit code | Articles counted as |
|---|---|---|---|---|---|---|
"""
    lines = [
        f"| {row.name} | {row.place} | {row.does} | {row.stored} | {row.tells or '-'} | {row.code} "
        f"| {row.counted.rstrip('/') or '-'} |"
        for row in ROWS
    ]
    return head + "\n".join(lines) + "\n" + NOTES


NOTES = """
- One article that fails, or some by chance, ends with 0 and is counted; where most fail, or all of five and more, the
  run is unhealthy. What failed is asked for again in the next run.
- `429-absurd` asks to wait 88 hours: a day is the most that is waited at a time (shortened in the test), and refusals
  that go on stop the run.
- `cut`, `cut-gzip`, `short-length`, `broken-off` and `empty` are one thing to the crawl: an answer that ends before its
  end. It is told by Content-Length, by the compression's own end, or by a page without `</html>` on a site whose pages
  have it. Half an article is never stored.
- `older` is a page from before its last edit, out of a cache. It is no edit back, since that has a new date: a version
  that is stored as an earlier one and says that it is older than the last is rejected as `stale_copy`. Where the edit
  was not stored yet, the sitemap's `lastmod` tells that the page is behind: it is looked at again each time that the
  edit's age has doubled, until that is a day; no more than eight times, since some sites move `lastmod` without an edit.
- `shifting` has new posts come in while sections are walked. Those of the day are read or learnt by the next run.
- A source that never gave anything, as the feed of `not-xml`, is told in the report, and makes no run unhealthy.
- Sitemaps are read three levels deep, 2,000 a run, 50 MiB and 50,000 addresses each, 500,000 addresses in all (40 in
  the test of `many-addresses`, which has 60,000).
"""


def test_the_page_shows_this_table():
    assert PAGE.read_text(encoding="utf-8") == table(), "python -m tests.test_faults writes it anew"


@contextmanager
def at(moment):
    with patch.object(clock, "now", lambda: moment):
        yield


class Knowing:
    """A site of two days, and stores that know it: of the first day, of both, and of the second only."""

    def __init__(self, replica, folder):
        self.replica, self.folder = replica, folder
        self.replica.site.go_to(1)
        self.evening = replica.corpus.now

    async def store(self, name, day, begun=None):
        """A store after a good run on a day; made once."""
        folder = self.folder / name
        if not folder.exists():
            shutil.copytree(await self.store(*begun), folder) if begun else folder.mkdir()
            self.replica.site.go_to(day)
            with at(self.evening - timedelta(days=1 - day)):
                run = await StoringCrawl(folder)(self.replica.url, settings=QUICK, mode="full")
            assert code_of(run) == 0
        return folder

    async def known(self):
        return await self.store("known", 0)

    async def edited(self):
        return await self.store("edited", 1, ("known", 0))

    async def first(self):
        return await self.store("first", 1)


@pytest.fixture(scope="module")
def knowing(tmp_path_factory):
    with running_replica(articles=14, seed=2, per_page=2) as replica:
        yield Knowing(replica, tmp_path_factory.mktemp("faults"))


def code_of(run):
    failure = run.failure
    if failure is not None:
        return failure.exit_code if isinstance(failure, NewscrawlError) else 1
    return 1 if run.stat("log_count/ERROR") else 0


def told(run):
    """What the run says of itself: its reason, and the problems of its sources."""
    problems = [problem for report in run.crawler.spider.source_reports.values() for problem in report.problems]
    return "\n".join([str(run.failure or ""), *problems])


def counted(run, what):
    stats = run.crawler.stats.get_stats()
    return sum(count for name, count in stats.items() if name.startswith(f"newscrawl/{what}"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.place}")
async def test_what_is_stored_stays_and_the_next_run_heals(row, knowing, tmp_path):
    replica = knowing.replica
    whole = StoringCrawl(await (knowing.first() if row.start == "empty" else knowing.edited())).rows(STORED)
    folder = tmp_path / "store"
    if row.start == "empty":
        folder.mkdir()
    else:
        shutil.copytree(await (knowing.known() if row.start == "known" else knowing.edited()), folder)
    crawl = StoringCrawl(folder)
    before = [] if row.start == "empty" else crawl.rows(STORED)
    replica.site.go_to(0 if row.fault == "shifting" else 1)
    pattern = f"^/{min(slugs(before) & slugs(whole))}/" if row.where == ONE else row.where
    entry = inject(replica.site, row.fault, pattern, **row.options)
    replica.site.control.reset_log()
    try:
        with (
            at(knowing.evening),
            patch.object(retry_after, "A_DAY", 0.05),
            patch.object(sitemap_spider, "MOST_NAMED", 40),
        ):
            bad = await crawl(replica.url, settings=dict(row.settings), mode="full", discover=row.discover)
    finally:
        replica.site.interceptors.remove(entry)
    during, asked = crawl.rows(STORED), [path for path in replica.paths if re.search(pattern, path)]
    with at(knowing.evening + timedelta(hours=30)):
        healed = await crawl(replica.url, settings=QUICK)
    assert (code_of(bad), row.tells in told(bad)) == (row.code, True), told(bad)
    assert bool(row.counted and counted(bad, row.counted)) == bool(row.counted), bad.crawler.stats.get_stats()
    if row.tries:
        times = Counter(Counter(asked).values())  # a redirect is no fault, and its target may be asked for by itself
        assert times.most_common(1)[0][0] == row.tries, times
    assert set(during) <= {*before, *whole}
    assert row.stored != "as before" or [one for one in during if not one[4]] == still(before, during)
    assert row.stored != "all" or during == whole
    assert crawl.rows(STORED) == whole
    assert code_of(healed) == 0, healed.failure


async def test_no_more_sitemaps_are_read_than_a_run_may(knowing, tmp_path, monkeypatch):
    monkeypatch.setattr(sitemap_spider, "MOST_SITEMAPS", 1)
    run = await StoringCrawl(tmp_path)(knowing.replica.url, settings=QUICK, discover="sitemap")
    assert "more than 1 sitemaps are not read" in told(run)
    assert run.crawler.spider.sitemaps_asked == {f"{knowing.replica.url}sitemap_index.xml"}


def still(before, during):
    """What was stored, without what the site truly took away meanwhile."""
    gone = {row[0] for row in during if row[4]}
    return [row for row in before if row[0] not in gone]


def slugs(rows):
    return {row[0].rstrip("/").rpartition("/")[2] for row in rows if not row[4]}


if __name__ == "__main__":
    PAGE.write_text(table(), encoding="utf-8")
