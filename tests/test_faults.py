"""A site that fails: a good run, a run with a fault, a good run again. The table is what docs/faults.md shows."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.replica.faults import inject
from fixtures.replica.server import running_replica
from newscrawl.exceptions import NewscrawlError

QUICK = {"DOWNLOAD_TIMEOUT": 0.4, "DOWNLOAD_MAXSIZE": 4 << 20}
POSTS = r"^/(?!category|feed|wp-|sitemap|robots|page/|post-sitemap)[a-z0-9-]+/(\d+/)?$"
LISTS = r"^/category/"
SITEMAP = r"sitemap"
ROBOTS = r"^/robots\.txt$"


@dataclass(frozen=True)
class Row:
    """``code`` is the exit code; ``why`` a word of the failure; ``counted`` a reason that articles failed for."""

    fault: str
    where: str
    code: int
    why: str = ""
    counted: str = ""


ROWS = [
    Row("429-seconds", POSTS, 3, "blocked"),
    Row("503", LISTS, 3, "blocked"),
    Row("403", POSTS, 3, "blocked", "http_403"),
    Row("500", POSTS, 0, "", "http_500"),
    Row("cut", POSTS, 0, "", "ResponseDataLossError or DownloadFailedError"),
    Row("endless", POSTS, 0, "", "DownloadCancelledError"),
    Row("redirect-loop", POSTS, 0, "", "IgnoreRequest"),
    Row("redirect-offsite", POSTS, 0, "", "OffOriginError"),
    Row("redirect-inside", LISTS, 3, "OffOriginError"),
    Row("charset-wrong", POSTS, 0),
    Row("login", POSTS, 0),
    Row("login", LISTS, 3, "layout changed"),
    Row("consent", POSTS, 0),
    Row("empty", POSTS, 0),
    Row("not-xml", SITEMAP, 3, "source empty"),
    Row("nested-index", SITEMAP, 0),
    Row("robots-disallow", ROBOTS, 1, "robots.txt forbids"),
    Row("robots-html", ROBOTS, 0),
    Row("slow", ROBOTS, 1, "could not be read"),
]
PLACES = {POSTS: "articles", LISTS: "section pages", SITEMAP: "sitemap", ROBOTS: "robots.txt"}
PAGE = Path(__file__).parent.parent / "docs" / "faults.md"


def table():
    """The text of docs/faults.md."""
    lines = [
        f"| {row.fault} | {PLACES[row.where]} | {row.code} | {row.why or '-'} | {row.counted or '-'} |" for row in ROWS
    ]
    head = """# What a failing site does to a crawl

Each row is a test: a good full run, a full run with the fault, a good full run again. In every row the stored articles
(address, headline, text, revision) are the same after all three, and the last run ends with 0.
Written by `python -m tests.test_faults`; the faults are in `fixtures/replica/faults.py`.

| Fault | Where | Exit code | The run's reason names | Articles failed, counted as |
|---|---|---|---|---|
"""
    return head + "\n".join(lines) + "\n"


def test_the_page_shows_this_table():
    assert PAGE.read_text(encoding="utf-8") == table(), "python -m tests.test_faults writes it anew"


def code_of(run):
    failure = run.failure
    if failure is not None:
        return failure.exit_code if isinstance(failure, NewscrawlError) else 1
    return 1 if run.stat("log_count/ERROR") else 0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.fault}-{PLACES[row.where]}")
async def test_what_is_stored_stays_and_the_next_run_heals(row, storing_crawl):
    stored = "SELECT url, headline, body, revision FROM articles WHERE state != 'gone' ORDER BY url"
    with running_replica(articles=8) as replica:
        first = await storing_crawl(replica.url, settings=QUICK)
        before = storing_crawl.rows(stored)
        assert before
        assert code_of(first) == 0
        entry = inject(replica.site, row.fault, row.where)
        bad = await storing_crawl(replica.url, settings=QUICK, recheck="8", mode="full")
        during = storing_crawl.rows(stored)
        replica.site.interceptors.remove(entry)
        healed = await storing_crawl(replica.url, settings=QUICK, mode="full")
        after = storing_crawl.rows(stored)
        assert code_of(bad) == row.code
        assert row.why in str(bad.failure or "")
        if row.counted:
            counts = [bad.stat(f"newscrawl/failed/{name}") for name in row.counted.split(" or ")]
            assert sum(counts) >= len(before)
        assert during == before
        assert after == before
        assert code_of(healed) == 0


if __name__ == "__main__":
    PAGE.write_text(table(), encoding="utf-8")
