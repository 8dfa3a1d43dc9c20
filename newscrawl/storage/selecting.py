"""Which articles an output takes: filters that combine, and the chosen rows one at a time."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from newscrawl.exceptions import UsageProblem
from newscrawl.storage.database import NO_LIMIT, Database
from newscrawl.storage.names import resolve
from newscrawl.storage.rows import to_json
from newscrawl.storage.schema import FIELDS, JSON_FIELDS

BOOKKEEPING = ("state", "revision", "first_seen_at", "last_seen_at", "last_fetched_at", "changed_at")
"""Columns of a row beside the fields of the article."""

_COLUMNS = frozenset((*FIELDS, *BOOKKEEPING))
_SECTIONS = """SELECT section, (SELECT section_url FROM articles WHERE section = named.section
AND section_url IS NOT NULL LIMIT 1) FROM (SELECT DISTINCT section FROM articles WHERE section IS NOT NULL) AS named"""
_TAGS = "SELECT name, NULL FROM tags WHERE id IN (SELECT tag_id FROM article_tags)"
_AUTHORS = """SELECT DISTINCT json_extract(author.value, '$.name'), json_extract(author.value, '$.url')
FROM articles, json_each(articles.authors) AS author"""

# Each filter is a set of ids. The plus keeps SQLite from starting there: it walks the index of the dates, in the order
# of the output, and reads no row that is not chosen.
_ONE_OF = "(SELECT value FROM json_each(?))"
_BY_SECTION = f"+id IN (SELECT id FROM articles WHERE section IN {_ONE_OF})"
_BY_TAG = f"+id IN (SELECT article_id FROM article_tags WHERE tag_id IN (SELECT id FROM tags WHERE name IN {_ONE_OF}))"
_BY_AUTHOR = f"""+id IN (SELECT articles.id FROM articles, json_each(articles.authors) AS author
WHERE json_extract(author.value, '$.name') IN {_ONE_OF})"""
_BY_STATE = f"+id IN (SELECT id FROM articles WHERE state IN {_ONE_OF})"
_ORDER = "ORDER BY published_at DESC, id DESC LIMIT ?"
_CHANGED = """SELECT max(max(published_at, coalesce(modified_at, ''),
CASE WHEN changed_at > first_seen_at THEN changed_at ELSE '' END)) FROM articles"""


@contextmanager
def snapshot(store: Database) -> Iterator[None]:
    """The store as it is now, whatever a crawl writes meanwhile: counts, rows and dates agree."""
    try:
        store.engine.begin_reading(store.db)
        yield
    except store.engine.errors as error:
        raise store.engine.explain(error) from error
    finally:
        store.roll_back()


@dataclass(frozen=True, slots=True)
class Selection:
    """
    Filters, all of which an article has to pass; one that is empty lets everything pass.

    ``since`` and ``until`` are days of publication in UTC, both included. A section, tag or author is a name or slug in
    any case; several of a kind mean any of them. ``search`` is in FTS5's syntax. ``limit`` takes the newest.
    """

    since: date | None = None
    until: date | None = None
    section: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    search: str | None = None
    state: tuple[str, ...] = ()
    limit: int | None = None


class Chosen:
    """
    The articles of a selection, newest first.

    :raises UsageProblem: a name that no article has, or a search that FTS5 does not understand
    :raises StoreError: the database cannot be read
    """

    def __init__(self, store: Database, selection: Selection) -> None:
        self._store = store
        self._where, self._values = _conditions(store, selection)
        self._limit = NO_LIMIT if selection.limit is None else selection.limit

    def rows(self, names: Sequence[str] = FIELDS) -> Iterator[dict[str, Any]]:
        """The articles, one at a time, with these of their fields and of BOOKKEEPING."""
        if unknown := set(names) - _COLUMNS:
            raise ValueError(f"no columns of articles: {', '.join(sorted(unknown))}")
        sql = f"SELECT {', '.join(names)} FROM articles {self._where} {_ORDER}"
        decoded = [place for place, name in enumerate(names) if name in JSON_FIELDS]
        for row in self._store.stream(sql, self._all_values):
            values = list(row)
            for place in decoded:
                if values[place] is not None:
                    values[place] = json.loads(values[place])
            yield dict(zip(names, values, strict=True))

    def count(self) -> int:
        """How many there are."""
        sql = f"SELECT count(*) FROM (SELECT 1 FROM articles {self._where} {_ORDER}) AS chosen"
        return int(self._store.read(sql, self._all_values).fetchone()[0])

    def last_change(self) -> str | None:
        """When one of them was published or edited last, by its page or by what was seen; None where there is none."""
        sql = f"{_CHANGED} WHERE id IN (SELECT id FROM articles {self._where} {_ORDER})"
        changed = self._store.read(sql, self._all_values).fetchone()[0]
        return str(changed) if changed else None

    @property
    def _all_values(self) -> list[Any]:
        return [*self._values, self._limit]


def select(store: Database, selection: Selection, names: Sequence[str] = FIELDS) -> Iterator[dict[str, Any]]:
    """The articles of a selection; see Chosen."""
    return Chosen(store, selection).rows(names)


def count(store: Database, selection: Selection) -> int:
    """How many articles a selection has; see Chosen."""
    return Chosen(store, selection).count()


def _conditions(store: Database, selection: Selection) -> tuple[str, list[Any]]:
    """The WHERE clause and its values."""
    found: list[tuple[str, list[Any]]] = []
    if selection.since:
        found.append(("published_at >= ?", [selection.since.isoformat()]))
    if selection.until:  # U comes after the T between day and time
        found.append(("published_at < ?", [f"{selection.until.isoformat()}U"]))
    kinds = (
        ("--section", selection.section, _SECTIONS, _BY_SECTION),
        ("--tag", selection.tag, _TAGS, _BY_TAG),
        ("--author", selection.author, _AUTHORS, _BY_AUTHOR),
    )
    for option, wanted, names, condition in kinds:
        if wanted:
            found.append((condition, [to_json(resolve(option, wanted, _known(store, names)))]))
    if selection.state:
        found.append((_BY_STATE, [to_json(selection.state)]))
    if selection.search is not None:
        found.append(_search(store, selection.search))
    where = f"WHERE {' AND '.join(condition for condition, _ in found)}" if found else ""
    return where, [value for _, values in found for value in values]


def _known(store: Database, sql: str) -> dict[str, list[str | None]]:
    """Each name with the addresses of its pages."""
    known: dict[str, list[str | None]] = {}
    for name, url in store.read(sql):
        known.setdefault(name, []).append(url)
    return known


def _search(store: Database, given: str) -> tuple[str, list[Any]]:
    try:
        return store.engine.search(store.db, given)
    except UsageProblem as error:
        raise UsageProblem(
            f"--search {given!r}: {error}; allowed is SQLite's FTS5 syntax, such as "
            "'harbour AND \"ferry strike\" NOT port'"
        ) from error
