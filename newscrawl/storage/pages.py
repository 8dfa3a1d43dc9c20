"""The frontier's rows: which pages are known, which are to be fetched, what became of them."""

from collections.abc import Iterator
from typing import Any

from newscrawl.storage.database import Database

COLUMNS = (
    "kind", "status", "fetched_at", "etag", "last_modified", "next_check_at", "failures", "article_id", "outcome",
    "reason", "todo", "discovered_by", "discovered_run", "asked_run", "retry_run", "found_by", "lastmod", "sitemap",
    "published_at", "archive_file", "archive_offset", "archive_length", "archive_digest", "archive_run",
)  # fmt: skip

_OURS = "(asked_run IS NULL OR asked_run < :run) AND substr(url, 1, length(:origin)) = :origin"
_IS_DUE = "next_check_at <= :moment"
_IS_AHEAD = "(next_check_at IS NOT NULL AND coalesce(fetched_at, '') > :moment)"
_DUE = f"""SELECT * FROM pages
WHERE {_IS_DUE} AND kind = 'article' AND todo IS NULL AND {_OURS} ORDER BY
(julianday(:moment) - julianday(next_check_at))
/ (coalesce(julianday(next_check_at) - julianday(fetched_at), 1) + 0.01) DESC, url
LIMIT :limit"""
_DUE_OR_AHEAD = _DUE.replace(_IS_DUE, f"({_IS_DUE} OR {_IS_AHEAD})").replace("ORDER BY", f"ORDER BY {_IS_AHEAD} DESC,")
_RUNS_AHEAD = "SELECT count(CASE WHEN started_at > ? THEN 1 END), count(*) FROM runs"
_TODO = f"""SELECT * FROM pages WHERE todo IN (:one, :other) AND {_OURS} AND CASE
    WHEN published_at IS NOT NULL THEN substr(published_at, 1, 10) BETWEEN :since AND :until
    WHEN lastmod IS NOT NULL THEN substr(lastmod, 1, 10) >= :since
    ELSE TRUE END
ORDER BY todo DESC, rowid LIMIT :limit"""
_CHANGED_AT = """SELECT max(
    published_at, coalesce(modified_at, ''), CASE WHEN changed_at > first_seen_at THEN changed_at ELSE '' END
) FROM articles WHERE id = ?"""
_LAST_CHANGE = "SELECT max(coalesce(modified_at, ''), published_at) FROM articles WHERE id = ?"
_RETRY = f"""SELECT * FROM pages
WHERE retry_run <= :run AND outcome <> 'gone' AND todo IS NULL AND {_OURS} ORDER BY url LIMIT :limit"""
_CONTROLS = f"""SELECT * FROM pages
WHERE outcome = 'article' AND kind = 'article' AND next_check_at IS NOT NULL AND {_OURS}
ORDER BY fetched_at DESC, url LIMIT :limit"""
_WAITING = """SELECT count(*) FROM pages
WHERE todo IS NOT NULL AND coalesce(outcome, '') <> 'out_of_range' AND substr(url, 1, ?) = ?
AND coalesce(asked_run, 0) <> ?"""
_LOST = """SELECT * FROM pages WHERE todo IS NOT NULL AND kind = 'article' AND asked_run = :run
AND coalesce(outcome, '') <> 'out_of_range' AND substr(url, 1, length(:origin)) = :origin
AND NOT EXISTS (SELECT 1 FROM held WHERE held.article_id = pages.article_id AND held.run_id = :run)
ORDER BY rowid LIMIT :limit"""
_OWN_OF = "SELECT url FROM pages WHERE article_id = ? AND next_check_at IS NOT NULL AND url <> ?"
_AGAIN = """UPDATE pages SET todo = 'changed' WHERE todo IS NULL AND asked_run < :run AND kind = 'article' AND (
    (asked_run >= :since AND (outcome IN ('skipped', 'failed') OR (outcome = 'article' AND failures > 0)))
    OR (outcome = 'article' AND article_id IN (
        SELECT id FROM articles WHERE changed_at >= (SELECT started_at FROM runs WHERE id = :since)
    ))
)"""
_OPEN_RUN = "SELECT open_run FROM walks WHERE url = ?"
_WALK = "INSERT INTO walks (url, open_run) VALUES (?, ?) ON CONFLICT (url) DO UPDATE SET open_run = excluded.open_run"


