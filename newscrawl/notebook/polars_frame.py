"""Columns as a frame of polars: moments are datetimes in UTC, lists and objects are lists and structs."""

from datetime import datetime
from typing import Any

import polars as pl

from newscrawl.notebook.columns import MOMENT, NESTED, NUMBER, OTHER, REAL, TEXT, Column

_TYPES: dict[str, Any] = {MOMENT: pl.Datetime("us", "UTC"), NUMBER: pl.Int64, REAL: pl.Float64, TEXT: pl.String}


def to_frame(columns: list[Column]) -> Any:
    """The frame."""
    return pl.DataFrame({column.name: _series(column) for column in columns})


def _series(column: Column) -> Any:
    values = column.values
    if column.kind == MOMENT:
        values = [None if value is None else datetime.fromisoformat(value) for value in values]
    if column.kind == NESTED:
        assert column.schema is not None
        if _is_map(column.schema):
            values = [value and [{"key": key, "value": one} for key, one in value.items()] for value in values]
        return pl.Series(column.name, values, dtype=_type(column.schema))
    if column.kind == OTHER:
        return pl.Series(column.name, values, strict=False)
    return pl.Series(column.name, values, dtype=_TYPES[column.kind])


def _is_map(schema: dict[str, Any]) -> bool:
    """Whether it is an object whose keys are not fixed, as ``sources`` is."""
    return schema.get("type") == "object" and "properties" not in schema


def _type(schema: dict[str, Any]) -> Any:
    """The type of a JSON Schema; a map is a list of its entries, as Parquet has it."""
    if "type" not in schema:
        schema = next(one for one in schema["anyOf"] if one["type"] != "null")
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds == ["array"]:
        return pl.List(_type(schema["items"]))
    if _is_map(schema):
        return pl.List(pl.Struct({"key": pl.String, "value": _type(schema["additionalProperties"])}))
    if kinds == ["object"]:
        return pl.Struct({name: _type(one) for name, one in schema["properties"].items()})
    return pl.Int64 if "integer" in kinds else pl.String
