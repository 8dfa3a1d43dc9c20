"""How long it takes until an article is seen, and until it is edited."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from newscrawl.picturing.charts import bars
from newscrawl.picturing.parts import Cell, Part, Picture, Section, Table, percent
from newscrawl.picturing.publishing import DAYS
from newscrawl.picturing.spans import LABELS, by_span, day_label, last_days, within
from newscrawl.reporting.plain import counted, lasting
from newscrawl.storage.report_read import Edit

MONTHS = 36


def freshness(began: str | None, delays: Sequence[tuple[str, int]]) -> Section:
    """
    :param began: when the first article was stored; :param delays: month and seconds of those published since
    """
    name, title = "seen", "How fast articles are seen"
    if began is None:
        return Section(name, title, ["No article is stored yet."])
    left_out = (
        f"Counted are articles that were published after {_moment(began)}, when the first one was stored: older ones "
        "came with the first crawl and say nothing about speed, nor do dates without a time. An article counts from "
        "the date it states, so one that was back-dated seems late."
    )
    if not delays:
        return Section(name, title, ["No article was published since the first one was stored.", left_out])
    seconds = [one for _, one in delays]
    summary = (
        f"Of {counted(len(seconds), 'article')}, half were seen within {lasting(max(0, within(seconds, 0.5)))}, "
        f"nine in ten within {lasting(max(0, within(seconds, 0.9)))}."
    )
    picture = _spans("delays", "From publication until first seen", summary, seconds, "articles")
    return Section(name, title, [summary, left_out], [picture, _by_month(delays)])


def _by_month(delays: Sequence[tuple[str, int]]) -> Table:
    rows: list[list[Cell]] = []
    for month, group in groupby(delays, key=lambda pair: pair[0]):
        seconds = [one for _, one in group]
        times = (lasting(max(0, within(seconds, share))) for share in (0.5, 0.9))
        rows.append([month, len(seconds), *times])
    head = ["published in", "articles", "half within", "nine in ten within"]
    return Table("By month of publication", head, rows[: -MONTHS - 1 : -1])


def editing(edits: Iterable[Edit]) -> Section:
    """:param edits: the versions after the first, in the order in which they were seen"""
    name, title = "edits", "Edits after publication"
    days: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    ages: list[int] = []
    for edit in edits:
        days[edit.day] += 1
        fields.update(edit.fields)
        if edit.age is not None:
            ages.append(edit.age)
    if not days:
        return Section(name, title, ["No article was seen to change yet."])
    says = [
        f"{counted(days.total(), 'edit')} of what an editor writes. The time is that of the run that saw it: edits are "
        "older by as much as runs, and checks of known articles, are apart. Several edits between two looks are one."
    ]
    parts: list[Part] = [_by_day(days)]
    if ages:
        summary = f"Half of them were seen within {lasting(max(0, within(ages, 0.5)))} after publication."
        parts.append(_spans("ages", "From publication until an edit is seen", summary, ages, "edits"))
    rows: list[list[Cell]] = [[field, count, percent(count, days.total())] for field, count in fields.most_common()]
    parts.append(Table("What was edited", ["field", "edits", "share of edits"], rows, 1))
    return Section(name, title, says, parts)


def _by_day(days: Counter[str]) -> Picture:
    shown = last_days(max(days), min(days), DAYS)
    title = f"Edits a day, {shown[0]} to {shown[-1]}" if len(shown) > 1 else f"Edits on {shown[0]}"
    summary = f"{counted(sum(days[day] for day in shown), 'edit')} in {counted(len(shown), 'day')}."
    chart = bars("edit-days", title, summary, [*map(day_label, shown)], {"edits": [days[day] for day in shown]})
    rows: list[list[Cell]] = [[day, days[day]] for day in reversed(shown)]
    return Picture(f"{title}. {summary}", [chart], Table("Edits by day seen", ["day", "edits"], rows, 1))


def _spans(name: str, title: str, summary: str, seconds: Sequence[int], what: str) -> Picture:
    counts = by_span(seconds)
    chart = bars(name, title, summary, LABELS, {what: counts}, all_labels=True)
    rows: list[list[Cell]] = [
        [f"within {label}" if label != LABELS[-1] else label, count, percent(count, len(seconds))]
        for label, count in zip(LABELS, counts, strict=True)
    ]
    table = Table(title, ["time", what, "share"], rows, 1)
    return Picture(f"{title}: each bar is what lies between its label and the one before.", [chart], table)


def _moment(stamp: str) -> str:
    return f"{stamp[:16].replace('T', ' ')} UTC"
