-- The tables of schema version 1, as the first release made them.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    post_id INTEGER,
    headline TEXT,
    subtitle TEXT,
    section TEXT,
    section_url TEXT,
    breadcrumbs TEXT,
    authors TEXT,
    published_at TEXT,
    published_raw TEXT,
    published_precision TEXT,
    modified_at TEXT,
    language TEXT,
    reading_minutes INTEGER,
    image TEXT,
    images TEXT,
    embeds TEXT,
    links TEXT,
    lead TEXT,
    outline TEXT,
    body_sections TEXT,
    key_points TEXT,
    summary TEXT,
    faq TEXT,
    tags TEXT,
    body TEXT,
    word_count INTEGER,
    related TEXT,
    description TEXT,
    sources TEXT,
    content_hash TEXT,
    extractor_version TEXT,
    crawled_at TEXT,
    discovered_by TEXT,
    state TEXT NOT NULL CHECK (state IN ('new', 'updated', 'unchanged', 'gone')),
    revision INTEGER NOT NULL DEFAULT 1,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    last_fetched_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);

-- Texts stay in articles: the index reads them there.
CREATE VIRTUAL TABLE articles_fts USING fts5 (
    headline, lead, body, summary, tags,
    content = 'articles', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

-- One row a version, the first included; the id is the order in which they came.
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    revision INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    changed_fields TEXT NOT NULL,
    article TEXT NOT NULL,
    UNIQUE (article_id, revision)
);

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

CREATE TABLE pages (
    url TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status INTEGER,
    fetched_at TEXT,
    etag TEXT,
    last_modified TEXT,
    next_check_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    article_id INTEGER REFERENCES articles (id)
);
CREATE INDEX pages_next_check_at ON pages (next_check_at);
CREATE INDEX pages_article ON pages (article_id);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    spider TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    arguments TEXT NOT NULL,
    new INTEGER, updated INTEGER, unchanged INTEGER, gone INTEGER, rejected INTEGER, failed INTEGER, requests INTEGER,
    finish_reason TEXT,
    exit_code INTEGER,
    stats TEXT
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

CREATE INDEX articles_post_id ON articles (post_id);
CREATE INDEX articles_published_at ON articles (published_at);
CREATE INDEX articles_section ON articles (section, published_at);
CREATE INDEX articles_content_hash ON articles (content_hash);

-- The search index follows its table by itself, whichever program writes a row.
CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN
    INSERT INTO articles_fts (rowid, headline, lead, body, summary, tags)
    VALUES (new.id, new.headline, new.lead, new.body, new.summary, new.tags);
END;
CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, headline, lead, body, summary, tags)
    VALUES ('delete', old.id, old.headline, old.lead, old.body, old.summary, old.tags);
END;
CREATE TRIGGER articles_fts_update AFTER UPDATE OF headline, lead, body, summary, tags ON articles
WHEN (old.headline, old.lead, old.body, old.summary, old.tags)
    IS NOT (new.headline, new.lead, new.body, new.summary, new.tags) BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, headline, lead, body, summary, tags)
    VALUES ('delete', old.id, old.headline, old.lead, old.body, old.summary, old.tags);
    INSERT INTO articles_fts (rowid, headline, lead, body, summary, tags)
    VALUES (new.id, new.headline, new.lead, new.body, new.summary, new.tags);
END;