class Pages(Database):
    """Rows of ``pages`` and ``walks``; written in the open transaction, like articles."""

    def page(self, url: str) -> dict[str, Any] | None:
        """What is known of a page."""
        row = self.read("SELECT * FROM pages WHERE url = ?", (url,)).fetchone()
        return dict(row) if row else None

    def set_page(self, url: str, kind: str, **values: Any) -> None:
        """
        Note something of a page, which is added where it is unknown; what is not given stays as it is.

        :param values: of COLUMNS
        """
        unknown = values.keys() - set(COLUMNS)
        if unknown:
            raise TypeError(f"no columns of pages: {', '.join(sorted(unknown))}")
        names = ["url", "kind", *values]
        sets = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
        sql = (
            f"INSERT INTO pages ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
            f"ON CONFLICT (url) DO UPDATE SET {sets}"
        )
        with self.writing() as db:
            db.execute(sql, (url, kind, *values.values()))
        self.commit_if_due()

    def todo(
        self, run: int, origin: str, limit: int, *reasons: str, days: tuple[str, str] = ("", "9999")
    ) -> list[dict[str, Any]]:
        """
        Pages to be fetched as ``new``, ``changed``, ``missing`` (one or two), not asked for by ``run``.

        :param origin: what their addresses begin with, here and below; a store may know the site and its mirrors
        """
        one, other, (since, until) = reasons[0], reasons[-1], days
        return self._rows(_TODO, run=run, origin=origin, limit=limit, one=one, other=other, since=since, until=until)

    def retries(self, run: int, origin: str, limit: int) -> list[dict[str, Any]]:
        """Pages that failed in earlier runs and are due again in this one."""
        return self._rows(_RETRY, run=run, origin=origin, limit=limit)

    def due(self, run: int, origin: str, moment: str, limit: int) -> list[dict[str, Any]]:
        """
        Pages of articles whose next check is due, those first that are late by the most of their interval.

        What was fetched while the clock was ahead is due as well, and first: else it would not be for as long. Where
        most runs were later than this one, it is rather this clock that is behind.
        """
        ahead, runs = self.read(_RUNS_AHEAD, (moment,)).fetchone()
        sql = _DUE_OR_AHEAD if 0 < ahead < runs - ahead else _DUE
        return self._rows(sql, run=run, origin=origin, moment=moment, limit=limit)

    def lost(self, run: int, origin: str, limit: int = 100) -> list[dict[str, Any]]:
        """Pages that a run has asked for, and of which nothing is noted since."""
        return self._rows(_LOST, run=run, origin=origin, limit=limit)

    def controls(self, run: int, origin: str, limit: int) -> list[dict[str, Any]]:
        """Pages of articles that were fetched lately, but not by this run."""
        return self._rows(_CONTROLS, run=run, origin=origin, limit=limit)

    def _rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self.read(sql, values)]

    def look_again(self, run: int, since: int) -> None:
        """Let the next run fetch what the runs from ``since`` on, before ``run``, stored, or could make nothing of."""
        with self.writing() as db:
            db.execute(_AGAIN, {"run": run, "since": since})
        self.commit()

    def waiting(self, run: int, origin: str = "") -> int:
        """How many pages are to be fetched, apart from those that ``run`` has asked for."""
        return int(self.read(_WAITING, (len(origin), origin, run)).fetchone()[0])

    def named_by_sitemap(self, sitemap: str) -> Iterator[str]:
        """Addresses of stored articles that a sitemap named when it was read last."""
        sql = "SELECT url FROM pages WHERE sitemap = ? AND outcome = 'article'"
        return (row[0] for row in self.read(sql, (sitemap,)).fetchall())

    def last_change(self, article_id: int | None) -> str | None:
        """When an article says that it was published or edited last, whichever is later."""
        row = self.read(_LAST_CHANGE, (article_id,)).fetchone()
        return row[0] if row else None

    def changed_at(self, article_id: int) -> str:
        """When an article was published or edited last, by its page or by what we saw."""
        return str(self.read(_CHANGED_AT, (article_id,)).fetchone()[0])

    def is_only_page(self, url: str, article_id: int) -> bool:
        """Whether no other page of an article is checked again."""
        return self.read(_OWN_OF, (article_id, url)).fetchone() is None

    def begin_walk(self, url: str, run: int) -> int:
        """Note that a walk began; the first run whose walk did not reach its end: this one where all before did."""
        row = self.read(_OPEN_RUN, (url,)).fetchone()
        open_run = (0 if row is None else row[0]) if row is None or row[0] is not None else run
        if row is None or row[0] != open_run:
            with self.writing() as db:
                db.execute(_WALK, (url, open_run))
            self.commit_if_due()
        return int(open_run)

    def end_walk(self, url: str) -> None:
        """Note that a walk has reached its end."""
        with self.writing() as db:
            db.execute(_WALK, (url, None))
        self.commit_if_due()
