"""The steps of the schema's history. A step that was released is never edited."""

import sqlite3

from newscrawl.storage.clusters import CLUSTER_TABLES
from newscrawl.storage.script import run
from newscrawl.storage.searching import SEARCH_ANEW, SEARCH_QUICKER, TRIGGERS_ANEW

_TO_2 = """
ALTER TABLE runs ADD COLUMN report TEXT;
ALTER TABLE pages ADD COLUMN outcome TEXT;
ALTER TABLE pages ADD COLUMN reason TEXT;
ALTER TABLE pages ADD COLUMN todo TEXT CHECK (todo IN ('new', 'changed', 'missing'));
ALTER TABLE pages ADD COLUMN discovered_by TEXT;
ALTER TABLE pages ADD COLUMN discovered_run INTEGER;
ALTER TABLE pages ADD COLUMN asked_run INTEGER;
ALTER TABLE pages ADD COLUMN retry_run INTEGER;
ALTER TABLE pages ADD COLUMN found_by TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN lastmod TEXT;
ALTER TABLE pages ADD COLUMN sitemap TEXT;
ALTER TABLE pages ADD COLUMN published_at TEXT;
CREATE INDEX articles_state ON articles (state);
DROP INDEX pages_next_check_at;
CREATE INDEX pages_next_check_at ON pages (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX pages_todo ON pages (todo, asked_run) WHERE todo IS NOT NULL;
CREATE INDEX pages_retry ON pages (retry_run) WHERE retry_run IS NOT NULL;
CREATE INDEX pages_sitemap ON pages (sitemap) WHERE sitemap IS NOT NULL;
CREATE TABLE walks (url TEXT PRIMARY KEY, open_run INTEGER);
CREATE TABLE held (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    run_id INTEGER,
    held_at TEXT NOT NULL,
    article TEXT NOT NULL
);
UPDATE pages SET article_id = (
    SELECT id FROM articles WHERE articles.url = pages.url
    UNION ALL SELECT article_id FROM article_urls WHERE article_urls.url = pages.url
) WHERE kind = 'article';
UPDATE pages SET outcome = 'article', discovered_run = 0,
    next_check_at = CASE WHEN url IN (SELECT url FROM articles) THEN fetched_at END
WHERE article_id IS NOT NULL;
UPDATE pages SET outcome = 'skipped', discovered_run = 0, next_check_at = fetched_at
WHERE kind = 'article' AND article_id IS NULL AND status < 400;
UPDATE pages SET outcome = 'failed', discovered_run = 0, failures = 1, retry_run = 0
WHERE kind = 'article' AND article_id IS NULL AND status >= 400;
"""


def to_2(db: sqlite3.Connection) -> None:
    """Pages become the frontier; walks, held versions, clusters and the report of a run."""
    run(db, _TO_2 + CLUSTER_TABLES)


def to_3(db: sqlite3.Connection) -> None:
    """Views for analysis come with every step; the search index is made anew, with letters such as ı folded."""
    run(db, SEARCH_ANEW)


_TO_4 = """
ALTER TABLE pages ADD COLUMN archive_file TEXT;
ALTER TABLE pages ADD COLUMN archive_offset INTEGER;
ALTER TABLE pages ADD COLUMN archive_length INTEGER;
ALTER TABLE pages ADD COLUMN archive_digest TEXT;
ALTER TABLE pages ADD COLUMN archive_run INTEGER;
ALTER TABLE revisions ADD COLUMN cause TEXT NOT NULL DEFAULT 'edit' CHECK (cause IN ('edit', 'extraction'));
ALTER TABLE revisions ADD COLUMN archive TEXT;
ALTER TABLE held ADD COLUMN archive TEXT;
CREATE INDEX revisions_extraction ON revisions (id) WHERE cause = 'extraction';
"""


def to_4(db: sqlite3.Connection) -> None:
    """Where a page is archived, which pages a version came from, and whether an editor or a new rule made it."""
    run(db, _TO_4)


def to_5(db: sqlite3.Connection) -> None:
    """The search index holds what it held, filled by triggers that take half the time."""
    run(db, TRIGGERS_ANEW)


def to_6(db: sqlite3.Connection) -> None:
    """Likewise: two thirds of the time; and what is added to it is merged less often."""
    run(db, SEARCH_QUICKER)


def views_only(db: sqlite3.Connection) -> None:
    """Nothing but the views has changed."""
