"""What is known of runs and of the state of the store, read for reports and for ``status``."""

import json
from collections.abc import Collection
from typing import Any

from newscrawl.storage.database import Database

STATES = ("new", "updated", "unchanged", "gone")
WHOLE = ("sections", "sitemap", "rest")
"""Sources that are meant to name every article; a feed and the home page hold the latest ones only."""

_RUN = "SELECT * FROM runs WHERE id = ?"
_LATEST = "SELECT * FROM runs WHERE spider = ? ORDER BY id DESC LIMIT ?"
_DONE = "SELECT id, finished_at FROM runs WHERE spider = ? AND exit_code = 0 ORDER BY id DESC LIMIT 1"
_BEFORE = """SELECT exit_code FROM runs WHERE spider = ? AND id < ? AND exit_code IN (0, 1, 3)
ORDER BY id DESC LIMIT 1"""
_REQUESTS = "SELECT coalesce(sum(requests), 0) FROM runs WHERE spider = ?"
_NEW = """SELECT url, headline FROM articles WHERE id IN
(SELECT article_id FROM revisions WHERE revision = 1 ORDER BY id DESC LIMIT ?) ORDER BY id DESC"""
_UPDATED = """SELECT articles.url, articles.headline, recent.changed_fields FROM
(
    SELECT id, article_id, changed_fields FROM revisions
    WHERE revision > 1 AND cause = 'edit' ORDER BY id DESC LIMIT ?
) AS recent JOIN articles ON articles.id = recent.article_id ORDER BY recent.id DESC"""
_GONE = """SELECT articles.url, articles.headline FROM pages JOIN articles ON articles.id = pages.article_id
WHERE pages.outcome = 'gone' AND pages.asked_run = ? ORDER BY pages.failures, articles.url LIMIT ?"""
_ADDRESSES = """SELECT article_urls.url AS old, articles.url AS new, articles.id AS id
FROM article_urls JOIN articles ON articles.id = article_urls.article_id
WHERE article_urls.first_seen_at >= :since AND articles.first_seen_at < :since ORDER BY article_urls.url"""
_VERSIONS = "SELECT article FROM revisions WHERE article_id = ?"
_FAILING = "FROM pages WHERE retry_run IS NOT NULL AND kind = 'article' AND outcome <> 'gone'"
# The pages that are gone lead to the articles that are: to look at every article's state would read every text.
_PRESENT = """article_id IS NOT NULL AND article_id NOT IN (SELECT articles.id
FROM pages AS lost JOIN articles ON articles.id = lost.article_id
WHERE lost.outcome = 'gone' AND articles.state = 'gone')"""
_NAMED = "(',' || found_by || ',') LIKE '%,{},%'"
_UNSTORED = """SELECT coalesce(outcome, todo, 'unread'), count(*) FROM pages
WHERE kind = 'article' AND article_id IS NULL AND found_by <> '' GROUP BY 1 ORDER BY 2 DESC, 1"""


def run_row(store: Database, run_id: int) -> dict[str, Any]:
    """The row of a run; ``arguments`` and ``report`` are read from their JSON, the report None where there is none."""
    return _run(store.read(_RUN, (run_id,)).fetchone())


def latest_runs(store: Database, spider: str, limit: int) -> list[dict[str, Any]]:
    """The rows of a spider's last runs, newest first, as ``run_row`` gives them."""
    return [_run(row) for row in store.read(_LATEST, (spider, limit))]


def _run(row: Any) -> dict[str, Any]:
    values = dict(row)
    report = values["report"]
    return values | {"arguments": json.loads(values["arguments"]), "report": json.loads(report) if report else None}


def last_done(store: Database, spider: str) -> dict[str, Any] | None:
    """``id`` and ``finished_at`` of the last run that ended with 0."""
    row = store.read(_DONE, (spider,)).fetchone()
    return dict(row) if row else None


def exit_code_before(store: Database, spider: str, run_id: int) -> int | None:
    """How the last run before this one ended that said done, failed or unhealthy."""
    row = store.read(_BEFORE, (spider, run_id)).fetchone()
    return row[0] if row else None


def requests_ever(store: Database, spider: str) -> int:
    """Requests of all runs together."""
    return int(store.read(_REQUESTS, (spider,)).fetchone()[0])


def articles_by_state(store: Database) -> dict[str, int]:
    """How many articles there are in each state, the states without any included."""
    found = dict(tuple(row) for row in store.read("SELECT state, count(*) FROM articles GROUP BY state"))
    return dict.fromkeys(STATES, 0) | found


def revisions(store: Database) -> int:
    """How many versions are kept."""
    return int(store.read("SELECT count(*) FROM revisions").fetchone()[0])


