"""How unlikely a count is: exact tails of the binomial distribution, so that small runs are judged fairly too."""

from math import exp, lgamma, log, log1p

UNLIKELY = 1e-5
"""What chance brings less often than this is no chance. Some 30 fields a run: one false alarm in 3,000 runs at most."""


def at_most(count: int, of: int, share: float) -> float:
    """
    The probability of ``count`` or fewer among ``of``, where each has the chance ``share`` (0 to 1).

    >>> at_most(0, 3, 0.5)
    0.125
    """
    if count >= of or share <= 0:
        return 1.0
    if count < 0 or share >= 1:
        return 0.0
    ways = lgamma(of + 1) - lgamma(count + 1) - lgamma(of - count + 1)
    term = total = exp(ways + count * log(share) + (of - count) * log1p(-share))
    for number in range(count, 0, -1):  # each term from the one above it
        term *= number / (of - number + 1) * (1 - share) / share
        total += term
        if number < of * share and term < total * 1e-17:
            break
    return round(min(total, 1.0), 15)


def at_least(count: int, of: int, share: float) -> float:
    """
    The probability of ``count`` or more among ``of``.

    >>> at_least(2, 2, 0.5)
    0.25
    """
    return at_most(of - count, of, 1 - share)
