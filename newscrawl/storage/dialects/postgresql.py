"""
PostgreSQL: one database for several machines.

One transaction writes at a time, as in SQLite: it holds an advisory lock from its first statement to its end, and is
as short as one article. So whoever looks whether an article, an address or a tag is known, and then adds it, does so
alone, and no lock is ever waited for in a circle. What is read needs no lock.
"""

from functools import partial
from typing import Any

from newscrawl.exceptions import AnotherRunError, SettingError, StoreError, StoreSchemaError
from newscrawl.masking import without_secrets
from newscrawl.storage.dialects.postgresql_search import NOTE, condition, vector
from newscrawl.storage.migrations import SCHEMA_VERSION
from newscrawl.storage.searching import SEARCHED

try:
    import psycopg

    from newscrawl.storage.dialects.postgresql_connection import Connection
except ImportError as error:
    raise SettingError(
        "NEWSCRAWL_DATABASE_URL='postgresql://...': needs psycopg: pip install -r requirements-extras.txt"
    ) from error

CONNECT_SECONDS = 10
"""How long one try to reach the server may take."""
_RUN, _WRITER = 0x4E43_5257, 0x4E43_5258
_LOCK = "({}, hashtext(current_schema()))"
# A writer that is frozen, or whose machine has gone, keeps the others waiting for no longer than this.
_IDLE = "60s"
_BEGIN = f"""BEGIN; SET LOCAL idle_in_transaction_session_timeout = '{_IDLE}';
SELECT pg_advisory_xact_lock{_LOCK.format(_WRITER)}; SELECT pg_current_xact_id()::text"""
_HINTS = {
    "08": "the connection was lost; see to the server and run again, what was stored is kept",
    "28": "the server does not let this user in; check user and password in NEWSCRAWL_DATABASE_URL",
    "3D": "the server has no such database; create it, or name another one",
    "42501": "this user may not do that; check its rights in the database",
    "53": "the server has no room or no connection left; see to it and run again, what was stored is kept",
    "57P": "the connection was lost; see to the server and run again, what was stored is kept",
    "25P03": "the transaction was left open for too long; run again, what was stored is kept",
    "25006": "it can only be read; name one that can be written",
}


