"""
The tables in PostgreSQL: those of the schema, with its types, and the functions of SQLite that it lacks.

Ids follow from the rows before them, so that they have no gaps and their order is that in which rows came; since one
transaction writes at a time, that is safe. Texts are compared by their letters' numbers, whatever the locale.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from newscrawl.exceptions import StoreSchemaError
from newscrawl.storage.clusters import CLUSTER_TABLES
from newscrawl.storage.migrations import SCHEMA_VERSION
from newscrawl.storage.schema import ARTICLES, ARTICLES_INDEXES, OTHERS
from newscrawl.storage.searching import SEARCHED
from newscrawl.storage.views import VIEWS

Step = Callable[[Any], None]

FIRST_VERSION = 4
"""The first schema that PostgreSQL had."""
STEPS: dict[int, Step] = {5: lambda db: None, 6: lambda db: None}  # of SQLite's search index only
"""Version: the step that leads to it from the one before; each version after FIRST_VERSION has one, as in SQLite."""

_PATH = "string_to_array(trim(both '.' from regexp_replace(substr(path, 2), '[].[]+', '.', 'g')), '.')"
FUNCTIONS = f"""
CREATE FUNCTION next_id(named regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE found bigint;
BEGIN
    EXECUTE format('SELECT coalesce(max(id), 0) + 1 FROM %s', named) INTO found;
    RETURN found;
END $$;

CREATE FUNCTION json_extract(document text, path text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT document::json #>> {_PATH} $$;

CREATE FUNCTION json_each(document text, path text DEFAULT '$') RETURNS TABLE (key text, value text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    WITH part AS (SELECT document::json #> {_PATH} AS inside)
    SELECT (number - 1)::text, entry FROM part, json_array_elements_text(
        CASE json_typeof(inside) WHEN 'array' THEN inside END) WITH ORDINALITY AS entries (entry, number)
    UNION ALL
    SELECT name, entry FROM part, pg_catalog.json_each_text(
        CASE json_typeof(inside) WHEN 'object' THEN inside END) AS entries (name, entry)
$$;

CREATE FUNCTION instr(whole text, part text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT strpos(whole, part) $$;

CREATE FUNCTION julianday(moment text) RETURNS double precision
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM moment::timestamptz) / 86400 + 2440587.5)::double precision $$;

CREATE FUNCTION strftime(format text, moment text) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE format WHEN '%s' THEN floor(extract(epoch FROM moment::timestamptz))::bigint::text END $$;

CREATE FUNCTION round(number double precision, digits integer) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT pg_catalog.round(number::numeric, digits)::float8 $$;

CREATE FUNCTION max(one text, other text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT greatest(one COLLATE "C", other COLLATE "C") $$;

CREATE FUNCTION max(one text, other text, third text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT greatest(one COLLATE "C", other COLLATE "C", third COLLATE "C") $$;

CREATE FUNCTION min(one text, other text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT least(one COLLATE "C", other COLLATE "C") $$;

CREATE FUNCTION min(one bigint, other bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT least(one, other) $$;
"""

_SEARCH = f"""
-- The words of each searched text and their places; the store keeps them in step.
CREATE TABLE articles_fts (
    rowid BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    {", ".join(f"{name} TSVECTOR NOT NULL" for name in SEARCHED)}
);
CREATE INDEX articles_fts_words ON articles_fts USING gin ({", ".join(SEARCHED)});
"""
_VERSION = """
CREATE TABLE schema_version (application TEXT NOT NULL, version INTEGER NOT NULL);
INSERT INTO schema_version VALUES ('newscrawl', 0);
"""

# Where SQLite cuts a text at blank lines by making JSON of it.
_VIEWS = {
    "paragraphs": r"""
SELECT a.id, a.url, a.published_at, a.section, p.number,
    (SELECT json_extract(s.value, '$.heading') FROM json_each(a.body_sections) s
        WHERE jsonb_exists(s.value::jsonb -> 'paragraphs', p.text) LIMIT 1), p.text
FROM articles a, unnest(string_to_array(a.body, E'\n\n')) WITH ORDINALITY AS p (text, number)
WHERE p.text <> '' AND instr(a.body_sections, '"heading": ' || to_json(p.text)::text) = 0
"""
}


def to_postgresql(script: str) -> str:
    """The tables of a script with PostgreSQL's types."""
    script = re.sub(r"--.*", "", script)
    for table in re.findall(r"CREATE TABLE (\w+) \(\s*id INTEGER PRIMARY KEY", script):
        script = re.sub(
            rf"(CREATE TABLE {table} \(\s*)id INTEGER PRIMARY KEY",
            rf"\1id BIGINT PRIMARY KEY DEFAULT next_id('{table}')",
            script,
        )
    # SQLite counts rows by itself; the order in which pages were learnt is that in which they are fetched.
    script = script.replace(
        "archive_run INTEGER\n", "archive_run INTEGER,\n    rowid INTEGER GENERATED ALWAYS AS IDENTITY\n"
    )
    kinds = {"INTEGER": "BIGINT", "TEXT": 'TEXT COLLATE "C"', "BLOB": "BYTEA", "REAL": "DOUBLE PRECISION"}
    script = re.sub(r"\b(INTEGER|TEXT|BLOB|REAL)\b", lambda found: kinds[found[1]], script)
    return script.replace(" WITHOUT ROWID", "")


TABLES = FUNCTIONS + to_postgresql(ARTICLES) + _SEARCH + to_postgresql(OTHERS + CLUSTER_TABLES + ARTICLES_INDEXES)


def version_of(db: Any, name: str) -> int:
    """
    The schema version of a database; 0 where nothing is in it.

    :param name: of the database, for errors
    :raises StoreSchemaError: its tables are another program's, or of a version that this code does not know
    """
    tables = {row[0] for row in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")}
    if "schema_version" not in tables:
        if "articles" in tables or "runs" in tables:
            raise StoreSchemaError(f"database {name}: belongs to another program; name another one")
        return 0
    application, version = db.execute("SELECT application, version FROM schema_version").fetchone()
    if application != "newscrawl":
        raise StoreSchemaError(f"database {name}: belongs to another program; name another one")
    if version > SCHEMA_VERSION:
        raise StoreSchemaError(
            f"database {name}: has schema version {version}, this newscrawl knows up to {SCHEMA_VERSION}; "
            "use the newscrawl that made it, or name another database"
        )
    return int(version)


def migrate(db: Any, version: int, newest: int = SCHEMA_VERSION, steps: Mapping[int, Step] = STEPS) -> None:
    """Bring a database to ``newest`` in the open transaction: an empty one at once, an older one step by step."""
    if version == 0:
        db.execute(_VERSION + TABLES)
        create_views(db)
    else:
        for number in range(version + 1, newest + 1):
            drop_views(db)
            steps[number](db)
            create_views(db)
    db.execute("UPDATE schema_version SET version = ?", (newest,))


def create_views(db: Any) -> None:
    """Create today's views in the open transaction."""
    for view in VIEWS:
        db.execute(f"CREATE VIEW {view.name} ({', '.join(view.columns)}) AS {_VIEWS.get(view.name, view.sql)}")


def drop_views(db: Any) -> None:
    """Drop our views, under which tables cannot be altered; PostgreSQL says so where somebody's view needs one."""
    db.execute(f"DROP VIEW IF EXISTS {', '.join(view.name for view in VIEWS)}")
