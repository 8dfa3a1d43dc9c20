"""A run as its monitors see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newscrawl.discovery.reports import SourceReport
from newscrawl.monitors.measures import Measures
from newscrawl.monitors.versions import Versions

CHOSEN = frozenset({"urls", "sections", "since", "until"})
"""Arguments with which whoever runs the crawl says which articles it reads; they need not be like the others."""


@dataclass(frozen=True, slots=True)
class Observed:
    """
    What one run did.

    :param source_reports: by name, of the sources that the run was to read
    :param stats: of the crawler
    :param finish_reason: as Scrapy gives it
    :param arguments: what ``-a`` gave, by name
    :param versions: what became of known articles
    """

    measures: Measures
    source_reports: Mapping[str, SourceReport] = field(default_factory=dict)
    stats: Mapping[str, Any] = field(default_factory=dict)
    finish_reason: str = "finished"
    arguments: Mapping[str, str] = field(default_factory=dict)
    versions: Versions = field(default_factory=Versions)

    @property
    def is_chosen(self) -> bool:
        """Whether the run was limited to articles of somebody's choice."""
        return not CHOSEN.isdisjoint(self.arguments)

    def stat(self, name: str) -> int:
        """A count of the run; 0 where nothing was counted."""
        return int(self.stats.get(name, 0) or 0)
