"""SQL scripts inside a transaction."""

import sqlite3
from collections.abc import Iterator


def run(db: sqlite3.Connection, script: str) -> None:
    """Execute statements inside the open transaction; ``executescript`` would commit it first."""
    for statement in _statements(script):
        db.execute(statement)


def _statements(script: str) -> Iterator[str]:
    statement = ""
    for piece in script.split(";")[:-1]:
        statement += f"{piece};"
        if sqlite3.complete_statement(statement):  # a trigger has semicolons inside
            yield statement
            statement = ""
