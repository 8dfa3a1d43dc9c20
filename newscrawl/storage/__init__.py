"""Storage: the only SQL of the project, and the JSON Lines file that agrees with it."""

from pathlib import Path

from newscrawl.exceptions import SettingError
from newscrawl.storage.sqlite_store import SqliteStore

SQLITE = "sqlite:///"


def open_store(url: str, jsonl_path: str = "") -> SqliteStore:
    """
    The store that ``NEWSCRAWL_DATABASE_URL`` names.

    :param jsonl_path: the JSON Lines file to keep beside it; empty for none
    :raises SettingError: the address names no database that is known here
    :raises StoreError: it cannot be opened, or is of another schema version
    """
    if not url.startswith(SQLITE) or url == SQLITE:
        scheme = url.partition(":")[0]
        raise SettingError(f"NEWSCRAWL_DATABASE_URL: {scheme}: is not supported yet; allowed is sqlite:///PATH")
    return SqliteStore(Path(url.removeprefix(SQLITE)), Path(jsonl_path) if jsonl_path else None)
