"""Columns of a frame, and what they hold: told by the item class where they are its fields, else by name and values."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from itemadapter import ItemAdapter

from newscrawl.items import UTC, Article

MOMENT, NUMBER, REAL, TEXT, NESTED, OTHER = "moment", "number", "real", "text", "nested", "other"

# What a column would hold that is empty.
_NUMBERS = ("id", "revision", "article_id", "position", "articles", "members", "is_outbound")
_REALS = ("similarity", "minutes", "hours_after_publication", "hours_stood")
_NAMED = dict.fromkeys(_NUMBERS, NUMBER) | dict.fromkeys(_REALS, REAL)
_PROPERTIES = ItemAdapter.get_json_schema(Article)["properties"]


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column: ``name``, ``kind`` and ``values``.

    A moment is ISO 8601 text in UTC, a nested value a list or object; ``schema`` is then its JSON Schema.
    """

    name: str
    kind: str
    values: list[Any]
    schema: dict[str, Any] | None = None


def of_article(names: Sequence[str], rows: Iterable[dict[str, Any]]) -> list[Column]:
    """The columns of articles: fields of the item class, and of the row's bookkeeping."""
    values: list[list[Any]] = [[] for _ in names]
    for row in rows:
        for column, name in zip(values, names, strict=True):
            column.append(row[name])
    return [field(name, column) for name, column in zip(names, values, strict=True)]


def field(name: str, values: list[Any]) -> Column:
    """A column of a field of the item class; any other is a column that ``plain`` tells."""
    schema = _PROPERTIES.get(name)
    return plain(name, values) if schema is None else Column(name, _kind(schema), values, schema)


def plain(name: str, values: list[Any]) -> Column:
    """A column of which only name and values are known; ``_at`` ends the name of a moment."""
    types = {type(value) for value in values} - {type(None)}
    if not types:
        return Column(name, _NAMED.get(name, MOMENT if name.endswith("_at") else TEXT), values)
    if types <= {int, float}:
        return Column(name, REAL if float in types else NUMBER, values)
    if types == {str}:
        return Column(name, MOMENT if name.endswith("_at") and all(map(_is_moment, values)) else TEXT, values)
    return Column(name, OTHER, values)


def _is_moment(value: str | None) -> bool:
    """Whether it is what this store writes for one, as not every column of a query of one's own."""
    return value is None or bool(re.fullmatch(UTC, value))


def listed(name: str, values: list[Any]) -> Column:
    """A column of lists of text."""
    return Column(name, NESTED, values, {"type": "array", "items": {"type": "string"}})


def _kind(schema: dict[str, Any]) -> str:
    """What a field's JSON Schema says."""
    kinds = schema.get("type", "object")
    if kinds in ("array", "object"):
        return NESTED
    if schema.get("pattern") == UTC:
        return MOMENT
    return NUMBER if "integer" in ([kinds] if isinstance(kinds, str) else kinds) else TEXT
