"""How articles are fetched: every address to its own article, parts joined, other addresses remembered."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import SETTINGS_PRIORITIES
from twisted.python.failure import Failure

from newscrawl import clock
from newscrawl.archive.replaying import Replay
from newscrawl.base_spiders.arguments import Arguments, read_arguments, refuse_long, shown
from newscrawl.base_spiders.draft import Draft, asked_trail, is_part, trail
from newscrawl.base_spiders.failures import GONE, REFUSED, reason_of, request_of, status_of
from newscrawl.base_spiders.origin import Origin, moved_to
from newscrawl.base_spiders.resuming import taken_up
from newscrawl.base_spiders.site_spider import SiteSpider
from newscrawl.base_spiders.validators import validators
from newscrawl.configuration import user_agent
from newscrawl.exceptions import (
    BlockedError,
    NewscrawlError,
    RobotsUnreachableError,
    SiteUnreachableError,
    SpiderArgumentError,
)
from newscrawl.extraction.page import Captured, Page
from newscrawl.extraction.reading import Reading
from newscrawl.frontier.frontier import Frontier
from newscrawl.frontier.period import Period
from newscrawl.items import Alias, Article, Rejection, Visit
from newscrawl.reader.apart import reads_apart
from newscrawl.reader.reader import Reader

ARTICLE_PRIORITY = 10
"""Articles before the next section page: what waits stays short, and a walk cannot run ahead of what it found."""
PART_PRIORITY = 20
NOT_MODIFIED = 304

Output = Iterator[Request | Article | Alias | Rejection | Visit]
AsyncOutput = AsyncIterator[Request | Article | Alias | Rejection | Visit]


class ArticleSpider(SiteSpider):
    """Fetch article addresses and yield an Article, Rejection or Alias for each."""

    failure: NewscrawlError | None = None
    """Why the run cannot succeed; its ``exit_code`` becomes that of the command."""
    leads = True
    """Whether this process looks for work; False where others do, and it only takes what they found."""
    reader: Reader
    """What reads the pages of articles."""
    replay: Replay | None = None
    """The archive that answers in place of the site."""
    given_arguments: Mapping[str, str] = MappingProxyType({})
    """What ``-a`` gave, as text; the store keeps it with the run."""

    def __init__(self, arguments: Arguments | None = None, name: str | None = None) -> None:
        super().__init__(name)
        self.arguments = arguments or read_arguments({"base_url": self.home})
        self.origin = Origin(self.arguments.base_url, self.home)
        self.urls = [self._own(url) for url in self.arguments.urls or ()]
        self.articles_asked = 0
        self.articles_found = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "ArticleSpider":
        """
        Make the spider of a run from its ``-a`` arguments.

        :raises SpiderArgumentError: an argument is unknown or wrong
        """
        spider = super().from_crawler(crawler, *args, arguments=read_arguments({"base_url": cls.home, **kwargs}))
        spider.given_arguments = kwargs
        spider.warn_without_contact()
        settings, priority = crawler.settings, SETTINGS_PRIORITIES["spider"]
        spider.reader = Reader(cls.site(), reads_apart(settings))
        crawler.signals.connect(spider.reader.close, signal=signals.spider_closed)
        settings.set("USER_AGENT", user_agent(settings), priority)
        # One host only, so both limits are one: see settings.py.
        limit = min(settings.getint(f"CONCURRENT_REQUESTS{ending}") or 1 for ending in ("", "_PER_DOMAIN"))
        for ending in ("", "_PER_DOMAIN"):
            settings.set(f"CONCURRENT_REQUESTS{ending}", limit, "cmdline")
        return spider

    def _own(self, url: str) -> str:
        own = self.origin.own(url)
        if own is None:
            raise SpiderArgumentError(f"urls={shown(url)}: allowed is an address on {self.origin.url}")
        refuse_long(own)
        return own

    async def start(self) -> AsyncIterator[Any]:
        """Requests for the addresses that ``urls`` names."""
        for url in self.urls if self.leads else ():
            self.frontier.learn(url, "urls", "urls")
            yield self.article_request(url, "urls")

    @cached_property
    def frontier(self) -> Frontier:
        """What is known of the site; there once the pipelines are open."""
        arguments = self.arguments
        period = Period(str(arguments.since or Period().since), str(arguments.until or Period().until))
        full = arguments.mode == "full" or bool(self.urls)
        return taken_up(Frontier.from_crawler(self.crawler, full, period, self.origin.url), self.name, arguments)

    def closed(self, reason: str) -> None:
        """A run that was to fetch some addresses, and got no answer to any of them, has not reached the site."""
        counts = self.crawler.stats.get_stats()
        failed = {name for name in counts if name.startswith("newscrawl/failed/")}
        # Gone, or forbidden by robots.txt: the site was reached, and said so.
        words = ("fetched/", "skipped/", "absent/", "failed/RobotsForbiddenError")
        answers = tuple(f"newscrawl/{word}" for word in words)
        answered = any(name.startswith(answers) for name in counts)
        if self.urls and failed and not answered and not self.failure:
            reasons = {name.rpartition("/")[2] for name in failed}
            what = f"none of the addresses could be read: {', '.join(sorted(reasons))}"
            is_blocked = reasons <= {f"http_{status}" for status in REFUSED}
            self.failure = BlockedError(f"blocked: {what}") if is_blocked else SiteUnreachableError(what)

    def warn_without_contact(self) -> None:
        """Say once that a site that is not on this machine should learn who is asking."""
        local = self.arguments.from_archive or urlsplit(self.origin.url).hostname in {"127.0.0.1", "::1", "localhost"}
        if not local and "//example.org/" in self.settings["NEWSCRAWL_CONTACT"]:
            self.logger.warning("NEWSCRAWL_CONTACT is not set: the site cannot tell who is crawling it")

    def article_request(
        self, url: str, discovered_by: str, page: Mapping[str, Any] | None = None, **more: Any
    ) -> Request:
        """
        A request for an address that may be an article's; Scrapy drops it if this run has asked before.

        :param page: its row in the frontier, where its validators may spare the site the page
        """
        self.frontier.asked(url)
        self.articles_asked += 1
        known = page and page["outcome"] == "article" and not page["failures"] and not self.frontier.full
        headers = validators(page) if page and known else {}
        if headers:
            more["meta"] = {**more.get("meta", {}), "handle_httpstatus_list": [NOT_MODIFIED]}
        return Request(
            url,
            callback=self.parse_article,
            errback=self.article_failed,
            cb_kwargs={"discovered_by": discovered_by},
            priority=ARTICLE_PRIORITY,
            headers=headers,
            **more,
        )

    async def parse_article(self, response: Response, discovered_by: str) -> AsyncOutput:
        """The page that answered for an article's address: a post, a part of one, its AMP form, or something else."""
        if response.status == NOT_MODIFIED:
            self.count("fetched/not_modified")
            yield Visit(response.url, "unchanged")
            return
        reading = await self.reader.read([Captured.of(response)], clock.now(), discovered_by)
        if reading.kind == "post" and not is_part(response.url, reading.own):
            self.count("fetched/article_page")
            async for output in self._complete(Draft.begun(reading, response, discovered_by)):
                yield output
            return
        for output in self._no_article(reading, response, discovered_by):
            yield output

    def _no_article(self, reading: Reading, response: Response, discovered_by: str) -> Output:
        if reading.kind == "amp":
            yield from self._leave_amp(reading, response, discovered_by)
        elif reading.kind == "post":
            yield from self._go_to_first_part(reading, response, discovered_by)
        else:
            steps = trail(response)
            self.count(f"skipped/{reading.kind}")
            self.logger.info("No article (%s): %s", reading.kind, response.url)
            # Not of what they lead to.
            yield from (Visit(step.url, "skipped", reading.kind) for step in steps[:-1] or steps)

    def _leave_amp(self, reading: Reading, response: Response, discovered_by: str) -> Output:
        """Ask for the page that an AMP page names; it has another DOM and less of the article."""
        target = self.origin.mirrored(reading.canonical or response.url)
        if target is None or response.meta.get("from_amp"):
            yield self.reject(reading, "amp_only", "every answer is an AMP page")
            yield from (Visit(step.url, "rejected", "amp_only") for step in trail(response))
        else:
            yield self.article_request(target, discovered_by, meta={"from_amp": True}, dont_filter=True)
            yield from (Visit(step.url, "moved", "amp", target) for step in trail(response) if step.url != target)

    def _go_to_first_part(self, reading: Reading, response: Response, discovered_by: str) -> Output:
        if target := self.origin.mirrored(reading.own):
            yield self.article_request(target, discovered_by)
            yield Alias(moved_to(response.url, reading.own), reading.own)
            yield from (Visit(step.url, "moved", "part", reading.own) for step in trail(response))

    async def _complete(self, draft: Draft) -> AsyncOutput:
        """The next part of an article, or the article where none is left."""
        while draft.todo:
            if url := self.origin.own(draft.todo.pop(0)):
                yield Request(
                    url,
                    callback=self.parse_part,
                    errback=self.part_failed,
                    cb_kwargs={"draft": draft},
                    priority=PART_PRIORITY,
                    dont_filter=True,  # dropped as a duplicate, a part would take its article with it
                )
                return
        reading = await self.reader.read(draft.pages, clock.now(), draft.discovered_by) if draft.parts else draft.first
        for output in self._finish(draft, reading):
            yield output

    async def parse_part(self, response: Response, draft: Draft) -> AsyncOutput:
        """A further part of an article."""
        page = Captured.of(response)
        if Page.from_captured(page, self.site()).kind == "post" and is_part(response.url, draft.first.own):
            self.count("fetched/part_page")
            draft.pages.append(page)
        else:  # WordPress leads from a part that is no more to the first one
            self.count("skipped/part")
        async for output in self._complete(draft):
            yield output

    def part_failed(self, failure: Failure) -> Output:
        """A part that stays away: an article with a hole would be worse than none."""
        self.note_failure(failure)
        request = request_of(failure)
        draft: Draft = request.cb_kwargs["draft"]
        yield from self._rejected(draft, "missing_part", f"{request.url}: {reason_of(failure)}")

    def _rejected(self, draft: Draft, reason: str, detail: str) -> Output:
        yield self.reject(draft.first, reason, detail)
        yield from (Visit(step.url, "rejected", reason) for step in draft.steps)

    def _finish(self, draft: Draft, reading: Reading) -> Output:
        article = reading.article
        if article is None:
            assert reading.problem
            yield from self._rejected(draft, *reading.problem)
            return
        if not self._in_range(article):
            self.count("skipped/out_of_range")
            yield Visit(draft.steps[-1].url, "out_of_range", published_at=article.published_at)
            yield from (Visit(step.url, "moved", None, article.url) for step in draft.steps[:-1])
            return
        if self.arguments.max_articles and self.articles_found >= self.arguments.max_articles:
            return  # was on its way when the last one came
        self.articles_found += 1
        yield from draft.completed(article)
        self.learn((card["url"] for card in article.related), "related")
        if self.articles_found == self.arguments.max_articles:
            raise CloseSpider("max_articles")

    def learn(self, urls: Iterable[str], discovered_by: str) -> None:
        """Note addresses that a page leads to besides. Here: nothing."""

    def _in_range(self, article: Article) -> bool:
        """Whether since and until keep the article; one without a date is for validation to judge."""
        if not article.published_at:
            return True
        day = datetime.fromisoformat(article.published_at).astimezone(UTC).date()
        return (self.arguments.since or date.min) <= day <= (self.arguments.until or date.max)

    def reject(self, reading: Reading, reason: str, detail: str) -> Rejection:
        """The item that tells the store why a post is no article."""
        self.logger.info("Rejected (%s): %s", reason, reading.url)
        return Rejection(reading.own, reason, detail)

    def article_failed(self, failure: Failure) -> Output:
        """An article page that could not be fetched costs itself only, unless nothing may be fetched at all."""
        self.note_failure(failure)
        reason = reason_of(failure)
        outcome: Any = "gone" if status_of(failure) in GONE else "failed"
        yield from (Visit(url, outcome, reason) for url in asked_trail(request_of(failure)))

    def note_failure(self, failure: Failure) -> None:
        """Count and log why a request failed; end the run where no request may be sent."""
        if isinstance(failure.value, RobotsUnreachableError):
            self.fail(failure.value, "robots_unreachable")
        reason = reason_of(failure)
        self.count(f"{'absent' if status_of(failure) in GONE else 'failed'}/{reason}")
        self.logger.info("No page (%s): %s", reason, request_of(failure).url)

    def fail(self, error: NewscrawlError, finish_reason: str) -> NoReturn:
        """
        End the run as failed.

        :raises CloseSpider: always; so the caller has to be a generator, else Scrapy logs a traceback
        """
        self.failure = self.failure or error
        raise CloseSpider(finish_reason)

    def count(self, what: str) -> None:
        """Count something under the project's prefix."""
        self.crawler.stats.inc_value(f"newscrawl/{what}")
