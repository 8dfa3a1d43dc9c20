"""Articles as rows and rows as articles."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from newscrawl.items import Article
from newscrawl.storage.schema import FIELDS, JSON_FIELDS


def to_json(value: Any) -> str:
    """JSON as it is stored and written: UTF-8 letters as they are, no needless spaces in lists of thousands of rows."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def as_dict(article: Article) -> dict[str, Any]:
    """The fields in their order; nested values are the article's own, not copies."""
    return {name: getattr(article, name) for name in FIELDS}


def to_row(values: Mapping[str, Any]) -> list[Any]:
    """The values of the columns, lists and objects as JSON text."""
    return [
        (None if values[name] is None else to_json(values[name])) if name in JSON_FIELDS else values[name]
        for name in FIELDS
    ]


def from_row(row: sqlite3.Row) -> dict[str, Any]:
    """The article of a row, in the contract's shape."""
    return {
        name: json.loads(row[name]) if name in JSON_FIELDS and row[name] is not None else row[name] for name in FIELDS
    }


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any], among: tuple[str, ...]) -> list[str]:
    """Names of the fields that differ."""
    return [name for name in among if before[name] != after[name]]
