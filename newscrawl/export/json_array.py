"""JSON: one array, an article a line of it."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from newscrawl.export.formats import Options
from newscrawl.export.jsonl import encoded


class JsonWriter:
    """A line an article, so that the file can be looked at and compared."""

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self._file = file
        self._fields = options.fields
        self._before = b"[\n"

    def write(self, article: Mapping[str, Any]) -> None:
        self._file.write(self._before + encoded({name: article[name] for name in self._fields}))
        self._before = b",\n"

    def close(self) -> None:
        self._file.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")
