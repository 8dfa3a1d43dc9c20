"""New versions of known articles, which may be the work of a changed layout, kept apart until the run can tell."""

import json
from abc import abstractmethod
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from newscrawl import clock
from newscrawl.storage.database import Database
from newscrawl.storage.rows import to_json

_HOLD = """INSERT INTO held (article_id, run_id, held_at, article) VALUES (?, ?, ?, ?)
ON CONFLICT (article_id) DO UPDATE SET run_id = excluded.run_id, held_at = excluded.held_at, article = excluded.article,
archive = NULL"""
_ALL = "SELECT article_id FROM held WHERE run_id = ? ORDER BY article_id"
_ONE = """SELECT held.held_at, held.article, held.archive, articles.url FROM held
JOIN articles ON articles.id = held.article_id WHERE held.article_id = ?"""
_KEPT = "UPDATE pages SET todo = NULL, next_check_at = min(next_check_at, :soon) WHERE article_id = :number"
_ARCHIVED = """UPDATE revisions SET archive = :archive
WHERE article_id = :number AND revision = (SELECT revision FROM articles WHERE id = :number)"""
_DROPPED = """UPDATE pages SET todo = NULL, reason = 'not_trusted', failures = failures + 1,
retry_run = :run + (1 << CAST(min(failures, 6) AS INTEGER)) WHERE article_id = :number AND todo = 'changed'"""
SOON = timedelta(hours=3)
"""An edited article is looked at again after this, as a young one is."""
DOUBTFUL, PLAIN, SAME = "doubtful", "plain", "same"
"""New versions that are doubtful by themselves; that are so only if many are; what is another with the same content."""


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
    """What came of known articles: held until the end of the run, and then kept or dropped."""

    run_id: int | None = None
    """The run that is at work; set by who opens the store for it. Without one, only what is doubtful is held."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._held: dict[int, str] = {}
        super().__init__(*args, **kwargs)

    def _hold(self, number: int, values: dict[str, Any], moment: str, kind: str) -> None:
        self.db.execute(_HOLD, (number, self.run_id, moment, to_json(values)))
        self._held[number] = kind

    def _let_go(self, number: int) -> None:
        self.db.execute("DELETE FROM held WHERE article_id = ?", (number,))
        self._held.pop(number, None)

    def is_held(self, number: int) -> bool:
        """Whether a new version of an article waits for the end of the run."""
        return self._held.get(number, SAME) != SAME

    def held(self, kind: str) -> int:
        """How many articles are held as DOUBTFUL, PLAIN or SAME."""
        return sum(one == kind for one in self._held.values())

    def held_kinds(self) -> dict[int, str]:
        """What this process holds: the number of each article, and DOUBTFUL, PLAIN or SAME."""
        return dict(self._held)

    def take_over(self, kinds: Mapping[int, str]) -> None:
        """Let what other processes of the run hold count as held here."""
        self._held = {**kinds, **self._held}

    def settle_held(self, trusted: Collection[str]) -> list[str]:
        """
        Decide on what this run holds, and commit.

        :param trusted: kinds that are kept: new versions become revisions; the others are dropped, and their pages
            tried again as those that failed
        :returns: the addresses of the articles whose new version is dropped
        """
        dropped = []
        for (number,) in self.read(_ALL, (self.run_id,)).fetchall():
            kind, row = self._held.get(number, DOUBTFUL), self.read(_ONE, (number,)).fetchone()
            with self.writing() as db:
                if kind in trusted:
                    self._keep_held(number, row)
                elif kind != SAME:
                    dropped.append(row["url"])
                    db.execute(_DROPPED, {"run": self.run_id, "number": number})
            self._unsaved += 1
            self.commit_if_due()
        with self.writing() as db:
            db.execute("DELETE FROM held")
        self.commit()
        self._held.clear()
        return dropped

    def _keep_held(self, number: int, row: Mapping[str, Any]) -> None:
        soon = (clock.now() + SOON).isoformat(timespec="seconds")
        self.db.execute(_KEPT, {"soon": soon, "number": number})
        self._keep(number, json.loads(row["article"]), row["held_at"])
        if row["archive"]:
            self.db.execute(_ARCHIVED, {"archive": row["archive"], "number": number})

    @abstractmethod
    def _keep(self, number: int, values: dict[str, Any], moment: str) -> None:
        """Write what was held of an article: a new version, or the same one with other values around it."""
