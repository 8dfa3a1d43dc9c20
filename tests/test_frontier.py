"""The frontier by itself: what a source's word makes of a page, what a visit makes of it, and when it is due again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path

import pytest

from newscrawl import clock
from newscrawl.frontier.frontier import Frontier
from newscrawl.frontier.outcomes import settle
from newscrawl.frontier.period import Period
from newscrawl.frontier.schedule import BY_AGE, OLDEST, look_for_edit, next_check, next_look, next_try
from newscrawl.items import Visit
from newscrawl.storage.sqlite_store import SqliteStore
from tests.stored import GOOD

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
PUBLISHED = "2025-05-03T14:15:00+00:00"
BEFORE, AFTER = "2025-05-03T14:14:59+00:00", "2025-05-03T14:15:01+00:00"
EDITED, LATER = "2025-05-05T00:00:00+00:00", "2025-05-06T00:00:00+00:00"
URL, NEW = GOOD.url, "https://newsjournos.com/n/"
OPEN = Period()


@pytest.fixture
def store(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    store = SqliteStore(Path(":memory:"))
    yield store
    store.close()


def known(store: SqliteStore, modified_at: str | None = None, **row) -> None:
    """An article that run 1 found in a section, fetched and stored; ``row`` is what else its page's row holds."""
    Frontier(store, 1, False, OPEN).learn(URL, "sections", "section:World")
    store.save(replace(GOOD, published_at=PUBLISHED, modified_at=modified_at))
    settle(store, 1, Visit(URL, "article", None, URL))
    store.set_page(URL, "article", fetched_at="2025-05-04T00:00:00+00:00", **row)


GONE = {"outcome": "gone", "failures": 1}
NO_ARTICLE = {"article_id": None, "next_check_at": None}
# row of a known page, what a source says, mode, whether it is wanted, todo afterwards
LEARNT = {
    "known, nothing said": ({}, {}, False, None),
    "known, changed before it came out": ({}, {"lastmod": BEFORE}, False, None),
    "known, changed when it came out": ({}, {"lastmod": PUBLISHED}, False, None),
    "known, changed after it came out": ({}, {"lastmod": AFTER}, True, "changed"),
    "edited, changed between": ({"modified_at": EDITED}, {"lastmod": AFTER}, False, None),
    "edited, changed then": ({"modified_at": EDITED}, {"lastmod": EDITED}, False, None),
    "edited, changed later": ({"modified_at": EDITED}, {"lastmod": LATER}, True, "changed"),
    "dated, the same": ({"lastmod": EDITED}, {"lastmod": EDITED}, False, None),
    "dated, older": ({"lastmod": EDITED}, {"lastmod": AFTER}, False, None),
    "dated, newer": ({"lastmod": EDITED}, {"lastmod": LATER}, True, "changed"),
    "dated, undated now": ({"lastmod": EDITED}, {}, False, None),
    "asked for in this run, dated": ({"lastmod": EDITED, "asked_run": 2}, {"lastmod": EDITED}, False, None),
    "left by an earlier run": ({"todo": "new", "outcome": None, **NO_ARTICLE}, {}, True, "new"),
    "changed, and left": ({"todo": "changed"}, {}, True, "changed"),
    "missing, and named again": ({"todo": "missing"}, {}, False, None),
    "missing, and changed": ({"todo": "missing", "lastmod": EDITED}, {"lastmod": LATER}, True, "changed"),
    "gone, and named again": ({**GONE, "retry_run": 2}, {}, True, "changed"),
    "gone, and named too soon": ({**GONE, "retry_run": 3}, {}, False, None),
    "gone, and never an article": ({**GONE, **NO_ARTICLE}, {}, False, None),
    "gone, never an article, now newer": (
        {**GONE, **NO_ARTICLE, "lastmod": EDITED}, {"lastmod": LATER}, True, "changed",
    ),
    "rejected": ({"outcome": "rejected", **NO_ARTICLE}, {}, False, None),
    "rejected, the same": (
        {"outcome": "rejected", "lastmod": EDITED, **NO_ARTICLE}, {"lastmod": EDITED}, False, None,
    ),
    "rejected, newer": (
        {"outcome": "rejected", "lastmod": EDITED, **NO_ARTICLE}, {"lastmod": LATER}, True, "changed",
    ),
    "failed": ({"outcome": "failed", "retry_run": 3, **NO_ARTICLE}, {}, False, None),
    "failed, newer": (
        {"outcome": "failed", "lastmod": EDITED, "retry_run": 3, **NO_ARTICLE}, {"lastmod": LATER}, True, "changed",
    ),
    "moved": ({"outcome": "moved", "lastmod": EDITED}, {"lastmod": EDITED}, False, None),
    "moved, newer": ({"outcome": "moved", "lastmod": EDITED}, {"lastmod": LATER}, True, "changed"),
    "a section's own page": ({"kind": "section", "outcome": None}, {"lastmod": LATER}, False, None),
}  # fmt: skip


