"""Which of very many things came up before, in eight bytes each."""

from array import array
from collections.abc import Hashable

_BITS = 2**64 - 1


class Seen:
    """
    A set that keeps a hash of each thing, and gives nothing back: 12 to 24 bytes in place of the 100 to 250 of a text.

    Of a million things, two are taken for one once in 36 million runs.

    >>> seen = Seen()
    >>> seen.add("https://newsjournos.com/a-story/"), seen.add("https://newsjournos.com/a-story/"), len(seen)
    (True, False, 1)
    """

    def __init__(self) -> None:
        self._table = array("Q", bytes(8 * 1024))
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def __contains__(self, thing: Hashable) -> bool:
        mark = _mark(thing)
        return self._table[self._place(mark)] == mark

    def add(self, thing: Hashable) -> bool:
        """Keep a thing; whether it is new."""
        mark = _mark(thing)
        place = self._place(mark)
        if self._table[place] == mark:
            return False
        self._table[place] = mark
        self._number += 1
        if self._number * 3 > len(self._table) * 2:
            self._grow()
        return True

    def _place(self, mark: int) -> int:
        """Where a mark is, or would be: from its own place on, the first that is its or free."""
        table, last = self._table, len(self._table) - 1
        place = mark & last
        while table[place] not in (0, mark):
            place = place + 1 & last
        return place

    def _grow(self) -> None:
        marks, self._table = self._table, array("Q", bytes(2 * 8 * len(self._table)))
        for mark in marks:
            if mark:
                self._table[self._place(mark)] = mark


def _mark(thing: Hashable) -> int:
    """Its hash, but never 0, which stands for a free place; in place of it all bits, since no hash is -1."""
    return hash(thing) & _BITS or _BITS
