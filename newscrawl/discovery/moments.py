"""Dates as sources state them become moments in UTC, or nothing: what is compared must be comparable."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_RFC_822 = re.compile(r"(?:[A-Za-z]+,\s*)?\d{1,2}\s+[A-Za-z]{3,9}\s+\d{4}\s+\d{1,2}:\d{2}(?::\d{2})?\s+[-+\w]+")
_LONGEST = 64
_DAY = len("2025-05-03")


def utc(text: str | None, *, naive_is_utc: bool = False) -> str | None:
    """
    A moment as ISO 8601 in UTC, to the second; None where the text is none. A day is its first second.

    :param naive_is_utc: a time without a zone is UTC; otherwise it is no moment, since its zone is unknown.

    >>> utc("2025-05-03T10:15:00.5-04:00"), utc("Sat, 03 May 2025 14:15:00 +0000")
    ('2025-05-03T14:15:00+00:00', '2025-05-03T14:15:00+00:00')
    >>> utc("2025-05-03"), utc("2025-05-03T14:15:00"), utc("2025-05-03T14:15:00", naive_is_utc=True)
    ('2025-05-03T00:00:00+00:00', None, '2025-05-03T14:15:00+00:00')
    """
    text = (text or "").strip()
    if not text or len(text) > _LONGEST:
        return None
    stated = _iso(text) or _rfc_822(text)
    if stated is None:
        return None
    if stated.tzinfo is None:
        if not naive_is_utc and len(text) > _DAY:
            return None
        stated = stated.replace(tzinfo=UTC)
    try:
        return stated.astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:  # the first or last day there is, in a zone beyond it
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _rfc_822(text: str) -> datetime | None:
    if not _RFC_822.fullmatch(text):
        return None
    try:
        stated = parsedate_to_datetime(text)
    except ValueError:
        return None
    # "-0000" is UTC without a claim about the place; a zone of an unknown name comes without one too.
    return stated.replace(tzinfo=UTC) if text.endswith("-0000") else stated
