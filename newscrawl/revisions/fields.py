"""Two values of a field: what makes one of the other, as JSON-native operations."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from newscrawl.revisions.alignment import blocks, kept, pairs
from newscrawl.revisions.words import compare, tokens, words_of

Operation = dict[str, Any]

TEXTS = frozenset({
    "headline", "subtitle", "lead", "summary", "description", "body", "question", "answer", "alt", "caption", "text",
    "bio", "heading", "paragraphs", "outline", "key_points",
})  # fmt: skip
"""Fields, and keys of entries, that are compared word by word; any other value is the same or another."""
NAMES = ("url", "name", "question", "heading", "headline", "text")
"""Keys by which an entry is known again, whatever else of it was edited."""
_SAME_NAME = 1_000


def changes(name: str, before: Any, after: Any) -> list[Operation]:
    """
    The operations that lead from one value of a field to the other; none where both are equal. By kind of value:

    - text: ``equal``, ``delete`` and ``insert``, each with ``text``. All but the inserted texts, joined, are the text
      before, all but the deleted ones the text after; a blank line parts paragraphs.
    - list: ``delete`` and ``insert`` with ``entry`` and its place ``at`` in the list before or after, from 0;
      ``move`` with ``entry``, ``from`` and ``to``; ``change`` with the same, ``entry`` as it is after, and ``changes``:
      the operations of an entry that was edited, of its text or by key.
    - object: one ``change`` with ``changes`` by key.
    - any other, and a list or object that came or went: one ``replace`` with ``before`` and ``after``.

    >>> changes("published_at", None, "2025-05-03")
    [{'op': 'replace', 'before': None, 'after': '2025-05-03'}]
    """
    if before == after:
        return []
    if name in TEXTS and _are(str, before, after):
        return [{"op": run.op, "text": run.text} for run in compare(before, after)]
    if _are(list, before, after):
        return _list_changes(name, before or [], after or [])
    if isinstance(before, dict) and isinstance(after, dict):
        return [{"op": "change", "changes": _by_key(before, after)}]
    return [{"op": "replace", "before": before, "after": after}]


def _are(kind: type, before: Any, after: Any) -> bool:
    return all(value is None or isinstance(value, kind) for value in (before, after))


def _by_key(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Operation]]:
    both = {key: changes(key, before.get(key), after.get(key)) for key in {**before, **after}}
    return {key: operations for key, operations in both.items() if operations}


def _list_changes(name: str, before: Sequence[Any], after: Sequence[Any]) -> list[Operation]:
    operations: list[Operation] = []
    for block in blocks(_keys(before), _keys(after)):
        if not block.equal:
            operations += _changed(name, before, after, range(block.a1, block.a2), range(block.b1, block.b2))
    return list(_moved(operations))


def _changed(name: str, before: Sequence[Any], after: Sequence[Any], a: range, b: range) -> Iterator[Operation]:
    """Entries that stand in each other's place: edited ones are compared, the others went or came."""
    i, j = a.start, b.start
    entries_a, entries_b = [_known(name, before[at]) for at in a], [_known(name, after[at]) for at in b]
    edited = pairs(entries_a, entries_b, _kinship)
    for p, q in [*edited, (len(a), len(b))]:
        yield from ({"op": "delete", "at": at, "entry": before[at]} for at in range(i, a.start + p))
        yield from ({"op": "insert", "at": at, "entry": after[at]} for at in range(j, b.start + q))
        i, j = a.start + p, b.start + q
        if i < a.stop and j < b.stop:
            inner = _by_key(before[i], after[j]) if isinstance(before[i], dict) else changes(name, before[i], after[j])
            yield {"op": "change", "from": i, "to": j, "entry": after[j], "changes": inner}
            i, j = i + 1, j + 1


class _Known(NamedTuple):
    """What an entry is recognised by when it was edited."""

    names: Mapping[str, str]
    words: Counter[str]


def _known(name: str, entry: Any) -> _Known:
    if isinstance(entry, dict):
        texts = [text for key, value in entry.items() if key in TEXTS for text in _texts(value)]
        return _Known({key: entry[key] for key in NAMES if entry.get(key)}, words_of(tokens(" ".join(texts))))
    return _Known({}, words_of(tokens(entry)) if name in TEXTS and isinstance(entry, str) else Counter())


def _texts(value: Any) -> list[str]:
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _kinship(a: _Known, b: _Known) -> int:
    same = sum(b.names.get(key) == name for key, name in a.names.items())
    return same * _SAME_NAME + kept(a.words, b.words)


def _moved(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The operations, where an entry that went from one place and came at another moved."""
    went: dict[str, list[int]] = {}
    for operation in operations:
        if operation["op"] == "delete":
            went.setdefault(_key(operation["entry"]), []).append(operation["at"])
    moves = {}
    for operation in operations:
        if operation["op"] == "insert" and (places := went.get(_key(operation["entry"]))):
            moves[operation["at"]] = places.pop(0)
    for operation in operations:
        if operation["op"] == "insert" and operation["at"] in moves:
            at = operation["at"]
            yield {"op": "move", "from": moves[at], "to": at, "entry": operation["entry"]}
        elif operation["op"] != "delete" or operation["at"] not in moves.values():
            yield operation


def _keys(entries: Sequence[Any]) -> list[str]:
    return [_key(entry) for entry in entries]


def _key(entry: Any) -> str:
    """An entry as it is compared."""
    return entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False, sort_keys=True)
