"""What became of a page, and so when it is fetched again."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from newscrawl import clock
from newscrawl.frontier.schedule import look_for_edit, next_check, next_look, next_try
from newscrawl.items import Visit
from newscrawl.storage.store import Store

FETCH_FAILED = frozenset({"empty_page", "missing_part", "stale_copy"})
"""Rejections that say that the fetch went wrong; the others say what the site shows."""


def settle(store: Store, run: int, visit: Visit) -> str:
    """
    Note the outcome of a visit in the page's row; the outcome as it was noted.

    An article that was not stored, whatever the reason, is none; a known article whose page is suddenly something
    else stays as it is, and is tried again.
    """
    page = store.page(visit.url) or {"article_id": None, "failures": 0, "discovered_run": None}
    number = page["article_id"] or store.article_id(visit.url)
    outcome, values = _SETTLE[visit.outcome](store, run, visit, page | {"article_id": number})
    if page["discovered_run"] is None:
        values["discovered_run"] = run
    store.set_page(visit.url, "article", outcome=outcome, asked_run=run, **values)
    return outcome


Result = tuple[str, dict[str, Any]]


def _article(store: Store, run: int, visit: Visit, page: dict[str, Any]) -> Result:
    number = store.article_id(visit.article_url) if visit.article_url else page["article_id"]
    reason = store.reject_reason(visit.article_url, run) if visit.article_url else None
    if reason in FETCH_FAILED:
        return _failed(store, run, replace(visit, reason=reason), page)
    if number is None or reason:
        return _looked_in_vain(visit, page, "rejected", reason or "not_stored")
    is_held = store.is_held(number)
    if visit.outcome == "unchanged":
        store.set_state(number, "unchanged")
        validators = {}
    else:  # a page whose version is not stored has to come again, whole
        validators = {name: None if is_held else getattr(visit, name) for name in ("etag", "last_modified")}
    if page["article_id"] not in (None, number):
        _look_for(store, page["article_id"], visit.url)
    values = {"article_id": number, "failures": 0, "retry_run": None, **validators}
    is_own = store.lives_at(number, visit.url) or store.is_only_page(visit.url, number)
    values["next_check_at"] = _next_check(store, page.get("lastmod"), visit.url, number) if is_own else None
    values["reason"] = None if is_own or not store.is_numbered(number) else "twin"
    values["todo"] = "changed" if is_held else None
    if is_own and visit.outcome == "article":
        store.note_version(number, [visit.url, *visit.parts], run)
    return "article" if is_own else "moved", values


def _look_for(store: Store, number: int, url: str) -> None:
    """Let the article that lived at ``url`` be looked for, where another post has taken its place."""
    own = store.number_address(number)
    if own:
        own = urljoin(url, urlsplit(own)._replace(scheme="", netloc="").geturl())
        store.set_page(own, "article", article_id=number, todo="missing", discovered_by="number")


def _next_check(store: Store, lastmod: str | None, url: str, number: int) -> str:
    now = clock.now()
    by_age = next_check(url, now, datetime.fromisoformat(store.changed_at(number)))
    return min(by_age, look_for_edit(lastmod, store.last_change(number), now) or by_age)


def _moved(store: Store, run: int, visit: Visit, page: dict[str, Any]) -> Result:
    number = store.article_id(visit.article_url) if visit.article_url else None
    return "moved", {
        "article_id": number, "reason": visit.reason, "failures": 0, "retry_run": None, "todo": None,
        "next_check_at": None,
    }  # fmt: skip


def _gone(store: Store, run: int, visit: Visit, page: dict[str, Any]) -> Result:
    outcome, values = _looked_in_vain(visit, page, "gone", visit.reason)
    if page["article_id"] is not None and store.lives_at(page["article_id"], visit.url):
        store.set_state(page["article_id"], "gone")
        return outcome, values | {"article_id": page["article_id"], "retry_run": next_try(run, values["failures"])}
    if page["article_id"] is not None:  # an old address of an article that lives elsewhere
        return "moved", values | {"next_check_at": None}
    return outcome, values


def _rejected(store: Store, run: int, visit: Visit, page: dict[str, Any]) -> Result:
    if visit.reason in FETCH_FAILED:
        return _failed(store, run, visit, page)
    return _looked_in_vain(visit, page, "rejected", visit.reason)


def _skipped(store: Store, run: int, visit: Visit, page: dict[str, Any]) -> Result:
    if page["article_id"] is not None:
        return _failed(store, run, visit, page)
    return _looked_in_vain(visit, page, "skipped", visit.reason)  # for a day, anything may stand in for an article


def _failed(store: Store, run: int, visit: Visit, page: dict[str, Any]) -> Result:
    failures = page["failures"] + 1
    values = {"reason": visit.reason, "failures": failures, "retry_run": next_try(run, failures), "todo": None}
    return "failed" if page["article_id"] is None else "article", values | {"article_id": page["article_id"]}


def _out_of_range(store: Store, run: int, visit: Visit, page: dict[str, Any]) -> Result:
    return "out_of_range", {"todo": "new", "published_at": visit.published_at, "failures": 0, "retry_run": None}


def _looked_in_vain(visit: Visit, page: dict[str, Any], outcome: str, reason: str | None) -> Result:
    failures = page["failures"] + 1
    values = {"reason": reason, "failures": failures, "retry_run": None, "todo": None}
    return outcome, values | {"next_check_at": next_look(visit.url, clock.now(), failures)}


_SETTLE = {
    "article": _article,
    "unchanged": _article,
    "moved": _moved,
    "gone": _gone,
    "rejected": _rejected,
    "skipped": _skipped,
    "failed": _failed,
    "out_of_range": _out_of_range,
}
