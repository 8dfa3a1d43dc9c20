"""The feed: the newest articles, for the price of a 304 where there are none."""

from collections.abc import Iterator
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import Output
from newscrawl.base_spiders.failures import GONE, request_of, status_of
from newscrawl.base_spiders.source_spider import SourceSpider, header
from newscrawl.discovery.feed import next_feed_page, parse_feed
from newscrawl.exceptions import UnreadableSourceError
from newscrawl.extraction.endpoints import feed_url
from newscrawl.extraction.page import Page

USUAL_FEED = "/feed/"
MOST_FEED_PAGES = 10
"""Ten items each, with their texts: what is older is for sections and sitemap."""


class FeedSpider(SourceSpider):
    """
    Read the feed that the home page names, and its older pages as long as they hold nothing known.

    Validators are kept by address: every feed of a WordPress shares one ETag, and names itself wrongly at times.
    """

    def feed_requests(self, home: Page) -> Iterator[Request]:
        """The first request of this source."""
        url = self.origin.mirrored(feed_url(home) or "") or urljoin(self.origin.url, USUAL_FEED)
        yield self._feed_request(url, 1)

    def _feed_request(self, url: str, number: int) -> Request:
        return self.source_request(
            url, self.parse_feed, known=number == 1, errback=self.feed_failed, cb_kwargs={"number": number}
        )

    def parse_feed(self, response: Response, number: int) -> Output:
        """One page of the feed."""
        report = self.report("feed")
        report.requests += 1
        if response.status == 304:
            report.state, report.complete = "unchanged", True
            return
        try:
            entries = parse_feed(response.body, response.url)
        except UnreadableSourceError as error:
            self.note_problem(report, "broken", str(error))
            return
        report.state, report.pages, before = "read", number, report.new
        for entry in entries:
            self.name_article(report, entry.url, published_at=entry.published_at)
        if entries and report.new - before == len(entries) and number < MOST_FEED_PAGES:
            yield self._feed_request(next_feed_page(response.url), number + 1)
        else:
            report.complete = True
        if number == 1:
            values = {"etag": header(response, "ETag"), "last_modified": header(response, "Last-Modified")}
            self.frontier.list_read(response.url, "feed", **values)

    def feed_failed(self, failure: Failure) -> Output:
        """A feed that does not answer; behind its last page there is a 404."""
        report = self.report("feed")
        report.requests += 1
        if request_of(failure).cb_kwargs["number"] > 1 and status_of(failure) in GONE:
            report.complete = True
        else:
            self.note_source_failure(report, failure)
        yield from ()
