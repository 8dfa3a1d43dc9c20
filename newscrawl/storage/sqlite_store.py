"""A store in an SQLite file."""

from pathlib import Path

from newscrawl.storage.dialects.sqlite import SqliteEngine
from newscrawl.storage.store import Store


class SqliteStore(Store):
    """The store of a file, or of memory where that is named ``:memory:``."""

    def __init__(self, path: Path, jsonl_path: Path | None = None, readonly: bool = False) -> None:
        super().__init__(SqliteEngine(path), jsonl_path, readonly)
