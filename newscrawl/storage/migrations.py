"""Schema versions as a numbered list of steps; ``PRAGMA user_version`` says how many a database has taken."""

import sqlite3
from collections.abc import Sequence

from newscrawl.exceptions import StoreSchemaError
from newscrawl.storage.schema import APPLICATION_ID, TABLES

STEPS: tuple[str, ...] = (TABLES,)
"""Step N leads from version N-1 to N. A step that has been released is never edited; a change is a new step."""

SCHEMA_VERSION = len(STEPS)


def check_version(db: sqlite3.Connection, where: str, newest: int = SCHEMA_VERSION) -> int:
    """
    The version of a database that was opened read-only; 0 for an empty file.

    :raises StoreSchemaError: another program's database, or a version that this code does not know
    """
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    application = int(db.execute("PRAGMA application_id").fetchone()[0])
    is_empty = not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and not (is_empty and application == 0 and version == 0):
        raise StoreSchemaError(f"{where} is a database of another program; name another file")
    if version > newest:
        raise StoreSchemaError(
            f"{where} has schema version {version}, this newscrawl knows up to {newest}; use the newscrawl that made it"
        )
    return version


def migrate(db: sqlite3.Connection, version: int, steps: Sequence[str] = STEPS) -> None:
    """Take the steps that are missing, each in one transaction with its version: a killed one leaves nothing behind."""
    for number in range(version, len(steps)):
        statements = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number + 1};"
        try:
            db.executescript(f"BEGIN IMMEDIATE; {steps[number]} {statements} COMMIT;")
        except sqlite3.Error:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
