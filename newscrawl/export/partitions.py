"""Parquet in a folder a month, as Hive, DuckDB, Spark and pyarrow read it: ``published=2025-05/part-0.parquet``."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from newscrawl.exceptions import UsageProblem
from newscrawl.export.formats import Options, Writer

NAME = "part-0.parquet"
_FOLDER = re.compile(r"published=\d{4}-\d\d")


def check_folder(path: Path) -> None:
    """
    Refuse to replace a folder that holds anything but such parts.

    :raises UsageProblem: it does
    """
    for one in path.iterdir() if path.is_dir() else ():
        held = sorted(os.listdir(one)) if one.is_dir() else []
        if not _FOLDER.fullmatch(one.name) or held != [NAME]:
            raise UsageProblem(f"--output {path}: holds {one.name}, which is no part of a partitioned export")


class MonthlyWriter:
    """A file a month of publication. Articles have to come in the order of their months."""

    def __init__(self, folder: Path, make: Callable[[BinaryIO, Options], Writer], options: Options) -> None:
        self._folder = folder
        self._make = make
        self._options = options
        self._month = ""
        self._file: BinaryIO | None = None
        self._writer: Writer | None = None

    def write(self, article: Mapping[str, Any]) -> None:
        month = article["published_at"][:7]
        if month != self._month:
            self._end()
            self._begin(month)
        assert self._writer
        self._writer.write(article)

    def close(self) -> None:
        """See the last file on disk."""
        self._end()

    def _begin(self, month: str) -> None:
        folder = self._folder / f"published={month}"
        folder.mkdir()
        self._month = month
        self._file = (folder / NAME).open("xb")
        self._writer = self._make(self._file, self._options)

    def _end(self) -> None:
        if self._writer and self._file:
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
