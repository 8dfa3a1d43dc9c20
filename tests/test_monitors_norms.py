"""What is normal, read from a store: from earlier versions and earlier runs only, and from sound ones."""

import json
from datetime import datetime, timedelta

import pytest

from newscrawl import clock
from newscrawl.items import Article
from newscrawl.monitors.judging import judge
from newscrawl.monitors.norms import Rate, Rhythm, Source, read_norms, rhythm_of
from newscrawl.monitors.observed import Observed
from newscrawl.monitors.tally import AGES
from newscrawl.storage import open_store
from tests.monitored import NOW, VERSION, WHOLE, article, observed

SPIDER = "newsjournos"


@pytest.fixture
def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/news.db")
    yield store
    store.close()


@pytest.fixture
def at(monkeypatch):
    """``at(day)`` sets the clock: so many days before NOW."""

    def set_clock(days: float) -> datetime:
        moment = NOW - timedelta(days=days)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    return set_clock


class Crawls:
    """Runs of a store, one after the other, each some days before NOW."""

    def __init__(self, store, at) -> None:
        self.store, self.at, self.number = store, at, 0

    def begin(self, days: float) -> int:
        self.at(days)
        return self.store.start_run(SPIDER, {})

    def save(self, count: int, first: int | None = None, **changes) -> None:
        """Store articles; new ones, or from the number ``first`` on those that are known."""
        start = self.number if first is None else first
        for number in range(start, start + count):
            digest = json.dumps([number, changes], default=str)
            extra = {"content_hash": digest, "extractor_version": VERSION, "crawled_at": clock.stamp(), **changes}
            extra.setdefault("sources", {"headline": "theme"})
            self.store.save(Article(**{**WHOLE, "url": f"https://newsjournos.com/{number}/", **extra}))
        self.number = max(self.number, start + count)

    def end(self, run: int, days: float, exit_code: int | None = 0, report: dict | None = None, **counts) -> None:
        self.at(days)
        values = {"finish_reason": "finished", "exit_code": exit_code, **counts}
        self.store.finish_run(run, values | ({"report": json.dumps(report)} if report else {}))

    def past(self, days: float, count: int, exit_code: int = 0, report: dict | None = None, **changes) -> None:
        """A whole run that stored new articles."""
        run = self.begin(days)
        self.save(count, **changes)
        self.end(run, days - 0.01, exit_code, report, new=count)


@pytest.fixture
def crawls(store, at):
    return Crawls(store, at)


def norms_now(crawls: Crawls, run: Observed | None = None, since: str = "", days: float = 0):
    """The norms of a run that begins now."""
    number = crawls.begin(days)
    return read_norms(crawls.store, number, (run or observed([article()])).measures, since)


def counted(norms) -> tuple[int, int]:
    """Articles known, and how many of them have tags."""
    tallies = norms.tallies.values()
    return sum(tally.articles for tally in tallies), sum(tally.filled["tags"] for tally in tallies)


CHANGED = {"health": "unhealthy", "findings": [{"verdict": "layout_changed", "monitor": "fields"}]}
BLOCKED = {"health": "unhealthy", "findings": [{"verdict": "blocked", "monitor": "blocked"}]}
SOUND = {"health": "ok", "findings": []}


def test_a_new_store_knows_nothing(crawls):
    norms = norms_now(crawls)
    assert counted(norms) == (0, 0)
    assert (norms.tally("recent"), norms.rhythm, norms.sources) == (None, None, {})


@pytest.mark.parametrize(
    ("exit_code", "report", "known"),
    [(0, SOUND, 30), (0, None, 30), (3, BLOCKED, 30), (1, None, 30), (3, CHANGED, 0)],
    ids=["sound", "no report", "blocked", "failed", "changed"],
)
def test_what_a_changed_layout_gave_is_not_normal(crawls, exit_code, report, known):
    crawls.past(2, 30, exit_code, report)
    assert counted(norms_now(crawls))[0] == known


def test_the_run_itself_is_not_its_norm(crawls):
    crawls.past(2, 30)
    run = crawls.begin(1)
    crawls.at(0.9)
    crawls.save(20, tags=[])  # new ones
    crawls.save(10, first=0, subtitle="Nobody asked it to")  # known ones, as they are now
    norms = read_norms(crawls.store, run, observed([article()]).measures)
    assert counted(norms) == (30, 30)
    assert norms.tallies["recent"].filled["subtitle"] == 0


def test_an_article_counts_as_it_was_before_the_layout_changed(crawls):
    crawls.past(3, 30)
    run = crawls.begin(2)
    with crawls.store.writing():  # as if it did not hold what is doubtful
        for number in range(30):
            values = json.loads(crawls.store.versions(f"https://newsjournos.com/{number}/")[0]["article"])
            broken = values | {"tags": [], "content_hash": f"changed {number}"}
            crawls.store._keep(number + 1, broken, clock.stamp())
    crawls.store.commit()
    crawls.end(run, 1.9, 3, CHANGED)
    assert counted(norms_now(crawls)) == (30, 30)


def test_a_site_that_is_meant_to_be_different_starts_anew(crawls):
    crawls.past(9, 30)
    crawls.past(2, 25, tags=[])
    since = (NOW - timedelta(days=3)).date().isoformat()
    assert counted(norms_now(crawls)) == (55, 30)
    assert counted(norms_now(crawls, since=since)) == (25, 0)


