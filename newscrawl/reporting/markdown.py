"""The report of a run as Markdown, for people."""

import re
from collections.abc import Iterator
from typing import Any

from newscrawl.reporting.plain import counted, lasting, one_line

HEALTH = {"ok": "healthy", "quiet": "healthy, nothing new", "unhealthy": "UNHEALTHY", "failed": "FAILED"}
COUNTS = ("new", "updated", "unchanged", "gone", "held", "rejected", "failed")
MOST_PROBLEMS = 5
"""Problems told of a source."""

_MARKUP = re.compile(r"([\\`*\[\]<>|~&$]|^[#+-]|(?<!\w)_|_(?!\w))")
_ADDRESS = re.compile(r"https?://[!-~]+")
_UNSAFE = re.compile(r"[<>|\\`]")


def escape(text: object) -> str:
    r"""
    A text of anybody's as plain words on one line.

    >>> escape("a *b* <c>")
    'a \\*b\\* \\<c\\>'
    """
    return _MARKUP.sub(r"\\\1", one_line(str(text)))


def link(url: object) -> str:
    """An address that can be followed, where it is one."""
    text = str(url)
    if not _ADDRESS.fullmatch(text):
        return escape(text)
    return f"<{_UNSAFE.sub(lambda found: f'%{ord(found[0]):02X}', text)}>"


def to_markdown(report: dict[str, Any]) -> str:
    """The report as a page: the verdict in the first line, then what may need a look, then the counts behind it."""
    lines = [f"# {escape(verdict(report))}", "", _run(report["run"])]
    parts = {
        "Articles": _counts(report),
        "Findings": [_finding(one) for one in report["findings"]],
        "Changes": list(_changes(report["changes"], report["articles"])),
        "Sources": [*map(_source, report["sources"]), *_gaps(report["reconciliation"])],
        "Failing pages": list(_retrying(report)),
        "Requests": list(_requests(report["requests"])),
    }
    for title, part in parts.items():
        if part:
            lines += ["", f"## {title}", "", *part]
    return "\n".join(lines) + "\n"


def verdict(report: dict[str, Any]) -> str:
    """One line: which run, how it is, and why, or what came of it."""
    run, counts = report["run"], report["articles"]
    number = f"run {run['id']} " if run["id"] else ""
    said = ", ".join(f"{counts[name]:,} {name}" for name in COUNTS if counts[name]) or "no change"
    return one_line(f"{run['spider']}: {number}{HEALTH[report['health']]}: {run['why'] or said}")


def _run(run: dict[str, Any]) -> str:
    given = " ".join(f"{name}={value}" for name, value in run["arguments"].items())
    code = "" if run["exit_code"] is None else f"exit code {run['exit_code']}, "
    ended = f"{code}{run['finish_reason'] or 'not finished'}"
    return escape(f"{run['started_at']}, {lasting(run['seconds'])}, {ended}{f', {given}' if given else ''}")


def _counts(report: dict[str, Any]) -> list[str]:
    counts = report["articles"]
    lines = [
        f"| {' | '.join(COUNTS)} |",
        f"|{' ---: |' * len(COUNTS)}",
        f"| {' | '.join(f'{counts[name]:,}' for name in COUNTS)} |",
    ]
    reasons = {name.capitalize(): report[name] for name in ("rejected", "failed") if report[name]}
    return lines + ([""] if reasons else []) + [f"- {name}: {_list(values)}" for name, values in reasons.items()]


def _list(values: dict[str, int]) -> str:
    return ", ".join(f"{escape(name)} {count:,}" for name, count in values.items())


def _finding(finding: dict[str, Any]) -> str:
    mark = "**failed**" if finding["failed"] else "noted"
    url = finding["url"]
    said = finding["message"].removesuffix(f"; look at {url}")  # the link says so
    return f"- {mark}, {escape(said)}{f'; look at {link(url)}' if url else ''}"


def _changes(changes: dict[str, list[dict[str, Any]]], counts: dict[str, int]) -> Iterator[str]:
    for name in ("new", "updated", "gone"):
        for change in changes[name]:
            what = f" ({escape(', '.join(change['fields']))})" if change.get("fields") else ""
            yield f"- {name}: {escape(change['headline'])} {link(change['url'])}{what}"
        if changes[name] and counts[name] > len(changes[name]):
            yield f"- {counts[name] - len(changes[name]):,} more {name}"
    for change in changes["renamed"]:
        yield f"- renamed: {link(change['old'])} to {link(change['new'])}"


def _source(source: dict[str, Any]) -> str:
    whole = "" if source["complete"] or source["state"] != "read" else ", not to its end"
    total = "" if source["total"] is None else f", counts {counted(source['total'], 'article')} itself"
    counts = f"{source['named']:,} named, {source['new']:,} new, {source['changed']:,} changed"
    problems = [f"; {escape(problem)}" for problem in source["problems"][:MOST_PROBLEMS]]
    more = len(source["problems"]) - MOST_PROBLEMS
    return (
        f"- {escape(source['name'])}: {escape(source['state'])}{whole}, {counted(source['requests'], 'request')}, "
        f"{counts}{total}{''.join(problems)}{f'; {more} more' if more > 0 else ''}"
    )


def _gaps(known: dict[str, Any] | None) -> Iterator[str]:
    """How far the sources agree; nothing where they do."""
    if known is None:
        return
    for name, missed in known["missed_by"].items():
        if missed["count"]:
            examples = " ".join(map(link, missed["examples"]))
            yield f"- never named by {escape(name)}: {counted(missed['count'], 'stored article')}, such as {examples}"
    if known["unstored"]:
        yield f"- named, but no article here: {_list(known['unstored'])}"
    total = known["x_wp_total"]
    if total is not None and total != known["articles"]:
        yield f"- the site counts {counted(total, 'article')}, {known['articles']:,} are stored"


def _retrying(report: dict[str, Any]) -> Iterator[str]:
    for page in report["retrying"]:
        yield f"- {link(page['url'])}: {escape(page['reason'] or page['status'])}, {counted(page['failures'], 'time')}"
    more = report["retrying_count"] - len(report["retrying"])
    if more > 0:
        yield f"- {more:,} more"


def _requests(requests: dict[str, Any]) -> Iterator[str]:
    if requests["total"]:
        kinds = f": {_list(requests['by_kind'])}" if requests["by_kind"] else ""
        answers = f"; answers {_list(requests['by_status'])}" if requests["by_status"] else ""
        yield f"{counted(requests['total'], 'request')}{kinds}{answers}"
