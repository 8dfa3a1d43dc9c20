"""What a run did, found and missed, as one JSON object."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from newscrawl import clock
from newscrawl.discovery.reports import SourceReport
from newscrawl.monitors.findings import Finding
from newscrawl.storage import runs_read
from newscrawl.storage.database import Database

STORED = ("new", "updated", "unchanged", "gone", "held")
RUN = ("id", "spider", "started_at", "finished_at", "seconds", "arguments", "finish_reason", "exit_code", "why")
MOST_CHANGES = 20
"""Examples of each kind of change; the counts are of all."""


def build_report(
    run: Mapping[str, Any],
    stats: Mapping[str, Any],
    source_reports: Iterable[SourceReport],
    findings: Iterable[Finding],
    measures: Mapping[str, Any],
    store: Database,
) -> dict[str, Any]:
    """
    The report of a run whose articles are stored; ``exit_code`` and ``why`` are added when they are known.

    :param run: ``id``, ``spider``, ``started_at``, ``arguments`` and ``finish_reason``, as its row has them
    :param stats: of the crawler
    :param measures: what the monitors measured, the baseline of later runs; JSON-native
    :raises StoreError: the store cannot be read
    """
    sources = [asdict(source) for source in source_reports]
    found = [asdict(finding) for finding in findings]
    counts = articles(stats)
    failing, examples = runs_read.retrying(store, MOST_CHANGES)
    totals = [source["total"] for source in sources if source["name"] == "rest"]
    return {
        "run": about(run),
        "health": health(found),
        "articles": counts,
        "rejected": below(stats, "newscrawl/rejected/"),
        "failed": below(stats, "newscrawl/failed/"),
        "skipped": below(stats, "newscrawl/skipped/"),
        "requests": {
            "total": stats.get("downloader/request_count", 0),
            "by_kind": below(stats, "newscrawl/requests/"),
            "by_status": below(stats, "downloader/response_status_count/"),
        },
        "sources": sources,
        "reconciliation": runs_read.reconciliation(store, read_whole(sources))
        | {"x_wp_total": next(iter(totals), None)},
        "findings": found,
        "measures": dict(measures),
        "changes": runs_read.changes(store, run["id"], run["started_at"], counts, MOST_CHANGES),
        "retrying": examples,
        "retrying_count": failing,
    }


def read_whole(sources: Iterable[Mapping[str, Any]]) -> set[str]:
    """Names of the sources that the run read to their end, in all of their parts: ``sections``, ``sitemap``, ..."""
    complete: dict[str, bool] = {}
    for source in sources:
        name = "sections" if source["name"].startswith("section:") else source["name"]
        complete[name] = complete.get(name, True) and source["complete"]
    return {name for name, is_complete in complete.items() if is_complete}


def bare_report(run: Mapping[str, Any]) -> dict[str, Any]:
    """The report of a run that ended before one was made: what its row says."""
    names = (*STORED, "rejected", "failed")
    return {
        "run": about(run),
        "health": "failed",
        "articles": {name: run.get(name) or 0 for name in names},
        "rejected": {},
        "failed": {},
        "skipped": {},
        "requests": {"total": run.get("requests") or 0, "by_kind": {}, "by_status": {}},
        "sources": [],
        "reconciliation": None,
        "findings": [],
        "measures": {},
        "changes": {"new": [], "updated": [], "gone": [], "renamed": []},
        "retrying": [],
        "retrying_count": 0,
    }


def about(run: Mapping[str, Any]) -> dict[str, Any]:
    """The names of RUN; a run that is still at its end finishes now."""
    finished_at = run.get("finished_at") or clock.stamp()
    seconds = (datetime.fromisoformat(finished_at) - datetime.fromisoformat(run["started_at"])).total_seconds()
    return {name: run.get(name) for name in RUN} | {"finished_at": finished_at, "seconds": int(seconds)}


def health(findings: list[dict[str, Any]]) -> str:
    """``unhealthy`` where a finding failed, ``quiet`` where the site merely published nothing, else ``ok``."""
    if any(finding["failed"] for finding in findings):
        return "unhealthy"
    return "quiet" if any(finding["verdict"] == "quiet" for finding in findings) else "ok"


def articles(stats: Mapping[str, Any]) -> dict[str, int]:
    """How many articles came out how."""
    stored = below(stats, "newscrawl/stored/")
    lost = {name: sum(below(stats, f"newscrawl/{name}/").values()) for name in ("rejected", "failed")}
    return {name: stored.get(name, 0) for name in STORED} | lost


def below(stats: Mapping[str, Any], prefix: str) -> dict[str, int]:
    """The counts whose names begin with ``prefix``, under the rest of the name, the largest first."""
    counts = {name.removeprefix(prefix): value for name, value in stats.items() if name.startswith(prefix)}
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
