"""What is noted beside the articles: runs, rejects, pages."""

import json
from typing import Any

from newscrawl import clock
from newscrawl.items import Article
from newscrawl.storage.database import Database
from newscrawl.storage.rows import as_dict, storable, to_json

PAGE_COLUMNS = (
    "kind", "status", "fetched_at", "etag", "last_modified", "next_check_at", "failures", "article_id",
)  # fmt: skip
RUN_COLUMNS = frozenset(
    ("new", "updated", "unchanged", "gone", "rejected", "failed", "requests", "finish_reason", "exit_code", "stats")
)

_PAGE = f"""INSERT INTO pages (url, {", ".join(PAGE_COLUMNS)}) VALUES (?{", ?" * len(PAGE_COLUMNS)})
ON CONFLICT (url) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in PAGE_COLUMNS)}"""
_REJECT = "INSERT INTO rejects (run_id, url, reason, detail, item, rejected_at) VALUES (?, ?, ?, ?, ?, ?)"
_DUE = "SELECT * FROM pages WHERE next_check_at <= ? ORDER BY next_check_at, url LIMIT ?"


class Bookkeeping(Database):
    """Rows about runs, rejects and pages; written in the open transaction, like articles."""

    def start_run(self, spider: str, arguments: dict[str, Any]) -> int:
        """
        A row for this run, committed at once; answers its id.

        Earlier runs of the spider that never ended were killed, since only one may run at a time; they say so now.
        """
        with self.writing() as db:
            db.execute("UPDATE runs SET finish_reason = 'killed' WHERE spider = ? AND finish_reason IS NULL", (spider,))
            sql = "INSERT INTO runs (spider, started_at, arguments) VALUES (?, ?, ?)"
            kept = json.dumps(arguments, ensure_ascii=False, default=str)
            number = db.execute(sql, (spider, clock.stamp(), kept)).lastrowid
        self.commit()
        assert number is not None
        return number

    def finish_run(self, run_id: int, values: dict[str, Any]) -> None:
        """
        Fill the row of a run that ended, and commit. May be called again, for what is only known later.

        :param values: column to value, of RUN_COLUMNS; ``stats`` as JSON text
        """
        unknown = values.keys() - RUN_COLUMNS
        if unknown:
            raise ValueError(f"no columns of runs: {', '.join(sorted(unknown))}")
        with self.writing() as db:
            names = "".join(f", {name} = ?" for name in values)
            sql = f"UPDATE runs SET finished_at = coalesce(finished_at, ?){names} WHERE id = ?"
            db.execute(sql, (clock.stamp(), *values.values(), run_id))
        self.commit()

    def reject(
        self, url: str, reason: str, detail: str | None, item: Article | None = None, run_id: int | None = None
    ) -> None:
        """Keep what failed validation, so that nothing is lost."""
        kept = storable(to_json(as_dict(item))) if item else None
        detail = storable(detail) if detail else None
        with self.writing() as db:
            db.execute(_REJECT, (run_id, storable(url), reason, detail, kept, clock.stamp()))
        self.commit_if_due()

    def record_page(self, url: str, kind: str, **values: Any) -> None:
        """
        Note what is known of a page, in place of what was.

        :param values: of PAGE_COLUMNS; what is not given becomes null, ``failures`` 0
        """
        unknown = values.keys() - set(PAGE_COLUMNS)
        if unknown:
            raise TypeError(f"no columns of pages: {', '.join(sorted(unknown))}")
        row = {"failures": 0, **values, "kind": kind}
        with self.writing() as db:
            db.execute(_PAGE, (url, *map(row.get, PAGE_COLUMNS)))
        self.commit_if_due()

    def page(self, url: str) -> dict[str, Any] | None:
        """What is known of a page."""
        row = self.read("SELECT * FROM pages WHERE url = ?", (url,)).fetchone()
        return dict(row) if row else None

    def due_pages(self, moment: str, limit: int) -> list[dict[str, Any]]:
        """Pages whose next check is due at ``moment``, longest due first."""
        return [dict(row) for row in self.read(_DUE, (moment, limit))]
