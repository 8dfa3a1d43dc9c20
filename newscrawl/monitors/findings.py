"""What a monitor says."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["blocked", "layout_changed", "source_empty", "rejects", "failing", "gone", "quiet"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that is not as usual.

    ``failed``: the run is unhealthy. ``message``: one line for an operator. ``field``: the field of an article, or
    ``cards``, ``menus`` or the name of a source. ``url``: a page to look at.
    """

    monitor: str
    verdict: Verdict
    failed: bool
    message: str
    field: str | None = None
    url: str | None = None
