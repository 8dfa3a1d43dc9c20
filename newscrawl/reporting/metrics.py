"""What monitoring may want to plot or to be told of, after a run."""

from collections import Counter
from datetime import datetime
from typing import Any

from newscrawl.reporting.prometheus import Metric
from newscrawl.storage import runs_read
from newscrawl.storage.database import Database

VERDICTS = ("blocked", "layout_changed", "source_empty", "rejects", "failing", "gone", "quiet")


def metrics_of_run(report: dict[str, Any]) -> list[Metric]:
    """What the report of a run says; also of one that could not start, which has no counts."""
    run = report["run"]
    found = Counter(finding["verdict"] for finding in report["findings"])
    verdicts = dict.fromkeys(VERDICTS, 0) | found
    name = "newscrawl_run"
    metrics = [
        Metric(f"{name}_exit_code", "gauge", "Exit code of the last run.", [({}, run["exit_code"])]),
        Metric(f"{name}_timestamp_seconds", "gauge", "When the last run ended.", [({}, seconds(run["finished_at"]))]),
    ]
    if run["id"] is None:
        return metrics
    return [
        *metrics,
        Metric(f"{name}_duration_seconds", "gauge", "How long the last run took.", [({}, run["seconds"])]),
        Metric(
            f"{name}_articles",
            "gauge",
            "Articles of the last run by what became of them.",
            [({"outcome": outcome}, count) for outcome, count in report["articles"].items()],
        ),
        Metric(
            "newscrawl_findings",
            "gauge",
            "Findings of the last run.",
            [({"verdict": verdict}, count) for verdict, count in verdicts.items()],
        ),
    ]


def metrics_of_store(store: Database, spider: str) -> list[Metric]:
    """
    What the store says of all runs.

    :raises StoreError: it cannot be read
    """
    states = runs_read.articles_by_state(store)
    done = runs_read.last_done(store, spider)
    published = runs_read.newest(store)["published_at"]
    return [
        Metric(
            "newscrawl_articles",
            "gauge",
            "Articles in the store by the outcome of their last fetch.",
            [({"state": state}, count) for state, count in states.items()],
        ),
        Metric(
            "newscrawl_requests_total",
            "counter",
            "Requests of all runs.",
            [({}, runs_read.requests_ever(store, spider))],
        ),
        Metric(
            "newscrawl_last_success_timestamp_seconds",
            "gauge",
            "When the last run ended that ended with 0.",
            [({}, seconds(done["finished_at"]) if done else None)],
        ),
        Metric(
            "newscrawl_newest_article_timestamp_seconds",
            "gauge",
            "When the youngest stored article was published.",
            [({}, seconds(published) if published else None)],
        ),
    ]


def seconds(stamp: str) -> int:
    """A stored time as seconds since 1970."""
    return int(datetime.fromisoformat(stamp).timestamp())
