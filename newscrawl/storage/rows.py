"""Articles as rows and rows as articles."""

import json
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from newscrawl.items import Article
from newscrawl.storage.schema import FIELDS, JSON_FIELDS

to_json = json.JSONEncoder(ensure_ascii=False).encode
"""JSON as it is stored and written: letters as they are."""

_values = attrgetter(*FIELDS)
_IS_JSON = [name in JSON_FIELDS for name in FIELDS]
_KEYS = [f'"{name}": ' for name in FIELDS]


def as_dict(article: Article) -> dict[str, Any]:
    """The fields in their order; nested values are the article's own, not copies."""
    return dict(zip(FIELDS, _values(article), strict=True))


def to_row(values: Mapping[str, Any]) -> list[Any]:
    """The values of the columns, lists and objects as JSON text."""
    return [
        to_json(value) if is_json and value is not None else value
        for is_json, value in zip(_IS_JSON, map(values.__getitem__, FIELDS), strict=True)
    ]


def to_line(row: list[Any]) -> str:
    """The JSON of an article, put together from its row: lists, which are JSON already, are not encoded again."""
    texts = [
        value if is_json and value is not None else _scalar(value) for is_json, value in zip(_IS_JSON, row, strict=True)
    ]
    return "{" + ", ".join(map(str.__add__, _KEYS, texts)) + "}"


def _scalar(value: Any) -> str:
    return "null" if value is None else to_json(value)


def from_row(row: Any) -> dict[str, Any]:
    """The article of a row, in the contract's shape."""
    return {
        name: json.loads(row[name]) if name in JSON_FIELDS and row[name] is not None else row[name] for name in FIELDS
    }


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any], among: tuple[str, ...]) -> list[str]:
    """Names of the fields that differ."""
    return [name for name in among if before[name] != after[name]]


def storable(text: str) -> str:
    r"""The text with what no UTF-8 file can hold, a lone surrogate, written as its escape (``\ud800``)."""
    return text.encode("utf-8", "backslashreplace").decode()
