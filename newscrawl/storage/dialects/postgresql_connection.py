"""
A connection to PostgreSQL that is spoken to as one of sqlite3 is: values as ``?`` or ``:name``, rows with names.

A connection that is lost, as when the server is restarted, is made anew within RECONNECT_SECONDS, and what the open
transaction had said is said again. The ids of rows follow from the rows before them (see postgresql_schema), so the
same words have the same answers, unless somebody else wrote meanwhile; then the transaction is given up. Where the
connection was lost in a commit, PostgreSQL is asked whether that took place: nothing is stored twice.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, cast

import psycopg
from psycopg.types.numeric import FloatLoader
from psycopg.types.string import StrDumper

RECONNECT_SECONDS = 30.0
"""How long a server that went away is waited for."""
PAUSE = 0.1
"""Seconds between two tries."""
FETCHED = 100
"""Rows at a time of a query that is streamed."""

_LOST = (psycopg.OperationalError, psycopg.InternalError)  # the latter from a server that ended an idle transaction
_VALUE = re.compile(r"'(?:[^']|'')*'|::|:[a-z_]+|\?|%")


class Row(tuple[Any, ...]):
    """A row whose values have places and names."""

    names: tuple[str, ...] = ()

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)

    def keys(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.names


class Answer:
    """What a statement answered, all of it."""

    def __init__(self, rows: list[Row], rowcount: int, description: tuple[tuple[str], ...]) -> None:
        self.rows = rows
        self.rowcount = rowcount
        self.description = description
        self._rest = iter(rows)

    def __iter__(self) -> Iterator[Row]:
        return self._rest

    def fetchone(self) -> Row | None:
        """The next row; None after the last."""
        return next(self._rest, None)

    def fetchall(self) -> list[Row]:
        """The rows that are left."""
        return list(self._rest)


class _Number(FloatLoader):
    """Sums are exact numbers to PostgreSQL; here they are what they would be in SQLite."""

    def load(self, data: Any) -> Any:
        number = super().load(data)
        return int(bytes(data)) if bytes(data).lstrip(b"-").isdigit() else number


class LostTransactionError(psycopg.OperationalError):
    """The connection was lost in a transaction that cannot be said again."""


class Connection:
    """
    A connection in autocommit mode.

    :param connect: makes one; called again where the connection is lost
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._raw = _prepared(connect())
        self._said: list[tuple[str, Any, list[Row]]] = []
        self._begin = ""
        self._number = ""
        self._cursors = count()
        self.in_transaction = False

    def begin(self, statements: str) -> None:
        """
        Begin a transaction that writes.

        :param statements: what begins it; the answer of the last is the transaction's number
        """
        self._said.clear()
        self._begin = statements
        try:
            self._begin_now()
        except _LOST as error:
            self._reconnect(error)
            self._begin_now()
        self.in_transaction = True

    def _begin_now(self) -> None:
        cursor = self._raw.execute(self._begin, prepare=False)
        while cursor.nextset():
            pass
        self._number = str(cast("Row", cursor.fetchone())[0])

    def execute(self, sql: str, values: Any = ()) -> Answer:
        """A statement, or ``BEGIN``, ``COMMIT`` and ``ROLLBACK``."""
        if sql in {"COMMIT", "ROLLBACK"}:
            return self._end(sql)
        try:
            answer = self._ask(sql, values)
        except _LOST as error:
            self._reconnect(error)
            self._say_again()
            answer = self._ask(sql, values)
        if sql.startswith("BEGIN"):
            self.in_transaction, self._begin = True, ""
        elif self.in_transaction and self._begin:
            self._said.append((sql, values, answer.rows))
        return answer

    def executemany(self, sql: str, several: Sequence[Sequence[Any]]) -> None:
        """A statement with several rows of values, which are sent together."""
        if not several:
            return
        first, *others = several
        self.execute(sql, first)  # what is to be said again after a lost connection is said by it
        if others:
            try:
                self._raw.cursor().executemany(_translated(sql), [_values(values) for values in others])
            except _LOST as error:
                self._reconnect(error)
                self._say_again()
                self._raw.cursor().executemany(_translated(sql), [_values(values) for values in others])
            self._said.extend((sql, values, []) for values in others)

    def stream(self, sql: str, values: Any = ()) -> Iterator[Row]:
        """The rows of a query, some at a time."""
        name, is_alone = f"newscrawl_{next(self._cursors)}", not self.in_transaction
        with self._raw.cursor(name=name, withhold=is_alone, row_factory=_row_factory) as cursor:
            cursor.itersize = FETCHED
            cursor.execute(_translated(sql) if values else sql, _values(values))
            yield from cursor

    def close(self) -> None:
        """End the connection; what is not committed is forgotten."""
        self._raw.close()

    def _ask(self, sql: str, values: Any) -> Answer:
        cursor = self._raw.execute(_translated(sql), _values(values)) if values else self._raw.execute(sql)
        rows = cursor.fetchall() if cursor.description else []
        return Answer(rows, cursor.rowcount, tuple((column.name,) for column in cursor.description or ()))

    def _end(self, sql: str) -> Answer:
        is_commit = sql == "COMMIT" and bool(self._begin)
        try:
            self._raw.execute(sql, prepare=False)
        except _LOST as error:
            if not is_commit:
                self._over()
                raise
            self._reconnect(error)
            if not self._is_committed():
                self._say_again()
                self._raw.execute(sql, prepare=False)
        self._over()
        return Answer([], -1, ())

    def _over(self) -> None:
        self.in_transaction, self._begin = False, ""
        self._said.clear()

    def _is_committed(self) -> bool:
        row = self._raw.execute(f"SELECT pg_xact_status('{self._number}'::xid8)").fetchone()
        return bool(row and row[0] == "committed")

    def _say_again(self) -> None:
        if not self.in_transaction:
            return
        self._begin_now()
        for sql, values, rows in self._said:
            if self._ask(sql, values).rows != rows:
                raise LostTransactionError("the connection was lost, and somebody else wrote meanwhile")

    def _reconnect(self, error: psycopg.Error) -> None:
        """
        Make the connection anew.

        :raises psycopg.Error: ``error``, where it says something else, or there is no server in time
        """
        if not self._raw.closed or (self.in_transaction and not self._begin):
            raise error
        end = time.monotonic() + RECONNECT_SECONDS
        while True:
            try:
                self._raw = _prepared(self._connect())
                return
            except psycopg.OperationalError as again:
                if time.monotonic() > end:
                    raise error from again
                time.sleep(PAUSE)


