"""WordPress's REST interface: a shortcut where the site leaves it open, never more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import Output
from newscrawl.base_spiders.failures import CLOSED, GONE, request_of, status_of
from newscrawl.base_spiders.source_spider import SourceSpider
from newscrawl.base_spiders.validators import header
from newscrawl.discovery.rest import FAR_FUTURE, ROOTS, RestPost, in_order, parse_posts, posts_url
from newscrawl.exceptions import UnreadableSourceError
from newscrawl.extraction.endpoints import rest_root
from newscrawl.extraction.page import Page

PAST_THE_END = 400
NO_INTERFACE = GONE | CLOSED | {PAST_THE_END}


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a run stands: roots still to try, page, what is known up to ``since``, ``newest`` change so far."""

    root: str
    others: tuple[str, ...]
    since: str | None = None
    page: int = 1
    newest: str = ""
    is_filtered: bool = False
    """Whether only posts changed after ``since`` are asked for."""


class RestSpider(SourceSpider):
    """
    Ask for posts by their last change, newest first, down to what was known: one request where little has changed.

    That needs no trust in ``modified_after``, which old versions ignore without a word. Only where the answer is not
    in the order asked for is it used, and only once a date in the future has given no post.
    """

    def rest_requests(self, home: Page) -> Iterator[Request]:
        """The first request of this source."""
        usual = [urljoin(self.origin.url, root) for root in ROOTS]
        named = self.origin.mirrored(rest_root(home) or "")
        roots = tuple(dict.fromkeys([*filter(None, [named]), *usual]))
        yield from self._try(roots)

    def _try(self, roots: tuple[str, ...]) -> Iterator[Request]:
        if roots:
            known = None if self.arguments.mode == "full" else self.frontier.lastmod(roots[0])
            yield self._rest_request(Reading(roots[0], roots[1:], known))

    def _rest_request(self, reading: Reading) -> Request:
        after = reading.since if reading.is_filtered else None
        url = posts_url(reading.root, reading.page, modified_after=after)
        return self.source_request(url, self.parse_rest, errback=self.rest_failed, cb_kwargs={"reading": reading})

    def parse_rest(self, response: Response, reading: Reading) -> Output:
        """One page of posts."""
        report = self.report("rest")
        report.requests += 1
        try:
            posts = parse_posts(response.body, response.url)
        except UnreadableSourceError as error:
            yield from self._next_root(reading, str(error))
            return
        if not reading.is_filtered:
            report.total = number(header(response, "X-WP-Total"))
            if reading.since and reading.page == 1 and not in_order(posts):
                yield self._proof_request(reading)
                return
        report.state, report.pages = "read", report.pages + 1
        for post in posts:
            self.name_article(report, post.url, lastmod=post.modified_at, published_at=post.published_at)
        newest = max([reading.newest, *(post.modified_at or "" for post in posts)])
        reading = replace(reading, page=reading.page + 1, newest=newest)
        if is_last(response, reading, posts):
            self._finish_reading(reading)
        else:
            yield self._rest_request(reading)

    def _proof_request(self, reading: Reading) -> Request:
        """Ask for what changed after a date in the future: nothing, where the site obeys."""
        url = posts_url(reading.root, per_page=1, modified_after=FAR_FUTURE)
        return self.source_request(url, self.parse_proof, errback=self.rest_failed, cb_kwargs={"reading": reading})

    def parse_proof(self, response: Response, reading: Reading) -> Output:
        """Whether ``modified_after`` can be trusted; where not, every page is read."""
        self.report("rest").requests += 1
        try:
            is_obeyed = not parse_posts(response.body, response.url)
        except UnreadableSourceError:
            is_obeyed = False
        yield self._rest_request(replace(reading, is_filtered=is_obeyed, since=reading.since if is_obeyed else None))

    def _finish_reading(self, reading: Reading) -> None:
        self.report("rest").complete = True
        newest = max(reading.newest, reading.since or "")
        self.frontier.list_read(reading.root, "rest", lastmod=newest or None)

    def rest_failed(self, failure: Failure) -> Output:
        """An interface that is closed, as is usual, or behind whose last page there is a 400."""
        report, status = self.report("rest"), status_of(failure)
        report.requests += 1
        reading: Reading = request_of(failure).cb_kwargs["reading"]
        if status == PAST_THE_END and reading.page > 1:
            self._finish_reading(reading)
        elif reading.others and reading.page == 1 and status in NO_INTERFACE:
            yield from self._try(reading.others)
        else:
            self.note_source_failure(report, failure)

    def _next_root(self, reading: Reading, problem: str) -> Output:
        if reading.others and reading.page == 1:
            yield from self._try(reading.others)
        else:
            self.note_problem(self.report("rest"), "broken", problem)


def is_last(response: Response, reading: Reading, posts: tuple[RestPost, ...]) -> bool:
    """Whether what follows is known, or nothing follows. ``reading`` is that of the next page."""
    pages = number(header(response, "X-WP-TotalPages"))
    if not posts or (pages is not None and reading.page > pages):
        return True
    oldest = posts[-1].modified_at or ""
    return bool(reading.since and not reading.is_filtered and oldest < reading.since)


def number(text: str | None) -> int | None:
    """A whole number of a header; None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
