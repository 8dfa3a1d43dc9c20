"""The end of a run, once its exit code is known: its report completed and written, and whoever should know told."""

import json
import logging
from contextlib import closing
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from newscrawl import clock
from newscrawl.exceptions import StoreError
from newscrawl.reporting.alerts import alert
from newscrawl.reporting.metrics import metrics_of_run, metrics_of_store
from newscrawl.reporting.prometheus import Metric, write_metrics
from newscrawl.reporting.report_files import write_report
from newscrawl.reporting.run_report import bare_report, health
from newscrawl.storage import open_store, runs_read

logger = logging.getLogger(__name__)

DONE, FAILED = 0, 1
SILENT = (2, 4)
"""Exit codes of runs that did nothing: a usage error, and a second run of the same store."""


def finish(settings: BaseSettings, spider: str, run_id: int | None, exit_code: int, why: str) -> None:
    """
    See to report, files, metrics and alerts; what fails of that is one warning each, and never the run's failure.

    :param run_id: the run's row, which has its exit code; None for a run that has none, which only alerts
    :param why: the reason of an exit code other than 0, in one line
    """
    if exit_code in SILENT or (run_id is None and exit_code == DONE):
        return
    report, before, metrics = _unrecorded(spider, exit_code, why), None, list[Metric]()
    try:
        if run_id is not None:
            report, before = _complete(settings, run_id, exit_code, why)
        if settings["NEWSCRAWL_PROMETHEUS_FILE"]:
            with closing(open_store(settings["NEWSCRAWL_DATABASE_URL"], readonly=True)) as store:
                metrics = metrics_of_store(store, spider)
    except StoreError as error:
        logger.warning("The report of the run is not whole: %s", error)
    _write(settings, report, metrics)
    alert(settings, report, before)


def _complete(settings: BaseSettings, run_id: int, exit_code: int, why: str) -> tuple[dict[str, Any], int | None]:
    """The whole report, stored; and how the run before ended."""
    with closing(open_store(settings["NEWSCRAWL_DATABASE_URL"])) as store:
        report = completed(runs_read.run_row(store, run_id), exit_code, why)
        store.finish_run(run_id, {"report": json.dumps(report)})
        return report, runs_read.exit_code_before(store, report["run"]["spider"], run_id)


def completed(run: dict[str, Any], exit_code: int, why: str) -> dict[str, Any]:
    """The report of a run's row with what is known now that all is over."""
    report: dict[str, Any] = run["report"] or bare_report(run)
    names = ("finished_at", "finish_reason")
    ended = {name: run[name] for name in names if run[name] is not None}
    now = report["run"] | ended | {"exit_code": exit_code, "why": why or None}
    well = health(report["findings"])
    state = {DONE: well, FAILED: "failed"}.get(exit_code, "unhealthy")
    return report | {"run": now, "health": state}


def _unrecorded(spider: str, exit_code: int, why: str) -> dict[str, Any]:
    """The report of a run that could not start."""
    moment = clock.stamp()
    run: dict[str, Any] = dict.fromkeys(("id", "report", "finish_reason"))
    run |= {"spider": spider, "started_at": moment, "finished_at": moment, "arguments": {}}
    return completed(run, exit_code, why)


def _write(settings: BaseSettings, report: dict[str, Any], metrics: list[Metric]) -> None:
    folder, file = settings["NEWSCRAWL_REPORTS_DIR"], settings["NEWSCRAWL_PROMETHEUS_FILE"]
    try:
        if folder and report["run"]["id"] is not None:
            write_report(Path(folder), report)
    except OSError as error:
        logger.warning("No report written to %s: %s", folder, error.strerror or error)
    try:
        if file:
            write_metrics(Path(file), report["run"]["spider"], [*metrics_of_run(report), *metrics])
    except OSError as error:
        logger.warning("No metrics written to %s: %s", file, error.strerror or error)
