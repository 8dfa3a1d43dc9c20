"""The tags of articles: each name once, numbered, and in each article's order."""

from pathlib import Path

from newscrawl.storage.database import Database
from newscrawl.storage.dialects import Engine

MOST_VALUES = 500
"""Values a statement: fewer than any SQLite takes."""
_ADD = "INSERT INTO tags (name) VALUES (?) ON CONFLICT DO NOTHING"
_NUMBERS = "SELECT name, id FROM tags WHERE name IN ({})"  # not by json_each, which cuts a name at a NUL


class Tags(Database):
    """Rows of ``tags`` and ``article_tags``; written in the open transaction, like articles."""

    def __init__(self, engine: Engine, jsonl_path: Path | None = None, readonly: bool = False) -> None:
        self._tag_ids: dict[str, int] = {}
        super().__init__(engine, jsonl_path, readonly)

    def roll_back(self) -> None:
        """Forget what is not committed."""
        self._tag_ids.clear()
        super().roll_back()

    def _set_tags(self, number: int, names: list[str]) -> None:
        """Let these be the tags of an article."""
        if self.engine.is_shared:
            self._tag_ids.clear()  # a server that broke down may have lost the last ones
        self.db.execute("DELETE FROM article_tags WHERE article_id = ?", (number,))
        if unknown := [name for name in dict.fromkeys(names) if name not in self._tag_ids]:
            self.db.executemany(_ADD, [(name,) for name in unknown])
            for few in (unknown[at : at + MOST_VALUES] for at in range(0, len(unknown), MOST_VALUES)):
                self._tag_ids.update(map(tuple, self.db.execute(_NUMBERS.format(", ".join("?" * len(few))), few)))
        rows = [(number, position, self._tag_ids[name]) for position, name in enumerate(names)]
        self.db.executemany("INSERT INTO article_tags (article_id, position, tag_id) VALUES (?, ?, ?)", rows)
