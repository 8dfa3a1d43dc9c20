"""What the store knows of the archive: where a page lies, and which pages a version of an article came from."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from newscrawl.archive.places import Capture, Place
from newscrawl.items import Article
from newscrawl.storage.database import NO_LIMIT, Database
from newscrawl.storage.rows import to_json

_PAGE = """SELECT archive_file, archive_offset, archive_length, archive_digest, archive_run FROM pages
WHERE url = ? AND archive_file IS NOT NULL"""
_OF_HELD = "UPDATE held SET archive = :archive WHERE article_id = :id"
_OF_VERSION = """UPDATE revisions SET archive = :archive
WHERE article_id = :id AND revision = (SELECT revision FROM articles WHERE id = :id)"""
_VERSION = """SELECT archive FROM revisions WHERE article_id = ? AND archive IS NOT NULL
AND revision = (SELECT revision FROM articles WHERE id = article_id)"""
_OUTDATED = """SELECT id FROM articles WHERE content_hash <> :hash AND extractor_version <> :version
AND (url = :url OR id = (SELECT article_id FROM article_urls WHERE url = :url)) ORDER BY url = :url DESC"""
_ARTICLES = """SELECT id FROM articles
WHERE coalesce(substr(published_at, 1, 10), '') BETWEEN ? AND ? ORDER BY published_at DESC, id DESC LIMIT ?"""


def columns_of(place: Place, run: int | None) -> dict[str, Any]:
    """The columns of ``pages`` for a record that a run wrote."""
    names = ("archive_file", "archive_offset", "archive_length", "archive_digest")
    return {**dict(zip(names, place, strict=True)), "archive_run": run}


class Archived(Database):
    """Places in the archive; written in the open transaction, like articles."""

    def place_of(self, url: str) -> Place | None:
        """Where the last page that came from an address is archived."""
        row = self.read(_PAGE, (url,)).fetchone()
        return Place(*row[:4]) if row else None

    def note_version(self, number: int, urls: Iterable[str], run: int) -> None:
        """
        Note that an article, as it is now (or as it is held), is what some pages say.

        Nothing is noted where the run has not archived the first of them.

        :param urls: addresses of its pages, the first one first
        """
        found = []
        for url in urls:
            row = self.read(_PAGE, (url,)).fetchone()
            if row is not None and row["archive_run"] == run:
                found.append([url, *row[:4]])
            elif not found:
                return
        with self.writing() as db:
            if not db.execute(_OF_HELD, {"archive": to_json(found), "id": number}).rowcount:
                db.execute(_OF_VERSION, {"archive": to_json(found), "id": number})
        self.commit_if_due()

    def captures(self, number: int) -> list[Capture]:
        """The archived pages that an article's present version can be extracted from; none where none are."""
        row = self.read(_VERSION, (number,)).fetchone()
        return [Capture(url, Place(*place)) for url, *place in json.loads(row[0])] if row else []

    def outdated(self, article: Article) -> int | None:
        """The row of an article that other rules of extraction stored with other content; None where there is none."""
        values = {"hash": article.content_hash, "version": article.extractor_version, "url": article.url}
        row = self.read(_OUTDATED, values).fetchone()
        return row[0] if row else None

    def numbers(self, since: str = "", until: str = "9999", limit: int | None = None) -> list[int]:
        """Rows of the articles published within some days, latest first."""
        return [row[0] for row in self.read(_ARTICLES, (since, until, NO_LIMIT if limit is None else limit))]


def is_by_other_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """
    Whether what differs between two versions is rather the work of other rules of extraction than of an editor.

    To be asked where the page of the earlier version is not archived: so it is where other rules made the later
    version, and the page does not say that it was edited meanwhile.
    """
    return bool(
        before["extractor_version"] != after["extractor_version"] and before["modified_at"] == after["modified_at"]
    )
