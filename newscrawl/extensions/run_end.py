"""The end of a run, step by step: monitors, held versions, clusters, report, row, one line."""

import json
import logging
from contextlib import closing
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newscrawl import clock
from newscrawl.exceptions import StoreError, UnhealthyError
from newscrawl.extensions.run_measures import RunMeasures
from newscrawl.monitors.findings import Finding
from newscrawl.monitors.judging import changed_since, judge, layout_changed
from newscrawl.monitors.measures import Measures
from newscrawl.monitors.norms import read_norms
from newscrawl.monitors.observed import Observed
from newscrawl.monitors.versions import read_versions
from newscrawl.reporting.run_report import below, build_report
from newscrawl.reporting.summary import summary
from newscrawl.storage import engine_of
from newscrawl.storage.baseline import findings_before
from newscrawl.storage.clusters import update_clusters
from newscrawl.storage.held import DOUBTFUL, PLAIN, SAME
from newscrawl.storage.runtime import RUN_ID, blame, is_storing, store_of
from newscrawl.storage.store import Store

logger = logging.getLogger(__name__)

WHOLE = frozenset({"finished", "max_articles"})
JUDGED = WHOLE | {"blocked", "max_requests"}
"""Finish reasons of runs that monitors can judge; one that was stopped or failed says so itself."""


class RunEndExtension:
    """
    Closes the run and its store. A monitor that fails becomes the spider's failure, and so the exit code.

    New versions of known articles are kept back by the store until here: they become revisions only where no monitor
    says that the layout changed; those that are doubtful by themselves (see Held) only where the run is whole as well,
    and as many other articles were as usual. After a time of another layout, what came in it is looked at again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.began = clock.now()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RunEndExtension":
        if not is_storing(crawler):
            raise NotConfigured
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    @property
    def measures(self) -> Measures:
        """What the items of the run looked like."""
        extension = self.crawler.get_extension(RunMeasures)
        assert extension
        return extension.measures

    def spider_closed(self, reason: str) -> None:
        assert self.crawler.stats
        run_id = self.crawler.stats.get_value(RUN_ID)
        if run_id is None:  # the store could not be opened
            return
        try:
            with closing(store_of(self.crawler)) as store:
                self._end(store, run_id, reason)
        except StoreError as error:
            blame(self.crawler, error)

    def _end(self, store: Store, run_id: int, reason: str) -> None:
        spider: Any = self.crawler.spider
        stats = self.crawler.stats.get_stats()
        found = self._judge(store, run_id, reason) if reason != "store_failed" else []
        if reason != "store_failed":  # else the next run fetches again what is held
            self._settle(store, found, reason)
        with closing(spider.reader.signatures) as made:
            update_clusters(store, made)
        findings = found if reason in JUDGED else []
        run = {
            "id": run_id,
            "spider": spider.name,
            "started_at": self.began.isoformat(timespec="seconds"),
            "arguments": dict(spider.given_arguments),
            "finish_reason": reason,
        }
        reports = spider.source_reports.values()
        report = build_report(run, stats, reports, findings, self.measures.as_dict(), store)
        store.finish_run(run_id, outcome(stats, reason) | {"report": json.dumps(report)})
        self._tell(findings, reason, report["health"])

    def _judge(self, store: Store, run_id: int, reason: str) -> list[Finding]:
        spider: Any = self.crawler.spider
        since = self.crawler.settings["NEWSCRAWL_NORMAL_SINCE"]
        observed = Observed(
            self.measures,
            spider.source_reports,
            self.crawler.stats.get_stats(),
            reason,
            spider.given_arguments,
            read_versions(store, run_id, since),
        )
        return judge(observed, read_norms(store, run_id, self.measures, since=since))

    def _settle(self, store: Store, findings: list[Finding], reason: str) -> None:
        """Decide on the versions that the run holds back."""
        stats = self.crawler.stats
        sane, doubtful = not layout_changed(findings), store.held(DOUBTFUL)
        sure = reason in WHOLE and sane and self.measures.articles - doubtful >= doubtful
        dropped = store.settle_held(({PLAIN, SAME} if sane else set()) | ({DOUBTFUL} if sure else set()))
        if doubtful or dropped:
            stats.inc_value("newscrawl/stored/updated", doubtful - len(dropped))
            stats.set_value("newscrawl/stored/held", len(dropped))
        if dropped:
            logger.warning("%d new versions are not trusted, and not stored, such as %s", len(dropped), dropped[0])
        if sane and reason in WHOLE and self.measures.articles and store.run_id:
            since = changed_since(findings_before(store, store.run_id))
            if since:
                store.look_again(store.run_id, since)

    def _tell(self, findings: list[Finding], reason: str, health: str) -> None:
        spider: Any = self.crawler.spider
        for finding in findings:
            logger.log(logging.WARNING if finding.failed else logging.INFO, "%s", finding.message)
        failed = [finding.message for finding in findings if finding.failed]
        if failed and spider.failure is None:
            spider.failure = UnhealthyError(failed[0])
        how = health if spider.failure is None or failed else "failed"
        settings = self.crawler.settings
        places = [engine_of(settings["NEWSCRAWL_DATABASE_URL"]).name, settings["NEWSCRAWL_JSONL_PATH"]]
        seconds = (clock.now() - self.began).total_seconds()
        logger.info("%s", summary(reason, how, self.crawler.stats.get_stats(), seconds, places))


def outcome(stats: dict[str, Any], reason: str) -> dict[str, Any]:
    """The columns of the run's row, from the stats."""
    counts: dict[str, Any] = {
        name: stats.get(f"newscrawl/stored/{name}", 0) for name in ("new", "updated", "unchanged", "gone")
    }
    for name in ("rejected", "failed"):
        counts[name] = sum(below(stats, f"newscrawl/{name}/").values())
    counts["requests"] = stats.get("downloader/request_count", 0)
    return counts | {"finish_reason": reason, "stats": json.dumps(stats, default=str)}
