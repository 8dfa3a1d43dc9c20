"""What the sources of discovery know of each other: which articles which of them never named."""

from collections.abc import Mapping, Sequence
from typing import Any

from newscrawl.picturing.parts import Fold, Part, Section, Table, percent
from newscrawl.picturing.text import link
from newscrawl.reporting.plain import counted
from newscrawl.storage.runs_read import WHOLE


def gaps(runs: Sequence[Mapping[str, Any]]) -> Section:
    """:param runs: rows of ``runs`` with their reports, newest first; the first that was reconciled counts"""
    name, title = "gaps", "Gaps of the sources"
    run = next((run for run in runs if run["report"] and run["report"]["reconciliation"]), None)
    if run is None:
        return Section(name, title, ["No run has compared its sources yet."])
    found, sources = run["report"]["reconciliation"], run["report"]["sources"]
    whole, missed = found["articles"], found["missed_by"]
    total = found["x_wp_total"]
    site = "" if total is None else f" The site itself counts {counted(total, 'article')} (X-WP-Total)."
    says = [f"As of run {run['id']}, {run['started_at'][:10]}: {counted(whole, 'article')} that are not gone.{site}"]
    rows = [
        [source, count, percent(count, whole), missed[source]["count"] if source in missed else _why_not(source)]
        for source, count in sorted(found["by_source"].items(), key=lambda pair: -pair[1])
    ]
    parts: list[Part] = []
    if rows:
        head = ["source", "articles it named", "share", "missed"]
        parts.append(Table("What each source ever named", head, rows, 1))
    else:
        says.append("No source has named an article yet.")
    for source, one in missed.items():
        if one["count"]:
            lines = [link(url) for url in one["examples"]]
            parts.append(Fold(f"{counted(one['count'], 'article')} that {source} never named", lines))
    if found["unstored"]:
        stood = [[what, count] for what, count in found["unstored"].items()]
        parts.append(Table("Addresses that were named and are no article", ["became", "addresses"], stood, 1))
    if sources:
        parts.append(_last_run(sources))
    return Section(name, title, says, parts)


def _why_not(source: str) -> str:
    """Why nothing is said of what a source missed."""
    return "not read whole" if source in WHOLE else "not meant to have all"


def _last_run(sources: Sequence[Mapping[str, Any]]) -> Table:
    head = ["source", "state", "requests", "named", "new", "problems"]
    rows = [
        [
            *(one[name] for name in ("name", "state", "requests", "named", "new")),
            "; ".join(one["problems"][:3]) or None,
        ]
        for one in sources
    ]
    return Table("The sources in that run", head, rows, kind="folded table")
