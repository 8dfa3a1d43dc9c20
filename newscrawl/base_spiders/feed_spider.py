"""The feed: the newest articles, for the price of a 304 where there are none."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import Output
from newscrawl.base_spiders.failures import GONE, request_of, status_of
from newscrawl.base_spiders.source_spider import SourceSpider
from newscrawl.base_spiders.validators import of_response
from newscrawl.discovery.feed import next_feed_page, parse_feed
from newscrawl.exceptions import UnreadableSourceError
from newscrawl.extraction.endpoints import feed_url
from newscrawl.extraction.page import Page

USUAL_FEED = "/feed/"
MOST_FEED_PAGES = 10
"""Ten items each, with their texts: what is older is for sections and sitemap."""


@dataclass(slots=True)
class FeedWalk:
    """A feed being read: its first page's address and validators. ``open_run``: see Frontier.begin_walk."""

    url: str
    open_run: int
    number: int = 1
    validators: dict[str, str | None] = field(default_factory=dict)


class FeedSpider(SourceSpider):
    """
    Read the feed that the home page names, and its older pages as long as they hold nothing known.

    Validators are kept by address: every feed of a WordPress shares one ETag, and names itself wrongly at times.
    """

    def feed_requests(self, home: Page) -> Iterator[Request]:
        """The first request of this source."""
        url = self.origin.mirrored(feed_url(home) or "") or urljoin(self.origin.url, USUAL_FEED)
        yield self._feed_request(url, FeedWalk(url, self.frontier.begin_walk(url)))

    def _feed_request(self, url: str, walk: FeedWalk) -> Request:
        return self.source_request(
            url, self.parse_feed, known=walk.number == 1, errback=self.feed_failed, cb_kwargs={"walk": walk}
        )

    def parse_feed(self, response: Response, walk: FeedWalk) -> Output:
        """One page of the feed."""
        report = self.report("feed")
        report.requests += 1
        if response.status == 304:
            report.state = "unchanged"
            self._end_feed(walk)
            return
        try:
            feed = parse_feed(response.body, response.url)
        except UnreadableSourceError as error:
            self.note_problem(report, "broken", str(error))
            return
        report.state, report.pages = "read", walk.number
        if walk.number == 1:
            walk.validators = of_response(response)
        learnt = [self.name_article(report, entry.url, published_at=entry.published_at) for entry in feed.entries]
        is_news = bool(learnt) and all(one and one.first_run >= walk.open_run for one in learnt)
        if feed.cut:  # the next run has to see the rest: neither validators nor an end are noted
            self.note_problem(report, "broken", f"{response.url}: ends before its end")
        elif is_news and walk.number < MOST_FEED_PAGES:
            walk.number += 1
            yield self._feed_request(next_feed_page(response.url), walk)
        else:
            self._end_feed(walk)

    def _end_feed(self, walk: FeedWalk) -> None:
        """Every address is noted, so that the feed need not be sent again as it is."""
        self.report("feed").complete = True
        self.frontier.list_read(walk.url, "feed", **walk.validators)
        self.frontier.end_walk(walk.url)

    def feed_failed(self, failure: Failure) -> Output:
        """A feed that does not answer; behind its last page there is a 404."""
        report = self.report("feed")
        report.requests += 1
        walk: FeedWalk = request_of(failure).cb_kwargs["walk"]
        if walk.number > 1 and status_of(failure) in GONE:
            self._end_feed(walk)
        else:
            self.note_source_failure(report, failure)
        yield from ()
