"""One line for the operator at the end of a run."""

from collections.abc import Mapping
from typing import Any

from newscrawl.reporting.run_report import STORED, below

ALWAYS = ("new", "updated", "unchanged", "gone")


def summary(reason: str, health: str, stats: Mapping[str, Any], seconds: float, places: list[str]) -> str:
    """
    What the run did, how it was, and where it lies.

    :param reason: why it ended, as Scrapy says it
    :param stats: of the crawler
    :param places: database and file
    """
    counts = {name: stats.get(f"newscrawl/stored/{name}", 0) for name in STORED}
    stored = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name in ALWAYS)
    rejected, failed = (sum(below(stats, f"newscrawl/{name}/").values()) for name in ("rejected", "failed"))
    requests, where = stats.get("downloader/request_count", 0), ", ".join(filter(None, places))
    return (
        f"Run {reason}, {health}: articles {stored}; {rejected} rejected, {failed} failed; "
        f"{requests} requests, {seconds:.0f} s; kept in {where}"
    )
