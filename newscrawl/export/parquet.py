"""
Parquet: a column a field, typed by the JSON Schema of the item class.

Times are timestamps in UTC, lists are lists, objects are structs; ``sources``, whose keys are not fixed, is a map.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from newscrawl.export.fields import schema_of
from newscrawl.export.formats import Options
from newscrawl.items import UTC

GROUP = 500
"""Articles a row group: what is held in memory, some megabytes."""

_MOMENT = pa.timestamp("us", tz="UTC")


def arrow_type(schema: Mapping[str, Any]) -> pa.DataType:
    """The column type of a field's JSON Schema."""
    if "type" not in schema:
        schema = next(one for one in schema["anyOf"] if one["type"] != "null")
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    kind = next(one for one in kinds if one != "null")
    if kind == "array":
        return pa.list_(arrow_type(schema["items"]))
    if kind == "object" and "properties" in schema:
        return pa.struct([(name, arrow_type(one)) for name, one in schema["properties"].items()])
    if kind == "object":
        return pa.map_(pa.string(), arrow_type(schema["additionalProperties"]))
    if schema.get("pattern") == UTC:
        return _MOMENT
    return {"string": pa.string(), "integer": pa.int64()}[kind]


def arrow_schema(names: tuple[str, ...]) -> pa.Schema:
    """The columns, each with the field's meaning as its description."""
    properties = schema_of(names)["properties"]
    return pa.schema(
        [
            pa.field(name, arrow_type(properties[name]), metadata={"description": properties[name]["description"]})
            for name in names
        ]
    )


class ParquetWriter:
    """Writes a row group whenever there are enough articles for one."""

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self._schema = arrow_schema(options.fields)
        self._file = pq.ParquetWriter(_Sink(file), self._schema, compression="zstd")
        self._moments = [one.name for one in self._schema if one.type == _MOMENT]
        self._waiting: list[dict[str, Any]] = []

    def write(self, article: Mapping[str, Any]) -> None:
        row = {name: article[name] for name in self._schema.names}
        for name in self._moments:
            if row[name] is not None:
                row[name] = datetime.fromisoformat(row[name])
        self._waiting.append(row)
        if len(self._waiting) == GROUP:
            self._write_group()

    def close(self) -> None:
        if self._waiting:
            self._write_group()
        self._file.close()

    def _write_group(self) -> None:
        try:
            table = pa.Table.from_pylist(self._waiting, self._schema)
        except UnicodeEncodeError:  # a lone surrogate, which no text of the site should hold
            table = pa.Table.from_pylist(_storable(self._waiting), self._schema)
        self._file.write_table(table, row_group_size=GROUP)
        self._waiting = []


class _Sink:
    """A file that pyarrow writes to from front to back, also where it has no position, as a pipe."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._position = 0

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Nothing: the file belongs to whoever opened it."""


def _storable(value: Any) -> Any:
    """The same with lone surrogates as their escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {name: _storable(one) for name, one in value.items()}
    return value
