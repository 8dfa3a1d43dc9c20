"""Spans of time: sorted into bars from minutes to months, and days and months in a row."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SPANS = {
    "15 min": 15 * MINUTE, "1 h": HOUR, "3 h": 3 * HOUR, "6 h": 6 * HOUR, "12 h": 12 * HOUR, "1 d": DAY,
    "3 d": 3 * DAY, "1 wk": 7 * DAY, "4 wk": 28 * DAY,
}  # fmt: skip
"""Upper ends of the bars, in seconds; there is one more for what took longer."""
LABELS = (*SPANS, "longer")
_ENDS = tuple(SPANS.values())


def by_span(seconds: Iterable[int]) -> list[int]:
    """
    How many fall into each bar of LABELS; what is below zero falls into the first.

    >>> by_span([-5, 900, 901, 10**9])
    [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    """
    counts = [0] * len(LABELS)
    for one in seconds:
        counts[bisect_left(_ENDS, one)] += 1
    return counts


def within(seconds: Sequence[int], share: float) -> int:
    """
    The time within which that share of them lies.

    >>> within([1, 2, 3, 4], 0.5), within([7], 0.9)
    (2, 7)
    """
    ordered = sorted(seconds)
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def last_days(newest: str, oldest: str, most: int) -> list[str]:
    """
    ISO dates up to the newest one, without a gap: ``most`` of them, or those since the oldest one.

    >>> last_days("2025-03-02", "2025-02-28", 60)
    ['2025-02-28', '2025-03-01', '2025-03-02']
    """
    end = date.fromisoformat(newest)
    count = min(most, (end - date.fromisoformat(oldest)).days + 1)
    return [(end - timedelta(days=back)).isoformat() for back in reversed(range(count))]


def last_months(newest: str, oldest: str, most: int) -> list[str]:
    """
    The same in months.

    >>> last_months("2025-02", "2024-12", 60)
    ['2024-12', '2025-01', '2025-02']
    """
    first, last = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (oldest, newest))
    return [f"{at // 12:04}-{at % 12 + 1:02}" for at in range(max(first, last - most + 1), last + 1)]


def day_label(day: str) -> str:
    """
    >>> day_label("2025-03-02")
    '2 Mar'
    """
    return f"{int(day[8:10])} {_NAMES[int(day[5:7]) - 1]}"


def month_label(month: str) -> str:
    """
    >>> month_label("2025-03")
    'Mar 2025'
    """
    return f"{_NAMES[int(month[5:7]) - 1]} {month[:4]}"


_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
