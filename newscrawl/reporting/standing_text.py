"""How things stand, as lines for a terminal."""

from typing import Any

from newscrawl.reporting.markdown import HEALTH
from newscrawl.reporting.plain import counted, lasting, one_line

STATES = ("new", "updated", "unchanged", "gone")
_COLUMNS = ("new", "updated", "gone", "rejected", "failed", "requests")


def to_lines(state: dict[str, Any]) -> list[str]:
    """The lines, the verdict first; without control characters, since some of it is the site's."""
    articles, waiting, newest = state["articles"], state["waiting"], state["newest"]
    states = ", ".join(f"{articles[name]:,} {name}" for name in STATES)
    rows = [
        ("articles", f"{articles['total']:,} ({states}), {counted(state['revisions'], 'revision')}"),
        ("newest", f"published {newest['published_at'] or 'never'}, first seen {newest['first_seen_at'] or 'never'}"),
        ("last good", _last_good(state["last_done"])),
        (
            "waiting",
            f"{waiting['todo']:,} to fetch, {waiting['retrying']:,} failing, {waiting['due']:,} due for a check",
        ),
        ("at work", "a run, now" if state["at_work"] else "no run"),
        ("kept in", ", ".join(f"{place['path']} ({size(place['bytes'])})" for place in state["places"])),
        *map(_finding, state["findings"]),
    ]
    why = f": {state['why']}" if state["why"] else ""
    verdict = one_line(f"{state['spider']}: {HEALTH[state['health']]}{why}")
    return [verdict, *(f"  {name:<9}  {one_line(value)}" for name, value in rows), *_runs(state["runs"])]


def _finding(finding: dict[str, Any]) -> tuple[str, str]:
    url = finding["url"]
    said = finding["message"].removesuffix(f"; look at {url}")
    return "failed" if finding["failed"] else "noted", f"{said}{f'; look at {url}' if url else ''}"


def _last_good(done: dict[str, Any] | None) -> str:
    return f"run {done['id']}, {done['finished_at']}, {lasting(done['age_seconds'])} ago" if done else "no run"


def _runs(runs: list[dict[str, Any]]) -> list[str]:
    """The table of the last runs."""
    if not runs:
        return []
    head = f"  {'run':>6}  {'started':<25}  {'took':>10}  {'  '.join(f'{name:>8}' for name in _COLUMNS)}  exit"
    return ["", head, *map(_row, runs)]


def _row(run: dict[str, Any]) -> str:
    took = "-" if run["seconds"] is None else lasting(run["seconds"])
    counts = "  ".join(f"{'-' if run[name] is None else run[name]:>8}" for name in _COLUMNS)
    code = "-" if run["exit_code"] is None else run["exit_code"]
    why = run["why"] or run["finish_reason"] or "not finished"
    return f"  {run['id']:>6}  {run['started_at']:<25}  {took:>10}  {counts}  {code:>4}  {one_line(why, 60)}".rstrip()


def size(number: int) -> str:
    """
    Bytes as people read them.

    >>> size(999), size(2_500_000)
    ('999 bytes', '2.5 MB')
    """
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= unit:
            return f"{number / unit:.1f} {name}"
    return f"{number} bytes"
