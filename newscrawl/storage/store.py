"""The store: articles, their versions and addresses, and the JSON Lines file beside it."""

from dataclasses import dataclass
from typing import Any

from newscrawl import clock
from newscrawl.items import EDITABLE, Article
from newscrawl.storage.addresses import by_number
from newscrawl.storage.archived import Archived, is_by_other_rules
from newscrawl.storage.bookkeeping import Bookkeeping
from newscrawl.storage.held import DOUBTFUL, PLAIN, SAME, Held, is_doubtful, undoubted
from newscrawl.storage.pages import Pages
from newscrawl.storage.reading import Reading
from newscrawl.storage.rows import as_dict, changed_fields, from_row, to_json, to_line, to_row
from newscrawl.storage.schema import FIELDS
from newscrawl.storage.searching import SEARCHED
from newscrawl.storage.tags import Tags

COMPARED = (*EDITABLE, "lead", "body_sections")
OF_THE_VERSION = ("crawled_at", "discovered_by")
"""Fields that stay as they were when an article is fetched again and has not changed: its line says the same."""
HOW_MADE = ("sources", "content_hash", "extractor_version")
OF_THE_PAGE = tuple(name for name in FIELDS if name not in OF_THE_VERSION and name not in HOW_MADE)

_KNOWN = "SELECT id, url, post_id, revision, content_hash, changed_at, crawled_at, discovered_by, state FROM articles"
_BY_URL = f"{_KNOWN} WHERE url = ?"
_BY_ALIAS = f"{_KNOWN} WHERE id = (SELECT article_id FROM article_urls WHERE url = ?)"
_BY_POST_ID = f"{_KNOWN} WHERE post_id = ? ORDER BY id"
_BY_CONTENT = f"{_KNOWN} WHERE content_hash = ? ORDER BY id"
_INSERT = f"""INSERT INTO articles
({", ".join(FIELDS)}, state, first_seen_at, last_seen_at, last_fetched_at, changed_at)
VALUES ({", ".join("?" * len(FIELDS))}, 'new', ?, ?, ?, ?) RETURNING id"""
_UPDATE = f"""UPDATE articles SET {", ".join(f"{name} = ?" for name in FIELDS)}, state = coalesce(?, state),
revision = ?, last_seen_at = max(last_seen_at, ?), last_fetched_at = max(last_fetched_at, ?),
changed_at = coalesce(?, changed_at) WHERE id = ?"""
_REVISION = """INSERT INTO revisions (article_id, revision, seen_at, content_hash, changed_fields, article, cause)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_SAME_PAGES = """UPDATE revisions SET archive = (
    SELECT archive FROM revisions earlier WHERE earlier.article_id = :id AND earlier.revision = :revision - 1
) WHERE article_id = :id AND revision = :revision"""
_REMEMBER = """INSERT INTO article_urls (url, article_id, first_seen_at) VALUES (?, ?, ?)
ON CONFLICT (url) DO UPDATE SET article_id = excluded.article_id"""
_TWINS = """UPDATE pages SET todo = 'changed' WHERE article_id = ? AND outcome = 'moved' AND reason = 'twin'"""
"""Where else the text of an article was: it may be an article of its own now, or all that is left of it."""
_STATE = """UPDATE articles SET state = :state, last_fetched_at = max(last_fetched_at, :moment),
last_seen_at = CASE :state WHEN 'gone' THEN last_seen_at ELSE max(last_seen_at, :moment) END WHERE id = :id"""


@dataclass(frozen=True, slots=True)
class Known:
    """The row an article belongs to; ``moves`` says that the article's address is the row's new one."""

    row: Any
    moves: bool


class Store(Reading, Bookkeeping, Pages, Archived, Held, Tags):
    """
    Saves in batches; a batch's rows, its JSON lines and the file's length are committed together.

    Errors are those of Database.
    """

    def save(self, article: Article, seen_at: str | None = None) -> str:
        """
        Store an article; ``new``, ``updated``, ``unchanged`` or ``held`` (see Held) tells what became of it.

        It is known by its address, by another address that led to it, by its post id (then it was renamed, keeps its
        row, and the old address is remembered) or by its content (then it is published twice, and kept once).

        :param seen_at: when it was fetched; else its ``crawled_at``, else now
        """
        values, moment = as_dict(article), seen_at or article.crawled_at or clock.stamp()
        with self.writing():
            known = self._find(article)
            state = self._save_again(known, values, moment) if known else self._insert(values, moment)
        self._unsaved += 1
        self.commit_if_due()
        return state

    def remember_url(self, url: str, article_url: str) -> bool:
        """Note another address of a stored article; False where that is not stored, or ``url`` has its own article."""
        number = self.article_id(article_url)
        if number is None or self.read(_BY_URL, (url,)).fetchone():
            return False
        with self.writing() as db:
            db.execute(_REMEMBER, (url, number, clock.stamp()))
        self.commit_if_due()
        return True

    def rename(self, old: str, new: str) -> bool:
        """
        Note that the site leads from an article's address to another one for good.

        The row gets the new address and the old one is remembered; where the new one has an article already, the old
        one is gone. False where no article lives at ``old``.
        """
        row = self.read(_BY_URL, (old,)).fetchone()
        if row is None or old == new:
            return False
        if self.read(_BY_URL, (new,)).fetchone():
            return self.mark_gone(old)
        with self.writing():
            self._move(row, new, clock.stamp())
        self.commit_if_due()
        return True

    def mark_gone(self, url: str, seen_at: str | None = None) -> bool:
        """Note that the site no longer has an article, whose row stays; False where it is not stored."""
        number = self.article_id(url)
        if number is None:
            return False
        self.set_state(number, "gone", seen_at)
        return True

    def set_state(self, number: int, state: str, seen_at: str | None = None) -> None:
        """Note what the last fetch of an article showed without its page: ``gone`` or ``unchanged``."""
        moment = seen_at or clock.stamp()
        with self.writing() as db:
            db.execute(_STATE, {"state": state, "moment": moment, "id": number})
            if state == "gone":
                db.execute(_TWINS, (number,))
        self.commit_if_due()

    def number_address(self, number: int) -> str | None:
        """The address of an article that lives at its post's number, since another post has its slug; else None."""
        row = self.read("SELECT url, post_id FROM articles WHERE id = ?", (number,)).fetchone()
        return row["url"] if row and row["post_id"] and row["url"] == by_number(row["url"], row["post_id"]) else None

    def is_numbered(self, number: int) -> bool:
        """Whether an article's post has a number, by which it is told from other posts."""
        return self.read("SELECT post_id FROM articles WHERE id = ?", (number,)).fetchone()[0] is not None

    def _find(self, article: Article) -> Known | None:
        if row := self.db.execute(_BY_URL, (article.url,)).fetchone():
            if not _are_two_posts(row, article) or row["content_hash"] == article.content_hash:
                return Known(row, moves=False)
            self._evict(row)
        if row := self.db.execute(_BY_ALIAS, (article.url,)).fetchone():
            if not _are_two_posts(row, article):
                return Known(row, moves=True)
            if row["content_hash"] == article.content_hash:
                return Known(row, moves=row["state"] == "gone")
            self.db.execute("DELETE FROM article_urls WHERE url = ?", (article.url,))  # the slug has a new post
        if article.post_id is not None and (row := self.db.execute(_BY_POST_ID, (article.post_id,)).fetchone()):
            return Known(row, moves=True)
        row = self.db.execute(_BY_CONTENT, (article.content_hash,)).fetchone()
        return Known(row, moves=row["state"] == "gone") if row else None

    def _evict(self, row: Any) -> None:
        """Make room for another post at a row's address; the row gets the one that WordPress never gives to another."""
        own = by_number(row["url"], row["post_id"])
        self.db.execute("DELETE FROM article_urls WHERE url = ?", (own,))
        self.db.execute("UPDATE articles SET url = ? WHERE id = ?", (own, row["id"]))

    def _insert(self, values: dict[str, Any], moment: str) -> str:
        columns = to_row(values)
        number = self.db.execute(_INSERT, (*columns, moment, moment, moment, moment)).fetchone()[0]
        self.engine.index(self.db, number, values)
        self._add_version(number, 1, moment, columns, [], "edit")
        self._set_tags(number, values["tags"])
        return "new"

    def _save_again(self, known: Known, values: dict[str, Any], moment: str) -> str:
        row, url = known.row, values["url"]
        if known.moves:
            self._move(row, url, moment)
        elif row["url"] != url:  # published twice: the row stays with the post that it was
            self.db.execute(_REMEMBER, (url, row["id"], moment))
            self.set_state(row["id"], "unchanged", moment)
            return "unchanged"
        before = self.stored(row["id"])
        if row["content_hash"] != values["content_hash"]:
            return self._compare(row["id"], before, values, moment)
        self._let_go(row["id"])
        sure = undoubted(before, values)
        if sure != values and self.run_id is not None:
            self._hold(row["id"], values, moment, SAME)
        self._refresh(row, before, sure, moment)
        return "unchanged"

    def _refresh(self, row: Any, before: dict[str, Any], values: dict[str, Any], moment: str) -> None:
        """Write what was fetched again with the same content."""
        columns = to_row(values | {name: row[name] for name in OF_THE_VERSION})
        self.db.execute(_UPDATE, (*columns, "unchanged", row["revision"], moment, moment, row["changed_at"], row["id"]))
        if any(before[name] != values[name] for name in SEARCHED):
            self.engine.index(self.db, row["id"], values)

    def _move(self, row: Any, url: str, moment: str) -> None:
        """Give a row another address and remember the one it had."""
        self.db.execute("DELETE FROM article_urls WHERE url = ?", (url,))
        self.db.execute("UPDATE articles SET url = ? WHERE id = ?", (url, row["id"]))
        self.db.execute(_REMEMBER, (row["url"], row["id"], moment))

    def _compare(self, number: int, before: dict[str, Any], values: dict[str, Any], moment: str) -> str:
        """A new version: held until the end of the run, unless there is no run or other rules made it."""
        doubtful = is_doubtful(before, values, changed_fields(before, values, COMPARED))
        if is_by_other_rules(before, values) or not (doubtful or self.run_id is not None):
            return self._revise(number, before, values, moment)
        self._hold(number, values, moment, DOUBTFUL if doubtful else PLAIN)
        return "held" if doubtful else "updated"

    def _keep(self, number: int, values: dict[str, Any], moment: str) -> None:
        row = self.db.execute(f"{_KNOWN} WHERE id = ?", (number,)).fetchone()
        values = values | {"url": row["url"]}  # it may have been renamed since
        if row["content_hash"] == values["content_hash"]:
            self._refresh(row, self.stored(number), values, moment)
        else:
            self._revise(number, self.stored(number), values, moment)

    def _revise(self, number: int, before: dict[str, Any], values: dict[str, Any], moment: str) -> str:
        """Write a new version of an article."""
        self._let_go(number)
        revision = 1 + self.db.execute("SELECT revision FROM articles WHERE id = ?", (number,)).fetchone()[0]
        columns, fields, by_rules = (
            to_row(values),
            changed_fields(before, values, COMPARED),
            is_by_other_rules(before, values),
        )
        cause, state, at = ("extraction", "unchanged", None) if by_rules else ("edit", "updated", moment)
        if not by_rules:
            self.db.execute(_TWINS, (number,))
        self.db.execute(_UPDATE, (*columns, state, revision, moment, moment, at, number))
        self.engine.index(self.db, number, values)
        self._add_version(number, revision, moment, columns, fields, cause)
        if before["tags"] != values["tags"]:
            self._set_tags(number, values["tags"])
        return state

    def restated(self, number: int, article: Article) -> dict[str, Any]:
        """A stored article as other rules of extraction make it of the same pages; address and number stay."""
        before, after = self.stored(number), as_dict(article)
        kept = ("url", *OF_THE_VERSION, *(["post_id"] if before["post_id"] else []))
        after |= {name: before[name] for name in kept}
        return undoubted(before, after) if before["content_hash"] == after["content_hash"] else after

    def restate(self, number: int, article: Article) -> list[str]:
        """
        Store what other rules of extraction make of the pages that an article came from, never as an edit of it.

        What differs becomes a version whose cause is ``extraction``; state and ``changed_at`` stay, as do address,
        post id, ``crawled_at`` and ``discovered_by``.

        :returns: the fields that differ, those apart that only say how they were made
        """
        before, after, moment = self.stored(number), self.restated(number, article), clock.stamp()
        fields = changed_fields(before, after, OF_THE_PAGE)
        if before == after:
            return fields
        columns = to_row(after)
        with self.writing() as db:
            revision = db.execute("SELECT revision FROM articles WHERE id = ?", (number,)).fetchone()[0] + bool(fields)
            db.execute(_UPDATE, (*columns, None, revision, "", "", None, number))
            self.engine.index(db, number, after)
            if fields:
                self._add_version(number, revision, moment, columns, fields, "extraction")
                db.execute(_SAME_PAGES, {"id": number, "revision": revision})
            if before["tags"] != after["tags"]:
                self._set_tags(number, after["tags"])
        self._unsaved += 1
        self.commit_if_due()
        return fields

    def _add_version(
        self, number: int, revision: int, moment: str, columns: list[Any], fields: list[str], cause: str
    ) -> None:
        line, content_hash = to_line(columns), columns[FIELDS.index("content_hash")]
        self.db.execute(_REVISION, (number, revision, moment, content_hash, to_json(fields), line, cause))

    def stored(self, number: int) -> dict[str, Any]:
        """The article of a row."""
        return from_row(self.db.execute("SELECT * FROM articles WHERE id = ?", (number,)).fetchone())


def _are_two_posts(row: Any, article: Article) -> bool:
    """Whether WordPress says that they are not the same post."""
    return row["post_id"] is not None and article.post_id is not None and row["post_id"] != article.post_id
