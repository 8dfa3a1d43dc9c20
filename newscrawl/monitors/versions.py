"""Known articles that a run read again, each compared with what is stored of it: the surest sign of another layout."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newscrawl.monitors.tally import is_filled
from newscrawl.storage import baseline
from newscrawl.storage.database import Database
from newscrawl.storage.rows import changed_fields
from newscrawl.storage.store import COMPARED


@dataclass(slots=True)
class Versions:
    """
    ``of`` articles. ``had``: how many of them had a field before, ``lost``: how many of these have it no more.

    ``unsaid``: articles whose content is another, though neither their page nor a source says that they were edited;
    ``fields``: which of theirs are. ``urls``: an example for each field.
    """

    of: int = 0
    had: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    unsaid: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    urls: dict[str, str] = field(default_factory=dict)

    def add(self, before: Mapping[str, Any], after: Mapping[str, Any], is_said: bool) -> None:
        """Count an article with a new version."""
        self.of += 1
        changed = changed_fields(before, after, COMPARED)
        for name in filter(lambda name: is_filled(before[name]), COMPARED):
            self.had[name] += 1
            if not is_filled(after[name]):
                self.lost[name] += 1
                self.urls.setdefault(name, after["url"])
        if not is_said:
            self.unsaid += 1
            self.fields.update(changed)
            for name in changed:
                self.urls.setdefault(name, after["url"])


def read_versions(store: Database, run_id: int, since: str = "") -> Versions:
    """
    What became of the known articles that a run read again; nothing where all are as they were.

    :param since: an ISO date from which on the site is as it is meant to be; versions that are older do not count
    :raises StoreError: the store cannot be read
    """
    versions = Versions()
    for seen_at, before, after, lastmod in baseline.new_versions(store, run_id, since):
        edited = max(after["modified_at"] or "", lastmod or "")
        versions.add(before, after, is_said=edited > seen_at)
    if versions.of:
        counts = baseline.unchanged(store, run_id, COMPARED)
        versions.of += counts.pop("articles")
        versions.had.update(counts)
    return versions
