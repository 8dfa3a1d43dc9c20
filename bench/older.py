"""A store as the first release left it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from newscrawl.storage.schema import APPLICATION_ID

SCHEMA_1 = Path(__file__).parents[1] / "tests" / "schema_1.sql"
TABLES = ("articles", "revisions", "tags", "article_tags", "article_urls", "pages", "runs", "rejects", "outputs")


def back_to_version_1(database: Path) -> None:
    """The same content in the tables of the first schema, which knew neither frontier nor reports."""
    new = database.with_suffix(".old")
    with closing(sqlite3.connect(new, isolation_level=None)) as db:
        db.executescript(SCHEMA_1.read_text(encoding="utf-8"))
        db.execute("ATTACH ? AS today", (str(database),))
        for table in TABLES:
            names = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
            db.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM today.{table}")
        db.execute("UPDATE main.pages SET article_id = NULL, next_check_at = NULL, failures = 0")
        db.execute("DETACH today")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
    new.replace(database)
