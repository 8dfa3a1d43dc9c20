"""New versions of known articles that may be the work of a changed layout, kept apart until the run can tell."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from newscrawl.storage.database import Database
from newscrawl.storage.rows import to_json

_HOLD = "INSERT OR REPLACE INTO held (article_id, run_id, held_at, article) VALUES (?, ?, ?, ?)"
_ALL = """SELECT held.article_id, held.held_at, held.article, held.archive, articles.revision FROM held
JOIN articles ON articles.id = held.article_id WHERE held.run_id = ? ORDER BY held.article_id"""

_ARCHIVED = "UPDATE revisions SET archive = ? WHERE article_id = ? AND revision = ?"


def is_doubtful(before: Mapping[str, Any], after: Mapping[str, Any], changed: list[str]) -> bool:
    """
    Whether a new version may be the work of a changed layout rather than of an editor.

    So it is where a field has lost its value, or is now answered by another source than before.
    """
    return any(_is_doubtful(name, before, after) for name in changed)


def _is_doubtful(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    if before[name] in (None, "", []):
        return False
    return after[name] in (None, "", []) or before["sources"].get(name) != after["sources"].get(name)


def undoubted(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """
    The values of an article whose content has not changed, fetched again.

    What no editor writes may have (reading time, an author's bio, the date of the last edit); a field that is lost or
    answered by another source stays as it was, unless other rules of extraction made it so.
    """
    if before["extractor_version"] != after["extractor_version"]:
        return dict(after)
    moved = after["modified_at"] and after["modified_at"] > (before["modified_at"] or "")
    kept = [name for name in before if _is_doubtful(name, before, after) and not (name == "modified_at" and moved)]
    sources = after["sources"] | {name: before["sources"][name] for name in kept if name in before["sources"]}
    return {**after, **{name: before[name] for name in kept}, "sources": sources}


class Held(Database):
    """Doubtful versions: held when they come, and at the end of the run made revisions or dropped."""

    run_id: int | None = None
    """The run that is at work; set by who opens the store for it."""

    def _hold(self, number: int, values: dict[str, Any], moment: str) -> None:
        self.db.execute(_HOLD, (number, self.run_id, moment, to_json(values)))

    def _let_go(self, number: int) -> None:
        self.db.execute("DELETE FROM held WHERE article_id = ?", (number,))

    def is_held(self, number: int) -> bool:
        """Whether a new version of an article waits for the end of the run."""
        return self.read("SELECT 1 FROM held WHERE article_id = ?", (number,)).fetchone() is not None

    def settle_held(self, sure: bool) -> list[str]:
        """
        Decide on what this run holds, and commit.

        :param sure: make revisions of it; else it is dropped, its page is fetched again by the next run
        :returns: the addresses of the articles concerned
        """
        held = self.read(_ALL, (self.run_id,)).fetchall()
        urls = []
        with self.writing() as db:
            for row in held:
                values = json.loads(row["article"])
                urls.append(values["url"])
                if sure:
                    revision = row["revision"] + 1
                    self._revise(row["article_id"], revision, values, row["held_at"], sure=True)
                    db.execute(_ARCHIVED, (row["archive"], row["article_id"], revision))
                    db.execute("UPDATE pages SET todo = NULL WHERE article_id = ?", (row["article_id"],))
            db.execute("DELETE FROM held")
        self.commit()
        return urls

    @abstractmethod
    def _revise(self, number: int, revision: int, values: dict[str, Any], moment: str, sure: bool = False) -> str:
        """Write a new version of an article."""
