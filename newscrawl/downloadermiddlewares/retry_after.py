"""A server that says when to come back is believed."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl import clock
from newscrawl.base_spiders.validators import header
from newscrawl.downloadermiddlewares.ending import is_ending

logger = logging.getLogger(__name__)

STATUSES = frozenset({429, 503})
A_DAY = 86_400.0
LONG_WAIT = 600.0
"""Seconds from which a wait is a warning: whoever runs this from cron would miss the run."""
_LEAST_DELAY = 0.001


def seconds_to_wait(text: str, now: datetime) -> float:
    """
    The seconds that a Retry-After header asks for, at most a day; 0 where it says nothing usable.

    :param now: the server's time, since a date is of its clock

    >>> seconds_to_wait("120", datetime.now(UTC))
    120.0
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), A_DAY)
    moment = _moment(text)
    return min(max((moment - now).total_seconds(), 0.0), A_DAY) if moment else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # "-0000": UTC without a claim about the place


def server_time(response: Response) -> datetime:
    """What the server's clock said when it answered; where it does not say, our own."""
    return _moment((header(response, "Date") or "").strip()) or clock.now()


class RetryAfterMiddleware:
    """
    Holds all requests to the site until the time that a 429 or 503 names; the retry itself is Scrapy's.

    Scrapy ignores the header. The downloader's slot sends nothing before ``lastseen`` plus its delay, so moving that
    forward holds what waits, and the retry with it; it needs a delay above 0.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RetryAfterMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        asked = header(response, "Retry-After")
        if response.status in STATUSES and asked and not is_ending(self.crawler):
            self._hold(request, response.status, seconds_to_wait(asked, server_time(response)))
        return response

    def _hold(self, request: Request, status: int, wait: float) -> None:
        slot = self.crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if not wait or slot is None:
            return
        slot.delay = slot.delay or _LEAST_DELAY
        slot.lastseen = max(slot.lastseen, monotonic() + wait)
        self.crawler.stats.inc_value("newscrawl/waited/retry_after")
        level = logging.WARNING if wait > LONG_WAIT else logging.INFO
        until = (clock.now() + timedelta(seconds=wait)).isoformat(timespec="seconds")
        logger.log(
            level, "The site answered %d and asks to wait %.0f s: nothing is sent before %s", status, wait, until
        )
