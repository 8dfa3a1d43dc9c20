"""What is normal for this site: from what is stored, and from earlier runs that ended well."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from newscrawl.monitors.measures import Measures
from newscrawl.monitors.tally import AGES, Tally, total
from newscrawl.storage import baseline
from newscrawl.storage.database import Database

ENOUGH = 20
"""Articles, below which nothing is said to be normal."""
SAMPLE = 500
"""Stored articles of each age that a run is compared with."""
ANSWERS = ("read", "unchanged")
"""States of a source that works."""
NO_POST = ("archive", "home", "page", "error404", "other")
"""What a page is that was taken for a post and is none; the names under ``newscrawl/skipped/``."""
GONE = ("http_404", "http_410")
EXCUSED = (*GONE, "RobotsForbiddenError", "BlockedError", "TooManyRequestsError")
"""Failures of a fetch that are an answer, or our own decision."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened, and the most times in one run."""

    count: int = 0
    of: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """How a source of discovery did in earlier runs: how often it answered, and how often it then named articles."""

    answered: int = 0
    named: int = 0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``days`` on which something was published, at most ``gap`` days apart; the last ``silent`` days ago."""

    days: int
    gap: int
    last: str
    silent: int


@dataclass(frozen=True, slots=True)
class Norms:
    """What a run is compared with. Empty for a site that is not known yet."""

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    rejected: Rate = Rate()
    failed: Rate = Rate()
    gone: Rate = Rate()
    no_post: Rate = Rate()
    known_rejects: frozenset[str] = frozenset()
    rhythm: Rhythm | None = None

    def tally(self, age: str) -> Tally | None:
        """The normal articles of an age; for news, where they are few, all articles; None where too few are known."""
        tally = self.tallies.get(age)
        if age == "recent" and (tally is None or tally.articles < ENOUGH):
            tally = total(self.tallies.values())
        return tally if tally is not None and tally.articles >= ENOUGH else None


def tally_of(articles: Iterable[Mapping[str, Any]], version: str | None) -> Tally:
    """
    Counts over stored articles.

    :param version: of the rules of extraction, whose sources count
    """
    tally = Tally()
    for article in articles:
        tally.add(article, article["extractor_version"] == version)
    return tally


def read_norms(store: Database, run_id: int, measures: Measures, since: str = "") -> Norms:
    """
    What is normal for a run.

    :param measures: of that run: what it did not come upon is not looked up
    :param since: an ISO date from which on the site is as it is meant to be; what is older does not count
    :raises StoreError: the store cannot be read
    """
    runs = baseline.healthy_runs(store, run_id, since)
    return Norms(
        tallies=_tallies(store, run_id, measures, since),
        sources=sources_of(runs),
        rejected=_rate((run["rejected"] or 0, _handled(run)) for run in runs),
        failed=_rate((failures(run["stats"]), _handled(run)) for run in runs),
        gone=_rate((run["gone"] or 0, _sum(run, "gone", "unchanged", "updated")) for run in runs),
        no_post=_rate((no_posts(run["stats"]), _handled(run)) for run in runs),
        known_rejects=frozenset(baseline.rejected_before(store, run_id, measures.rejects)),
        rhythm=rhythm_of(
            baseline.publishing_days(store, measures.now.isoformat()), baseline.last_entry(store), measures.now
        ),
    )


def _tallies(store: Database, run_id: int, measures: Measures, since: str) -> dict[str, Tally]:
    """The normal articles of each age, where the run has any of it; news is made of all where it has few of its own."""
    wanted = {age for age, tally in measures.tallies.items() if tally.articles}
    tallies: dict[str, Tally] = {}
    newest = "9999"
    for age, limit in AGES.items():
        oldest = (measures.now - limit).isoformat() if limit else ""
        found = baseline.versions(store, run_id, oldest, newest, since, SAMPLE)
        if age in wanted or ("recent" in wanted and tallies["recent"].articles < ENOUGH):
            tallies[age] = tally_of(found, measures.version)
        newest = oldest
    return tallies


def sources_of(runs: Iterable[Mapping[str, Any]]) -> dict[str, Source]:
    """How each source of discovery did in the reports of earlier runs."""
    found: dict[str, Source] = {}
    for run in runs:
        for report in run["report"].get("sources", ()):
            if report["state"] in ANSWERS:
                before = found.get(report["name"], Source())
                found[report["name"]] = Source(before.answered + 1, before.named + bool(report["named"]))
    return found


def rhythm_of(days: list[str], entered: str | None, now: datetime) -> Rhythm | None:
    """
    The site's rhythm.

    :param days: ISO dates of publication, newest first
    :param entered: when an article last came to the store; essays are back-dated, and are news all the same
    """
    if len(days) < 2:
        return None
    dates = [date.fromisoformat(day) for day in days]
    last = max(days[0], (entered or "")[:10])
    silent = (now.astimezone(UTC).date() - date.fromisoformat(last)).days
    gap = max((later - earlier).days for later, earlier in pairwise(dates))
    return Rhythm(len(days), gap, last, silent)


def failures(stats: Mapping[str, Any]) -> int:
    """Fetches that failed, apart from what is gone or forbidden."""
    excused = {f"newscrawl/failed/{reason}" for reason in EXCUSED}
    return sum(n for name, n in stats.items() if name.startswith("newscrawl/failed/") and name not in excused)


def no_posts(stats: Mapping[str, Any]) -> int:
    """Pages that were taken for posts and are none."""
    return sum(stats.get(f"newscrawl/skipped/{kind}", 0) for kind in NO_POST)


def _handled(run: Mapping[str, Any]) -> int:
    """Addresses of articles of which a run learnt what they are, or that they fail."""
    kept = _sum(run, "new", "updated", "unchanged", "rejected")
    return kept + failures(run["stats"]) + no_posts(run["stats"])


def _sum(run: Mapping[str, Any], *names: str) -> int:
    return sum(run[name] or 0 for name in names)


def _rate(runs: Iterable[tuple[int, int]]) -> Rate:
    pairs = list(runs)
    most = max((count for count, _ in pairs), default=0)
    return Rate(sum(count for count, _ in pairs), sum(of for _, of in pairs), most)
