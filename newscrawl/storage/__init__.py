"""Storage: the only SQL of the project, and the JSON Lines file that agrees with it."""

from pathlib import Path

from newscrawl.exceptions import SettingError
from newscrawl.storage.sqlite_store import SqliteStore

SQLITE = "sqlite:///"


def open_store(url: str, jsonl_path: str | None = None, readonly: bool = False) -> SqliteStore:
    """
    The store that ``NEWSCRAWL_DATABASE_URL`` names: ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.

    :param jsonl_path: the JSON Lines file to keep beside it; empty for none
    :param readonly: only look; nothing is created, and nothing is brought up to date
    :raises SettingError: the address names no database that is known here, or both paths are the same
    :raises StoreError: it cannot be opened, or is of another schema version
    """
    scheme, _, rest = url.partition("://")
    name = rest[1:]
    if scheme != "sqlite" or rest[:1] != "/" or not name or name.startswith(":") or "\0" in name:
        shown = url if scheme in {"sqlite", url} else f"{scheme}://..."  # what follows may be a password
        raise SettingError(f"NEWSCRAWL_DATABASE_URL={shown!r}: allowed is {SQLITE}PATH")
    path = Path(name)
    jsonl = Path(jsonl_path) if jsonl_path else None
    if jsonl and jsonl.resolve() == path.resolve():
        raise SettingError(f"NEWSCRAWL_JSONL_PATH={jsonl_path!r}: is the database; name another file")
    return SqliteStore(path, jsonl, readonly)
