"""Requests that failed, in words."""

from typing import cast

from scrapy import Request
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

GONE = frozenset({404, 410})
CLOSED = frozenset({401, 403})
REFUSED = frozenset({403, 429, 503})


def request_of(failure: Failure) -> Request:
    """The request that failed; Scrapy hangs it on the failure."""
    return cast("Request", failure.request)  # type: ignore[attr-defined]


def status_of(failure: Failure) -> int | None:
    """The status of the answer; None where there was none."""
    return int(failure.value.response.status) if isinstance(failure.value, HttpError) else None


def reason_of(failure: Failure) -> str:
    """A word for counting: ``http_503`` or the name of the error."""
    status = status_of(failure)
    return f"http_{status}" if status else type(failure.value).__name__
