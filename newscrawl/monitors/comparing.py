"""Whether a count fell or rose by more than chance, and by enough to matter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from newscrawl.monitors.binomial import UNLIKELY, at_least, at_most
from newscrawl.monitors.norms import ENOUGH, Norms, Rate
from newscrawl.monitors.tally import Tally

CLEARLY = 0.8
"""A share has to fall below this part of the normal one: old and new articles differ a little, and many are counted."""
RARE = 0.02
"""What never happened so far is taken to happen this often."""
FEW = 5
"""Fewer than this are no rise."""

Counting = Callable[[Tally, Tally], tuple[int, int]]
"""From the articles counted and the normal ones of their age: how many are as they should be, among how many."""


@dataclass(frozen=True, slots=True)
class Drop:
    """``count`` among ``of``, where ``usual`` (0 to 1) is the normal share."""

    count: int
    of: int
    usual: float

    def __str__(self) -> str:
        return f"{self.count} of {self.of} articles, normally {self.usual:.0%}".replace("%", " %")


def find_drop(seen: Mapping[str, Tally], norms: Norms, counting: Counting, certain: float) -> Drop | None:
    """
    Whether a share has fallen; each age is compared with its own normal articles.

    :param certain: what is normal in all articles is taken to be normal in this share of them only
    """
    count = of = 0
    expected = 0.0
    for age, tally in seen.items():
        normal = norms.tally(age)
        if normal is None:
            continue
        usual, among = counting(normal, normal)
        if among >= ENOUGH:
            found, here = counting(tally, normal)
            count, of = count + found, of + here
            expected += here * usual / among
    if not of or count / of >= CLEARLY * expected / of:
        return None
    share = expected / of
    return Drop(count, of, share) if at_most(count, of, min(certain, share)) < UNLIKELY else None


def has_risen(count: int, of: int, rate: Rate) -> bool:
    """Whether something happened far more often than in earlier runs; without these, whether it mostly happened: of
    few to all."""
    if rate.of < ENOUGH:
        return (of >= 2 * FEW and count > of / 2) or count == of >= FEW
    share = max(RARE, rate.count / rate.of)
    return count >= FEW and count > 2 * share * of and at_least(count, of, share) < UNLIKELY
