"""The biggest rewrites: of the last edits of a text those that changed most words, each with its differences."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from markupsafe import Markup, escape

from newscrawl.picturing.parts import Fold, Section
from newscrawl.picturing.text import characters, link
from newscrawl.reporting.plain import counted
from newscrawl.revisions.history import history
from newscrawl.revisions.rendering import Style, render

LOOKED_AT = 1_000
"""Edits, the last ones, that are compared."""
SHOWN = 8
FIELDS = ("headline", "subtitle", "body", "key_points", "summary", "faq")
"""Fields whose differences are shown; the others say the same, or are no text."""
LINES = 40
"""Lines of differences that are shown of one."""

# The control characters around words cannot come from an article: they are shown as escapes there.
_MARKS = {"\x01": "<del>", "\x02": "</del>", "\x03": "<ins>", "\x04": "</ins>", "\x05": "<i>", "\x06": "</i>"}
_STYLE = Style(("\x01", "\x02"), ("\x03", "\x04"), ("\x01", "\x02"), ("\x03", "\x04"), ("", ""), ("\x05", "\x06"))
_INDENT = "  "
"""Of the names of fields in the differences; what stands below has more."""
_MARK = re.compile("[\x01-\x06]")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """How many words of the body came or went, and the row of the version."""

    words: int
    row: Mapping[str, Any]


def rewrites(edits: Iterable[Mapping[str, Any]]) -> Section:
    """:param edits: versions with the one before, newest first, see storage.report_read.text_edits"""
    name, title = "rewrites", "Biggest rewrites"
    biggest: dict[str, Rewrite] = {}
    looked_at = 0
    for row in edits:
        looked_at += 1
        one = Rewrite(_words_changed(row), row)
        if one.words > 0 and (row["url"] not in biggest or biggest[row["url"]].words < one.words):
            biggest[row["url"]] = one
            if len(biggest) > 4 * SHOWN:  # texts are long: keep few
                biggest = {kept.row["url"]: kept for kept in _largest(biggest.values())}
    if not biggest:
        return Section(name, title, ["No article was seen to change its text yet."])
    shown = _largest(biggest.values())
    says = [
        f"Of the last {counted(looked_at, 'edit')} of a text those in which most words came or went, one an article. "
        "Words that went are struck through, words that came are underlined; scrapy diff shows all of it."
    ]
    return Section(name, title, says, [_fold(one) for one in shown])


def _largest(some: Iterable[Rewrite]) -> list[Rewrite]:
    return nlargest(SHOWN, some, key=lambda one: one.words)


def _words_changed(row: Mapping[str, Any]) -> int:
    """Words that came or went, wherever they stand; cheap, and the same for a text that was merely rearranged."""
    before, after = (Counter((json.loads(row[name])["body"] or "").split()) for name in ("before", "article"))
    return (before - after).total() + (after - before).total()


def _fold(one: Rewrite) -> Fold:
    row = one.row
    versions = [
        {"revision": row["revision"] - 1, "seen_at": "", "changed_fields": "[]", "article": row["before"]},
        {name: row[name] for name in ("revision", "seen_at", "changed_fields", "article")},
    ]
    step, _ = history(versions, FIELDS)
    lines = [*render(row["url"], row["headline"], [step], _STYLE)][4:]
    shown = [_line(line) for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(Markup("<i>and {} more lines</i>").format(len(lines) - LINES))
    shown.append(Markup("<i>The article: {}</i>").format(link(row["url"])))
    seen = row["seen_at"][:16].replace("T", " ")
    return Fold(f"{counted(one.words, 'word')}, {seen} UTC, version {row['revision']}: {row['headline']}", shown)


def _line(line: str) -> Markup:
    """A line of the differences, with its marks as elements; the name of a field stands out."""
    text = _MARK.sub(lambda mark: _MARKS[mark[0]], str(escape(characters(line.strip()))))
    is_name = not line.startswith(_INDENT + " ")
    return Markup(f"<b>{text}</b>") if is_name else Markup(text)
