"""How a database of this project is opened: looked at first, so that a file of somebody else stays as it is."""

import os
import sqlite3
from pathlib import Path

from newscrawl.exceptions import StoreError, StoreSchemaError
from newscrawl.storage.migrations import SCHEMA_VERSION, migrate
from newscrawl.storage.schema import APPLICATION_ID

BUSY_SECONDS = 5.0
"""How long to wait for another program that writes to the database."""

_HINTS = {
    "BUSY": "another program is writing to it; wait for that, or stop it",
    "LOCKED": "another program is writing to it; wait for that, or stop it",
    "FULL": "no room is left; make room and run again, what was stored is kept",
    "IOERR": "reading or writing failed; look at the disk and its room, what was stored is kept",
    "READONLY": "it cannot be written; check the permissions of the file and its folder",
    "CANTOPEN": "it cannot be opened; check the permissions of the file and its folder",
    "NOTADB": "it is not an SQLite database; name another file in NEWSCRAWL_DATABASE_URL",
    "CORRUPT": "it is damaged; restore a copy, or move it away and crawl anew",
}


def explain(path: Path, error: Exception) -> StoreError:
    """The one line of a StoreError for what SQLite or the system said about ``path``."""
    if isinstance(error, OSError):
        return StoreError(f"{error.filename or path}: {error.strerror or error}")
    kind = getattr(error, "sqlite_errorname", "").split("_")[1:2]
    return StoreError(f"database {path}: {_HINTS.get(kind[0]) if kind and kind[0] in _HINTS else error}")


def open_to_write(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; the database is created, or brought to today's schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    version = _look(path) if path.exists() else 0
    if path.exists() and not _may_write(path):  # SQLite would say so only later, and leave its log behind
        raise StoreError(f"database {path}: {_HINTS['READONLY']}")
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA temp_store = MEMORY")  # what undoes half a statement is small; a full /tmp would end the run
        db.execute("PRAGMA synchronous = FULL")  # costs a twentieth of a millisecond an article in batches
        migrate(db, version, SCHEMA_VERSION)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("BEGIN IMMEDIATE")  # shows at once whether it can be written at all
        db.execute("ROLLBACK")
    except sqlite3.Error:
        db.close()
        raise
    return db


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; the database has to be there, in today's schema."""
    if not path.exists():
        raise StoreError(f"database {path}: does not exist yet; run a crawl first, or check NEWSCRAWL_DATABASE_URL")
    version = _look(path)
    if version < SCHEMA_VERSION:
        raise StoreSchemaError(
            f"database {path}: has schema version {version}, this newscrawl reads {SCHEMA_VERSION}; "
            "the next crawl brings it up to date"
        )
    if not _may_write(path):
        return sqlite3.connect(_read_only(path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    # Not mode=ro: SQLite then leaves its -wal and -shm files behind.
    db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    db.execute("PRAGMA query_only = ON")
    return db


def _may_write(path: Path) -> bool:
    """Whether this user may write to a file, and beside it."""
    return all(os.access(one, os.W_OK) for one in (path, path.parent))


def _read_only(path: Path) -> str:
    """The address under which SQLite reads a file and writes nothing, not even beside it where no log is left over."""
    log = Path(f"{path}-wal")
    is_whole = not log.exists() or log.stat().st_size == 0
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_whole else ''}"


def _look(path: Path) -> int:
    """
    The schema version, found without a chance to change the file; 0 where it is empty.

    :raises StoreError: a folder, a device, or no database
    :raises StoreSchemaError: another program's database, or a version that this code does not know
    """
    if path.is_dir():
        raise StoreError(f"database {path}: is a folder; NEWSCRAWL_DATABASE_URL names a file")
    if path.exists() and not path.is_file():  # SQLite would wait for the other end of a pipe, and take no signal
        raise StoreError(f"database {path}: is a device or a pipe; NEWSCRAWL_DATABASE_URL names a file")
    db = sqlite3.connect(_read_only(path), uri=True)
    try:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
        application = int(db.execute("PRAGMA application_id").fetchone()[0])
        is_empty = not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    finally:
        db.close()
    if application != APPLICATION_ID and not (is_empty and application == version == 0):
        raise StoreSchemaError(f"database {path}: belongs to another program; name another file")
    if version > SCHEMA_VERSION:
        raise StoreSchemaError(
            f"database {path}: has schema version {version}, this newscrawl knows up to {SCHEMA_VERSION}; "
            "use the newscrawl that made it, or name another file"
        )
    return version
