"""The full text of an article as HTML of our own making: nothing of the page's markup, everything escaped."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LEVEL = 3
"""Of a heading whose own level is not known."""


def legal(text: str) -> str:
    r"""
    The text without the characters that XML cannot hold.

    >>> legal("a\x0b\x1bb\tc")
    'ab\tc'
    """
    return _NO_XML.sub("", text)


def full_text(article: Mapping[str, Any]) -> str | None:
    """
    Body, key points, summary and questions of an article; of those that it has.

    None where it has none of them, as when they were not asked for.
    """
    parts = [*_body(article), *_key_points(article), *_summary(article), *_questions(article)]
    return "\n".join(parts) or None


def _element(name: str, text: str) -> str:
    lines = html.escape(legal(text)).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return f"<{name}>{'<br>'.join(lines)}</{name}>"


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part]


def _body(article: Mapping[str, Any]) -> Iterator[str]:
    """The running text; which of its paragraphs are headings, the sections tell."""
    sections = list(article.get("body_sections") or ())
    paragraphs = _paragraphs(article.get("body") or "")
    if not paragraphs:
        paragraphs = _paragraphs(article.get("lead") or "")
        paragraphs += [text for one in sections for text in (one["heading"], *one["paragraphs"])]
    for place, text in enumerate(paragraphs):
        if sections and _starts(sections[0], paragraphs, place):
            level = sections.pop(0)["level"] or _LEVEL
            yield _element(f"h{min(max(level, 2), 6)}", text)
        else:
            yield _element("p", text)


def _starts(section: Mapping[str, Any], paragraphs: list[str], place: int) -> bool:
    """Whether a section starts with this paragraph; one that merely reads like its heading is not followed by it."""
    following = _paragraphs(section["paragraphs"][0]) if section["paragraphs"] else []
    return paragraphs[place] == section["heading"] and paragraphs[place + 1 : place + 1 + len(following)] == following


def _key_points(article: Mapping[str, Any]) -> Iterator[str]:
    if points := article.get("key_points"):
        yield "<h2>Key Points</h2>"
        yield f"<ul>{''.join(_element('li', point) for point in points)}</ul>"


def _summary(article: Mapping[str, Any]) -> Iterator[str]:
    if summary := article.get("summary"):
        yield "<h2>Summary</h2>"
        yield from (_element("p", text) for text in _paragraphs(summary))


def _questions(article: Mapping[str, Any]) -> Iterator[str]:
    if questions := article.get("faq"):
        yield "<h2>Frequently Asked Questions</h2>"
        for one in questions:
            yield _element("h3", one["question"])
            yield from (_element("p", text) for text in _paragraphs(one["answer"]))
