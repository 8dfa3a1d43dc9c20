"""Rows of the store as tables of their own, for data frames: names of columns, and a tuple a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newscrawl.storage.database import Database
from newscrawl.storage.schema import JSON_FIELDS
from newscrawl.storage.views import VIEWS

_TAGS = """SELECT a.url, a.published_at, a.section, a.state, x.position + 1 AS position, t.name AS tag
FROM article_tags x JOIN articles a ON a.id = x.article_id JOIN tags t ON t.id = x.tag_id
ORDER BY a.published_at DESC, a.id DESC, x.position"""
VIEW_NAMES = tuple(view.name for view in VIEWS)


@dataclass(frozen=True, slots=True)
class Rows:
    """``names`` of columns, and ``rows``; the columns in ``nested`` hold JSON text."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    nested: frozenset[str] = frozenset()


def query(store: Database, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> Rows:
    """
    What a query of one's own answers.

    :raises StoreError: it is no SQL, or the database cannot be read
    """
    try:
        cursor = store.db.execute(sql, values)
        return Rows(tuple(one[0] for one in cursor.description or ()), [tuple(row) for row in cursor.fetchall()])
    except store.engine.errors as error:
        raise store.engine.explain(error) from error


def view(store: Database, name: str) -> Rows:
    """All rows of one of VIEW_NAMES."""
    return query(store, f"SELECT * FROM {name}")


def tags(store: Database) -> Rows:
    """A row a tag of an article, the newest articles first."""
    return query(store, _TAGS)


def versions(store: Database, fields: Sequence[str]) -> Rows:
    """A row a version of an article, in the order in which they came, with these fields as they were then."""
    texts = "".join(f", json_extract(r.article, '$.{name}') AS {name}" for name in fields)
    found = query(
        store,
        f"""SELECT a.url, r.revision, r.seen_at, r.cause, r.changed_fields{texts}
        FROM revisions r JOIN articles a ON a.id = r.article_id ORDER BY r.id""",
    )
    return Rows(found.names, found.rows, JSON_FIELDS.intersection(fields) | {"changed_fields"})
