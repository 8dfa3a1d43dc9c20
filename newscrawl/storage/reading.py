"""What is stored, read back."""

from collections.abc import Iterator
from typing import Any

from newscrawl.storage.database import Database
from newscrawl.storage.rows import from_row

STATES = ("new", "updated", "unchanged", "gone")

_BY_URL = """SELECT id FROM articles WHERE url = :url
UNION ALL SELECT article_id FROM article_urls WHERE url = :url LIMIT 1"""
_TABLES = ("articles", "revisions", "tags", "article_urls", "pages", "runs", "rejects")


class Reading(Database):
    """Articles in the contract's shape, and how many there are of what."""

    def article_id(self, url: str) -> int | None:
        """The row of the article at an address, or at one that leads to it."""
        row = self.read(_BY_URL, {"url": url}).fetchone()
        return row[0] if row else None

    def lives_at(self, article_id: int | None, url: str) -> bool:
        """
        Whether ``url`` is an article's own address, and not one that leads to it.

        A mirror of the site counts as the site: what tells addresses apart is what follows the host.
        """
        row = self.read("SELECT url FROM articles WHERE id = ?", (article_id,)).fetchone()
        return row is not None and _after_host(row[0]) == _after_host(url)

    def url_by(self, field: str, value: Any) -> str | None:
        """The address of the article that has a value in ``url``, ``post_id`` or ``content_hash``."""
        row = self.read(f"SELECT url FROM articles WHERE {field} = ? ORDER BY id", (value,)).fetchone()
        return row[0] if row else None

    def get(self, url: str) -> dict[str, Any] | None:
        """The article at an address, or at one that leads to it."""
        row = self.read("SELECT * FROM articles WHERE id = ?", (self.article_id(url),)).fetchone()
        return from_row(row) if row else None

    def articles(self) -> Iterator[dict[str, Any]]:
        """Every article, in the contract's shape, newest first; one at a time, however many there are."""
        for row in self.stream("SELECT * FROM articles ORDER BY published_at DESC, id DESC"):
            yield from_row(row)

    def versions(self, url: str) -> list[dict[str, Any]]:
        """The revisions of one article, oldest first; ``changed_fields`` and ``article`` are JSON text."""
        rows = self.read("SELECT * FROM revisions WHERE article_id = ? ORDER BY revision", (self.article_id(url),))
        return [dict(row) for row in rows]

    def count(self, table: str) -> int:
        """Rows of a table of the schema."""
        return int(self.read(f"SELECT count(*) FROM {table}").fetchone()[0])

    def counts(self) -> dict[str, int]:
        """Rows of each table, and articles in each state."""
        states = dict.fromkeys(STATES, 0)
        states.update(tuple(row) for row in self.read("SELECT state, count(*) FROM articles GROUP BY state"))
        return {table: self.count(table) for table in _TABLES} | states


def _after_host(url: str) -> str:
    return url.partition("://")[2].partition("/")[2]
