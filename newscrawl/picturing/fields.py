"""How many articles have each field, and which source gave it, month by month."""

from collections import Counter
from collections.abc import Sequence

from newscrawl.picturing.charts import small_bars
from newscrawl.picturing.parts import Picture, Section, Small, Table, percent
from newscrawl.picturing.spans import last_months, month_label
from newscrawl.reporting.plain import counted
from newscrawl.storage.report_read import Measured
from newscrawl.storage.schema import FIELDS

MONTHS = 24
MADE_BY_THE_CRAWL = frozenset({"url", "sources", "content_hash", "extractor_version", "crawled_at", "discovered_by"})
"""Fields that every article has, whatever its page shows."""
SOURCES = ("theme", "computed", "json-ld", "meta", "page", "rel", "text")
"""In the order of the colours, so that each source keeps its own."""
UNSAID = "not said"


def field_rates(measured: Sequence[Measured]) -> Section:
    """:param measured: what the runs of each month read, months in order"""
    name, title = "fields", "Fields: how often filled, and by which source"
    if not measured:
        return Section(name, title, ["No run has measured an article yet."])
    months = last_months(measured[-1].month, measured[0].month, MONTHS)
    by_month = {one.month: one for one in measured}
    known = [by_month.get(month) or Measured(month, 0, {}, {}) for month in months]
    names = [field for field in FIELDS if field not in MADE_BY_THE_CRAWL]
    occurring = {source for one in known for field in names for source in _given(field, one)}
    sources = [*SOURCES, *sorted(occurring - {*SOURCES, UNSAID}), UNSAID]
    legend = [source if source in occurring else "" for source in sources]
    newest = measured[-1]
    says = [
        f"Each bar is a month of runs, {months[0]} to {months[-1]}; its height is the share of the articles read then "
        "that have the field, its colours say which source gave it. Essays have no lead, outline, key points, summary "
        f"and FAQ. The share beside a name is that of {newest.month}, of {counted(newest.articles, 'article')} read."
    ]
    charts = [_small(field, months, known, sources) for field in names]
    head = ["field", *reversed(months)]
    rows = [[field, *(_cell(field, one) for one in reversed(known))] for field in names]
    caption = "Share of articles that have the field, from 0 to 100 %, month by month."
    return Section(name, title, says, [Picture(caption, charts, Table("Fields by month", head, rows), legend)])


def _given(field: str, one: Measured) -> Counter[str]:
    """How many articles have a field, by source; more cannot have it than were read."""
    given = Counter(one.sources.get(field, {}))
    missing = one.filled.get(field, 0) - given.total()
    if missing > 0:
        given[UNSAID] += missing
    return given


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0


def _small(field: str, months: Sequence[str], known: Sequence[Measured], sources: Sequence[str]) -> Small:
    given = [_given(field, one) for one in known]
    values = {
        source: [_share(each[source], one.articles) for each, one in zip(given, known, strict=True)]
        for source in sources
    }
    note = percent(given[-1].total(), known[-1].articles)
    said = ", ".join(f"{source} {count:,}" for source, count in given[-1].most_common())
    summary = f"{note} in {month_label(months[-1])}{f': {said}' if said else ''}."
    labels = [*map(month_label, months)]
    return Small(field, note, small_bars(f"field-{field}", field, summary, labels, values, 100))


def _cell(field: str, one: Measured) -> str:
    if not one.articles:
        return "-"
    given = _given(field, one)
    said = ", ".join(f"{source} {percent(count, given.total())}" for source, count in given.most_common())
    return (
        f"{percent(given.total(), one.articles)}{f' ({said})' if len(given) > 1 else f' {said[:-6]}' if said else ''}"
    )