class PostgresEngine:
    """
    A database of a server; see Engine.

    :param url: ``postgresql://user:password@host:port/name?option=value``, with the options of libpq
    :raises SettingError: libpq does not understand it
    """

    errors: tuple[type[Exception], ...] = (psycopg.Error,)
    is_shared = True
    path = None

    def __init__(self, url: str) -> None:
        self._url = url
        self._waits = "off"
        try:
            for port in str(psycopg.conninfo.conninfo_to_dict(url).get("port", "")).split(","):
                int(port or 0)
            self.name = without_secrets(url)
        except (psycopg.Error, ValueError):
            raise SettingError(
                "NEWSCRAWL_DATABASE_URL='postgresql://...': allowed is postgresql://USER:PASSWORD@HOST:PORT/NAME?OPTION="
                "VALUE, with the options of libpq"
            ) from None  # its text may hold a part of the password

    def _connect(self, readonly: bool) -> "psycopg.Connection[Any]":
        given = psycopg.conninfo.conninfo_to_dict(self._url)
        ours: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "newscrawl"}
        raw = psycopg.connect(self._url, autocommit=True, **{k: v for k, v in ours.items() if k not in given})
        # Of a server that breaks down, the last few articles may be lost, but no half of one; see make_durable.
        raw.execute(f"SET synchronous_commit = {self._waits}")
        raw.execute("SET TimeZone = 'UTC'; SET client_min_messages = warning")
        if readonly:
            raw.execute("SET default_transaction_read_only = on")
        return raw

    def open(self, readonly: bool) -> Connection:
        """A connection to the database; its tables are made or brought up to date where it may be written."""
        from newscrawl.storage.dialects.postgresql_schema import migrate, version_of

        db = Connection(partial(self._connect, readonly))
        try:
            version = version_of(db, self.name)
            if readonly and version < SCHEMA_VERSION:
                raise _unready(self.name, version)
            if version < SCHEMA_VERSION:
                self.begin(db)
                migrate(db, version_of(db, self.name))  # somebody else may just have done it
                db.execute("COMMIT")
        except (StoreError, psycopg.Error):
            db.close()
            raise
        return db

    def explain(self, error: Exception) -> StoreError:
        """The one line for what the server or the system said, with no password in it."""
        state = getattr(error, "sqlstate", None) or ""
        hint = next((text for start, text in _HINTS.items() if state.startswith(start)), None)
        said = " ".join(str(error).replace(self._url, self.name).split())
        return StoreError(f"database {self.name}: {hint or said}")

    def begin(self, db: Connection) -> None:
        """Begin to write, once nobody else does."""
        db.begin(_BEGIN)

    def begin_reading(self, db: Connection) -> None:
        """Begin to read; what is seen is fixed."""
        db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        db.execute("SELECT 1 FROM articles LIMIT 1")

    def make_durable(self, db: Connection) -> None:
        """Have the server wait for its disk."""
        db.execute("SET LOCAL synchronous_commit = on")

    def make_each_durable(self, db: Connection) -> None:
        """Have it do so at each commit, also after the connection was lost."""
        self._waits = "on"
        db.execute("SET synchronous_commit = on")

    def stream(self, db: Connection, sql: str, values: Any) -> Any:
        """The rows come some at a time."""
        return db.stream(sql, values)

    def index(self, db: Connection, number: int, values: dict[str, Any]) -> None:
        """Write the words of an article's texts."""
        texts = [values[name] for name in SEARCHED]
        db.execute(NOTE, [number, *(vector(" ".join(text) if isinstance(text, list) else text) for text in texts)])

    def search(self, db: Connection, expression: str) -> tuple[str, list[Any]]:
        """The condition for an expression of FTS5."""
        where, values = condition(expression)
        return f"id IN (SELECT rowid FROM articles_fts WHERE {where})", values

    def size(self, db: Connection) -> int:
        """Bytes of the database on the server."""
        return int(db.execute("SELECT pg_database_size(current_database()) AS bytes").rows[0]["bytes"])

    def hold_run(self) -> "RunLock":
        """An advisory lock, which the server itself gives back when the connection ends."""
        return RunLock(self)

    def is_at_work(self) -> bool:
        """Whether a connection holds that lock; it is not asked for, so that asking hinders no run."""
        sql = f"""SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = {_RUN}
        AND objid = hashtext(current_schema())::bigint & 4294967295 AND objsubid = 2 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""
        try:
            with self._connect(readonly=True) as raw:
                return bool((raw.execute(sql).fetchone() or [False])[0])
        except psycopg.Error as error:
            raise self.explain(error) from error


class RunLock:
    """
    Holds the lock of a run on a connection of its own; whatever ends the run ends that too.

    :raises AnotherRunError: another run holds it; nothing was done
    :raises StoreError: the server cannot be asked
    """

    def __init__(self, engine: PostgresEngine) -> None:
        try:
            self._raw = engine._connect(readonly=True)
            row = self._raw.execute(f"SELECT pg_try_advisory_lock{_LOCK.format(_RUN)}").fetchone()
        except psycopg.Error as error:
            raise engine.explain(error) from error
        if not row or not row[0]:
            self._raw.close()
            raise AnotherRunError(f"another run holds the lock of {engine.name}; nothing was done")

    def release(self) -> None:
        """Let the next one have it."""
        self._raw.close()


def _unready(name: str, version: int) -> StoreError:
    if version == 0:
        return StoreError(f"database {name}: holds nothing yet; run a crawl first, or check NEWSCRAWL_DATABASE_URL")
    return StoreSchemaError(
        f"database {name}: has schema version {version}, this newscrawl reads {SCHEMA_VERSION}; "
        "the next crawl brings it up to date"
    )
