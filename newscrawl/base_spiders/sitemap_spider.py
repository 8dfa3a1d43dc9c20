"""Sitemaps: what the site lists of itself, and when each page changed last."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import Output
from newscrawl.base_spiders.draft import asked_trail
from newscrawl.base_spiders.failures import GONE, request_of, status_of
from newscrawl.base_spiders.source_spider import SourceSpider
from newscrawl.base_spiders.validators import of_response
from newscrawl.discovery.sitemap import USUAL_PLACES, Entry, Sitemap, names_articles, parse_sitemap
from newscrawl.exceptions import UnreadableSourceError

DEEPEST = 3
"""Levels of sitemaps that name sitemaps; WordPress has one."""
MOST_SITEMAPS = 2_000
"""Sitemaps a run, whatever names them: at 1,000 addresses each far more than the site has articles."""
MOST_NAMED = 500_000
"""Addresses of articles a run that are learnt from sitemaps."""
UNDATED_AFTER = timedelta(days=1)
"""Child sitemaps whose index does not date them (WordPress's own) are read again after this, the newest every time."""


class SitemapSpider(SourceSpider):
    """
    Read the sitemaps that robots.txt names, else those in the usual places.

    A child sitemap whose ``lastmod`` in the index has not moved is not fetched again. Addresses that a sitemap named
    once and does not now are looked at, once all sitemaps are read.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.robots_sitemaps: list[str] = []
        self.sitemaps_asked: set[str] = set()
        self.bounds_met: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "SitemapSpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        assert isinstance(spider, SitemapSpider)
        crawler.signals.connect(spider.robots_parsed, signal=signals.robots_parsed)
        return spider

    def robots_parsed(self, robotparser: RobotParser) -> None:
        """Keep the sitemaps that robots.txt names; Scrapy's parser keeps them to itself."""
        rules = getattr(robotparser, "rp", None)
        self.robots_sitemaps = list(dict.fromkeys(getattr(rules, "sitemaps", ())))

    def sitemap_requests(self) -> Iterator[Request]:
        """The first requests of this source."""
        named = [own for url in self.robots_sitemaps if (own := self.origin.mirrored(url))]
        usual = [urljoin(self.origin.url, place) for place in USUAL_PLACES]
        usual = sorted((url for url in usual if url not in named), key=self._was_never_read)
        for place, url in enumerate(named):
            yield self._sitemap_request(url, others=[] if place else usual)
        if not named:
            yield from self._next_place(usual)

    def _was_never_read(self, url: str) -> bool:
        page = self.frontier.store.page(url)
        return page is None or page["outcome"] != "read"

    def _next_place(self, places: Sequence[str]) -> Iterator[Request]:
        """The next of the usual places that was not found empty lately."""
        for number, url in enumerate(places, 1):
            if not self.frontier.is_missing(url):
                yield self._sitemap_request(url, others=list(places[number:]))
                return
        report = self.report("sitemap")
        if report.state == "unread":
            report.state = "missing"
            self.logger.info("sitemap: none in the usual places")

    def _sitemap_request(self, url: str, others: list[str], lastmod: str | None = None, depth: int = 0) -> Request:
        self.sitemaps_asked.add(url)
        about = {"others": others, "lastmod": lastmod, "depth": depth}
        return self.source_request(
            url, self.parse_sitemap, known=depth > 0, errback=self.sitemap_failed, cb_kwargs=about
        )

    def parse_sitemap(self, response: Response, others: list[str], lastmod: str | None, depth: int) -> Output:
        """A sitemap: others, or pages."""
        report = self.report("sitemap")
        report.requests += 1
        if response.status == 304:
            self.frontier.list_read(response.url, "sitemap", lastmod=lastmod)
            return
        try:
            sitemap = parse_sitemap(response.body, response.url)
        except UnreadableSourceError as error:
            self.note_problem(report, "broken", str(error))
            yield from self._next_place(others)
            return
        report.complete = report.state == "unread" or report.complete
        is_read = sitemap.pages or report.state == "read"
        report.state = "read" if is_read else "broken" if self.bounds_met else "unchanged"
        yield from self._children(sitemap.children, depth)
        self._pages(sitemap, response.url)
        if sitemap.cut:
            self.note_problem(report, "broken", f"{response.url}: ends before its end")
        else:
            self.frontier.list_read(response.url, "sitemap", lastmod=lastmod, **of_response(response))

    def _children(self, children: Sequence[Entry], depth: int) -> Output:
        children = [child for child in children if names_articles(child.url)]
        if children and depth >= DEEPEST:
            self._note_bound(f"more than {DEEPEST} levels of sitemaps are not read")
            return
        for child in children:
            url = self.origin.mirrored(child.url)
            if not url or url in self.sitemaps_asked or self._is_read(url, child.lastmod, child is children[-1]):
                continue
            if len(self.sitemaps_asked) >= MOST_SITEMAPS:
                self._note_bound(f"more than {MOST_SITEMAPS} sitemaps are not read")
                return
            yield self._sitemap_request(url, [], child.lastmod, depth + 1)

    def _note_bound(self, problem: str) -> None:
        """A bound is told once, however many sitemaps are beyond it."""
        if problem not in self.bounds_met:
            self.bounds_met.add(problem)
            self.note_problem(self.report("sitemap"), "broken", problem)

    def _is_read(self, url: str, lastmod: str | None, is_newest: bool) -> bool:
        """Whether nothing can have changed in a child sitemap, as far as its index tells."""
        if self.arguments.mode == "full":
            return False
        if lastmod:
            return self.frontier.is_read(url, lastmod)
        return not is_newest and self.frontier.was_read_within(url, UNDATED_AFTER)

    def _pages(self, sitemap: Sitemap, url: str) -> None:
        report, named = self.report("sitemap"), set()
        report.pages += 1
        for entry in sitemap.pages[: max(MOST_NAMED - report.named, 0)]:
            own = self.origin.mirrored(entry.url)
            if own:
                named.add(own)
                self.name_article(report, own, lastmod=entry.lastmod, sitemap=url)
        if len(sitemap.pages) > len(named) and report.named >= MOST_NAMED:
            self._note_bound(f"more than {MOST_NAMED} addresses are not read")
        elif not sitemap.cut and (number := self.frontier.vanished(url, named)):
            self.logger.info("%s: names %d addresses no more", url, number)
            report.state = "read"  # also where it names none at all now

    def sitemap_failed(self, failure: Failure) -> Output:
        """A sitemap that does not answer; one of the usual places may have another."""
        report, request = self.report("sitemap"), request_of(failure)
        report.requests += 1
        asked = asked_trail(request)[0]
        is_guess = not request.cb_kwargs["depth"] and asked not in map(self.origin.mirrored, self.robots_sitemaps)
        if is_guess and status_of(failure) in GONE:
            self.frontier.note_missing(asked, "sitemap")
        else:
            self.note_source_failure(report, failure)
        yield from self._next_place(request.cb_kwargs["others"])
