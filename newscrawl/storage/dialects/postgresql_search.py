"""
Full-text search in PostgreSQL, by the words that SQLite's index has and in the same language, FTS5's.

Words are runs of letters and digits, in lower case, without accents. A text's words stand in a ``tsvector`` with their
places, which PostgreSQL counts up to 16,383: a phrase that stands later in a text is not found, its words are.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from newscrawl.exceptions import UsageProblem
from newscrawl.storage.searching import SEARCHED, fold_query

_WORD = re.compile(r"[^\W_]+")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_TOKEN = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([A-Za-z0-9_\x1a\u0080-\U0010ffff]+)|(\S))')
_LAST_PLACE = 16_383
_MOST_PLACES = 255  # of one word, as PostgreSQL keeps them
_LONGEST = 500  # letters of a word; PostgreSQL takes 2,046 bytes
_TERM = "articles_fts.{} @@ CAST(? AS tsquery)"
NOTE = f"""INSERT INTO articles_fts (rowid, {", ".join(SEARCHED)})
VALUES (?, {", ".join("CAST(? AS tsvector)" for _ in SEARCHED)})
ON CONFLICT (rowid) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in SEARCHED)}"""

Condition = tuple[str, list[Any]]
"""SQL and its values."""


def words(text: str) -> list[str]:
    """
    The words of a text, as both indexes know them.

    >>> words("ÇIPLAK Ada's U.S. debut")
    ['ciplak', 'ada', 's', 'u', 's', 'debut']
    """
    plain = _BEYOND_ASCII.sub(lambda found: _plain(found[0]), text)
    return [word[:_LONGEST] for word in _WORD.findall(plain.lower())]


@cache
def _plain(letter: str) -> str:
    """A letter without its marks; nothing for a mark that stands alone."""
    return "".join(one for one in unicodedata.normalize("NFD", fold_query(letter)) if unicodedata.category(one) != "Mn")


def vector(text: str | None) -> str:
    """
    A text as a ``tsvector`` is written.

    >>> vector("The ferry, the port")
    "'the':1,3 'ferry':2 'port':4"
    """
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words(text or ""), 1):
        places.setdefault(word, []).append(min(place, _LAST_PLACE))
    return " ".join(f"'{word}':{','.join(map(str, at[:_MOST_PLACES]))}" for word, at in places.items())


def condition(expression: str) -> Condition:
    """
    The condition on rows of ``articles_fts`` that an expression of FTS5 means, and its values.

    Words, "a phrase", ferr*, AND, OR, NOT, parentheses and column filters are taken; of a text's start (^) and NEAR,
    this index knows nothing.

    :raises UsageProblem: the expression is not understood
    """
    parser = _Parser(_tokens(expression))
    found = parser.either()
    parser.end()
    return found if found else ("FALSE", [])


def _tokens(expression: str) -> list[tuple[str, str]]:
    """Kind (string, word or sign) and text of each."""
    found = []
    for quoted, bare, sign in _TOKEN.findall(expression.rstrip()):
        if sign == '"':
            raise UsageProblem("unterminated string")
        kind = "sign" if sign else "word" if bare else "string"
        found.append((kind, sign or bare or quoted.replace('""', '"')))
    return found


class _Parser:
    """What binds most stands last: OR, AND, NOT, words side by side. None is what finds nothing and hinders nothing."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._at = 0

    @property
    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _takes(self, *wanted: tuple[str, str]) -> bool:
        taken = self._next in wanted
        self._at += taken
        return taken

    def _wrong(self) -> UsageProblem:
        return UsageProblem(f'syntax error near "{self._next[1]}"')

    def end(self) -> None:
        """:raises UsageProblem: something is left"""
        if self._next[0] != "end":
            raise self._wrong()

    def either(self) -> Condition | None:
        """Parts with OR between."""
        return self._chain("OR", self._both)

    def _both(self) -> Condition | None:
        return self._chain("AND", self._without)

    def _without(self) -> Condition | None:
        return self._chain("NOT", self._side_by_side)

    def _chain(self, word: str, part: Callable[[], Condition | None]) -> Condition | None:
        found = part()
        while self._takes(("word", word)):
            found = _joined({"NOT": "AND NOT"}.get(word, word), found or ("FALSE", []), part() or ("FALSE", []))
        return found

    def _side_by_side(self) -> Condition | None:
        if self._takes(("sign", "(")):
            return self._rest_of_group(SEARCHED)
        found, is_first = None, True
        while is_first or self._begins_phrase():
            columns = self._columns()
            if self._takes(("sign", "(")):
                if not is_first:
                    raise self._wrong()
                return self._rest_of_group(columns)
            phrase, is_first = self._phrase(columns), False
            found = _joined("AND", found, phrase) if found and phrase else found or phrase
        return found

    def _rest_of_group(self, columns: Sequence[str]) -> Condition | None:
        if columns is not SEARCHED:
            raise UsageProblem("a column filter before parentheses is not known to this database; put it to each word")
        found = self.either()
        if not self._takes(("sign", ")")):
            raise self._wrong()
        return found

    def _begins_phrase(self) -> bool:
        kind, text = self._next
        return kind == "string" or (kind == "word" and text not in {"AND", "OR", "NOT"}) or self._next in _BEFORE_PHRASE

    def _columns(self) -> Sequence[str]:
        start = self._at
        is_without = self._takes(("sign", "-"))
        names = []
        if self._takes(("sign", "{")):
            while self._next[0] in {"word", "string"}:
                names.append(self._name())
            if not self._takes(("sign", "}")):
                raise self._wrong()
        elif self._next[0] in {"word", "string"} and (self._tokens[self._at + 1] == ("sign", ":") or is_without):
            names.append(self._name())
        if not names and not is_without:
            return SEARCHED
        if not self._takes(("sign", ":")):
            self._at = start
            raise self._wrong()
        if unknown := [name for name in names if name not in SEARCHED]:
            raise UsageProblem(f"no such column: {unknown[0]}")
        return [name for name in SEARCHED if (name in names) != is_without]

    def _name(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1].lower()

    def _phrase(self, columns: Sequence[str]) -> Condition | None:
        kind, text = self._next
        if kind == "word" and text == "NEAR" and self._tokens[self._at + 1] == ("sign", "("):
            raise UsageProblem("NEAR is not known to this database")
        if self._next == ("sign", "^"):
            raise UsageProblem("^ is not known to this database")
        if kind not in {"word", "string"} or (kind == "word" and text in {"AND", "OR", "NOT"}):
            raise self._wrong()
        found = words(self._name_as_written())
        while self._takes(("sign", "+")):
            if self._next[0] not in {"word", "string"}:
                raise self._wrong()
            found += words(self._name_as_written())
        is_prefix = self._takes(("sign", "*"))
        if not found:
            return None
        query = " <-> ".join(f"'{word}'" for word in found) + (":*" if is_prefix else "")
        return f"({' OR '.join(map(_TERM.format, columns)) or 'FALSE'})", [query] * len(columns)

    def _name_as_written(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]


_BEFORE_PHRASE = {("sign", "^"), ("sign", "-"), ("sign", "{")}


def _joined(word: str, one: Condition, other: Condition) -> Condition:
    return f"({one[0]} {word} {other[0]})", [*one[1], *other[1]]