def _prepared(raw: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    raw.adapters.register_dumper(str, StrDumper)  # text, and not whatever the place allows
    raw.adapters.register_loader("numeric", _Number)
    raw.row_factory = _row_factory
    return raw


def _row_factory(cursor: Any) -> Callable[[Sequence[Any]], Row]:
    found = cursor.pgresult  # its names alone: whole descriptions cost as much as a small query
    return _row_type(tuple(found.fname(at).decode() for at in range(found.nfields)) if found else ())


@lru_cache(maxsize=256)
def _row_type(names: tuple[str, ...]) -> type[Row]:
    return type("Row", (Row,), {"names": names})


@lru_cache(maxsize=1024)
def _translated(sql: str) -> str:
    """A statement with its values as psycopg wants them; what stands in quotes stays."""
    return _VALUE.sub(_placeholder, sql)


def _placeholder(found: re.Match[str]) -> str:
    text = found[0]
    if text == "?":
        return "%s"
    if text.startswith(":") and text != "::":
        return f"%({text[1:]})s"
    return text.replace("%", "%%")


def _values(values: Any) -> Any:
    """The values without U+0000, which no text of PostgreSQL holds."""
    if isinstance(values, Mapping):
        return {name: _storable(value) for name, value in values.items()}
    return [_storable(value) for value in values] or None


def _storable(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value
