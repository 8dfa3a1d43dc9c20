"""When a page is fetched again: often while it is young, ever more rarely after that."""

import zlib
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

BY_AGE = (
    (1 * DAY, 3 * HOUR),
    (7 * DAY, 12 * HOUR),
    (30 * DAY, 3 * DAY),
    (365 * DAY, 30 * DAY),
)
"""An article younger than the first value is checked again after the second: most edits come within hours."""
OLDEST = 180 * DAY
BY_TRIES = (1 * DAY, 7 * DAY, 30 * DAY, 90 * DAY)
"""Pages that hold no article, or no longer one: time to the next look by the number of looks in vain."""
SOONEST = timedelta(minutes=15)
"""The first wait for an edit that a source tells of and the page does not show yet."""
MOST_RUNS = 64
_SPREAD = 0.15


def next_check(url: str, now: datetime, changed_at: datetime) -> str:
    """
    When an article is due again, as it is stored.

    :param changed_at: when it was published or last changed, whichever is later
    """
    age = now - changed_at
    interval = next((interval for youngest, interval in BY_AGE if age < youngest), OLDEST)
    return stored(now + interval * _spread(url))


def look_for_edit(lastmod: str | None, last_change: str | None, now: datetime) -> str | None:
    """
    When an article is looked at again whose page knows nothing yet of the edit that its ``lastmod`` tells of, as it is
    stored; None where it knows, or nothing tells.

    A cache may serve the page of before for some hours. Some sites move ``lastmod`` for a comment, too: so the edit's
    age doubles from look to look, SOONEST at first, and after a day there is none.
    """
    if not lastmod or not last_change or last_change >= lastmod:
        return None
    age = now - datetime.fromisoformat(lastmod)
    return stored(now + max(age, SOONEST)) if timedelta() <= age < DAY else None


def next_look(url: str, now: datetime, tries: int) -> str:
    """When a page without an article is looked at again, after ``tries`` looks in vain."""
    return stored(now + BY_TRIES[min(tries, len(BY_TRIES)) - 1] * _spread(url))


def next_try(run: int, failures: int) -> int:
    """
    The run in which a page that could not be fetched is due again: the next one, then after 2, 4, 8 ... runs.

    >>> [next_try(10, failures) for failures in (1, 2, 3, 9)]
    [11, 12, 14, 74]
    """
    return run + min(1 << (failures - 1), MOST_RUNS)


def _spread(url: str) -> float:
    """A factor of its own for each page, so that an archive that was fetched at once is not due at once."""
    return 1 - _SPREAD + 2 * _SPREAD * (zlib.crc32(url.encode("utf-8", "replace")) / 0xFFFF_FFFF)


def stored(moment: datetime) -> str:
    """A moment as the store keeps it."""
    return moment.isoformat(timespec="seconds")