@pytest.mark.parametrize(("row", "said", "wanted", "todo"), LEARNT.values(), ids=LEARNT)
def test_what_a_source_says_of_a_known_page(store, row, said, wanted, todo):
    row = dict(row)
    known(store, row.pop("modified_at", None))
    kind = row.pop("kind", "article")
    store.set_page(URL, kind, **row)
    learnt = Frontier(store, 2, False, OPEN).learn(URL, "sitemap", "sitemap", **said)
    assert learnt.wanted is wanted
    assert store.page(URL)["todo"] == todo
    assert learnt.first_run == 1


def test_an_unknown_page_is_wanted_and_its_source_kept(store):
    learnt = Frontier(store, 2, False, OPEN).learn(NEW, "sitemap", "sitemap", lastmod=EDITED, sitemap="s")
    page = store.page(NEW)
    assert (learnt.first_run, learnt.wanted, learnt.todo) == (2, True, "new")
    assert {name: page[name] for name in ("todo", "lastmod", "sitemap", "found_by", "discovered_run")} == {
        "todo": "new", "lastmod": EDITED, "sitemap": "s", "found_by": "sitemap", "discovered_run": 2,
    }  # fmt: skip
    assert Frontier(store, 2, False, OPEN).learn(NEW, "rest", "rest", published_at=PUBLISHED).first_run == 2
    page = store.page(NEW)
    assert (page["found_by"], page["discovered_by"], page["published_at"]) == ("rest,sitemap", "sitemap", PUBLISHED)


@pytest.mark.parametrize("source", ["home", "sidebar", "related", "urls"])
def test_other_places_lead_to_a_page_and_list_nothing(store, source):
    assert Frontier(store, 2, False, OPEN).learn(NEW, source, source).wanted
    assert (store.page(NEW)["found_by"], store.page(NEW)["discovered_by"]) == ("", source)


@pytest.mark.parametrize(("asked_run", "wanted"), [(1, True), (2, False)])
def test_a_full_run_wants_every_page_once(store, asked_run, wanted):
    known(store)
    store.set_page(URL, "article", asked_run=asked_run)
    assert Frontier(store, 2, True, OPEN).learn(URL, "sections", "section:World").wanted is wanted


@pytest.mark.parametrize(("lastmod", "todo"), [(LATER, None), ("2025-06-02T00:00:00+00:00", "changed")])
def test_a_page_that_this_run_fetched_before_a_source_dated_it(store, lastmod, todo):
    """Fetched since the change: known. Changed since the fetch: for the next run."""
    known(store)
    store.set_page(URL, "article", asked_run=2, fetched_at=NOW.isoformat())
    assert not Frontier(store, 2, False, OPEN).learn(URL, "sitemap", "sitemap", lastmod=lastmod).wanted
    assert (store.page(URL)["todo"], store.page(URL)["lastmod"]) == (todo, lastmod)


