"""Signatures that were made while a run went on, for its end."""

import sqlite3
from contextlib import suppress
from functools import cached_property


class Signatures:
    """
    Keeps the signatures of texts by the content hash of their articles, until ``close``.

    They stand in a file without a name, which is gone with the process, however that ends: in memory, those of 50,000
    articles would take as much as all the rest of a crawl. What has no room there is not kept, and signed again.
    """

    @cached_property
    def _db(self) -> sqlite3.Connection:
        db = sqlite3.connect("", isolation_level=None)
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TABLE made (content_hash TEXT PRIMARY KEY, signature BLOB NOT NULL) WITHOUT ROWID")
        return db

    def add(self, content_hash: str, signature: bytes) -> None:
        """Keep one; a later one of the same content says the same."""
        with suppress(sqlite3.OperationalError):  # a full disk, or no folder for such files
            self._db.execute("INSERT OR IGNORE INTO made VALUES (?, ?)", (content_hash, signature))

    def get(self, content_hash: str) -> bytes | None:
        """The signature of an article's text; None where none was kept."""
        with suppress(sqlite3.OperationalError):
            row = self._db.execute("SELECT signature FROM made WHERE content_hash = ?", (content_hash,)).fetchone()
            return row[0] if row else None
        return None

    def close(self) -> None:
        """Give up the file."""
        if "_db" in self.__dict__:
            self._db.close()