def test_each_age_has_its_own(crawls):
    crawls.past(2, 30)
    crawls.past(2, 40, published_at="2018-01-01T00:00:00+00:00", tags=[])
    both = observed([article(), article(1, published_at="2019-01-01T00:00:00+00:00")])
    norms = norms_now(crawls, both)
    assert {age: tally.articles for age, tally in norms.tallies.items()} == {"recent": 30, "old": 40}
    assert (norms.tally("recent").filled["tags"], norms.tally("old").filled["tags"]) == (30, 0)
    assert norms.tally("past") is None


def test_news_is_compared_with_everything_where_there_was_none(crawls):
    crawls.past(2, 40, published_at="2025-06-01T00:00:00+00:00")
    norms = norms_now(crawls)
    assert norms.tally("recent").articles == 40
    assert set(AGES) == {"recent", "past", "old"}


def test_sources_count_only_where_the_rules_are_the_same(crawls):
    crawls.past(3, 30, extractor_version="0.9", sources={"headline": "meta"})
    crawls.past(2, 25)
    tally = norms_now(crawls).tallies["recent"]
    assert (tally.articles, dict(tally.sources)) == (55, {"headline": {"theme": 25}})


STATS = {"newscrawl/failed/http_500": 2, "newscrawl/failed/http_404": 5, "newscrawl/skipped/page": 3}
REPORTED = SOUND | {
    "sources": [
        {"name": "sitemap", "state": "read", "named": 9},
        {"name": "feed", "state": "unchanged", "named": 0},
        {"name": "rest", "state": "closed", "named": 0},
    ]
}


def test_earlier_runs_say_what_is_usual(crawls):
    for days in (5, 4):
        run = crawls.begin(days)
        counts = {"new": 80, "unchanged": 10, "rejected": 5, "gone": 1, "stats": json.dumps(STATS)}
        crawls.end(run, days, report=REPORTED, **counts)
    norms = norms_now(crawls)
    assert norms.sources == {"sitemap": Source(2, 2), "feed": Source(2, 0)}
    assert norms.rejected == Rate(10, 200, 5)
    assert (norms.failed, norms.no_post, norms.gone) == (Rate(4, 200, 2), Rate(6, 200, 3), Rate(2, 22, 1))


@pytest.mark.parametrize(
    ("exit_code", "report"),
    [(3, REPORTED | {"health": "unhealthy"}), (1, REPORTED), (0, REPORTED | {"health": "unhealthy"}), (4, None)],
)
def test_runs_that_did_not_end_well_say_nothing(crawls, exit_code, report):
    run = crawls.begin(5)
    crawls.end(run, 5, exit_code, report, new=80, rejected=80)
    norms = norms_now(crawls)
    assert (norms.sources, norms.rejected) == ({}, Rate())


def test_runs_of_another_spider_or_before_the_change_say_nothing(crawls, store, at):
    at(5)
    store.finish_run(store.start_run("other", {}), {"finish_reason": "finished", "report": json.dumps(REPORTED)})
    crawls.end(crawls.begin(4), 4, report=REPORTED)
    assert norms_now(crawls).sources["sitemap"] == Source(1, 1)
    assert norms_now(crawls, since=(NOW - timedelta(days=3)).isoformat()).sources == {}


def test_rejects_of_earlier_runs_are_known(crawls, store):
    first = crawls.begin(5)
    store.reject("https://newsjournos.com/rejected-0/", "no_text", None, run_id=first)
    crawls.end(first, 5)
    now = crawls.begin(0)
    for number in (1, 2):
        store.reject(f"https://newsjournos.com/rejected-{number}/", "no_text", None, run_id=now)
    measures = observed(rejects=["no_text"] * 3).measures
    assert read_norms(store, now, measures).known_rejects == {"https://newsjournos.com/rejected-0/"}


@pytest.mark.parametrize(
    ("days", "entered", "rhythm"),
    [
        (["2025-11-28", "2025-11-27", "2025-11-24"], None, Rhythm(3, 3, "2025-11-28", 3)),
        (["2025-11-28", "2025-11-27"], "2025-11-30T09:00:00+00:00", Rhythm(2, 1, "2025-11-30", 1)),
        (["2025-11-28"], None, None),
        ([], None, None),
    ],
)
def test_rhythm(days, entered, rhythm):
    assert rhythm_of(days, entered, NOW) == rhythm


def test_the_rhythm_of_a_store(crawls):
    for day in range(20):
        crawls.past(30 - day, 1, published_at=f"2025-11-{day + 1:02}T01:00:00+00:00")
    assert norms_now(crawls).rhythm == Rhythm(20, 1, "2025-11-20", 11)


def test_from_store_to_line(crawls):
    """The whole way: a site that is known, and a run whose articles have no tags."""
    crawls.past(3, 60)
    crawls.past(2, 5)
    run = observed([article(number, tags=[]) for number in range(12)])
    (finding,) = judge(run, norms_now(crawls, run))
    assert finding.message.startswith("layout changed: tags filled in 0 of 12 articles, normally 100 %; look at")
    assert judge(observed([article(number) for number in range(12)]), norms_now(crawls, run)) == []