def test_an_article_of_other_days_waits_until_a_run_wants_them(store):
    """since and until leave it in the frontier; the run without them fetches it, and no other one does."""
    Frontier(store, 1, False, OPEN).learn(URL, "sections", "section:World")
    settle(store, 1, Visit(URL, "out_of_range", published_at=PUBLISHED))
    for run, period, wanted in (
        (2, Period("2025-05-04"), False),
        (3, Period("", "2025-05-02"), False),
        (4, Period("2025-05-03", "2025-05-03"), True),
        (5, OPEN, True),
    ):
        frontier = Frontier(store, run, False, period)
        assert [page["url"] for page in islice(frontier.waiting(), 1)] == [URL] * wanted
        assert frontier.learn(URL, "sections", "section:World").wanted is wanted
        if wanted:
            frontier.asked(URL)
            assert list(frontier.waiting()) == []


PERIODS = [
    (Period(), None, None, True),
    (Period("2025-05-03"), None, None, True),
    (Period("2025-05-03"), PUBLISHED, None, True),
    (Period("2025-05-04"), PUBLISHED, None, False),
    (Period("2025-05-04"), PUBLISHED, LATER, False),  # edited since: published before all the same
    (Period("2025-05-04"), None, LATER, True),
    (Period("2025-05-04"), None, AFTER, False),  # not changed since: not published since
    (Period("", "2025-05-03"), PUBLISHED, None, True),
    (Period("", "2025-05-02"), PUBLISHED, None, False),
    (Period("", "2025-05-02"), None, LATER, True),  # may have been published long before
]


@pytest.mark.parametrize(("period", "published_at", "lastmod", "may"), PERIODS)
def test_whether_an_article_may_be_of_the_period(period, published_at, lastmod, may):
    assert period.may_hold(published_at, lastmod) is may


# what a visit makes of a page: outcome, reason, failures, todo, run of the next try, whether it is looked at again
STORED = Visit(URL, "article", None, URL)
SETTLED_UNKNOWN = {
    "not stored": (STORED, ("rejected", "not_stored", 1, None, None, True)),
    "unchanged, of nothing": (Visit(URL, "unchanged"), ("rejected", "not_stored", 1, None, None, True)),
    "404": (Visit(URL, "gone", "http_404"), ("gone", "http_404", 1, None, None, True)),
    "no text": (Visit(URL, "rejected", "no_text"), ("rejected", "no_text", 1, None, None, True)),
    "empty main": (Visit(URL, "rejected", "empty_page"), ("failed", "empty_page", 1, None, 3, False)),
    "a part that stays away": (Visit(URL, "rejected", "missing_part"), ("failed", "missing_part", 1, None, 3, False)),
    "archive": (Visit(URL, "skipped", "archive"), ("skipped", "archive", 1, None, None, True)),
    "500": (Visit(URL, "failed", "http_500"), ("failed", "http_500", 1, None, 3, False)),
    "of other days": (Visit(URL, "out_of_range", published_at=PUBLISHED), ("out_of_range", None, 0, "new", None, False)),
}  # fmt: skip
SETTLED_KNOWN = {
    "stored": (STORED, ("article", None, 0, None, None, True)),
    "not modified": (Visit(URL, "unchanged"), ("article", None, 0, None, None, True)),
    "404": (Visit(URL, "gone", "http_404"), ("gone", "http_404", 1, None, 3, True)),
    "no text": (Visit(URL, "rejected", "no_text"), ("rejected", "no_text", 1, None, None, True)),
    "empty main": (Visit(URL, "rejected", "empty_page"), ("article", "empty_page", 1, None, 3, True)),
    "archive": (Visit(URL, "skipped", "archive"), ("article", "archive", 1, None, 3, True)),
    "500": (Visit(URL, "failed", "http_500"), ("article", "http_500", 1, None, 3, True)),
    "renamed": (Visit(URL, "moved", None, URL), ("moved", None, 0, None, None, False)),
}


def row(store: SqliteStore) -> tuple:
    page = store.page(URL)
    names = ("outcome", "reason", "failures", "todo", "retry_run")
    return (*(page[name] for name in names), page["next_check_at"] is not None)


@pytest.mark.parametrize(("visit", "expected"), SETTLED_UNKNOWN.values(), ids=SETTLED_UNKNOWN)
def test_what_a_visit_makes_of_an_unknown_page(store, visit, expected):
    Frontier(store, 1, False, OPEN).learn(URL, "sections", "section:World")
    settle(store, 2, visit)
    assert row(store) == expected


