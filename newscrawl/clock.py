"""The one place that asks the time, so that a test or a simulation can set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def stamp() -> str:
    """The present as it is stored: ISO 8601 in UTC, to the second."""
    return now().isoformat(timespec="seconds")