def newest(store: Database) -> dict[str, str | None]:
    """``published_at`` of the youngest article, ``first_seen_at`` of the one that came last; rows come in order."""
    published = store.read("SELECT max(published_at) FROM articles").fetchone()[0]
    seen = store.read("SELECT first_seen_at FROM articles ORDER BY id DESC LIMIT 1").fetchone()
    return {"published_at": published, "first_seen_at": seen[0] if seen else None}


def waiting(store: Database, moment: str) -> dict[str, int]:
    """How many pages are to be fetched (``todo``), failed and will be tried again (``retrying``), or are ``due``."""
    wanted = {
        "todo": "FROM pages WHERE todo IS NOT NULL",
        "retrying": _FAILING,
        "due": "FROM pages WHERE next_check_at <= :moment AND kind = 'article' AND todo IS NULL",
    }
    return {
        name: int(store.read(f"SELECT count(*) {rows}", {"moment": moment}).fetchone()[0])
        for name, rows in wanted.items()
    }


def changes(
    store: Database, run_id: int, started_at: str, stored: dict[str, int], most: int = 20
) -> dict[str, list[dict[str, Any]]]:
    """
    What a run that has just ended changed, newest first, at most ``most`` of each kind.

    :param stored: how many the run stored as new, updated and gone; theirs are the last revisions, so no time is asked
    """
    new = store.read(_NEW, (min(most, stored["new"]),))
    updated = store.read(_UPDATED, (min(most, stored["updated"]),))
    return {
        "new": [dict(row) for row in new],
        "updated": [
            {"url": row["url"], "headline": row["headline"], "fields": json.loads(row["changed_fields"])}
            for row in updated
        ],
        "gone": [dict(row) for row in store.read(_GONE, (run_id, min(most, stored["gone"])))],
        "renamed": _renamed(store, started_at, most),
    }


def _renamed(store: Database, since: str, most: int) -> list[dict[str, Any]]:
    """Articles that were stored under another address; other addresses that merely lead to one are no news."""
    found: list[dict[str, Any]] = []
    for row in store.read(_ADDRESSES, {"since": since}):
        if any(json.loads(one[0])["url"] == row["old"] for one in store.read(_VERSIONS, (row["id"],))):
            found.append({"old": row["old"], "new": row["new"]})
        if len(found) == most:
            break
    return found


def retrying(store: Database, most: int = 20) -> tuple[int, list[dict[str, Any]]]:
    """How many pages of articles failed and are tried again, and the ones that failed most often."""
    count = int(store.read(f"SELECT count(*) {_FAILING}").fetchone()[0])
    names = "url, reason, status, failures, next_check_at, retry_run"
    rows = store.read(f"SELECT {names} {_FAILING} ORDER BY failures DESC, url LIMIT ?", (most,))
    return count, [dict(row) for row in rows]


def reconciliation(store: Database, whole: Collection[str] = WHOLE, most: int = 5) -> dict[str, Any]:
    """
    Which source has ever named how many of the articles that are not gone, and which ones it never named.

    :param whole: sources that were read to their end; what another one names is not held against it
    ``unstored`` counts the addresses that a source named and that are no article here, by what became of them.
    """
    sources = _sources(store)
    sums = "".join(f", sum(by_{name})" for name in sources)
    ways = "".join(f", max(CASE WHEN {_NAMED.format(name)} THEN 1 ELSE 0 END) AS by_{name}" for name in sources)
    sql = (
        f"SELECT count(*){sums} FROM (SELECT article_id{ways} FROM pages WHERE {_PRESENT} GROUP BY article_id) AS found"
    )
    count, *by_source = (value or 0 for value in store.read(sql).fetchone())
    known = dict(zip(sources, by_source, strict=True))
    missed = {name: count - known[name] for name in WHOLE if name in whole and known.get(name)}
    return {
        "articles": count,
        "by_source": known,
        "missed_by": {name: {"count": n, "examples": _missed(store, name, n, most)} for name, n in missed.items()},
        "unstored": dict(tuple(row) for row in store.read(_UNSTORED)),
    }


def _sources(store: Database) -> list[str]:
    """The names in ``found_by``; they go into SQL, so what is no plain word is left out."""
    rows = store.read("SELECT DISTINCT found_by FROM pages WHERE found_by <> ''")
    return sorted({name for row in rows for name in row[0].split(",") if name.isidentifier() and name.isascii()})


def _missed(store: Database, source: str, count: int, most: int) -> list[str]:
    if not count:
        return []
    named = f"SELECT article_id FROM pages WHERE article_id IS NOT NULL AND {_NAMED.format(source)}"
    sql = f"""SELECT url FROM articles WHERE id IN
    (SELECT DISTINCT article_id FROM pages WHERE {_PRESENT} AND article_id NOT IN ({named}) ORDER BY 1 DESC LIMIT ?)
    ORDER BY id DESC"""
    return [row[0] for row in store.read(sql, (most,))]
