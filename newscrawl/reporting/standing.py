"""How things stand with a spider's store and runs, for people and for monitoring."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newscrawl import clock
from newscrawl.reporting.plain import lasting
from newscrawl.storage import runs_read
from newscrawl.storage.database import Database

DONE, FAILED, UNHEALTHY = 0, 1, 3
RUNS = 5
"""Runs that are shown."""
_COUNTS = ("new", "updated", "gone", "rejected", "failed", "requests", "finish_reason", "exit_code")


def standing(store: Database, spider: str, at_work: bool, oldest: float | None = None) -> dict[str, Any]:
    """
    All that ``status`` tells, JSON-native; ``exit_code`` is 0 healthy, 1 failed or no run yet, 3 unhealthy.

    :param at_work: whether a run is under way
    :param oldest: seconds after which the last run that ended with 0 is too old; None for never
    :raises StoreError: the store cannot be read
    """
    now = clock.now()
    runs = runs_read.latest_runs(store, spider, RUNS)
    done = runs_read.last_done(store, spider)
    if done:
        done["age_seconds"] = int((now - datetime.fromisoformat(done["finished_at"])).total_seconds())
    running = at_work and bool(runs) and runs[0]["exit_code"] is None
    finished = runs[1:] if running else runs
    judged = judge(finished[0]) if finished else (FAILED, "failed", "no run has finished yet")
    if not finished and at_work:
        judged = DONE, "ok", "the first run is at work"
    if judged[0] == DONE and oldest is not None and (done is None or done["age_seconds"] > oldest):
        judged = UNHEALTHY, "unhealthy", f"the last good run ended {_ago(done)}, --max-age allows {lasting(oldest)}"
    code, health, why = judged
    states = runs_read.articles_by_state(store)
    report = finished[0]["report"] if finished else None
    return {
        "spider": spider,
        "checked_at": clock.stamp(),
        "exit_code": code,
        "health": health,
        "why": why,
        "at_work": at_work,
        "articles": {"total": sum(states.values()), **states},
        "revisions": runs_read.revisions(store),
        "newest": runs_read.newest(store),
        "waiting": runs_read.waiting(store, clock.stamp()),
        "last_done": done,
        "findings": report["findings"] if report else [],
        "runs": [_shown(run) for run in runs],
    }


def _ago(done: Mapping[str, Any] | None) -> str:
    return f"{lasting(done['age_seconds'])} ago" if done else "never"


def judge(run: Mapping[str, Any]) -> tuple[int, str, str | None]:
    """
    Exit code, health and reason that a run's row stands for.

    A row without an end is one of a run that was killed; a usage error (2) found out once the site was asked is a run
    that did not do its work either.
    """
    code, report = run["exit_code"], run["report"]
    health = report["health"] if report else "ok"
    if code is None and run["finished_at"] and report:  # it is at its very end
        code = UNHEALTHY if health == "unhealthy" else DONE
    said = report["run"]["why"] if report else None
    if code == UNHEALTHY:
        return UNHEALTHY, "unhealthy", said or _first(report["findings"] if report else [])
    if code == DONE:
        return DONE, health, None
    return FAILED, "failed", said or _unsaid(run)


def _first(findings: list[dict[str, Any]]) -> str | None:
    return next((finding["message"] for finding in findings if finding["failed"]), None)


def _unsaid(run: Mapping[str, Any]) -> str:
    """Why a run failed that could not say so itself."""
    if run["exit_code"] is None:
        return f"run {run['id']} was killed before it was done"
    return f"run {run['id']} ended with exit code {run['exit_code']}"


def _shown(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run in short."""
    ended = run["finished_at"]
    took = datetime.fromisoformat(ended) - datetime.fromisoformat(run["started_at"]) if ended else None
    counts = {name: run[name] for name in _COUNTS}
    times = {name: run[name] for name in ("id", "started_at", "finished_at")}
    why = run["report"]["run"]["why"] if run["report"] else None
    return {**times, "seconds": None if took is None else int(took.total_seconds()), **counts, "why": why}
