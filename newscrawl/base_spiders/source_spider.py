"""What all sources of discovery share: a report each, and the way from an address to the frontier."""

from collections.abc import Iterable, Iterator
from typing import Any

from scrapy import Request
from twisted.python.failure import Failure

from newscrawl.base_spiders.article_spider import ArticleSpider
from newscrawl.base_spiders.failures import CLOSED, GONE, reason_of, request_of, status_of
from newscrawl.base_spiders.validators import validators
from newscrawl.discovery.reports import SourceReport, SourceState
from newscrawl.frontier.frontier import Learnt

SOURCE_PRIORITY = 30
"""Sources before articles: what they say of a page is to be known when it is fetched."""


class SourceSpider(ArticleSpider):
    """
    Keep a report for each source, and let the frontier learn what the sources name.

    #. Call ``report(name)`` for the record of a source
    #. Call ``name_article`` for each address that a source names
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source_reports: dict[str, SourceReport] = {}
        self.source_statuses: set[int | None] = set()

    def report(self, name: str) -> SourceReport:
        """The report of a source in this run."""
        return self.source_reports.setdefault(name, SourceReport(name))

    @property
    def is_limited(self) -> bool:
        """Whether the run is about some addresses or sections only: then other places are not looked at."""
        return bool(self.urls or self.arguments.sections)

    def name_article(self, report: SourceReport, url: str | None, **known: str | None) -> Learnt | None:
        """
        Let the frontier learn an address that a source names; it is asked for when the sections are walked.

        None where it is no address of this site.
        """
        own = self.origin.mirrored(url) if url else None
        if own is None or own == self.origin.url:
            return None
        learnt = self.frontier.learn(own, report.name, report.name, **known)
        report.named += 1
        report.new += learnt.first_run == self.frontier.run
        report.changed += learnt.todo == "changed" and not self.frontier.full
        return learnt

    def source_request(self, url: str, callback: Any, known: bool = False, **more: Any) -> Request:
        """
        A request for a list of addresses.

        :param known: ask only for what has changed since it was read
        """
        page = self.frontier.store.page(url) if known else None
        headers = validators(page) if page and page["outcome"] == "read" else {}
        if headers:
            more["meta"] = {"handle_httpstatus_list": [304]}
        return Request(url, callback=callback, headers=headers, priority=SOURCE_PRIORITY, dont_filter=True, **more)

    def note_source_failure(self, report: SourceReport, failure: Failure) -> None:
        """A source that does not answer costs itself only."""
        status = status_of(failure)
        self.source_statuses.add(status)
        state: SourceState = "closed" if status in CLOSED else "missing" if status in GONE else "broken"
        if type(failure.value).__name__ == "RobotsForbiddenError":
            state = "closed"
        self.note_problem(report, state, f"{request_of(failure).url}: {reason_of(failure)}")

    def note_problem(self, report: SourceReport, state: SourceState, problem: str) -> None:
        """Note why a source, or a part of it, could not be read."""
        report.fail(state, problem)
        self.count(f"ended_early/{report.name.partition(':')[0]}")
        self.logger.warning("%s: %s", report.name, problem)

    def waiting_requests(self) -> Iterator[Request]:
        """Requests for what the frontier has waiting: named by a source, or left by a run that did not get to it."""
        return self.requests_for(self.frontier.waiting())

    def requests_for(self, pages: Iterable[dict[str, Any]], whole: bool = False) -> Iterator[Request]:
        """
        Requests for rows of the frontier.

        :param whole: ask for the page even if it is as it was
        """
        for page in pages:
            yield self.article_request(page["url"], page["discovered_by"] or "frontier", None if whole else page)