@pytest.mark.parametrize(("visit", "expected"), SETTLED_KNOWN.values(), ids=SETTLED_KNOWN)
def test_what_a_visit_makes_of_a_known_article(store, visit, expected):
    known(store)
    settle(store, 2, visit)
    assert row(store) == expected
    state = store.read("SELECT state FROM articles").fetchone()[0]
    assert state == {"gone": "gone", "unchanged": "unchanged"}.get(visit.outcome, "new")


def test_a_page_that_was_never_learnt_gets_a_row_of_its_own(store):
    store.save(GOOD)
    settle(store, 4, STORED)
    assert (store.page(URL)["outcome"], store.page(URL)["discovered_run"]) == ("article", 4)


def tries(store: SqliteStore, runs: range, visit: Visit) -> list[int]:
    """The runs in which a page is asked for, if every visit ends the same."""
    found = []
    for run in runs:
        for page in Frontier(store, run, False, OPEN).retries():
            found.append(run)
            settle(store, run, replace(visit, url=page["url"]))
    return found


@pytest.mark.parametrize("is_known", [False, True])
def test_a_failing_page_is_tried_ever_more_rarely_and_forgiven_at_once(store, is_known):
    if is_known:
        known(store)
    settle(store, 1, Visit(URL, "failed", "http_500"))
    assert tries(store, range(2, 200), Visit(URL, "failed", "http_500")) == [2, 4, 8, 16, 32, 64, 128, 192]
    assert store.page(URL)["failures"] == 9
    store.save(GOOD)
    settle(store, 200, STORED)
    assert tries(store, range(201, 300), STORED) == []
    assert row(store) == ("article", None, 0, None, None, True)


def test_a_page_that_fails_again_after_it_worked_begins_anew(store):
    known(store)
    settle(store, 5, Visit(URL, "failed", "http_500"))
    settle(store, 6, STORED)
    settle(store, 7, Visit(URL, "failed", "http_500"))
    assert store.page(URL)["retry_run"] == 8


def test_a_rejected_page_is_looked_at_again_by_time(store, monkeypatch):
    Frontier(store, 1, False, OPEN).learn(URL, "sections", "section:World")
    looked, moment = [], NOW
    settle(store, 1, Visit(URL, "rejected", "no_text"))
    for day in range(1, 400):
        moment = NOW + timedelta(days=day)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        for page in Frontier(store, day + 1, False, OPEN).due(9):
            looked.append(day)
            settle(store, day + 1, Visit(page["url"], "rejected", "no_text"))
    gaps = [after - before for before, after in zip([0, *looked], looked, strict=False)]
    assert 4 <= len(looked) <= 8
    assert all(
        allowed * 0.8 <= gap <= allowed * 1.2 + 1
        for gap, allowed in zip(gaps, [1, 7, 30, 90, 90, 90, 90], strict=False)
    )


AGES = [
    (timedelta(0), timedelta(hours=3)),
    (timedelta(hours=23), timedelta(hours=3)),
    (timedelta(hours=25), timedelta(hours=12)),
    (timedelta(days=8), timedelta(days=3)),
    (timedelta(days=31), timedelta(days=30)),
    (timedelta(days=366), OLDEST),
    (timedelta(days=-1), timedelta(hours=3)),  # dated ahead
]


@pytest.mark.parametrize(("age", "interval"), AGES)
def test_the_older_the_rarer(age, interval):
    moments = {next_check(f"https://newsjournos.com/{n}/", NOW, NOW - age) for n in range(50)}
    waits = [datetime.fromisoformat(moment) - NOW for moment in moments]
    assert len(moments) > 40, "what was fetched at once is not due at once"
    assert all(interval * 0.84 <= wait <= interval * 1.16 for wait in waits)


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat(timespec="seconds")


