"""
What the pictures of ``scrapy report`` are drawn from: counts over articles, versions and runs.

No query reads the texts of all articles. The rows are long: what stands behind the text in a row is far away, so an
article is first seen when its first version was, and its time of publication comes from an index.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newscrawl.storage.database import Database

_PUBLISHED = """SELECT substr(published_at, 1, 10) AS day, section, count(*) AS articles FROM articles
WHERE published_at IS NOT NULL GROUP BY day, section ORDER BY day"""
_BEGAN = "SELECT seen_at FROM revisions ORDER BY id LIMIT 1"
_AGE = "CAST(strftime('%s', r.seen_at) AS INTEGER) - CAST(strftime('%s', a.published_at) AS INTEGER)"
_DELAYS = f"""SELECT substr(a.published_at, 1, 7), {_AGE} FROM articles AS a
JOIN revisions AS r ON r.article_id = a.id AND r.revision = 1
WHERE a.published_at >= ? AND a.published_precision = 'second' ORDER BY a.published_at"""
# Out of indexes alone; what other rules of extraction made is no edit.
_EDITED = """SELECT id FROM revisions WHERE revision > 1
EXCEPT SELECT id FROM revisions WHERE cause = 'extraction'"""
_EDITS = f"""SELECT substr(r.seen_at, 1, 10), CASE a.published_precision WHEN 'second' THEN {_AGE} END, r.changed_fields
FROM revisions AS r JOIN articles AS a ON a.id = r.article_id WHERE r.id IN ({_EDITED}) ORDER BY r.id"""
_TEXT_EDITS = f"""SELECT a.url, a.headline, r.revision, r.seen_at, r.changed_fields, r.article, b.article AS before
FROM revisions AS r JOIN revisions AS b ON b.article_id = r.article_id AND b.revision = r.revision - 1
JOIN articles AS a ON a.id = r.article_id
WHERE r.id IN ({_EDITED}) AND r.changed_fields LIKE '%"body"%' ORDER BY r.id DESC LIMIT ?"""
_MEASURED = """WITH measured AS MATERIALIZED (
    SELECT substr(started_at, 1, 7) AS month, json_extract(report, '$.measures') AS measures FROM runs
    WHERE spider = ? AND report IS NOT NULL ORDER BY id DESC LIMIT ?
)"""
_ARTICLES = "CAST(json_extract(measures, '$.articles') AS INTEGER)"
_READ = f"""{_MEASURED} SELECT month, sum({_ARTICLES}) AS articles FROM measured
WHERE {_ARTICLES} > 0 GROUP BY month ORDER BY month"""
_GIVEN = f"""{_MEASURED} SELECT month, field.key, given.key, sum(CAST(given.value AS INTEGER)) FROM measured,
json_each(measures, '$.sources') AS field, json_each(field.value) AS given GROUP BY 1, 2, 3"""
_FILLED = f"""{_MEASURED} SELECT month, filled.key, sum(CAST(filled.value AS INTEGER)) FROM measured,
json_each(measures, '$.filled') AS filled GROUP BY 1, 2"""
_ENDINGS = "SELECT exit_code, count(*) FROM runs WHERE spider = ? GROUP BY exit_code"
_TAGS = """SELECT tags.name, count(*) AS articles FROM article_tags JOIN tags ON tags.id = article_tags.tag_id
GROUP BY tags.id, tags.name ORDER BY articles DESC, tags.name LIMIT ?"""
_TAGS_SINCE = """SELECT tags.name, count(*) AS articles FROM article_tags JOIN tags ON tags.id = article_tags.tag_id
WHERE article_id IN (SELECT id FROM articles WHERE published_at >= ?)
GROUP BY tags.id, tags.name ORDER BY articles DESC, tags.name LIMIT ?"""

MOST_RUNS = 5_000
"""Runs whose measures are counted: more than half a year of hourly ones."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A version after the first: the day it was seen, seconds since publication (None: unknown), changed fields."""

    day: str
    age: int | None
    fields: list[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What the runs of a month read: ``articles``, how many of them had a field, and by field which source gave it.

    An article that was read twice counts twice.
    """

    month: str
    articles: int
    filled: dict[str, int]
    sources: dict[str, dict[str, int]]


def published(store: Database) -> list[tuple[str, str | None, int]]:
    """Articles by day of publication (ISO, UTC) and section, days in order; those that are gone count as well."""
    return [tuple(row) for row in store.read(_PUBLISHED)]


def began(store: Database) -> str | None:
    """When the first article was stored; None where there is none."""
    row = store.read(_BEGAN).fetchone()
    return row[0] if row else None


def delays(store: Database, since: str) -> list[tuple[str, int]]:
    """Of articles published since a moment: the month, and the seconds until they were first seen."""
    return [tuple(row) for row in store.read(_DELAYS, (since,))]


def edits(store: Database) -> Iterator[Edit]:
    """Every version after the first, in the order in which they were seen."""
    for day, age, fields in store.stream(_EDITS):
        yield Edit(day, age, json.loads(fields))


def text_edits(store: Database, limit: int) -> Iterator[dict[str, Any]]:
    """
    The last versions whose body changed, newest first.

    Each has ``url`` and ``headline`` of today, ``revision``, ``seen_at``, and as JSON text ``changed_fields``,
    ``article`` and the version ``before``.
    """
    for row in store.stream(_TEXT_EDITS, (limit,)):
        yield dict(row)


def measured(store: Database, spider: str) -> list[Measured]:
    """What the runs measured, by the month in which they began, oldest first; months without articles are left out."""
    months = {month: Measured(month, read, {}, {}) for month, read in store.read(_READ, (spider, MOST_RUNS))}
    for month, field, count in store.read(_FILLED, (spider, MOST_RUNS)):
        if month in months:
            months[month].filled[field] = count
    for month, field, source, count in store.read(_GIVEN, (spider, MOST_RUNS)):
        if month in months:
            months[month].sources.setdefault(field, {})[source] = count
    return list(months.values())


def endings(store: Database, spider: str) -> dict[int | None, int]:
    """How many runs ended with which exit code; None are those that were killed, or are at work."""
    return dict(tuple(row) for row in store.read(_ENDINGS, (spider,)))


def top_tags(store: Database, limit: int, since: str | None = None) -> list[tuple[str, int]]:
    """The tags of most articles, or of most of those published since a moment."""
    rows = store.read(_TAGS, (limit,)) if since is None else store.read(_TAGS_SINCE, (since, limit))
    return [tuple(row) for row in rows]
