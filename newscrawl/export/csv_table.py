"""
CSV: UTF-8, a header, a row an article, RFC 4180's quotes and line ends.

A list or object is JSON text; a number is a number; null is an empty cell. A text that a spreadsheet would take for a
formula has a ``'`` put before it, which ``revealed`` takes away.
"""

import csv
import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from newscrawl.export.formats import Options
from newscrawl.export.jsonl import to_json

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""

_FORMULA = re.compile(r"['\s\0]*[=+\-@＝＋－＠﹦﹢﹣﹫]|'*[\t\r\n]")


def inert(text: str) -> str:
    """
    A text that no spreadsheet runs.

    >>> [inert(text) for text in ("=1+1", "'=1", "-5 degrees", "'Tis", "a=b")]
    ["'=1+1", "''=1", "'-5 degrees", "'Tis", 'a=b']
    """
    return f"'{text}" if _FORMULA.match(text) else text


def revealed(cell: str) -> str:
    """
    The text of a cell, as it was before ``inert``.

    >>> [revealed(cell) for cell in ("'=1+1", "''=1", "'Tis", "a=b")]
    ['=1+1', "'=1", "'Tis", 'a=b']
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def cell_of(value: Any) -> Any:
    """A value as the csv module writes it."""
    if isinstance(value, str):
        return inert(value)
    return to_json(value) if isinstance(value, list | dict) else value


class _Utf8:
    """What the csv module writes to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", "backslashreplace"))


class CsvWriter:
    """Cells by the rules above."""

    def __init__(self, file: BinaryIO, options: Options) -> None:
        text = _Utf8(file)
        self._fields = options.fields
        if options.bom:
            text.write(BOM)
        self._rows = csv.writer(text)
        self._rows.writerow(self._fields)

    def write(self, article: Mapping[str, Any]) -> None:
        self._rows.writerow([cell_of(article[name]) for name in self._fields])

    def close(self) -> None:
        """Nothing: each row ends itself."""
