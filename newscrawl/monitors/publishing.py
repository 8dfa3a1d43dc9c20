"""Monitor of the site's own silence, which is no fault."""

from collections.abc import Iterator

from newscrawl.monitors.findings import Finding
from newscrawl.monitors.norms import ANSWERS, Norms
from newscrawl.monitors.observed import Observed

ENOUGH_DAYS = 10


def quiet(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Sources answer as ever, and nothing was published for much longer than usual."""
    rhythm = norms.rhythm
    answered = any(report.state in ANSWERS for report in observed.source_reports.values())
    if rhythm is None or rhythm.days < ENOUGH_DAYS or not answered or observed.is_chosen:
        return
    if not observed.stat("newscrawl/stored/new") and rhythm.silent > 2 * rhythm.gap + 1:
        usual = "a day" if rhythm.gap == 1 else f"{rhythm.gap} days"
        text = f"nothing new since {rhythm.last}, {rhythm.silent} days ago; before, at most {usual} passed"
        yield Finding("quiet", "quiet", False, text)
