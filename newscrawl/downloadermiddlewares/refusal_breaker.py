"""A site that refuses is left alone."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl import clock
from newscrawl.base_spiders.failures import REFUSED
from newscrawl.downloadermiddlewares.ending import end_run
from newscrawl.downloadermiddlewares.retry_after import A_DAY
from newscrawl.exceptions import BlockedError

ARTICLE_CALLBACKS = frozenset({"parse_article", "parse_part"})
IN_A_ROW = 8
"""Refusals without a good answer between them: more than one page's tries, few enough to be no burden."""
FROM_ADDRESSES = 5
"""The least addresses that they come from: each is tried three times, so a few broken pages are no block."""
OF_THE_LAST, MANY = 25, 20
"""MANY refusals among the answers OF_THE_LAST: a good one now and then does not hide a block."""


@dataclass(slots=True)
class Row:
    """Refusals in a row: address and status of each, and when the first one came."""

    refusals: list[tuple[str, int]] = field(default_factory=list)
    since: datetime | None = None

    def add(self, url: str, status: int) -> None:
        self.refusals.append((url, status))
        self.since = self.since or clock.now()

    def end(self) -> None:
        self.refusals.clear()
        self.since = None

    def why(self, of_what: str) -> str | None:
        """Why this is a block, in words; None where it is none."""
        if len(self.refusals) >= IN_A_ROW and len({url for url, _ in self.refusals}) >= FROM_ADDRESSES:
            return f"{len(self.refusals)} answers in a row{of_what} were {_statuses(self.refusals)}"
        if self.since and (clock.now() - self.since).total_seconds() >= A_DAY:
            return f"for a day all answers{of_what} were {_statuses(self.refusals)}"
        return None


class Refusals:
    """
    What the site refused lately. Only good answers end a row of refusals: content, not changed, moved, not there.

    A 500 says neither that the site serves this crawl nor that it refuses it.
    """

    def __init__(self) -> None:
        self.all, self.of_articles = Row(), Row()
        self.last: deque[tuple[str, int]] = deque(maxlen=OF_THE_LAST)

    def note(self, url: str, status: int, of_article: bool) -> str | None:
        """Note an answer; why the run is blocked, in words, else None."""
        rows = [self.all, self.of_articles] if of_article else [self.all]
        if status in REFUSED:
            self.last.append((url, status))
            for row in rows:
                row.add(url, status)
            why = self.all.why("") or self.of_articles.why(" to requests for articles") or self._share()
            return f"blocked: {why}, the last from {url}" if why else None
        if status < 400 or status in {404, 410}:
            self.last.append((url, status))
            for row in rows:
                row.end()
        return None

    def _share(self) -> str | None:
        refusals = [(url, status) for url, status in self.last if status in REFUSED]
        if len(self.last) < OF_THE_LAST or len(refusals) < MANY or len({url for url, _ in refusals}) < FROM_ADDRESSES:
            return None
        return f"{len(refusals)} of the last {OF_THE_LAST} answers were {_statuses(refusals)}"


def _statuses(refusals: list[tuple[str, int]]) -> str:
    return " or ".join(str(status) for status in sorted({status for _, status in refusals}))


class RefusalBreakerMiddleware:
    """Ends the run as "blocked" where refusals (403, 429, 503) are the rule; tries again count, waits do not help."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.refusals = Refusals()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RefusalBreakerMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        of_article = getattr(request.callback, "__name__", "") in ARTICLE_CALLBACKS
        if why := self.refusals.note(request.url, response.status, of_article):
            end_run(self.crawler, BlockedError(why), "blocked")
        return response
