"""What is known, and what is to be fetched: every address that a source names passes through here once."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from scrapy.crawler import Crawler

from newscrawl import clock
from newscrawl.frontier.period import Period
from newscrawl.frontier.schedule import next_look, stored
from newscrawl.storage.held import DOUBTFUL
from newscrawl.storage.runtime import RUN_ID, store_of
from newscrawl.storage.store import Store

BATCH = 100
"""Pages taken from the frontier at a time: what waits in memory stays short, however large the site is."""
LISTS = frozenset({"sections", "sitemap", "feed", "rest"})
"""Sources that list articles; that other places link one says nothing of what these miss."""
MOST_RETRIES = 50
MOST_MISSING = 50
SURE = frozenset({"article", "moved"})
"""Outcomes of a page that a full crawl that is taken up again does not ask for twice; others may have been a mishap."""
CONTROLS = 8
"""Other articles that a doubtful new version is compared with: enough to tell a lost field from an edit."""


class Learnt(NamedTuple):
    """What ``learn`` says of an address: the run that met it first, whether to fetch it, and why it is fetched."""

    first_run: int
    wanted: bool
    todo: str | None = None


class Frontier:
    """
    The rows of ``pages`` as a run uses them.

    :param run: number of the run; pages are told apart by the run that met them, not by the clock, which may jump
    :param full: whether known articles are wanted too
    :param period: the days of publication that the run is limited to
    :param origin: what the addresses that it asks for begin with; others are of runs with another ``base_url``

    ``full_since``: the run that began this full crawl, where earlier ones were cut short; what they fetched stands.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler, full: bool, period: Period, origin: str) -> "Frontier":
        """The frontier of a running crawl; where its store fails, the run ends."""
        assert crawler.stats
        return cls(store_of(crawler), crawler.stats.get_value(RUN_ID) or 1, full, period, origin)

    def __init__(self, store: Store, run: int, full: bool, period: Period, origin: str = "") -> None:
        self.store = store
        self.run = self.full_since = run
        self.full = full
        self.period = period
        self.origin = origin

    def learn(
        self,
        url: str,
        source: str,
        discovered_by: str,
        *,
        lastmod: str | None = None,
        published_at: str | None = None,
        sitemap: str | None = None,
    ) -> Learnt:
        """
        A source names an address: note it, and tell whether it is to be fetched.

        :param lastmod: when the source says it changed last, as stored
        :param sitemap: the sitemap that names it
        """
        page = self.store.page(url)
        if page is None:
            values = {"lastmod": lastmod, "published_at": published_at, "sitemap": sitemap}
            values["found_by"] = source if source in LISTS else ""
            self.store.set_page(
                url, "article", todo="new", discovered_by=discovered_by, discovered_run=self.run, **values
            )
            return Learnt(self.run, self.period.may_hold(published_at, lastmod), "new")
        if page["kind"] != "article":
            return Learnt(page["discovered_run"] or 0, False)
        changes = self._changes(page, source, lastmod, published_at, sitemap)
        if changes:
            self.store.set_page(url, "article", **changes)
        todo = changes.get("todo", page["todo"])
        first_run = changes.get("discovered_run", page["discovered_run"])
        if page["asked_run"] == self.run:
            return Learnt(first_run, False)
        wanted = self.period.may_hold(published_at or page["published_at"], lastmod or page["lastmod"])
        return Learnt(first_run, wanted and todo is not None, todo)

    def _changes(
        self, page: dict[str, Any], source: str, lastmod: str | None, published_at: str | None, sitemap: str | None
    ) -> dict[str, Any]:
        """What a source's word changes in a known page's row."""
        changes: dict[str, Any] = {}
        found_by = ",".join(sorted(LISTS & {source, *page["found_by"].split(",")}))
        if page["sitemap"] and not lastmod:  # one of the latest news, which will drop it soon
            sitemap = None
        for name, value in (("found_by", found_by), ("sitemap", sitemap), ("published_at", published_at)):
            if value and value != page[name]:
                changes[name] = value
        if page["discovered_run"] is None:
            changes["discovered_run"] = self.run
        if lastmod and lastmod > (page["lastmod"] or ""):
            changes["lastmod"] = lastmod
        if page["todo"] == "missing":
            changes["todo"] = None
        if self._is_news(page, lastmod):
            changes["todo"] = "changed"
        return changes

    def _is_news(self, page: dict[str, Any], lastmod: str | None) -> bool:
        """Whether a settled page is to be fetched again because of what a source says of it now."""
        if page["outcome"] is None or page["todo"] in ("new", "changed"):
            return False
        if self.full:
            return not self._is_fetched(page)
        if page["outcome"] == "gone" and page["article_id"]:
            return bool((page["retry_run"] or 0) <= self.run)  # it is named again: it may be back
        return bool(lastmod) and self._is_newer(page, lastmod or "")

    def _is_fetched(self, page: dict[str, Any]) -> bool:
        """Whether this full crawl has a settled page already; what it asked for in vain still waits (``todo``)."""
        asked = page["asked_run"] or 0
        is_sure = page["outcome"] in SURE and not page["failures"]
        return bool(asked == self.run or (asked >= self.full_since and is_sure))

    def _is_newer(self, page: dict[str, Any], lastmod: str) -> bool:
        if page["lastmod"]:
            return bool(lastmod > page["lastmod"])
        if page["asked_run"] == self.run:  # fetched before the source was read
            return bool(lastmod > (page["fetched_at"] or ""))
        if page["outcome"] != "article":
            return False
        return bool(lastmod > (self.store.last_change(page["article_id"]) or ""))

    def runs_before(self, spider: str) -> Iterator[tuple[dict[str, Any], int, str | None]]:
        """Earlier runs of a spider, the latest first: what ``-a`` gave, number, why each ended."""
        for number, arguments, finish_reason in self.store.runs_before(self.run, spider):
            yield json.loads(arguments), number, finish_reason

    def asked(self, url: str) -> None:
        """Note that this run asks for an article's page."""
        self.store.set_page(url, "article", asked_run=self.run)

    def begin_walk(self, url: str) -> int:
        """The first run whose walk of a list did not reach its end; see ``Pages.begin_walk``."""
        return self.store.begin_walk(url, self.run)

    def is_read(self, url: str, lastmod: str | None) -> bool:
        """Whether a list of addresses was read as it is now: its ``lastmod`` has not moved."""
        page = self.store.page(url)
        return bool(page and lastmod and page["lastmod"] == lastmod)

    def end_walk(self, url: str) -> None:
        """Note that a walk has reached its end."""
        self.store.end_walk(url)

    def lastmod(self, url: str) -> str | None:
        """Up to which change a list was read."""
        page = self.store.page(url)
        return page["lastmod"] if page else None

    def was_read_within(self, url: str, span: timedelta) -> bool:
        """Whether a list was read whole not longer ago than ``span``."""
        page, now = self.store.page(url), clock.now()
        return bool(page and page["outcome"] == "read" and stored(now - span) < page["fetched_at"] <= stored(now))

    def note_missing(self, url: str, kind: str) -> None:
        """Note that there is no list at one of the places where sites have one."""
        page = self.store.page(url)
        failures = (page["failures"] if page else 0) + 1
        again = next_look(url, clock.now(), failures)
        self.store.set_page(url, kind, outcome="missing", failures=failures, next_check_at=again)

    def is_missing(self, url: str) -> bool:
        """Whether a place was found empty, and is not due for another look."""
        page, now = self.store.page(url), clock.stamp()
        if self.full or page is None or page["outcome"] != "missing":
            return False
        return bool((page["fetched_at"] or "") <= now < page["next_check_at"])

    def list_read(self, url: str, kind: str, **values: Any) -> None:
        """Note that a sitemap or feed was read whole and every address of it learnt: its ``lastmod``, validators."""
        self.store.set_page(url, kind, outcome="read", failures=0, next_check_at=None, **values)

    def vanished(self, sitemap: str, named: set[str]) -> int:
        """Mark the articles that a sitemap named once and does not now; how many. Another sitemap may name them yet."""
        gone = [url for url in self.store.named_by_sitemap(sitemap) if url not in named]
        for url in gone:
            self.store.set_page(url, "article", todo="missing", sitemap=None)
        return len(gone)

    def waiting(self) -> Iterator[dict[str, Any]]:
        """New and changed pages that this run has not asked for, also those that it learns of meanwhile."""
        while batch := self.store.todo(self.run, self.origin, BATCH, "new", "changed", days=self.period):
            yield from batch

    def outstanding(self, origin: str) -> int:
        """How many pages of an origin this run has still to ask for, as far as it knows."""
        return self.store.waiting(self.run, origin)

    def missing(self) -> Iterator[dict[str, Any]]:
        """Pages that a sitemap no longer names, while their article still lives there."""
        for page in self.store.todo(self.run, self.origin, MOST_MISSING, "missing"):
            if self.store.lives_at(page["article_id"], page["url"]):
                yield page
            else:  # renamed meanwhile
                self.store.set_page(page["url"], "article", todo=None)

    def retries(self) -> Iterator[dict[str, Any]]:
        """Pages that failed in earlier runs and are due in this one."""
        yield from self.store.retries(self.run, self.origin, MOST_RETRIES)

    def due(self, limit: int) -> Iterator[dict[str, Any]]:
        """Pages whose age says that they are to be checked again."""
        yield from self.store.due(self.run, self.origin, clock.stamp(), limit)

    def controls(self) -> Iterator[dict[str, Any]]:
        """Other articles to compare with, where this run holds new versions and has not seen enough to judge them."""
        if self.store.held(DOUBTFUL):
            yield from self.store.controls(self.run, self.origin, CONTROLS)
