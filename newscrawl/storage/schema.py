"""The tables, as a schema reads. The columns of ``articles`` follow the item class, so that they cannot drift apart."""

from dataclasses import fields

from newscrawl.items import Article
from newscrawl.storage.clusters import CLUSTER_TABLES
from newscrawl.storage.searching import SEARCH_TABLE, SEARCH_TRIGGERS

APPLICATION_ID = 0x4E43_5257
"""``NCRW``: tells a database of this project from any other SQLite file."""

FIELDS = tuple(field.name for field in fields(Article))
# Each field's own type. The whole JSON Schema says the same, and takes longer to make than all else that a start loads.
_TYPES = {field.name: field.metadata["json_schema_extra"].get("type", "object") for field in fields(Article)}


def _column_type(name: str) -> str:
    kinds = _TYPES[name]
    return "INTEGER" if "integer" in ([kinds] if isinstance(kinds, str) else kinds) else "TEXT"


JSON_FIELDS = frozenset(name for name in FIELDS if _TYPES[name] in ("array", "object"))
"""Fields whose column holds JSON text: lists and objects."""

_COLUMNS = ",\n    ".join(
    f"{name} {_column_type(name)}{' NOT NULL UNIQUE' if name == 'url' else ''}" for name in FIELDS
)

ARTICLES = f"""
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    {_COLUMNS},
    state TEXT NOT NULL CHECK (state IN ('new', 'updated', 'unchanged', 'gone')),
    revision INTEGER NOT NULL DEFAULT 1,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    last_fetched_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
"""

ARTICLES_INDEXES = """
CREATE INDEX articles_post_id ON articles (post_id);
CREATE INDEX articles_published_at ON articles (published_at);
CREATE INDEX articles_section ON articles (section, published_at);
CREATE INDEX articles_state ON articles (state);
CREATE INDEX articles_content_hash ON articles (content_hash);
"""
ARTICLES_EXTRAS = ARTICLES_INDEXES + SEARCH_TRIGGERS
"""What stands on the table of the articles, and goes with it when it is made anew."""

OTHERS = """
-- One row a version, the first included; the id is the order in which they came. ``cause``: what made it differ, an
-- ``edit`` of the publisher (also of the first one) or other rules of ``extraction``; ``archive``: the archived pages
-- that it can be extracted from, [address, file, offset, length, checksum] each.
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    revision INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    changed_fields TEXT NOT NULL,
    article TEXT NOT NULL,
    cause TEXT NOT NULL DEFAULT 'edit' CHECK (cause IN ('edit', 'extraction')),
    archive TEXT,
    UNIQUE (article_id, revision)
);
CREATE INDEX revisions_extraction ON revisions (id) WHERE cause = 'extraction';

CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE article_tags (
    article_id INTEGER NOT NULL REFERENCES articles (id),
    position INTEGER NOT NULL,
    tag_id INTEGER NOT NULL REFERENCES tags (id),
    PRIMARY KEY (article_id, position)
) WITHOUT ROWID;
CREATE INDEX article_tags_tag ON article_tags (tag_id, article_id);

CREATE TABLE article_urls (
    url TEXT PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    first_seen_at TEXT NOT NULL
);
CREATE INDEX article_urls_article ON article_urls (article_id);

-- The frontier: every address that was asked for, or is to be. ``todo`` says why it is to be fetched, ``asked_run``
-- which run asked last, ``retry_run`` from which run on a failed page is due, ``lastmod`` what a source said last,
-- ``archive_*`` the record of its last answer with a page, which ``archive_run`` saw.
CREATE TABLE pages (
    url TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status INTEGER,
    fetched_at TEXT,
    etag TEXT,
    last_modified TEXT,
    next_check_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    article_id INTEGER REFERENCES articles (id),
    outcome TEXT,
    reason TEXT,
    todo TEXT CHECK (todo IN ('new', 'changed', 'missing')),
    discovered_by TEXT,
    discovered_run INTEGER,
    asked_run INTEGER,
    retry_run INTEGER,
    found_by TEXT NOT NULL DEFAULT '',
    lastmod TEXT,
    sitemap TEXT,
    published_at TEXT,
    archive_file TEXT,
    archive_offset INTEGER,
    archive_length INTEGER,
    archive_digest TEXT,
    archive_run INTEGER
);
CREATE INDEX pages_next_check_at ON pages (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX pages_todo ON pages (todo, asked_run) WHERE todo IS NOT NULL;
CREATE INDEX pages_retry ON pages (retry_run) WHERE retry_run IS NOT NULL;
CREATE INDEX pages_article ON pages (article_id);
CREATE INDEX pages_sitemap ON pages (sitemap) WHERE sitemap IS NOT NULL;

-- Lists of articles that are walked page by page. ``open_run`` is the first run whose walk did not reach the end, 0
-- where none ever did, null where all is known up to the last walk.
CREATE TABLE walks (url TEXT PRIMARY KEY, open_run INTEGER);

-- A new version of an article that may be the work of a changed layout; the end of the run decides.
CREATE TABLE held (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    run_id INTEGER,
    held_at TEXT NOT NULL,
    article TEXT NOT NULL,
    archive TEXT
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    spider TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    arguments TEXT NOT NULL,
    new INTEGER, updated INTEGER, unchanged INTEGER, gone INTEGER, rejected INTEGER, failed INTEGER, requests INTEGER,
    finish_reason TEXT,
    exit_code INTEGER,
    stats TEXT,
    report TEXT
);

CREATE TABLE rejects (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES runs (id),
    url TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT,
    item TEXT,
    rejected_at TEXT NOT NULL
);
CREATE INDEX rejects_url ON rejects (url);

-- The first ``length`` bytes of a JSON Lines file are the revisions up to ``revision_id``, a line each.
-- Written in the same transaction as those rows.
CREATE TABLE outputs (path TEXT PRIMARY KEY, length INTEGER NOT NULL, revision_id INTEGER NOT NULL);
"""

TABLES = ARTICLES + SEARCH_TABLE + OTHERS + CLUSTER_TABLES + ARTICLES_EXTRAS
