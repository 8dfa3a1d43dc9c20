"""What several workers counted, as one run's."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from scrapy.statscollectors import StatsCollector

from newscrawl.monitors.measures import Measures, Reject
from newscrawl.monitors.tally import AGES, Tally, total
from newscrawl.storage.runtime import FAILURE, RUN_ID

SUMMED = (
    "newscrawl/", "downloader/", "robotstxt/", "retry/", "httperror/", "item_", "response_received_count",
    "spider_exceptions/",
)  # fmt: skip
"""What the names of counts begin with that are of the run; the others are of a process."""
_TALLIED = ("articles", "templated", "filled", "sources", "words")
_PLAIN = ("filled", "empty", "sections", "versions", "newest", "refused", "shortest", "longest")


def add_stats(stats: StatsCollector, others: Mapping[str, Any]) -> None:
    """Add another worker's counts to those of the run."""
    for name, value in others.items():
        if name.startswith(SUMMED) and name not in {RUN_ID, FAILURE} and type(value) in {int, float}:
            stats.inc_value(name, value)


def to_json(measures: Measures) -> dict[str, Any]:
    """Measures as JSON, whole."""
    return {
        **{name: getattr(measures, name) for name in _PLAIN},
        "tallies": {age: {name: getattr(tally, name) for name in _TALLIED} for age, tally in measures.tallies.items()},
        "given_by": [[*key, url] for key, url in measures.given_by.items()],
        "rejects": [[reject.url, reject.reason] for reject in measures.rejects.values()],
    }


def add_measures(measures: Measures, others: Mapping[str, Any]) -> None:
    """Add what another worker measured; ``others`` as ``to_json`` made it."""
    for age in AGES:
        measures.tallies[age] = total((measures.tallies[age], _tally(others["tallies"][age])))
    for name in ("filled", "sections", "versions"):
        getattr(measures, name).update(Counter(others[name]))
    for name, urls in others["empty"].items():
        measures.empty.setdefault(name, list(urls))
    for field, source, url in others["given_by"]:
        measures.given_by.setdefault((field, source), url)
    for url, reason in others["rejects"]:
        measures.rejects.setdefault(url, Reject(reason, url))
    measures.refused += others["refused"]
    measures.newest = max(filter(None, (measures.newest, others["newest"])), default=None)
    shortest, longest = [(own, tuple(its)) for own, its in _lengths(measures, others)]
    measures.shortest = min(filter(None, shortest), default=None)
    measures.longest = max(filter(None, longest), default=None)


def _lengths(measures: Measures, others: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    return [(getattr(measures, name), others[name] or ()) for name in ("shortest", "longest")]


def _tally(values: Mapping[str, Any]) -> Tally:
    tally = Tally(values["articles"], values["templated"], Counter(values["filled"]), words=list(values["words"]))
    for name, sources in values["sources"].items():
        tally.sources[name].update(sources)
    return tally
