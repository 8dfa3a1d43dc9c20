"""What a run learnt from each source of discovery, as a record."""

from dataclasses import dataclass, field
from typing import Literal

SourceState = Literal["unread", "read", "unchanged", "missing", "broken", "closed"]


@dataclass(slots=True)
class SourceReport:
    """
    One source in one run. ``name`` is ``sitemap``, ``feed``, ``rest`` or ``section:World``.

    ``state``: unread; read; unchanged (the source said so itself); missing (the site offers none); broken (it answers
    with an error or with something else); closed (it wants a login). Counts are of this run: ``named`` article
    addresses, of which ``new`` were unknown and ``changed`` are newer than what is stored. ``complete``: all that the
    source holds was read. ``total``: articles of the site as the source counts them (X-WP-Total).
    """

    name: str
    state: SourceState = "unread"
    requests: int = 0
    pages: int = 0
    named: int = 0
    new: int = 0
    changed: int = 0
    total: int | None = None
    complete: bool = False
    problems: list[str] = field(default_factory=list)

    def fail(self, state: SourceState, problem: str) -> None:
        """Note a problem in one line; a source that was read in part stays ``read``."""
        self.problems.append(problem)
        self.complete = False
        if self.state in ("unread", "unchanged"):
            self.state = state
