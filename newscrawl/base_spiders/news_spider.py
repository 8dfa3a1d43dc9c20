"""A news site, whole: home page → sources of discovery → articles → what is due for another look."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from scrapy.settings import SETTINGS_PRIORITIES
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import Output
from newscrawl.base_spiders.failures import CLOSED, GONE, REFUSED, reason_of, status_of
from newscrawl.base_spiders.feed_spider import FeedSpider
from newscrawl.base_spiders.offline import addresses, open_replay
from newscrawl.base_spiders.rest_spider import RestSpider
from newscrawl.base_spiders.section_spider import SectionSpider, choose_sections
from newscrawl.base_spiders.sitemap_spider import SitemapSpider
from newscrawl.exceptions import BlockedError, SiteUnreachableError, StoreError, UnknownSectionError
from newscrawl.extraction.listing import other_article_links, sections
from newscrawl.extraction.page import Page

BATCH = 100
"""Requests taken from the frontier at a time, so that what waits in memory stays short."""


class NewsSpider(SectionSpider, SitemapSpider, FeedSpider, RestSpider):
    """
    Read every source that ``discover`` names, and fetch each article that is new, changed or due.

    #. Inherit from this class, in a file of ``newscrawl/spiders/`` named as the site
    #. Set ``name``, and ``home`` to the site's own address
    #. Set ``theme`` to the table of the site's theme, or to those of its layouts, newest first
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._are_sources_checked = False
        self._stages = deque(self._stage(name) for name in ("missing", "retries", "due", "controls"))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "NewsSpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        assert isinstance(spider, NewsSpider)
        crawler.signals.connect(spider.idle, signal=signals.spider_idle)
        if spider.arguments.from_archive:
            spider.answer_from(spider.arguments.from_archive)
        return spider

    def answer_from(self, path: Path) -> None:
        """
        Let an archive answer for the site; without a home page in it, every page that it holds is asked for.

        :raises SpiderArgumentError: it holds nothing of the site
        """
        self.replay = open_replay(path, self.origin)
        self.urls = self.urls or addresses(self.replay, self.origin)
        if f"{self.origin.url}robots.txt" not in self.replay:  # nobody is asked, so nobody has to allow it
            self.settings.set("ROBOTSTXT_OBEY", False, SETTINGS_PRIORITIES["spider"])

    async def start(self) -> AsyncIterator[Any]:
        """The home page alone, or the addresses that ``urls`` names."""
        if self.urls:
            async for request in super().start():
                yield request
        elif self.leads:
            yield Request(self.origin.url, callback=self.parse_home, errback=self.home_failed, dont_filter=True)

    def parse_home(self, response: Response) -> Output:
        """The home page: its menus name the sections, its cards and ticker some articles, its head feed and REST."""
        page = Page.from_response(response, self.site())
        found = sections(page)
        if not found:
            self.fail(
                SiteUnreachableError(f"{response.url} is not the site: its menus name no sections"), "site_unreachable"
            )
        try:
            chosen = choose_sections(found, self.arguments.sections)
        except UnknownSectionError as error:
            self.fail(error, "unknown_section")
        if "sections" in self.arguments.discover:
            self.learn(other_article_links(page), "home")
        if not self.is_limited:  # the others do not tell sections apart
            yield from self._other_sources(page)
        if "sections" in self.arguments.discover:
            yield from self.section_requests(chosen)

    def _other_sources(self, home: Page) -> Iterator[Request]:
        sources = {
            "sitemap": self.sitemap_requests,
            "feed": lambda: self.feed_requests(home),
            "rest": lambda: self.rest_requests(home),
        }
        for name, requests in sources.items():
            if name in self.arguments.discover:
                yield from requests()

    def home_failed(self, failure: Failure) -> Output:
        """Without the home page there is nothing to walk."""
        self.note_failure(failure)
        status = status_of(failure)
        detail = reason_of(failure) if status else str(failure.value) or reason_of(failure)
        if status in REFUSED:
            self.fail(BlockedError(f"blocked: {self.origin.url} answered {status}"), "blocked")
        self.fail(SiteUnreachableError(f"{self.origin.url} could not be read: {detail}"), "site_unreachable")
        yield from ()

    def idle(self) -> None:
        """
        Ask for what comes next, now that nothing is on its way.

        :raises DontCloseSpider: there is more to do
        """
        if not self.leads or self._has_enough:
            return
        if not self._are_sources_checked:
            self._are_sources_checked = True
            self._check_sources()
        try:
            batch = [] if self.is_limited else self._next_batch()
        except StoreError as error:
            self.fail(error, "store_failed")
        for request in batch:
            self.crawler.engine.crawl(request)
        if batch:
            raise DontCloseSpider

    @property
    def _has_enough(self) -> bool:
        most = self.arguments.max_articles
        return most is not None and self.articles_found >= most

    def _next_batch(self) -> list[Request]:
        """What was learnt meanwhile, before anything of the next stage."""
        batch = list(islice(self.waiting_requests(), BATCH))
        while not batch and self._stages:
            batch = list(islice(self._stages[0], BATCH))
            if not batch:
                self._stages.popleft()
        return batch

    def _stage(self, name: str) -> Iterator[Request]:
        """Requests of one stage; which pages they are is asked when the stage begins."""
        stages: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
            "missing": self.frontier.missing,
            "retries": self.frontier.retries,
            "due": lambda: self.frontier.due(self.arguments.recheck),
            "controls": self.frontier.controls,
        }
        yield from self.requests_for(stages[name](), whole=name == "controls")

    def _check_sources(self) -> None:
        """
        A run that could read no list at all has not reached the site, or is refused by it.

        That the site does not offer what ``discover`` names besides sections is no failure.
        """
        if any(report.state in ("read", "unchanged") for report in self.source_reports.values()):
            return
        has_sections = any(name.startswith("section:") for name in self.source_reports)
        statuses = self.source_statuses if has_sections else self.source_statuses - GONE - CLOSED
        if not statuses:
            return
        what = "no section page could be read, and no other source"
        if statuses <= REFUSED:
            self.fail(BlockedError(f"blocked: {what}"), "blocked")
        self.fail(SiteUnreachableError(what), "site_unreachable")

    @property
    def expected_articles(self) -> int | None:
        """Articles that this run has asked for or is going to, as far as it knows; None where it cannot."""
        return None if self.is_limited else self.articles_asked + self.frontier.outstanding(self.origin.url)
