"""The SQLite store: articles, their versions, other addresses, runs, rejects; and the JSON Lines file beside it."""

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newscrawl.exceptions import StoreError
from newscrawl.items import EDITABLE, Article
from newscrawl.storage.jsonl_file import JsonLinesFile
from newscrawl.storage.migrations import check_version, migrate
from newscrawl.storage.rows import as_dict, changed_fields, from_row, to_json, to_row
from newscrawl.storage.schema import FIELDS

BATCH = 50
"""Articles a transaction."""
BATCH_SECONDS = 2.0
"""A transaction is not left open longer than this while articles keep coming."""
COMPARED = (*EDITABLE, "lead", "body_sections")

_INSERT = f"""INSERT INTO articles
({", ".join(FIELDS)}, state, first_seen_at, last_seen_at, last_fetched_at, changed_at)
VALUES ({", ".join("?" * len(FIELDS))}, 'new', ?, ?, ?, ?)"""
_UPDATE = f"""UPDATE articles SET {", ".join(f"{name} = ?" for name in FIELDS)},
state = ?, revision = ?, last_seen_at = ?, last_fetched_at = ?, changed_at = ? WHERE id = ?"""
_REVISION = "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)"
_REMEMBER = "INSERT INTO article_urls VALUES (?, ?, ?) ON CONFLICT (url) DO UPDATE SET article_id = excluded.article_id"


