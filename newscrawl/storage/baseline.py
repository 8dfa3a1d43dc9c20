"""What was stored before a run, as its monitors need it: earlier versions of articles, runs, rejects."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from newscrawl.storage.database import Database
from newscrawl.storage.rows import storable, to_json

_BAD = """SELECT DISTINCT started_at, coalesce(finished_at, started_at) FROM runs, json_each(runs.report, '$.findings')
WHERE runs.report IS NOT NULL AND runs.id < ? AND json_extract(json_each.value, '$.verdict') = 'layout_changed'"""
# The version as it was then: the row itself may be the work of the run that is to be judged. The order is that of
# chance, and the same each time.
_VERSIONS = """SELECT (
    SELECT article FROM revisions WHERE article_id = chosen.id AND seen_at >= :since AND seen_at < :before
    AND NOT EXISTS (
        SELECT 1 FROM json_each(:bad)
        WHERE seen_at BETWEEN json_extract(value, '$[0]') AND json_extract(value, '$[1]')
    ) ORDER BY revision DESC LIMIT 1
) FROM (
    SELECT id FROM articles WHERE published_at >= :oldest AND published_at < :newest
    AND first_seen_at < :before AND changed_at >= :since ORDER BY id * 7919 % 1000003, id LIMIT :limit
) AS chosen"""
_RUNS = """SELECT new, updated, unchanged, gone, rejected, failed, stats, report FROM runs
WHERE spider = (SELECT spider FROM runs WHERE id = :run) AND id < :run AND started_at >= :since
AND finish_reason IS NOT NULL AND finish_reason <> 'killed' AND coalesce(exit_code, 0) = 0
AND (report IS NULL OR json_extract(report, '$.health') IN ('ok', 'quiet')) ORDER BY id DESC LIMIT :limit"""
_REJECTED = """SELECT DISTINCT url FROM rejects
WHERE url IN (SELECT value FROM json_each(?)) AND coalesce(run_id, 0) < ?"""
_DAYS = """SELECT substr(published_at, 1, 10) AS day FROM articles WHERE published_at <= ?
GROUP BY day ORDER BY day DESC LIMIT ?"""
_ENTERED = """SELECT max(first_seen_at) FROM articles
WHERE first_seen_at > (SELECT coalesce(finished_at, started_at) FROM runs ORDER BY id LIMIT 1)"""

_NEW_VERSIONS = """SELECT before.seen_at, before.article AS before, held.article AS after, pages.lastmod FROM held
JOIN articles ON articles.id = held.article_id
JOIN revisions AS before ON before.article_id = articles.id AND before.revision = articles.revision
LEFT JOIN pages ON pages.url = articles.url WHERE held.run_id = ? AND before.seen_at >= ?
AND json_extract(held.article, '$.content_hash') <> articles.content_hash"""
_UNCHANGED = """FROM articles WHERE state = 'unchanged' AND id IN (
    SELECT article_id FROM pages WHERE asked_run = ? AND outcome = 'article' AND failures = 0
) AND content_hash = coalesce(
    (SELECT json_extract(held.article, '$.content_hash') FROM held WHERE article_id = articles.id), content_hash
)"""
_FILLED = "coalesce(sum(CASE WHEN CAST({name} AS TEXT) NOT IN ('', '[]') THEN 1 ELSE 0 END), 0) AS {name}"

_REPORTS = """SELECT id, report FROM runs
WHERE id < ? AND finish_reason IN ('finished', 'max_articles') AND report IS NOT NULL ORDER BY id DESC"""


def started_at(store: Database, run_id: int) -> str:
    """When a run began."""
    return str(store.read("SELECT started_at FROM runs WHERE id = ?", (run_id,)).fetchone()[0])


def versions(
    store: Database, run_id: int, oldest: str, newest: str, since: str = "", limit: int = 500
) -> Iterator[dict[str, Any]]:
    """
    Articles as they were before a run, in the contract's shape: a sample of those published within a time.

    What a run stored that said the layout has changed does not count: what broke yesterday is not today's normal.

    :param oldest: of the times of publication, included
    :param newest: the end of them, not included
    :param since: versions that were seen earlier do not count
    """
    bad = to_json([tuple(row) for row in store.read(_BAD, (run_id,))])
    values = {"before": started_at(store, run_id), "oldest": oldest, "newest": newest, "since": since, "limit": limit}
    for row in store.read(_VERSIONS, values | {"bad": bad}):
        if row[0] is not None:
            yield json.loads(row[0])


def healthy_runs(store: Database, run_id: int, since: str = "", limit: int = 30) -> list[dict[str, Any]]:
    """
    The spider's last runs before a run that ended well, newest first.

    :returns: counts by outcome; ``stats`` and ``report`` as objects, empty where the row has none
    """
    rows = store.read(_RUNS, {"run": run_id, "since": since, "limit": limit})
    return [dict(row) | {name: json.loads(row[name] or "{}") for name in ("stats", "report")} for row in rows]


def rejected_before(store: Database, run_id: int, urls: Iterable[str]) -> set[str]:
    """Those of the addresses that an earlier run rejected as well."""
    return {row[0] for row in store.read(_REJECTED, (to_json([storable(url) for url in urls]), run_id))}


def publishing_days(store: Database, until: str, limit: int = 60) -> list[str]:
    """The last days on which something was published, as ISO dates, newest first."""
    return [row[0] for row in store.read(_DAYS, (until, limit))]


def last_entry(store: Database) -> str | None:
    """When an article was last seen for the first time after the first run; None where none came since."""
    found = store.read(_ENTERED).fetchone()[0]
    return str(found) if found else None


def new_versions(
    store: Database, run_id: int, since: str = ""
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any], str | None]]:
    """The versions that a run holds: when the one before was seen, this one, the new one, what a source last said."""
    for row in store.read(_NEW_VERSIONS, (run_id, since)):
        yield row["seen_at"], json.loads(row["before"]), json.loads(row["after"]), row["lastmod"]


def unchanged(store: Database, run_id: int, names: Iterable[str]) -> dict[str, int]:
    """How many articles a run found unchanged (``articles``), and in how many of them each field has a value."""
    counts = ", ".join(_FILLED.format(name=name) for name in names)
    return dict(store.read(f"SELECT count(*) AS articles, {counts} {_UNCHANGED}", (run_id,)).fetchone())


def findings_before(store: Database, run_id: int) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Each earlier run that came to its end, and what its monitors said; the last one first."""
    for row in store.read(_REPORTS, (run_id,)):
        yield row["id"], json.loads(row["report"]).get("findings", [])
