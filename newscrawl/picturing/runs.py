"""Runs: what they asked for and were answered, how they ended, and what their monitors found."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from newscrawl.picturing.charts import bars
from newscrawl.picturing.parts import Cell, Part, Picture, Section, Table, words
from newscrawl.picturing.text import link
from newscrawl.reporting.plain import counted, lasting
from newscrawl.reporting.standing import judge

RUNS = 60
"""Runs that are looked at, the last ones."""
ROWS = 20
"""Runs that are shown one by one."""
FINDINGS = 30
ANSWERS = ("answered", "not changed (304)", "moved", "refused or missing", "site failed", "no answer")
_COUNTS = ("new", "updated", "gone", "rejected", "failed", "requests")
_ENDS = {0: "done", 1: "failed", 2: "usage", 3: "unhealthy", None: "killed or still at work"}


def requests(runs: Sequence[Mapping[str, Any]]) -> Section:
    """:param runs: rows of ``runs`` with their reports, newest first"""
    name, title = "requests", "Requests and their answers"
    told = [run for run in reversed(runs) if run["report"] and run["report"]["requests"]["total"]]
    if not told:
        return Section(name, title, ["No run has told of its requests yet."])
    answers = [_answers(run["report"]["requests"]) for run in told]
    last = told[-1]["report"]["requests"]
    kinds = [f"{kind} {count:,}" for kind, count in last["by_kind"].items() if count]
    total = sum(sum(one.values()) for one in answers)
    summary = f"{counted(total, 'request')} in {counted(len(told), 'run')}."
    says = [
        f"{summary} The last one, run {told[-1]['id']}, sent {counted(last['total'], 'request')}"
        f"{f': {words(kinds)}' if kinds else ''}."
    ]
    series = {answer: [one[answer] for one in answers] for answer in ANSWERS}
    chart = bars("requests-by-run", "Requests by run", summary, [f"run {run['id']}" for run in told], series)
    rows: list[list[Cell]] = [
        [f"run {run['id']}", _moment(run["started_at"]), *(one[answer] for answer in ANSWERS)]
        for run, one in zip(reversed(told), reversed(answers), strict=True)
    ]
    table = Table("Answers by run", ["run", "started", *ANSWERS], rows)
    return Section(name, title, says, [Picture(f"Requests by run, {words_of(told)}.", [chart], table, ANSWERS)])


def words_of(runs: Sequence[Mapping[str, Any]]) -> str:
    """From which run to which."""
    first, last = runs[0], runs[-1]
    if first is last:
        return f"run {first['id']} of {first['started_at'][:10]}"
    return f"from run {first['id']} of {first['started_at'][:10]} to run {last['id']} of {last['started_at'][:10]}"


def _answers(asked: Mapping[str, Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for status, count in asked["by_status"].items():
        found["not changed (304)" if status == "304" else _CLASSES.get(status[:1], "answered")] += count
    found["no answer"] = max(0, asked["total"] - found.total())
    return found


_CLASSES = {"3": "moved", "4": "refused or missing", "5": "site failed"}


def health(runs: Sequence[Mapping[str, Any]], endings: Mapping[int | None, int], at_work: bool) -> Section:
    """
    :param runs: the last runs, newest first; :param endings: of all runs, how many ended with which exit code
    :param at_work: whether the newest run without an end is under way
    """
    name, title = "runs", "Runs and their health"
    if not runs:
        return Section(name, title, ["No run has started yet."])
    counts = [f"{count:,} {_ENDS.get(code, f'ended with {code}')}" for code, count in _in_order(endings)]
    says = [f"{counted(sum(endings.values()), 'run')} so far: {words(counts)}."]
    rows: list[list[Cell]] = [_row(run, at_work and run is runs[0]) for run in runs[:ROWS]]
    head = ["run", "started", "took", "health", *_COUNTS]
    caption = "The last run" if len(rows) == 1 else f"The last {counted(len(rows), 'run')}, newest first"
    parts: list[Part] = [Table(caption, head, rows)]
    findings = [*_findings(runs)]
    if findings:
        parts.append(
            Table(
                f"What monitors found in the last {counted(len(runs), 'run')}",
                ["run", "finding", "what"],
                findings[:FINDINGS],
            )
        )
    else:
        says.append(f"In the last {counted(len(runs), 'run')} monitors found nothing.")
    return Section(name, title, says, parts)


def _in_order(endings: Mapping[int | None, int]) -> list[tuple[int | None, int]]:
    return sorted(endings.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))


def _row(run: Mapping[str, Any], at_work: bool) -> list[Cell]:
    _, how, why = judge(run)
    if at_work and run["exit_code"] is None:
        how, why = "at work", None
    took: Cell = None
    if run["finished_at"]:
        took = lasting((_time(run["finished_at"]) - _time(run["started_at"])).total_seconds())
    counts = [run[name] for name in _COUNTS]
    return [f"run {run['id']}", _moment(run["started_at"]), took, f"{how}: {why}" if why else how, *counts]


def _findings(runs: Sequence[Mapping[str, Any]]) -> Iterator[list[Cell]]:
    for run in runs:
        for finding in run["report"]["findings"] if run["report"] else ():
            said = finding["message"].removesuffix(f"; look at {finding['url']}")
            what = link(None, said) + ("; look at " + link(finding["url"]) if finding["url"] else "")
            kind = finding["verdict"].replace("_", " ")
            yield [f"run {run['id']}", kind if finding["failed"] else f"{kind} (no failure)", what]


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _moment(stamp: str) -> str:
    return stamp[:16].replace("T", " ")
