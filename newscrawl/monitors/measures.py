"""What one run measured."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newscrawl.monitors.tally import AGES, COUNTED, PARTS, Tally, age_of, follows_template, is_filled, total, value_of
from newscrawl.storage.schema import FIELDS

MOST_ARTICLES = 50_000
"""Articles, and rejected addresses, a run; further ones are not measured, so that memory stays bounded."""
EXAMPLES = 2
ESSAY = "template"
"""Under this name: examples of articles without any block of the template."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Why an address gave no article."""

    reason: str
    url: str


class Measures:
    """Plain counts over the articles and rejects of a run, with a page to look at for each."""

    def __init__(self, now: datetime) -> None:
        """:param now: when the run began; ages of articles count from there"""
        self.now = now
        self.tallies = {age: Tally() for age in AGES}
        self.filled: Counter[str] = Counter()
        self.empty: dict[str, list[str]] = {}
        self.given_by: dict[tuple[str, str], str] = {}
        self.sections: Counter[str] = Counter()
        self.versions: Counter[str] = Counter()
        self.rejects: dict[str, Reject] = {}
        self.newest: str | None = None
        self.refused = 0
        self.shortest: tuple[int, str] | None = None
        self.longest: tuple[int, str] | None = None

    @property
    def articles(self) -> int:
        """Articles that were read from pages, the ``refused`` ones included."""
        return sum(tally.articles for tally in self.tallies.values())

    @property
    def version(self) -> str | None:
        """The version of the rules of extraction; None where no article was read."""
        return next(iter(self.versions), None)

    def add(self, values: Mapping[str, Any]) -> None:
        """Count an article; ``values`` are its fields."""
        if self.articles >= MOST_ARTICLES:
            return
        url, published = values["url"], values["published_at"]
        self.tallies[age_of(published, self.now)].add(values)
        self.versions[values["extractor_version"]] += 1
        self.sections[values["section"] or ""] += 1
        for name in COUNTED:
            if is_filled(value_of(values, name)):
                self.filled[name] += 1
            elif name not in PARTS or values["image"]:
                examples = self.empty.setdefault(name, [])
                examples += [url] if len(examples) < EXAMPLES else []
        if not follows_template(values):
            self.empty.setdefault(ESSAY, [url])
        for field, source in values["sources"].items():
            self.given_by.setdefault((field, source), url)
        length = (values["word_count"], url)
        self.shortest = min(self.shortest or length, length)
        self.longest = max(self.longest or length, length)
        if published and published <= self.now.isoformat():
            self.newest = max(self.newest or published, published)

    def refuse(self, values: Mapping[str, Any], reason: str) -> None:
        """Count an article that was read, but not accepted."""
        self.refused += 1
        self.add(values)
        self.add_reject(values["url"], reason)

    def add_reject(self, url: str, reason: str) -> None:
        """Count an address that gave no article; each once."""
        if len(self.rejects) < MOST_ARTICLES:
            self.rejects.setdefault(url, Reject(reason, url))

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON: of each field ``filled``, the ``sources``, examples where it is ``empty``."""
        whole = total(self.tallies.values())
        reasons = Counter(reject.reason for reject in self.rejects.values())
        examples = {reject.reason: reject.url for reject in reversed(self.rejects.values())}
        return {
            "articles": whole.articles,
            "templated": whole.templated,
            "ages": {age: tally.articles for age, tally in self.tallies.items()},
            "filled": {name: self.filled[name] for name in FIELDS},
            "empty": self.empty,
            "sources": {name: dict(counts) for name, counts in whole.sources.items()},
            "sections": dict(self.sections),
            "median_words": whole.median_words,
            "rejects": {reason: {"count": count, "url": examples[reason]} for reason, count in reasons.items()},
            "newest": self.newest,
            "versions": dict(self.versions),
        }
