"""What a page is put together from: sections with pictures, tables and folded texts.."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

Cell = str | int | float | None
"""Numbers stand to the right, None is a dash; Markup is shown as it is, any other text as text."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its heading. ``bars`` numbers the column whose cells get a bar."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    bars: int | None = None
    kind: str = "table"

    @property
    def top(self) -> float:
        """The largest number of the column that has bars."""
        numbers = [row[self.bars] for row in self.rows] if self.bars is not None else []
        return max((one for one in numbers if isinstance(one, int | float)), default=0) or 1


@dataclass(frozen=True, slots=True)
class Small:
    """One of many small charts, with its title and a note."""

    title: str
    note: str
    chart: Markup


@dataclass(frozen=True, slots=True)
class Picture:
    """
    Charts with a caption, and their figures as a table that unfolds. ``legend`` names the colours in order;
    an empty name is one that does not occur.
    """

    caption: str
    charts: Sequence[Markup | Small]
    table: Table
    legend: Sequence[str] = ()
    kind: str = "picture"


@dataclass(frozen=True, slots=True)
class Fold:
    """Something to unfold: what it is, in one line, and lines of it."""

    summary: str
    lines: Sequence[str]
    kind: str = "fold"


Part = Table | Picture | Fold


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading. ``name`` is its anchor, ``says`` what it shows in whole sentences."""

    name: str
    title: str
    says: Sequence[str]
    parts: Sequence[Part] = ()


def percent(part: float, whole: float) -> str:
    """
    A share as it is read.

    >>> percent(1, 3), percent(999, 1000), percent(0, 0)
    ('33 %', '99.9 %', '-')
    """
    if not whole:
        return "-"
    share = 100 * part / whole
    return f"{share:.1f} %" if 99 < share < 100 or 0 < share < 1 else f"{share:.0f} %"


def words(some: Iterable[str]) -> str:
    """
    A list in words.

    >>> words(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = some
    return f"{', '.join(first)} and {last}" if first else last
