"""Counts over articles of about the same age: of one run, or of what is stored."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from newscrawl.storage.schema import FIELDS

AGES: Mapping[str, timedelta | None] = {"recent": timedelta(days=60), "past": timedelta(days=730), "old": None}
"""
Articles are compared with those of their age, since essays are back-dated by years and have other parts than news:
up to two months, up to two years, older.
"""

BLOCKS = ("outline", "key_points", "summary", "faq")
"""An article with one of them follows the site's template. An essay has none, and nothing is wrong with it."""
OF_THE_TEMPLATE = frozenset((*BLOCKS, "lead", "body_sections"))
"""Fields that are counted in articles of the template only."""
PARTS = ("image.alt", "image.caption", "image.width", "image.height")
"""Parts of the featured image, which pages state in different places; counted in articles that have one."""
COUNTED = (*FIELDS, *PARTS)


@dataclass(slots=True)
class Tally:
    """
    ``filled``: articles in which a field or part has a value (for OF_THE_TEMPLATE among the ``templated`` ones);
    ``sources``: for each field how often which source gave it; ``words``: the length of each body.
    """

    articles: int = 0
    templated: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    sources: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    words: list[int] = field(default_factory=list)

    def add(self, values: Mapping[str, Any], with_sources: bool = True) -> None:
        """
        Count an article.

        :param values: its fields
        :param with_sources: False where another version of the rules made it, whose sources may have other names
        """
        self.articles += 1
        templated = follows_template(values)
        self.templated += templated
        self.filled.update(
            name for name in COUNTED if is_filled(value_of(values, name)) and (templated or name not in OF_THE_TEMPLATE)
        )
        for name, source in values["sources"].items() if with_sources else ():
            self.sources[name][source] += 1
        self.words.append(values["word_count"])

    def of(self, name: str) -> int:
        """Among how many articles a field, or part of one, is counted."""
        field, _, part = name.partition(".")
        if part:
            return self.filled[field]
        return self.templated if name in OF_THE_TEMPLATE else self.articles

    @property
    def median_words(self) -> float:
        """Half of the bodies are shorter; 0 where there is none."""
        return float(median(self.words)) if self.words else 0.0


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them as one."""
    whole = Tally()
    for tally in tallies:
        whole.articles += tally.articles
        whole.templated += tally.templated
        whole.filled.update(tally.filled)
        whole.words += tally.words
        for name, sources in tally.sources.items():
            whole.sources[name].update(sources)
    return whole


def value_of(values: Mapping[str, Any], name: str) -> Any:
    """What an article has for a name in COUNTED."""
    field, _, part = name.partition(".")
    value = values.get(field)
    return value.get(part) if part and value else value


def is_filled(value: Any) -> bool:
    """Whether a field has a value; 0 is one."""
    return value not in (None, "", [])


def follows_template(values: Mapping[str, Any]) -> bool:
    """Whether an article has a block of the site's template."""
    return any(map(values.get, BLOCKS))


def age_of(published_at: str | None, now: datetime) -> str:
    """The name in AGES for a time of publication; what has none, or none that can be read, is taken for news."""
    try:
        age = now - datetime.fromisoformat(published_at or now.isoformat())
    except ValueError:
        return "recent"
    return next(name for name, limit in AGES.items() if limit is None or age <= limit)
