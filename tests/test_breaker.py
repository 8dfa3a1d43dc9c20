"""A site that refuses is left alone: what counts as a block, and how the run ends then."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from newscrawl import clock
from newscrawl.downloadermiddlewares.refusal_breaker import Refusals
from newscrawl.exceptions import BlockedError
from tests.local_server import Answer, serving
from tests.site_pages import home, post, section, site

ONE = {"CONCURRENT_REQUESTS": 1}
TWELVE = [f"n{number}" for number in range(12)]
QUIET = ("-s", "LOG_LEVEL=ERROR", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


def article(status: int, *numbers: int) -> list[tuple[str, int, bool]]:
    """Answers for articles, each with its address."""
    return [(f"/{number}/", status, True) for number in numbers]


def listing(status: int, *numbers: int) -> list[tuple[str, int, bool]]:
    """Answers for other pages than articles."""
    return [(f"/category/{number}/", status, False) for number in numbers]


def tried(status: int, *numbers: int) -> list[tuple[str, int, bool]]:
    """Answers for articles, each asked for three times, as retries come: after all others."""
    return article(status, *numbers) * 3


def mixed(rounds: int, *answers: int) -> list[tuple[str, int, bool]]:
    """``rounds`` times the same statuses, each time for other listings."""
    return [(f"/{turn}/{place}/", status, False) for turn in range(rounds) for place, status in enumerate(answers)]


EIGHT = range(8)
BLOCKED = {
    "eight in a row": (article(403, *EIGHT), "8 answers in a row were 403, the last from /7/"),
    "of all three kinds": (
        article(403, 0, 1, 2) + listing(429, 3, 4, 5) + article(503, 6, 7),
        "8 answers in a row were 403 or 429 or 503, the last from /7/",
    ),
    "after a good start": (article(200, *range(50)) + article(429, *EIGHT), "8 answers in a row were 429"),
    "a broken page between": (
        article(403, 0, 1, 2, 3) + article(500, 4) + article(403, 5, 6, 7, 8),
        "8 answers in a row were 403, the last from /8/",
    ),
    "tries again count": (tried(503, *range(5)), "in a row were 503"),
    "articles only": (
        [one for number in EIGHT for one in (*article(403, number), *listing(200, number), *listing(200, number + 9))],
        "8 answers in a row to requests for articles were 403, the last from /7/",
    ),
    "twenty of twenty-five": (mixed(5, 200, 403, 403, 403, 403), "20 of the last 25 answers were 403"),
}
NOT_BLOCKED = {
    "nothing": [],
    "seven in a row": article(403, *range(7)) + article(200, 7) + article(403, *range(7)),
    "one broken page": article(200, 0, 1) + tried(503, 2) + article(200, 3),
    "four broken pages at the end": article(200, 0, 1) + tried(503, 2, 3, 4, 5),
    "gone is an answer": article(403, *range(7)) + article(404, 7) + article(403, *range(7)),
    "not changed is an answer": article(403, *range(7)) + article(304, 7) + article(403, *range(7)),
    "moved is an answer": article(403, *range(7)) + article(301, 7) + article(403, *range(7)),
    "a broken server": article(500, *range(30)) + article(502, *range(30)),
    "three of four": mixed(20, 200, 403, 403, 403),
    "listings that are closed among good articles": [
        one for number in range(30) for one in (*listing(403, number), *article(200, number))
    ],
    "nineteen of twenty-five": mixed(1, 200, *[403] * 6, 200, *[403] * 6, 200, *[403] * 6, 200, 403, 200, 200),
}


def first_reason(answers: list[tuple[str, int, bool]]) -> str | None:
    refusals = Refusals()
    return next((why for answer in answers if (why := refusals.note(*answer))), None)


@pytest.mark.parametrize(("answers", "said"), BLOCKED.values(), ids=BLOCKED)
def test_refusals_that_are_a_block(answers, said):
    why = first_reason(answers)
    assert why is not None
    assert why.startswith("blocked: ")
    assert said in why


@pytest.mark.parametrize("answers", NOT_BLOCKED.values(), ids=NOT_BLOCKED)
def test_refusals_that_are_none(answers):
    assert first_reason(answers) is None


@pytest.mark.parametrize(("hours", "blocked"), [(23, False), (24, True)])
def test_a_site_that_refuses_for_a_day_is_not_waited_for_any_longer(monkeypatch, hours, blocked):
    """Each Retry-After may be a day; eight of them would be a week."""
    began = datetime(2025, 5, 3, 12, tzinfo=UTC)
    refusals = Refusals()
    monkeypatch.setattr(clock, "now", lambda: began)
    assert refusals.note("/a/", 429, True) is None
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(hours=hours))
    why = refusals.note("/a/", 429, True)
    assert why == ("blocked: for a day all answers were 429, the last from /a/" if blocked else None)


async def test_a_run_of_refusals_ends_the_crawl(crawl):
    script = {
        **site("a", "b"),
        "/category/world/": section(["a", "b"], "/category/world/page/2/"),
        "/category/world/page/2/": section(TWELVE),
        **{f"/{slug}/": Answer(403) for slug in TWELVE},
    }
    with serving(script) as server:
        run = await crawl(server.url, ONE, discover="sections")
    assert run.slugs == ["a", "b"]
    assert len([path for path in server.paths if path.startswith("/n")]) == 8, "what waits is dropped"
    assert isinstance(run.failure, BlockedError)
    last = server.url.rstrip("/") + server.paths[-1]
    assert str(run.failure) == f"blocked: 8 answers in a row were 403, the last from {last}"
    assert run.stat("finish_reason") == "blocked"
    assert run.stat("newscrawl/failed/http_403") == 8, "what was not asked for has not failed"
    assert run.stat("log_count/ERROR") == 0


async def test_articles_that_are_refused_are_seen_although_the_sections_answer(crawl):
    sections = {f"Section {slug}": f"s-{slug}" for slug in TWELVE}
    script = {
        "/": home(sections),
        **{f"/category/s-{slug}/": section([slug]) for slug in TWELVE},
        **{f"/{slug}/": Answer(403) for slug in TWELVE},
    }
    with serving(script) as server:
        run = await crawl(server.url, ONE, discover="sections")
    assert "requests for articles were 403" in str(run.failure)
    assert len([path for path in server.paths if path.startswith("/n")]) == 8


PASSING = {
    "a wait, then good": {"/a/": [Answer(429, headers={"Retry-After": "1"}), post("a")]},
    "one page stays away": {"/a/": Answer(503)},
    "three pages are closed": {f"/{slug}/": Answer(403) for slug in "abc"},
}


@pytest.mark.parametrize("answers", PASSING.values(), ids=PASSING)
async def test_a_refusal_now_and_then_is_none(crawl, answers):
    with serving({**site("a", "b", "c", "d"), **answers}) as server:
        run = await crawl(server.url, {**ONE, "RETRY_PRIORITY_ADJUST": 1})
    assert "d" in run.slugs
    assert run.failure is None
    assert run.stat("finish_reason") == "finished"


ROBOTS = {
    "503": ([Answer(503)], "answered 503", 3),
    "429": ([Answer(429)], "answered 429", 3),
    "503 after 500": ([Answer(500), Answer(503)], "answered 503", 3),
    "500 after 503": ([Answer(503), Answer(500)], "answered 500", 1),
    "502": ([Answer(502)], "answered 502", 1),
}


@pytest.mark.parametrize("arguments", [{}, {"urls": "/a/,/b/"}], ids=["home", "urls"])
@pytest.mark.parametrize(("answers", "said", "code"), ROBOTS.values(), ids=ROBOTS)
async def test_robots_txt_that_is_refused_blocks(crawl, answers, said, code, arguments):
    with serving({**site("a", "b"), "/robots.txt": answers}) as server:
        run = await crawl(server.url, **arguments)
    assert server.paths == ["/robots.txt"] * 3
    assert run.failure is not None
    assert said in str(run.failure)
    assert run.failure.exit_code == code
    assert run.stat("finish_reason") == ("blocked" if code == 3 else "robots_unreachable")
    assert run.stat("log_count/ERROR") == 0


@pytest.mark.parametrize(("status", "code"), [(403, 3), (429, 3), (503, 3), (404, 1), (500, 1), (502, 1)])
async def test_a_home_page_that_is_refused_blocks(crawl, status, code):
    with serving({**site("a"), "/": Answer(status)}) as server:
        run = await crawl(server.url)
    assert run.failure is not None
    assert run.failure.exit_code == code
    assert str(status) in str(run.failure)
    assert run.stat("finish_reason") == ("blocked" if code == 3 else "site_unreachable")


def test_a_blocked_run_ends_with_3_and_keeps_what_came(scrapy, tmp_path):
    script = {
        **site("a", "b"),
        "/category/world/": section(["a", "b"], "/category/world/page/2/"),
        "/category/world/page/2/": section(TWELVE),
        **{f"/{slug}/": Answer(403) for slug in TWELVE},
    }
    with serving(script) as server:
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET)
    assert done.code == 3
    assert re.fullmatch(r"scrapy crawl: blocked: 8 answers in a row were 403, the last from \S+", done.lines[-1])
    with sqlite3.connect(tmp_path / "data" / "newsjournos.db") as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (2,)
        assert db.execute("SELECT finish_reason, exit_code FROM runs").fetchall() == [("blocked", 3)]
