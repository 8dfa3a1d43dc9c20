"""JSON Lines: one object a line, fields in the order of the options."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from newscrawl.export.formats import Options

to_json = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


def encoded(value: Any) -> bytes:
    r"""
    Compact JSON in UTF-8; a lone surrogate, which UTF-8 has not, as its escape.

    >>> encoded(["é", chr(0xD800)])
    b'["\xc3\xa9", "\\ud800"]'
    """
    return to_json(value).encode("utf-8", "backslashreplace")


class JsonLinesWriter:
    """The lines of the store's own file, for the fields that are wanted."""

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self._file = file
        self._fields = options.fields

    def write(self, article: Mapping[str, Any]) -> None:
        self._file.write(encoded({name: article[name] for name in self._fields}) + b"\n")

    def close(self) -> None:
        """Nothing: each line ends itself."""
