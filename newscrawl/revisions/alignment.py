"""Which entries of one sequence are those of another, and which of the rest are the same entry, edited."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

COMMON = 60
"""An entry that occurs more often is no anchor: it goes with what stands beside it. Else time would grow squared."""
MOST_PAIRS = 2_500
ALIKE = 0.5
"""Share of common words from which an entry is an edited one, not another."""
MOST_OF = 0.8
"""Share of the words of one that the other has, if it was only lengthened or cut ..."""
FEW = 5
"""... and has at least so many words."""

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Block:
    """Entries ``a1:a2`` of the first sequence stand where ``b1:b2`` of the second do."""

    equal: bool
    a1: int
    a2: int
    b1: int
    b2: int


def blocks(a: Sequence[str], b: Sequence[str]) -> Iterator[Block]:
    """
    Both sequences from front to back, as what is equal and what is not.

    >>> list(blocks(["x", "y"], ["x", "z", "y"]))[1]
    Block(equal=False, a1=1, a2=1, b1=1, b2=2)
    """
    start, most = 0, min(len(a), len(b))
    while start < most and a[start] == b[start]:
        start += 1
    end = 0
    while end < most - start and a[-1 - end] == b[-1 - end]:
        end += 1
    if start:
        yield Block(True, 0, start, 0, start)
    yield from _middle(a[start : len(a) - end], b[start : len(b) - end], start)
    if end:
        yield Block(True, len(a) - end, len(a), len(b) - end, len(b))


def _middle(a: Sequence[str], b: Sequence[str], offset: int) -> Iterator[Block]:
    if not a and not b:
        return
    common = {entry for entries in (a, b) for entry, times in Counter(entries).items() if times > COMMON}
    matcher = SequenceMatcher(common.__contains__, a, b, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        yield Block(tag == "equal", a1 + offset, a2 + offset, b1 + offset, b2 + offset)


def pairs(a: Sequence[Entry], b: Sequence[Entry], kinship: Callable[[Entry, Entry], int]) -> list[tuple[int, int]]:
    """
    Entries that are edited ones of each other, in order and without crossing; as much kinship as possible in all.

    Where there are too many entries to weigh, those at the same place pair up.

    :param kinship: what speaks for two entries, 0 for nothing
    """
    if len(a) * len(b) > MOST_PAIRS:
        return [(i, i) for i in range(min(len(a), len(b))) if kinship(a[i], b[i])]
    weights = [[kinship(one, other) for other in b] for one in a]
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in reversed(range(len(a))):
        for j in reversed(range(len(b))):
            both = best[i + 1][j + 1] + weights[i][j]
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def kept(a: Counter[str], b: Counter[str]) -> int:
    """
    How many words an entry has in common with what may be its edited form; 0 where they are too few for that.

    >>> kept(Counter(["the", "ferry", "came"]), Counter(["the", "tram", "came"]))
    2
    >>> kept(Counter(["the", "ferry", "came"]), Counter(["the", "tram", "left"]))
    0
    """
    common, least = (a & b).total(), min(a.total(), b.total())
    lengthened_or_cut = least >= FEW and common >= MOST_OF * least
    return common if share(a, b) >= ALIKE or lengthened_or_cut else 0


def share(a: Counter[str], b: Counter[str]) -> float:
    """The share of all words that both have, from 0 to 1."""
    most = a.total() + b.total()
    return 2 * (a & b).total() / most if most else 0.0
