"""Monitors of the sources of discovery: whether what used to answer still does, and still names articles."""

from collections.abc import Iterable, Iterator

from newscrawl.monitors.findings import Finding
from newscrawl.monitors.norms import ANSWERS, Norms, Source
from newscrawl.monitors.observed import Observed

SECTION = "section:"
FEWEST_MENUS = 3


def answers(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Sources that answered in earlier runs and do not now. One that never worked is no news."""
    for name, report in observed.source_reports.items():
        if report.state != "unread" and report.state not in ANSWERS and norms.sources.get(name, Source()).answered:
            why = f" ({report.problems[0]})" if report.problems else ""
            yield Finding("answers", "source_empty", True, f"{name} is {report.state}{why}", name)


def cards(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """
    Sources that were read and name no article, as they used to: most sections at once are another layout.

    One that says how many it holds was asked for what is new only.
    """
    used = {
        name: report
        for name, report in observed.source_reports.items()
        if report.state == "read" and not report.total and norms.sources.get(name, Source()).named
    }
    empty = [name for name, report in used.items() if not report.named]
    sections = [name for name in used if name.startswith(SECTION)]
    bare = [name for name in empty if name.startswith(SECTION)]
    if len(bare) > len(sections) / 2:
        text = f"no cards on the pages of {len(bare)} of {len(sections)} sections, {_some(bare)}"
        yield Finding("cards", "layout_changed", True, text, "cards")
        empty = [name for name in empty if name not in bare]
    for name in empty:
        yield Finding("cards", "source_empty", True, f"{name} names no article any more", name)


def menus(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """
    Sections that the menus no longer name; a few are an editor's work, most of them are not.

    A run that was ended early has not come to all of them.
    """
    if observed.is_chosen or observed.finish_reason != "finished":
        return
    here = _sections(observed.source_reports)
    before = {name for name in _sections(norms.sources) if norms.sources[name].named}
    lost = sorted(before - here)
    if here and len(lost) >= FEWEST_MENUS and len(lost) > len(before) / 2:
        text = f"the menus no longer name {len(lost)} of {len(before)} sections, {_some(lost)}"
        yield Finding("menus", "layout_changed", True, text, "menus")


def _sections(names: Iterable[str]) -> set[str]:
    return {name for name in names if name.startswith(SECTION)}


def _some(names: list[str]) -> str:
    shown = ", ".join(name.removeprefix(SECTION) for name in names[:3])
    return f"{shown} among them" if len(names) > 3 else shown
