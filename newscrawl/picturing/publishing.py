"""Articles a day and a section, by the date of publication."""

from collections import Counter
from collections.abc import Sequence

from newscrawl.picturing.charts import bars, small_bars
from newscrawl.picturing.parts import Cell, Part, Picture, Section, Small, Table, percent
from newscrawl.picturing.spans import day_label, last_days, last_months, month_label
from newscrawl.reporting.plain import counted

DAYS = 60
MONTHS = 36
SECTIONS = 12
"""Sections with a chart of their own, the largest; the table has more."""
_NONE = "without a section"

Published = Sequence[tuple[str, str | None, int]]


def publishing(published: Published) -> Section:
    """:param published: articles by day and section, days in order"""
    name, title = "published", "Articles a day and a section"
    if not published:
        return Section(name, title, ["No article is stored yet."])
    days: Counter[str] = Counter()
    sections: Counter[str] = Counter()
    for day, section, count in published:
        days[day] += count
        sections[section or _NONE] += count
    oldest, newest = published[0][0], published[-1][0]
    shown = last_days(newest, oldest, DAYS)
    says = [
        f"{counted(days.total(), 'article')} in {counted(len(sections), 'section')}, published from {oldest} to "
        f"{newest} (UTC); those that are gone from the site count as well."
    ]
    parts: list[Part] = [_by_day(published, days, shown), _by_section(published, sections, shown)]
    if shown[0] > oldest:
        parts.append(_by_month(days, last_months(newest, oldest, MONTHS)))
    return Section(name, title, says, parts)


def _by_day(published: Published, days: Counter[str], shown: list[str]) -> Picture:
    counts = [days[day] for day in shown]
    most = max(shown, key=lambda day: days[day])
    title = f"Articles a day, {shown[0]} to {shown[-1]}" if len(shown) > 1 else f"Articles on {shown[0]}"
    summary = f"{counted(sum(counts), 'article')} in {counted(len(shown), 'day')}, most on {most}: {days[most]}."
    names: Counter[str] = Counter()
    cells: Counter[tuple[str, str]] = Counter()
    for day, section, count in published:
        if day >= shown[0]:
            names[section or _NONE] += count
            cells[day, section or _NONE] += count
    columns = [name for name, _ in names.most_common(SECTIONS)]
    rows: list[list[Cell]] = [[day, days[day], *(cells[day, one] for one in columns)] for day in reversed(shown)]
    chart = bars("days", title, summary, [*map(day_label, shown)], {"articles": counts})
    return Picture(f"{title}. {summary}", [chart], Table("Articles by day and section", ["day", "all", *columns], rows))


def _by_section(published: Published, sections: Counter[str], shown: list[str]) -> Picture:
    names = [name for name, _ in sections.most_common(SECTIONS)]
    cells = {name: dict.fromkeys(shown, 0) for name in sections}
    for day, section, count in published:
        if day in cells[section or _NONE]:
            cells[section or _NONE][day] += count
    top = max((max(cells[name].values()) for name in names), default=1) or 1
    labels, all_of_them = [*map(day_label, shown)], sections.total()
    charts = [
        Small(
            name,
            f"{sections[name]:,}, {percent(sections[name], all_of_them)}",
            small_bars(
                f"section-{at}", name, f"{sum(cells[name].values())} in {counted(len(shown), 'day')}.", labels,
                {"articles": [*cells[name].values()]}, top,
            ),
        )
        for at, name in enumerate(names)
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [name, count, percent(count, all_of_them), sum(cells[name].values())] for name, count in sections.most_common()
    ]
    recent = f"in the last {counted(len(shown), 'day')}"
    shown_of = f"the {len(names)} largest of {len(sections)} sections" if len(sections) > len(names) else "by section"
    caption = f"The same days, {shown_of}, up to {counted(top, 'article')} a day; beside each name all its articles."
    return Picture(caption, charts, Table("Articles by section", ["section", "articles", "share", recent], rows, 1))


def _by_month(days: Counter[str], months: list[str]) -> Picture:
    counts = dict.fromkeys(months, 0)
    for day, count in days.items():
        if day[:7] in counts:
            counts[day[:7]] += count
    title = f"Articles a month, {month_label(months[0])} to {month_label(months[-1])}"
    summary = f"{counted(sum(counts.values()), 'article')} in {counted(len(months), 'month')}."
    chart = bars("months", title, summary, [*map(month_label, months)], {"articles": [*counts.values()]})
    rows: list[list[Cell]] = [[month, count] for month, count in reversed(counts.items())]
    return Picture(f"{title}. {summary}", [chart], Table("Articles by month", ["month", "articles"], rows, 1))
