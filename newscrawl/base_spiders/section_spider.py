"""Section pages: the site's own lists of articles, walked from the newest to the oldest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import Output
from newscrawl.base_spiders.failures import GONE, request_of, status_of
from newscrawl.base_spiders.source_spider import SourceSpider
from newscrawl.discovery.reports import SourceReport
from newscrawl.exceptions import UnknownSectionError
from newscrawl.extraction.listing import SectionLink, article_links, next_page, other_article_links
from newscrawl.extraction.page import Page
from newscrawl.seen import Seen

MOST_REPEATS = 3
"""Pages in a row without a new card, after which a walk has reached no end but a loop. One or two are what it looks
like when posts are added during the walk and push older ones down."""


@dataclass(slots=True)
class Walk:
    """One section being walked: what it showed so far. ``open_run``: see Frontier.begin_walk."""

    section: SectionLink
    open_run: int
    pages: int = 0
    repeats: int = 0
    asked: set[str] = field(default_factory=set)
    cards: Seen = field(default_factory=Seen)


class SectionSpider(SourceSpider):
    """
    Walk sections of the site's own menus: to the end, or to the first page that holds nothing unknown.

    A date never ends a walk, since posts are back-dated. A walk that was cut short, by whatever, is made whole by
    the next run: "unknown" is what was so before the first walk that did not reach its end.
    """

    @cached_property
    def _linked(self) -> Seen:
        """What other places have led to: every page has the same sidebar, and says nothing new with it."""
        return Seen()

    def section_requests(self, chosen: Iterable[SectionLink]) -> Iterator[Request]:
        """The first page of each section."""
        for section in chosen:
            yield self._section_request(section.url, Walk(section, self.frontier.begin_walk(section.url)))

    def section_report(self, walk: Walk) -> SourceReport:
        """The report of a section."""
        return self.report(f"section:{walk.section.name}")

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
        page, report = Page.from_response(response, self.site()), self.section_report(walk)
        self.count("fetched/section_page")
        report.state, report.requests, report.pages = "read", report.requests + 1, report.pages + 1
        walk.pages += 1
        walk.asked.add(response.url)
        cards = [own for link in article_links(page) if (own := self.origin.own(link))]
        fresh = [card for card in cards if walk.cards.add(card)]
        walk.repeats = 0 if fresh else walk.repeats + 1
        has_unknown = False
        for card in fresh:
            learnt = self.frontier.learn(card, "sections", f"section:{walk.section.name}")
            report.named += 1
            report.new += learnt.first_run == self.frontier.run
            has_unknown |= learnt.first_run >= walk.open_run
            if learnt.wanted and not self.awaits_dates:
                yield self.article_request(card, f"section:{walk.section.name}")
        self.learn(other_article_links(page), "sidebar")
        if cards and not has_unknown and fresh and self.arguments.mode == "incremental":
            self._end(walk, "nothing unknown")
        else:
            yield from self._go_on(page, walk, bool(cards))

    @property
    def awaits_dates(self) -> bool:
        """Whether cards wait until the sitemap is read, which may tell that they are not of the days asked for."""
        return not self.is_limited and bool(self.arguments.since or self.arguments.until)

    def _go_on(self, page: Page, walk: Walk, has_cards: bool) -> Output:
        older = self._older(page, walk) if has_cards else None
        if older is not None:
            yield self._section_request(older, walk)
        elif has_cards and walk.pages == self.arguments.max_pages:
            self._leave(walk, f"max_pages={walk.pages}")
        elif not has_cards and next_page(page):  # older ones are behind it: for a run to which it shows its cards
            self._leave(walk, "a page without cards")
        else:
            self._end(walk, "its last page" if has_cards else "a page without cards")

    def _older(self, page: Page, walk: Walk) -> str | None:
        """The address of the walk's next page."""
        if walk.repeats >= MOST_REPEATS or walk.pages == self.arguments.max_pages:
            return None
        link = next_page(page)
        url = self.origin.own(link) if link else None
        return None if url in walk.asked else url

    def section_failed(self, failure: Failure) -> Output:
        """Past the last page there is a 404; anything else costs the rest of this section only."""
        walk: Walk = request_of(failure).cb_kwargs["walk"]
        report = self.section_report(walk)
        report.requests += 1
        if walk.pages and status_of(failure) in GONE:
            self._end(walk, "404")
        else:
            self.note_source_failure(report, failure)
            self._leave(walk, "a failure")
        yield from ()

    def _end(self, walk: Walk, why: str) -> None:
        """The walk is whole, as far as this section goes."""
        if walk.pages:
            self.frontier.end_walk(walk.section.url)
            self.section_report(walk).complete = True
        self._leave(walk, why)

    def _leave(self, walk: Walk, why: str) -> None:
        name, pages, cards = walk.section.name, walk.pages, len(walk.cards)
        self.logger.info("Section %s: %d pages, %d articles, ends with %s", name, pages, cards, why)

    def learn(self, urls: Iterable[str], discovered_by: str) -> None:
        """
        Let the frontier learn what other places than a section's cards lead to.

        It is asked for once the sections are walked, so that an article is said to be discovered by its section where
        it is in one; not at all where the run is limited to some addresses or sections, or to the first pages and
        these are not on one of them.
        """
        if self.is_limited or (self.arguments.max_pages and discovered_by == "related"):
            return
        for link in urls:
            if self._linked.add(link) and (url := self.origin.own(link)):
                self.frontier.learn(url, discovered_by, discovered_by)


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
