"""Columns as a frame of pandas: moments are timestamps in UTC, lists are lists, whole numbers may be missing."""

from typing import Any

import pandas as pd

from newscrawl.exceptions import UsageProblem
from newscrawl.notebook.columns import MOMENT, NESTED, NUMBER, OTHER, REAL, TEXT, Column

_OLDEST = 3
_TYPES = {NUMBER: "Int64", REAL: "float64", TEXT: "str", NESTED: "object", OTHER: "object"}


def to_frame(columns: list[Column]) -> Any:
    """:raises UsageProblem: pandas is too old; before version 3 its text columns made a word of what is missing"""
    if int(pd.__version__.partition(".")[0]) < _OLDEST:
        raise UsageProblem(f"pandas {pd.__version__} is too old: pip install -r requirements-extras.txt")
    return pd.DataFrame({column.name: _series(column) for column in columns})


def _series(column: Column) -> Any:
    if column.kind == MOMENT:
        moments = pd.to_datetime(pd.Series(column.values, dtype="str"), utc=True, format="ISO8601")
        return moments.dt.as_unit("us")
    return pd.Series(column.values, dtype=_TYPES[column.kind])
