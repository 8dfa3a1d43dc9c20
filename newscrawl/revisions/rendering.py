"""The history of an article as lines for a terminal, in colour or plain."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from newscrawl.revisions.fields import NAMES, Operation
from newscrawl.revisions.history import Step
from newscrawl.revisions.words import PARAGRAPH

CONTEXT = 8
"""Words that are shown before and after a change."""
SAID_BY_BODY = ("lead", "body_sections")
"""Fields that say again what ``body`` says; not shown beside it."""
_PILCROW = "\u00b6"
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Style:
    """How parts of a line are marked: by what stands before and after words, whole entries, titles and asides."""

    delete: tuple[str, str]
    insert: tuple[str, str]
    old: tuple[str, str]
    new: tuple[str, str]
    title: tuple[str, str]
    aside: tuple[str, str]

    def mark(self, field: str, text: str) -> str:
        """The text marked as one of the fields says; space around it stays outside of the marks."""
        before, after = getattr(self, field)
        core = text.strip()
        if not core:
            return text
        at = text.index(core)
        return f"{text[:at]}{before}{core}{after}{text[at + len(core) :]}"


_NONE = ("", "")
_RED, _GREEN, _BOLD, _FAINT = (
    ("\x1b[31;9m", "\x1b[0m"),
    ("\x1b[32;4m", "\x1b[0m"),
    ("\x1b[1m", "\x1b[0m"),
    ("\x1b[2m", "\x1b[0m"),
)
PLAIN = Style(("[-", "-]"), ("{+", "+}"), _NONE, _NONE, _NONE, _NONE)
COLOURED = Style(_RED, _GREEN, _RED, _GREEN, _BOLD, _FAINT)
"""Struck through and underlined too: red and green alone tell nothing to many readers."""


def visible(text: str) -> str:
    r"""
    The text with control characters, which could command the terminal or turn a line around, as their escapes.

    >>> visible("a\x1b[2J")
    'a\\u001b[2J'
    """
    return _HARMFUL.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("\n", " \u21b5 "))


def render(url: str, headline: str, steps: Sequence[Step], style: Style) -> Iterator[str]:
    """The lines of a history, newest step first."""
    yield style.mark("title", visible(headline))
    yield visible(url)
    for step in steps:
        yield ""
        shown = {
            name: ops for name, ops in step.changes.items() if "body" not in step.changes or name not in SAID_BY_BODY
        }
        seen = f"seen {visible(step.seen_at[:16]).replace('T', ' ')} UTC"
        if step.cause == "extraction":
            seen = f"no edit, other rules of extraction, {seen.removeprefix('seen ')}"
        what = ", ".join(shown) or ("the first version" if step.revision == 1 else "nothing that is shown here")
        yield style.mark("title", f"Revision {step.revision}, {seen}: {what}")
        yield from render_changes(shown, style, "  ")


def render_changes(changes: Mapping[str, Sequence[Operation]], style: Style, indent: str = "") -> Iterator[str]:
    """The lines of operations by field."""
    for name, operations in changes.items():
        yield from _field(name, operations, style, indent)


def _field(name: str, operations: Sequence[Operation], style: Style, indent: str) -> Iterator[str]:
    yield f"{indent}{visible(name)}"
    if operations and "text" in operations[0]:
        yield from (f"{indent}  {line}" for line in _text(operations, style))
        return
    for operation in operations:
        yield from _operation(operation, style, f"{indent}  ")


def _operation(operation: Operation, style: Style, indent: str) -> Iterator[str]:
    op = operation["op"]
    if op == "replace":
        before, after = (_entry(operation[key]) for key in ("before", "after"))
        yield f"{indent}{style.mark('old', before)} -> {style.mark('new', after)}"
    elif op in {"delete", "insert"}:
        sign, mark = ("-", "old") if op == "delete" else ("+", "new")
        yield f"{indent}{sign} {style.mark(mark, _entry(operation['entry']))}"
    elif op == "move":
        places = style.mark("aside", f"(from place {operation['from'] + 1} to {operation['to'] + 1})")
        yield f"{indent}  {_entry(operation['entry'])} {places}"
    elif isinstance(operation["changes"], Mapping):
        inside = indent
        if "entry" in operation:
            yield f"{indent}{_label(operation)}"
            inside += "  "
        for name, inner in operation["changes"].items():
            yield from _field(name, inner, style, inside)
    else:
        yield from (f"{indent}{line}" for line in _text(operation["changes"], style))


def _label(operation: Operation) -> str:
    """What an edited entry is called: by what stayed of it, else by its place."""
    entry = operation["entry"]
    stayed = next((entry[name] for name in NAMES if entry.get(name) and name not in operation["changes"]), None)
    return _entry(stayed) if stayed else f"entry {operation['to'] + 1}"


def _entry(value: Any) -> str:
    """A value on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return " | ".join(_entry(inner) for inner in value.values() if inner not in (None, "", []))
    if isinstance(value, list):
        return " / ".join(map(_entry, value))
    return visible(str(value))


@dataclass(frozen=True, slots=True)
class _Piece:
    op: str
    text: str


def _text(operations: Sequence[Operation], style: Style) -> Iterator[str]:
    """The changed paragraphs of a text, a line each, and how many unchanged ones were left out between them."""
    for changed, group in groupby(_paragraphs(operations), lambda pieces: any(one.op != "equal" for one in pieces)):
        some = list(group)
        if changed:
            yield from (_line(pieces, style) for pieces in some)
        else:
            yield style.mark("aside", f"... {len(some)} paragraph{'s' * (len(some) > 1)} unchanged ...")


def _paragraphs(operations: Sequence[Operation]) -> list[list[_Piece]]:
    """The operations parted at blank lines; a mark shows one that parts or joined what stayed on both sides of it."""
    paragraphs: list[list[_Piece]] = [[]]
    breaks = []
    for operation in operations:
        first, *others = operation["text"].split(PARAGRAPH)
        for at, text in enumerate([first, *others]):
            if at:
                paragraphs.append([])
                breaks.append(operation["op"])
            if text:
                paragraphs[-1].append(_Piece(operation["op"], text))
    for at, op in enumerate(breaks):
        both = paragraphs[at : at + 2]
        if op != "equal" and all(any(piece.op != op for piece in pieces) for pieces in both):
            paragraphs[at].append(_Piece(op, _PILCROW))
            paragraphs[at + 1].insert(0, _Piece(op, ""))  # shows that paragraph too
    return [pieces for pieces in paragraphs if pieces]


def _line(pieces: Sequence[_Piece], style: Style) -> str:
    line = ""
    for at, piece in enumerate(pieces):
        text = visible(piece.text)
        if piece.op == "equal":
            line += _shortened(text, starts=at == 0, ends=at == len(pieces) - 1)
        elif piece.op == "insert" or text.strip():
            line += style.mark(piece.op, text)
    return line.strip()


def _shortened(text: str, starts: bool, ends: bool) -> str:
    """
    Unchanged text with some words beside the changes; ``starts`` and ``ends`` say that there is none on that side.

    >>> _shortened("a b c d e f g h i j k ", starts=True, ends=False)
    '... d e f g h i j k '
    """
    words = text.split(" ")
    before, after = (0 if starts else CONTEXT + 1), (0 if ends else CONTEXT + 1)
    if len(words) <= before + after + 1:
        return text
    return " ".join([*words[:before], "...", *words[len(words) - after :]])
