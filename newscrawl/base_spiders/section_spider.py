"""How a site of sections is walked: home page → menus → section pages → articles."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import GONE, ArticleSpider, Output, reason_of, request_of
from newscrawl.exceptions import SiteUnreachableError, UnknownSectionError
from newscrawl.extraction.listing import SectionLink, article_links, next_page, other_article_links, sections
from newscrawl.extraction.page import Page

MOST_REPEATS = 3
"""Pages in a row without a new card, after which a walk has reached no end but a loop. One or two are what it looks
like when posts are added during the walk and push older ones down."""


@dataclass(slots=True)
class Walk:
    """One section being walked: what it showed so far."""

    section: SectionLink
    pages: int = 0
    repeats: int = 0
    asked: set[str] = field(default_factory=set)
    cards: set[str] = field(default_factory=set)


class SectionSpider(ArticleSpider):
    """
    Walk every section of the site's own menus to its end, and fetch each article once.

    #. Inherit from this class, in a file of ``newscrawl/spiders/`` named as the site
    #. Set ``name``
    #. Set ``theme`` to the table of the site's theme
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._walks_open = 0
        self._sections_read = 0
        self._learnt: dict[str, str] = {}

    async def start(self) -> AsyncIterator[Any]:
        """The home page alone, or the addresses that ``urls`` names."""
        if self.urls:
            async for request in super().start():
                yield request
            return
        for name in self.arguments.discover:
            if name != "sections":
                self.logger.info("discover=%s: not read yet", name)
        yield Request(self.origin.url, callback=self.parse_home, errback=self.home_failed, dont_filter=True)

    def parse_home(self, response: Response) -> Output:
        """The home page: its menus name the sections, its cards and ticker some articles."""
        page = Page.from_response(response, self.theme)
        found = sections(page)
        if not found:
            self.fail(
                SiteUnreachableError(f"{response.url} is not the site: its menus name no sections"), "site_unreachable"
            )
        try:
            chosen = choose_sections(found, self.arguments.sections)
        except UnknownSectionError as error:
            self.fail(error, "unknown_section")
        if "sections" not in self.arguments.discover:
            return
        self._walks_open = len(chosen)
        yield from self.learn(other_article_links(page), "home")
        for section in chosen:
            yield self._section_request(section.url, Walk(section))

    def home_failed(self, failure: Failure) -> Output:
        """Without the home page there is nothing to walk."""
        self.note_failure(failure)
        detail = reason_of(failure) if failure.check(HttpError) else str(failure.value) or reason_of(failure)
        self.fail(SiteUnreachableError(f"{self.origin.url} could not be read: {detail}"), "site_unreachable")
        yield from ()

    def _section_request(self, url: str, walk: Walk) -> Request:
        walk.asked.add(url)
        return Request(
            url,
            callback=self.parse_section,
            errback=self.section_failed,
            cb_kwargs={"walk": walk},
            dont_filter=True,  # every walk has to reach its end; walk.asked keeps it out of circles
        )

    def parse_section(self, response: Response, walk: Walk) -> Output:
        """One page of a section: its articles, and the page of older ones."""
        page = Page.from_response(response, self.theme)
        self.count("fetched/section_page")
        self._sections_read += 1
        walk.pages += 1
        walk.asked.add(response.url)
        cards = [own for link in article_links(page) if (own := self.origin.own(link))]
        fresh = [card for card in cards if card not in walk.cards]
        walk.cards.update(fresh)
        walk.repeats = 0 if fresh else walk.repeats + 1
        for card in fresh:
            yield self.article_request(card, f"section:{walk.section.name}")
        yield from self.learn(other_article_links(page), "sidebar")
        older = self._older(page, walk) if cards else None
        if older:
            yield self._section_request(older, walk)
        else:
            yield from self._end(walk)

    def _older(self, page: Page, walk: Walk) -> str | None:
        """The address of the walk's next page. A date never ends a walk: posts are back-dated."""
        if walk.repeats >= MOST_REPEATS or walk.pages == self.arguments.max_pages:
            return None
        link = next_page(page)
        url = self.origin.own(link) if link else None
        return None if url in walk.asked else url

    def section_failed(self, failure: Failure) -> Output:
        """Past the last page the site answers 404; any other failure ends the walk too early."""
        walk: Walk = request_of(failure).cb_kwargs["walk"]
        status = getattr(getattr(failure.value, "response", None), "status", None)
        if not (walk.pages and status in GONE):
            self.note_failure(failure)
            self.count("ended_early/section")
            self.logger.warning("Section %s ends early, %s", walk.section.name, reason_of(failure))
        yield from self._end(walk)

    def _end(self, walk: Walk) -> Output:
        """The end of one walk; after the last one, what other places of the pages led to."""
        self._walks_open -= 1
        self.logger.info("Section %s: %d pages, %d articles", walk.section.name, walk.pages, len(walk.cards))
        if self._walks_open == 0:
            if not self._sections_read:
                self.fail(SiteUnreachableError("no section page could be read"), "site_unreachable")
            for url, discovered_by in self._learnt.items():
                yield self.article_request(url, discovered_by)
            self._learnt.clear()

    def learn(self, urls: Iterable[str], discovered_by: str) -> Iterator[Request]:
        """
        Ask for what other places than a section's cards lead to, once the sections are walked.

        Later, so that an article is said to be discovered by its section where it is in one; not at all where the
        run is limited to some addresses or sections, or to the first pages and these are not on one of them.
        """
        limited = self.arguments.max_pages and discovered_by == "related"
        if self.urls or self.arguments.sections or limited:
            return
        for link in urls:
            url = self.origin.own(link)
            if url and self._walks_open:
                self._learnt.setdefault(url, discovered_by)
            elif url:
                yield self.article_request(url, discovered_by)


def choose_sections(found: list[SectionLink], wanted: tuple[str, ...] | None) -> list[SectionLink]:
    """
    The sections that ``wanted`` names, by name or slug in any case; all where it is None.

    :raises UnknownSectionError: one of them is not in the menus
    """
    if wanted is None:
        return found
    by_name = {name.casefold(): section for section in found for name in (section.slug, section.name)}
    for name in wanted:
        if name.casefold() not in by_name:
            known = ", ".join(section.name for section in found)
            raise UnknownSectionError(f"sections={name!r}: allowed are the sections of the site's menus, {known}")
    return list(dict.fromkeys(by_name[name.casefold()] for name in wanted))
