"""From an older schema to today's: numbered steps, each whole or not at all."""

import sqlite3
from collections.abc import Callable, Mapping

from newscrawl.storage.schema import APPLICATION_ID, ARTICLES, ARTICLES_EXTRAS, TABLES
from newscrawl.storage.script import run
from newscrawl.storage.steps import to_2, to_3, to_4, to_5, to_6
from newscrawl.storage.views import create_views, drop_views

Step = Callable[[sqlite3.Connection], None]

SCHEMA_VERSION = 6
"""Kept in ``PRAGMA user_version``. Raised with every change of a table, together with a step."""

STEPS: dict[int, Step] = {2: to_2, 3: to_3, 4: to_4, 5: to_5, 6: to_6}
"""
Version: the step that leads to it from the one before. A new or removed field of Article is ``rebuild_articles``;
a view that changed is ``views_only``; any other change is a function with its SQL. A released step is never edited.
"""


def migrate(
    db: sqlite3.Connection, version: int, newest: int = SCHEMA_VERSION, steps: Mapping[int, Step] = STEPS
) -> None:
    """
    Bring a database to ``newest``: an empty one (version 0) at once, an older one step by step.

    Each step is one transaction with its version number, so a step that fails or is killed leaves what it found.
    ``db`` has to be in autocommit mode, its foreign keys not enforced.
    """
    if version == 0:
        _in_one_transaction(db, create, newest)
    else:
        for number in range(version + 1, newest + 1):
            _in_one_transaction(db, _under_views(steps[number]), number)


def _in_one_transaction(db: sqlite3.Connection, step: Step, version: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        step(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {version}")
        db.execute("COMMIT")
    finally:
        if db.in_transaction:  # something went wrong above
            db.execute("ROLLBACK")


def _under_views(step: Step) -> Step:
    """The step with today's views after it; a view that somebody else has made comes through as it was."""

    def whole(db: sqlite3.Connection) -> None:
        others = drop_views(db)
        step(db)
        create_views(db)
        for sql in others:
            db.execute(sql)

    return whole


def create(db: sqlite3.Connection) -> None:
    """Today's tables and views in an empty database."""
    run(db, TABLES)
    create_views(db)


def rebuild_articles(db: sqlite3.Connection) -> None:
    """Give ``articles`` the columns of today's item class, in their order; what both tables have is kept."""
    run(db, ARTICLES.replace("CREATE TABLE articles", "CREATE TABLE articles_rebuilt"))
    old, new = (
        [row[1] for row in db.execute(f"PRAGMA table_info({table})")] for table in ("articles", "articles_rebuilt")
    )
    kept = ", ".join(name for name in new if name in old)
    db.execute(f"INSERT INTO articles_rebuilt ({kept}) SELECT {kept} FROM articles")
    db.execute("DROP TABLE articles")  # its indexes and triggers go with it
    db.execute("ALTER TABLE articles_rebuilt RENAME TO articles")
    run(db, ARTICLES_EXTRAS)
