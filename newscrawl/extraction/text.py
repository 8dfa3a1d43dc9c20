"""Raw text becomes clean text: the rules of the contract's "Text" paragraph, in one place."""

import html
import re
import unicodedata

BREAK = "\x00"
"""Stands for a ``<br>`` until the text is clean; pages are parsed without NULs, so it cannot come from them."""

_EMOJI = "\u203c-\u3299\U0001f000-\U0001faff"
# A joiner stays where it joins two emoji (a modifier or variation selector may stand before it).
_LONE_JOINER = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")
# Control characters, soft hyphen, zero-width and direction marks, noncharacters, lone surrogates.
_INVISIBLE = re.compile(
    "[\x01-\x08\x0e-\x1b\x7f\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)

_GRAPHEME_JOINER = "\u034f"
"""Of the invisible the only one that Python counts as printable."""

# Putting combining marks in order takes the square of their number: no more than 30 stand on one letter (UAX 15).
_SHORT = 1_000
_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)


def _bounded(run: re.Match[str]) -> str:
    kept, marks = [], 0
    for char in run[0]:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= 30:
            kept.append(char)
    return "".join(kept)


def _visible(line: str) -> str:
    return " ".join(_LONE_JOINER.sub("", _INVISIBLE.sub("", line)).split())


def clean(text: str) -> str:
    r"""
    One line of text: NFC, invisible characters removed, every run of space one space, ends trimmed.

    >>> clean("  A\u200bn\u00ad  old\u00a0town \n ")
    'An old town'
    """
    line = text
    # Of all white space only the space is printable: text that is, with single spaces inside, is one clean line.
    if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
        line = " ".join(text.split())
        if not line.isprintable():
            line = _visible(line)
    if line.isascii():
        return line
    if _GRAPHEME_JOINER in line:
        line = _visible(line)
    return unicodedata.normalize("NFC", line if len(text) <= _SHORT else _MARKS.sub(_bounded, line))


def clean_lines(text: str) -> list[str]:
    r"""
    The paragraphs of text in which ``BREAK`` stands for ``<br>``: one break is a newline, two or more part paragraphs.

    >>> clean_lines(f"One{BREAK} two {BREAK}{BREAK}three")
    ['One\ntwo', 'three']
    """
    if BREAK not in text:
        line = clean(text)
        return [line] if line else []
    paragraphs: list[list[str]] = [[]]
    for piece in text.split(BREAK):
        line = clean(piece)
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return ["\n".join(lines) for lines in paragraphs if lines]


def unescape(text: str) -> str:
    """
    Clean text of a value that is often still HTML, as in JSON-LD: without its scripts and tags, entities decoded.

    >>> unescape("Q&amp;A: <em>3 &lt; 4</em>")
    'Q&A: 3 < 4'
    """
    return clean(html.unescape(without_tags(text)))


def without_tags(text: str) -> str:
    """The text of a value that should hold none of HTML's tags, and no script."""
    return _TAG.sub("", _SCRIPT.sub("", text)) if "<" in text else text


def fold(text: str) -> str:
    """The form in which labels and headings are compared: case and typographic variants do not matter."""
    text = text.casefold()
    return (text if text.isascii() else text.translate(_TYPOGRAPHY)).strip(" :.")


_TYPOGRAPHY = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
