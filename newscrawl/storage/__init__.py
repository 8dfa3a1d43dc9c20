"""Storage: the only SQL of the project, and the JSON Lines file that agrees with it."""

import os
from pathlib import Path

from newscrawl.exceptions import SettingError
from newscrawl.storage.dialects import Engine
from newscrawl.storage.dialects.sqlite import SqliteEngine
from newscrawl.storage.store import Store

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"


def engine_of(url: str) -> Engine:
    """
    The database that ``NEWSCRAWL_DATABASE_URL`` names, not opened yet.

    It is ``sqlite:///relative.db``, ``sqlite:////absolute.db``, or ``postgresql://user:password@host:port/name`` with
    the options of libpq after a ``?``.

    :raises SettingError: the address names no database that is known here, or its driver is not installed
    """
    scheme, _, rest = url.partition("://")
    if scheme == "postgresql" and rest:
        # With its driver it costs a tenth of a second, which a crawl into a file need not wait for.
        from newscrawl.storage.dialects.postgresql import PostgresEngine

        return PostgresEngine(url)
    name = rest[1:]
    if scheme != "sqlite" or rest[:1] != "/" or not name or name.startswith(":") or "\0" in name:
        shown = url if scheme in {"sqlite", url} else f"{scheme}://..."  # what follows may be a password
        raise SettingError(f"NEWSCRAWL_DATABASE_URL={shown!r}: allowed is {SQLITE}PATH or {POSTGRESQL}HOST/NAME")
    return SqliteEngine(Path(name))


def open_store(url: str, jsonl_path: str | None = None, readonly: bool = False) -> Store:
    """
    The store that ``NEWSCRAWL_DATABASE_URL`` names; see engine_of.

    :param jsonl_path: the JSON Lines file to keep beside it; empty for none
    :param readonly: only look; nothing is created, and nothing is brought up to date
    :raises SettingError: as engine_of, or both paths are the same
    :raises StoreError: it cannot be opened, or is of another schema version
    """
    engine = engine_of(url)
    jsonl = Path(jsonl_path) if jsonl_path else None
    if jsonl and engine.path and os.path.realpath(jsonl) == os.path.realpath(engine.path):
        raise SettingError(f"NEWSCRAWL_JSONL_PATH={jsonl_path!r}: is the database; name another file")
    return Store(engine, jsonl, readonly)
