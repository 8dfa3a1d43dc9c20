"""Dates as pages state them become instants in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Precision = Literal["second", "day"]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: ``at`` is ISO 8601 in UTC, ``raw`` the text it came from."""

    at: str
    precision: Precision
    raw: str


def parse_moment(text: str) -> Moment | None:
    """
    A complete, absolute date; None where the text is none. A date without a zone counts as a day, since the zone
    that a site shows is unknown.

    >>> parse_moment("2025-05-03T10:15:00-04:00")
    Moment(at='2025-05-03T14:15:00+00:00', precision='second', raw='2025-05-03T10:15:00-04:00')
    >>> parse_moment("May 3, 2025").at
    '2025-05-03T00:00:00+00:00'
    >>> [parse_moment(text) for text in ("2 hours ago", "May", "Saturday, July 5", "")]
    [None, None, None, None]
    """
    try:
        stated = datetime.fromisoformat(text)
    except ValueError:
        return _parse_visible(text)
    if stated.tzinfo is None:
        return _day(stated, text)
    try:
        return Moment(stated.astimezone(UTC).isoformat(timespec="seconds"), "second", text)
    except OverflowError:
        return None


def _parse_visible(text: str) -> Moment | None:
    if not any(char.isdigit() for char in text) or len(text) > 60:
        return None
    import dateparser  # it costs 0.2 s to import, and ISO dates need none of it

    settings = {
        "PARSERS": ["absolute-time"],  # "2 hours ago" would depend on when we look
        "REQUIRE_PARTS": ["day", "month", "year"],  # "May" would be given today's day
    }
    try:
        stated = dateparser.parse(text, languages=["en"], settings=settings)
    except (ValueError, OverflowError):  # absurd years
        return None
    return _day(stated, text) if stated else None


def _day(stated: datetime, raw: str) -> Moment:
    return Moment(f"{stated:%Y-%m-%d}T00:00:00+00:00".rjust(25, "0"), "day", raw)
