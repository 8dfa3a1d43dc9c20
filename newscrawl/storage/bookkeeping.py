"""What is noted beside the articles: runs and rejects."""

import json
from collections.abc import Iterator
from typing import Any

from newscrawl import clock
from newscrawl.items import Article
from newscrawl.storage.database import Database
from newscrawl.storage.rows import as_dict, storable, to_json

RUN_COLUMNS = frozenset(
    (
        "new",
        "updated",
        "unchanged",
        "gone",
        "rejected",
        "failed",
        "requests",
        "finish_reason",
        "exit_code",
        "stats",
        "report",
    )
)

_REJECT = "INSERT INTO rejects (run_id, url, reason, detail, item, rejected_at) VALUES (?, ?, ?, ?, ?, ?)"


class Bookkeeping(Database):
    """Rows about runs and rejects; written in the open transaction, like articles."""

    def start_run(self, spider: str, arguments: dict[str, Any]) -> int:
        """
        A row for this run, committed at once; answers its id.

        Earlier runs of the spider that never ended were killed, since only one may run at a time; they say so now.
        """
        with self.writing() as db:
            db.execute("UPDATE runs SET finish_reason = 'killed' WHERE spider = ? AND finish_reason IS NULL", (spider,))
            sql = "INSERT INTO runs (spider, started_at, arguments) VALUES (?, ?, ?) RETURNING id"
            kept = json.dumps(arguments, ensure_ascii=False, default=str)
            number = int(db.execute(sql, (spider, clock.stamp(), kept)).fetchone()[0])
        self.commit()
        return number

    def runs_before(self, run_id: int, spider: str) -> Iterator[tuple[int, str, str | None]]:
        """Earlier runs of a spider, the latest first: number, arguments as JSON text, why each ended."""
        sql = "SELECT id, arguments, finish_reason FROM runs WHERE spider = ? AND id < ? ORDER BY id DESC"
        yield from map(tuple, self.read(sql, (spider, run_id)))

    def finish_run(self, run_id: int, values: dict[str, Any]) -> None:
        """
        Fill the row of a run that ended, and commit. May be called again, for what is only known later.

        :param values: column to value, of RUN_COLUMNS; ``stats`` and ``report`` as JSON text
        """
        unknown = values.keys() - RUN_COLUMNS
        if unknown:
            raise ValueError(f"no columns of runs: {', '.join(sorted(unknown))}")
        with self.writing() as db:
            names = "".join(f", {name} = ?" for name in values)
            sql = f"UPDATE runs SET finished_at = coalesce(finished_at, ?){names} WHERE id = ?"
            db.execute(sql, (clock.stamp(), *values.values(), run_id))
        self.commit()

    def reject_reason(self, url: str, run_id: int) -> str | None:
        """Why a run rejected an article; None where it did not."""
        row = self.read("SELECT reason FROM rejects WHERE url = ? AND run_id = ?", (url, run_id)).fetchone()
        return row[0] if row else None

    def reject(
        self, url: str, reason: str, detail: str | None, item: Article | None = None, run_id: int | None = None
    ) -> None:
        """Keep what failed validation, so that nothing is lost."""
        kept = storable(to_json(as_dict(item))) if item else None
        detail = storable(detail) if detail else None
        with self.writing() as db:
            db.execute(_REJECT, (run_id, storable(url), reason, detail, kept, clock.stamp()))
        self.commit_if_due()
