"""The history of an article: its versions as they are stored become the steps between them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from newscrawl.items import Article
from newscrawl.revisions.fields import Operation, changes

ALL_FIELDS = tuple(field.name for field in fields(Article))
BOOKKEEPING = frozenset({
    "sources", "content_hash", "extractor_version", "crawled_at", "discovered_by", "word_count", "related",
    "breadcrumbs", "reading_minutes", "lead", "body_sections",
})  # fmt: skip
"""Fields that the crawl or the site makes, or that say again what another says: compared only if named."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    One version and what made it of the one before; of the first, nothing.

    ``seen_at`` is ISO 8601 in UTC. ``changed_fields`` is what the store noted, ``changes`` the operations by field,
    see revisions.fields. ``cause``: ``edit`` of the publisher, or ``extraction``: other rules read the same page.
    """

    revision: int
    seen_at: str
    changed_fields: list[str]
    changes: dict[str, list[Operation]]
    cause: str = "edit"


def history(versions: Sequence[Mapping[str, Any]], names: Iterable[str] = ()) -> list[Step]:
    """
    The steps of an article's versions, newest first.

    :param versions: rows of ``revisions``, oldest first
    :param names: fields to compare; by default all that an editor can change, and those that the store noted
    """
    steps = []
    before: dict[str, Any] | None = None
    for row in versions:
        after: dict[str, Any] = json.loads(row["article"])
        noted: list[str] = json.loads(row["changed_fields"])
        wanted = set(names) or set(noted) | (set(ALL_FIELDS) - BOOKKEEPING)
        step = {} if before is None else _between(before, after, [name for name in ALL_FIELDS if name in wanted])
        steps.append(Step(row["revision"], row["seen_at"], noted, step, row.get("cause", "edit")))
        before = after
    return steps[::-1]


def _between(before: Mapping[str, Any], after: Mapping[str, Any], names: Sequence[str]) -> dict[str, list[Operation]]:
    """The operations of each field that differs; one that an older version did not know yet was null in it."""
    both = {name: changes(name, before.get(name), after.get(name)) for name in names}
    return {name: operations for name, operations in both.items() if operations}