# when a source says that the page changed, when the page says so, how long until it is looked at again
EDITS = {
    "shown": (ago(hours=1), ago(hours=1), None),
    "shown, and a later one": (ago(hours=2), ago(hours=1), None),
    "not shown, just now": (ago(minutes=2), ago(days=9), timedelta(minutes=15)),
    "not shown for an hour": (ago(hours=1), ago(days=9), timedelta(hours=1)),
    "not shown for most of a day": (ago(hours=23), ago(days=9), timedelta(hours=23)),
    "not shown for a day": (ago(days=1), ago(days=9), None),
    "dated ahead": (ago(hours=-1), ago(days=9), None),
    "no source says": (None, ago(days=9), None),
    "the page has no date": (ago(hours=1), None, None),
}


@pytest.mark.parametrize(("lastmod", "last_change", "wait"), EDITS.values(), ids=EDITS)
def test_an_edit_that_the_page_does_not_show_yet_is_looked_for(lastmod, last_change, wait):
    expected = (NOW + wait).isoformat(timespec="seconds") if wait else None
    assert look_for_edit(lastmod, last_change, NOW) == expected


# minutes between runs, those of them that fetch a page whose lastmod has moved a minute before the first, for no edit
LOOKS = {5: [15, 35, 75, 155, 315, 635, 1275, 2555], 60: [60, 180, 420, 900, 1860], 24 * 60: [24 * 60]}


@pytest.mark.parametrize(("every", "expected"), LOOKS.items(), ids=str)
def test_a_lastmod_that_moves_without_an_edit_is_forgotten(store, monkeypatch, every, expected):
    known(store)
    store.set_page(URL, "article", lastmod=ago(minutes=1), todo="changed")
    looks = []
    for run in range(2, 3 + 2 * 24 * 60 // every):
        moment = NOW + timedelta(minutes=every * (run - 2))
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        frontier = Frontier(store, run, False, OPEN)
        for page in chain(frontier.waiting(), frontier.due(9)):
            looks.append(every * (run - 2))
            store.set_page(URL, "article", fetched_at=moment.isoformat(timespec="seconds"))
            settle(store, run, Visit(page["url"], "unchanged", None, URL))
    assert looks == [0, *expected]


def test_intervals_grow():
    intervals = [interval for _, interval in BY_AGE] + [OLDEST]
    assert intervals == sorted(intervals)


def test_looks_in_vain_grow_and_runs_between_tries_double():
    looks = [next_look(URL, NOW, tries) for tries in range(1, 8)]
    assert looks[:4] == sorted(set(looks[:4]))
    assert looks[3:] == [looks[3]] * 4
    assert [next_try(0, failures) for failures in range(1, 10)] == [1, 2, 4, 8, 16, 32, 64, 64, 64]


def test_those_that_are_late_by_most_of_their_interval_come_first(store, monkeypatch):
    """An hour too late is much for an article of today, and nothing for one of last year."""
    for slug, fetched, due in (
        ("old", NOW - timedelta(days=180), NOW - timedelta(hours=10)),
        ("young", NOW - timedelta(hours=6), NOW - timedelta(hours=3)),
        ("mid", NOW - timedelta(days=4), NOW - timedelta(days=1)),
        ("later", NOW, NOW + timedelta(hours=1)),
    ):
        url = f"https://newsjournos.com/{slug}/"
        store.set_page(url, "article", fetched_at=fetched.isoformat(), next_check_at=due.isoformat(), outcome="article")
    frontier = Frontier(store, 2, False, OPEN)
    assert [page["url"].split("/")[3] for page in frontier.due(9)] == ["young", "mid", "old"]
    assert len(list(frontier.due(2))) == 2
    assert list(frontier.due(0)) == []
    frontier.asked("https://newsjournos.com/young/")
    assert [page["url"].split("/")[3] for page in frontier.due(9)] == ["mid", "old"]


def test_an_address_that_led_elsewhere_and_was_never_fetched_itself_has_its_turn(store):
    """Were it always behind the others that are due, an article would be lost for good."""
    fetched, due = ((NOW - timedelta(days=days)).isoformat() for days in (30, 10))
    store.set_page(f"{URL}other/", "article", fetched_at=fetched, next_check_at=due, outcome="article")
    store.set_page(URL, "article", next_check_at=due, outcome="skipped")
    assert [page["url"] for page in Frontier(store, 2, False, OPEN).due(1)] == [URL]