def now() -> str:
    """The present, as it is stored."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class SqliteStore:
    """
    Saves in batches; a batch's rows, its JSON lines and the file's length are committed together.

    :raises StoreError: from any method, where the database or the file cannot be opened, read or written
    """

    def __init__(self, path: Path, jsonl_path: Path | None = None) -> None:
        self.path = path
        self.db = self._open()
        self._lines: list[str] = []
        self._tag_ids: dict[str, int] = {}
        self._begun = 0.0
        self._unsaved = 0
        self.jsonl = self._open_jsonl(jsonl_path) if jsonl_path else None

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            version = self._look() if self.path.exists() else 0
            db = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")  # with the file's fsync before: a line is there if its row is
            db.execute("PRAGMA foreign_keys = ON")
            migrate(db, version)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be opened: {error.strerror}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be opened: {error}") from error
        return db

    def _look(self) -> int:
        """The version, found without a chance to change the file."""
        look = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return check_version(look, str(self.path))
        finally:
            look.close()

    def _open_jsonl(self, path: Path) -> JsonLinesFile:
        """Cut the file back to what was committed; one that was moved away or shortened is written anew."""
        file = JsonLinesFile(path)
        name = str(path.absolute())
        row = self._execute("SELECT length FROM outputs WHERE path = ?", (name,)).fetchone()
        if row is None or file.length < row["length"]:
            file.cut_back(0)
            self._begin()
            file.append(row[0] for row in self._execute("SELECT article FROM revisions ORDER BY seen_at, article_id"))
            self._note_length(file)
            self._execute("COMMIT")
        elif file.length > row["length"]:
            file.cut_back(row["length"])
        return file

    def _note_length(self, file: JsonLinesFile) -> None:
        self._execute("INSERT OR REPLACE INTO outputs VALUES (?, ?)", (str(file.path.absolute()), file.length))

    def _execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        try:
            return self.db.execute(sql, values)
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error

    def _begin(self) -> None:
        if not self.db.in_transaction:
            self._execute("BEGIN IMMEDIATE")
            self._begun = time.monotonic()

    # Writing

    def save(self, article: Article) -> str:
        """
        Store an article; ``new``, ``updated`` or ``unchanged`` tells what it was.

        It is known by its address, by another address that led to it, or by its post id: then it was renamed, keeps
        its row, and the old address is remembered.
        """
        self._begin()
        moment = article.crawled_at or now()
        values = as_dict(article)
        known = self._find(article)
        if known is None:
            state = "new"
            self._insert(values, moment)
        elif known["content_hash"] == article.content_hash:
            state = "unchanged"
            self._rewrite(known, values, state, known["revision"], moment, known["changed_at"])
        else:
            state = "updated"
            self._revise(known, values, moment)
        self._unsaved += 1
        if self._unsaved >= BATCH or time.monotonic() - self._begun > BATCH_SECONDS:
            self.commit()
        return state

    def _find(self, article: Article) -> sqlite3.Row | None:
        for sql, value in (
            ("SELECT * FROM articles WHERE url = ?", article.url),
            ("SELECT a.* FROM article_urls u JOIN articles a ON a.id = u.article_id WHERE u.url = ?", article.url),
            ("SELECT * FROM articles WHERE post_id = ?", article.post_id),
        ):
            if value is not None and (row := self._execute(sql, (value,)).fetchone()):
                return row  # type: ignore[no-any-return]
        return None

    def _insert(self, values: dict[str, Any], moment: str) -> None:
        number = self._execute(_INSERT, (*to_row(values), moment, moment, moment, moment)).lastrowid
        assert number is not None
        self._add_revision(number, 1, values, [], moment)
        self._set_tags(number, values["tags"])

    def _revise(self, known: sqlite3.Row, values: dict[str, Any], moment: str) -> None:
        before = from_row(known)
        revision = known["revision"] + 1
        self._rewrite(known, values, "updated", revision, moment, moment)
        self._add_revision(known["id"], revision, values, changed_fields(before, values, COMPARED), moment)
        if before["tags"] != values["tags"]:
            self._set_tags(known["id"], values["tags"])

    def _rewrite(
        self, known: sqlite3.Row, values: dict[str, Any], state: str, revision: int, moment: str, changed_at: str
    ) -> None:
        if known["url"] != values["url"]:
            self._execute("DELETE FROM article_urls WHERE url = ?", (values["url"],))
            self._execute(_REMEMBER, (known["url"], known["id"], moment))
        self._execute(_UPDATE, (*to_row(values), state, revision, moment, moment, changed_at, known["id"]))

    def _add_revision(
        self, number: int, revision: int, values: dict[str, Any], changed: list[str], moment: str
    ) -> None:
        line = to_json(values)
        row = (number, revision, moment, values["content_hash"], to_json(changed), line)
        self._execute(_REVISION, row)
        if self.jsonl:
            self._lines.append(line)

    def _set_tags(self, number: int, names: list[str]) -> None:
        self._execute("DELETE FROM article_tags WHERE article_id = ?", (number,))
        for name in names:
            if name not in self._tag_ids:
                self._execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", (name,))
                self._tag_ids[name] = self._execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()[0]
        rows = [(number, position, self._tag_ids[name]) for position, name in enumerate(names)]
        try:
            self.db.executemany("INSERT INTO article_tags VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error

    def remember_url(self, url: str, article_url: str) -> bool:
        """Note another address of a stored article; False where that article is not stored."""
        self._begin()
        row = self._execute("SELECT id FROM articles WHERE url = ?", (article_url,)).fetchone()
        is_article = self._execute("SELECT 1 FROM articles WHERE url = ?", (url,)).fetchone()
        if row is None or is_article:
            return False
        self._execute(_REMEMBER, (url, row["id"], now()))
        return True

    def reject(
        self, url: str, reason: str, detail: str | None, item: Article | None = None, run_id: int | None = None
    ) -> None:
        """Keep what failed validation, so that nothing is lost."""
        self._begin()
        kept = to_json(as_dict(item)) if item else None
        self._execute(
            "INSERT INTO rejects (run_id, url, reason, detail, item, rejected_at) VALUES (?, ?, ?, ?, ?, ?)",
            (run_id, url, reason, detail, kept, now()),
        )

    def start_run(self, spider: str, arguments: dict[str, Any]) -> int:
        """A row for this run, committed at once; answers its id."""
        self._begin()
        sql = "INSERT INTO runs (spider, started_at, arguments) VALUES (?, ?, ?)"
        number = self._execute(sql, (spider, now(), to_json(arguments))).lastrowid
        self.commit()
        assert number is not None
        return number

    def finish_run(self, run_id: int, counts: dict[str, Any]) -> None:
        """Fill the row of a run; ``counts`` is column to value."""
        self._begin()
        names = ", ".join(f"{name} = ?" for name in counts)
        self._execute(f"UPDATE runs SET finished_at = ?, {names} WHERE id = ?", (now(), *counts.values(), run_id))
        self.commit()

    def commit(self) -> None:
        """Make everything so far durable: lines first, then rows and the file's new length in one transaction."""
        if not self.db.in_transaction:
            return
        length = self.jsonl.length if self.jsonl else 0
        try:
            if self.jsonl and self._lines:
                self.jsonl.append(self._lines)
                self._note_length(self.jsonl)
            self._execute("COMMIT")
        except StoreError:
            self.roll_back()
            if self.jsonl:
                self.jsonl.cut_back(length)
            raise
        self._lines.clear()
        self._unsaved = 0

    def roll_back(self) -> None:
        """Forget what is not committed."""
        self._lines.clear()
        self._tag_ids.clear()
        self._unsaved = 0
        if self.db.in_transaction:
            self._execute("ROLLBACK")

    # Reading

    def get(self, url: str) -> dict[str, Any] | None:
        """The article at an address, or at one that led to it."""
        sql = "SELECT * FROM articles WHERE url = ? OR id = (SELECT article_id FROM article_urls WHERE url = ?)"
        row = self._execute(sql, (url, url)).fetchone()
        return from_row(row) if row else None

    def articles(self) -> Iterator[dict[str, Any]]:
        """Every article, in the contract's shape, newest first."""
        for row in self._execute("SELECT * FROM articles ORDER BY published_at DESC, id"):
            yield from_row(row)

    def count(self, table: str) -> int:
        """Rows of a table of the schema."""
        return int(self._execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def close(self) -> None:
        """Commit and close; no write-ahead log stays behind."""
        try:
            self.commit()
        finally:
            if self.jsonl:
                self.jsonl.close()
            self.db.close()
