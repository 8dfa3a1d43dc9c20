"""
What differs between the databases that a store may live in; all other SQL is written once, for all of them.

A statement has its values as ``?`` or ``:name``. A function of SQLite that PostgreSQL lacks is made there with the
tables (see postgresql_schema); what cannot be said in the same words is a method of Engine.
"""

from pathlib import Path
from typing import Any, Protocol

from newscrawl.exceptions import StoreError


class Lock(Protocol):
    """What a run holds as long as it is at work."""

    def release(self) -> None:
        """Let the next one have it."""


class Engine(Protocol):
    """A database that is named, and not open yet."""

    name: str
    """The address of the database, without user, password and options."""
    errors: tuple[type[Exception], ...]
    """What the driver raises."""
    is_shared: bool
    """Whether several programs may write at once: then no transaction is left open between two articles."""

    @property
    def path(self) -> Path | None:
        """The file, where the database is one."""

    def open(self, readonly: bool) -> Any:
        """
        A connection in autocommit mode whose rows have names; unless ``readonly``, created or brought up to date.

        :raises StoreError: it cannot be opened, or is of another schema version
        """

    def explain(self, error: Exception) -> StoreError:
        """The one line for what the driver or the system said."""

    def begin(self, db: Any) -> None:
        """Begin a transaction that writes; no other one does until it ends."""

    def begin_reading(self, db: Any) -> None:
        """Begin a transaction that sees the database as it is now."""

    def make_durable(self, db: Any) -> None:
        """Let the open transaction, and all before it, be on the disk once it is committed."""

    def make_each_durable(self, db: Any) -> None:
        """From now on, let each transaction be on the disk once it is committed."""

    def stream(self, db: Any, sql: str, values: Any) -> Any:
        """The rows of a query, which may be too many for memory, one at a time."""

    def index(self, db: Any, number: int, values: dict[str, Any]) -> None:
        """Bring the search index in step with an article that was written."""

    def search(self, db: Any, expression: str) -> tuple[str, list[Any]]:
        """
        The condition on ``articles`` that a search means, and its values.

        :raises UsageProblem: the expression is not understood
        """

    def size(self, db: Any) -> int:
        """Bytes of the database."""

    def hold_run(self) -> Lock:
        """
        The lock of a run.

        :raises AnotherRunError: another run holds it; nothing was done
        :raises StoreError: it cannot be asked for
        """

    def is_at_work(self) -> bool:
        """Whether a run holds the lock now."""
