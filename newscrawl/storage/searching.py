"""The full-text index: which columns it holds, which letters it folds, and the triggers that keep it in step."""

SEARCHED = ("headline", "lead", "body", "summary", "tags")

FOLDED = {
    "ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
}  # fmt: skip
"""Letters that are no letter with a mark to Unicode, so that FTS5's ``remove_diacritics`` leaves them as they are."""

_LETTERS = str.maketrans(FOLDED)
_ANY = f"'*[{''.join(FOLDED)}]*'"
_NEAR = f"'*[{min(FOLDED)}-{max(FOLDED)}]*'"
"""A range that holds them all, and letters such as é: told in a fifth of the time."""


def fold_query(expression: str) -> str:
    """
    An FTS5 expression in the letters of the index: without this, Çıplak does not find ÇIPLAK, nor a phrase with Çıplak.

    >>> fold_query('"Çıplak Ada" OR Łódź')
    '"Çiplak Ada" OR Lódź'
    """
    return expression.translate(_LETTERS)


def folded(text: str) -> str:
    """SQL for a text in the letters of the index; ``text`` is a column or a parameter."""
    for letter, plain in FOLDED.items():
        text = f"replace({text}, '{letter}', '{plain}')"
    return text


def _indexed(text: str) -> str:
    """
    SQL for what is indexed of a text: the folded text, then the words that folding changed, as they were written.

    So both Ciplak and Çıplak find the word, whoever asks; and ``snippet`` and ``highlight``, which read the text in its
    table, still find the place. GLOB tells what folding changes, where cheaper questions have not told it before: most
    texts have no such letter, and of a text that has, most words are ASCII.
    """
    words = f"""json_each('[' || replace(json_quote({text}), ' ', '","') || ']')"""
    return f"""CASE WHEN {text} GLOB {_NEAR} AND {text} GLOB {_ANY} THEN {folded(text)} || ' ' || (
        SELECT group_concat(value, ' ') FROM {words}
        WHERE length(CAST(value AS BLOB)) > length(value) AND value GLOB {_ANY}
    ) ELSE {text} END"""


def _all_indexed(row: str) -> str:
    return ",\n        ".join(_indexed(f"{row}.{name}" if row else name) for name in SEARCHED)


_NAMES = ", ".join(SEARCHED)
_FORGET = f"""INSERT INTO articles_fts (articles_fts, rowid, {_NAMES})
    VALUES ('delete', old.id, {_all_indexed("old")});"""
_INDEX = f"""INSERT INTO articles_fts (rowid, {_NAMES})
    VALUES (new.id, {_all_indexed("new")});"""

_MERGED_SELDOM = "INSERT INTO articles_fts (articles_fts, rank) VALUES ('automerge', 16);\n"
"""Each commit adds a part to the index; by default 4 become one, and each of 200,000 articles is written six times."""

SEARCH_TABLE = f"""
-- Texts stay in articles: the index reads them there. Its own 'rebuild' command would index them unfolded.
CREATE VIRTUAL TABLE articles_fts USING fts5 (
    {_NAMES},
    content = 'articles', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
{_MERGED_SELDOM}"""

SEARCH_TRIGGERS = f"""
-- The search index follows its table by itself, whichever program writes a row.
CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN
    {_INDEX}
END;
CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN
    {_FORGET}
END;
CREATE TRIGGER articles_fts_update AFTER UPDATE OF {_NAMES} ON articles
WHEN ({", ".join(f"old.{name}" for name in SEARCHED)})
    IS NOT ({", ".join(f"new.{name}" for name in SEARCHED)}) BEGIN
    {_FORGET}
    {_INDEX}
END;
"""

TRIGGERS_ANEW = f"""
DROP TRIGGER articles_fts_insert;
DROP TRIGGER articles_fts_delete;
DROP TRIGGER articles_fts_update;
{SEARCH_TRIGGERS}
"""
SEARCH_ANEW = f"""
{TRIGGERS_ANEW}
INSERT INTO articles_fts (articles_fts) VALUES ('delete-all');
INSERT INTO articles_fts (rowid, {_NAMES})
SELECT id, {_all_indexed("")} FROM articles;
"""
"""Bring triggers and index of an older schema to what stands above; for a step of a migration."""
SEARCH_QUICKER = f"{TRIGGERS_ANEW}\n{_MERGED_SELDOM}"
"""The same without the index, which is as it would be."""
