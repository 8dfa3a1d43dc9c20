"""
The blocks of the site's template: outline, key points, summary, questions.

Each recogniser looks at the tokens from a position on and answers with what it read and where it ended, or with None:
then the tokens are ordinary text. A label alone is never a block: rows, paragraphs or questions have to follow.
"""

import re
from collections.abc import Iterator, Sequence

from newscrawl.extraction.content import Break, Heading, ListOf, Paragraph, Table, Token
from newscrawl.extraction.text import clean, fold
from newscrawl.items import Faq

OUTLINE = frozenset({"article subheadings", "article subheading"})
KEY_POINTS = frozenset({"no. key points", "no key points", "# key points", "key points", "no. | key points"})
SUMMARY = frozenset({"summary", "article summary"})
FAQ = frozenset({"frequently asked questions", "frequently asked questions (faq)", "faq", "faqs"})

_LABELS = OUTLINE | KEY_POINTS | SUMMARY | FAQ
_LONGEST_LABEL = 45

_NUMBER = re.compile(r"\(?(\d{1,2})\s*[).:\-\u2013]\s*(?=\D)")
_BARE_NUMBER = re.compile(r"(\d{1,2})\s+(?=\S)")
_QUESTION = re.compile(r"(?:question|q)\s*\d{0,2}\s*[:.)]\s*", re.IGNORECASE)
_ANSWER = re.compile(r"(?:answer|a)\s*\d{0,2}\s*:\s*", re.IGNORECASE)

Rows = tuple[list[str], int]


def has_label(token: Token) -> bool:
    """Whether a token begins with the label of a block: where not, there is none to read."""
    if isinstance(token, Paragraph):
        label = token.text.partition("\n")[0]
        return len(label) <= _LONGEST_LABEL and fold(label) in _LABELS
    if isinstance(token, Heading):
        return fold(token.text) in _LABELS
    lines = [] if isinstance(token, Break) else _lines_of(token)
    return bool(lines) and fold(lines[0]) in _LABELS


def read_outline(tokens: Sequence[Token], at: int) -> Rows | None:
    """The "Article Subheadings" entries that begin at a position."""
    return _read_rows(tokens, at, OUTLINE)


def read_key_points(tokens: Sequence[Token], at: int) -> Rows | None:
    """The "Key Points" rows that begin at a position."""
    return _read_rows(tokens, at, KEY_POINTS)


def read_summary(tokens: Sequence[Token], at: int) -> Rows | None:
    """The paragraphs under a "Summary" label: up to the next heading, table, block or page."""
    token = tokens[at]
    paragraphs: list[str] = []
    if isinstance(token, Table):
        lines = _lines_of(token)
        return (lines[1:], at + 1) if len(lines) > 1 and fold(lines[0]) in SUMMARY else None
    if not _is_label(token, SUMMARY):
        return None
    if isinstance(token, Paragraph) and "\n" in token.text:
        paragraphs.append(token.text.split("\n", 1)[1])
    end = at + 1
    while end < len(tokens) and not _ends_summary(tokens, end):
        paragraphs += lines_of(tokens[end])
        end += 1
    return (paragraphs, end) if paragraphs else None


def read_faq(tokens: Sequence[Token], at: int) -> tuple[list[Faq], int, list[str]] | None:
    """
    The questions under a "Frequently Asked Questions" label, and paragraphs before the first one.

    A question is marked by the word "Question:", or is a heading or wholly bold line that ends with "?".
    """
    level = _faq_level(tokens[at])
    if level is None:
        return None
    reader = _FaqReader(level)
    first = tokens[at]
    if isinstance(first, Paragraph) and "\n" in first.text:
        reader.read(Paragraph(first.text.split("\n", 1)[1]))
    elif isinstance(first, Table):
        for paragraph in list(_inner(first))[1:]:
            reader.read(paragraph)
    end = at + 1
    while end < len(tokens) and not _ends_faq(tokens, end, reader):
        for inner in _inner(tokens[end]):
            reader.read(inner)
        end += 1
    return (reader.questions, end, reader.before) if reader.questions else None


class _FaqReader:
    """Gathers questions and answers from paragraphs and headings."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.questions: list[Faq] = []
        self.before: list[str] = []

    def is_question(self, token: Token) -> bool:
        """Whether a token is, or begins with, a question."""
        if isinstance(token, Heading):
            return bool(_QUESTION.match(token.text)) or (token.text.endswith("?") and token.level > self.level)
        if isinstance(token, Paragraph):
            first = token.strong.split("\n", 1)[0]
            return (
                bool(_QUESTION.match(token.text))
                or (first.endswith("?") and token.text.startswith(f"{first}\n"))
                or (token.bold and first.endswith("?"))
            )
        return False

    def read(self, token: Heading | Paragraph) -> None:
        if self.is_question(token):
            question, answer = _split_question(token)
            self.questions.append({"question": question, "answer": _ANSWER.sub("", answer, count=1)})
        elif self.questions:
            last = self.questions[-1]
            text = token.text if last["answer"] else _without(_ANSWER, token.text)
            last["answer"] = f"{last['answer']}\n\n{text}" if last["answer"] else text
        else:
            self.before.append(token.text)


def _without(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return text[match.end() :] if match else text


def _split_question(token: Heading | Paragraph) -> tuple[str, str]:
    """Question and what follows it in the same paragraph: after a break, the bold run, or the question mark."""
    text = token.text
    head, newline, rest = text.partition("\n")
    if isinstance(token, Paragraph) and not token.bold and token.strong and len(token.strong) < len(text):
        strong = token.strong
        if "\n" not in strong and len(clean(_without(_QUESTION, strong))) > 1:
            return clean(_without(_QUESTION, strong)), text[len(strong) :].strip()
    if not newline and isinstance(token, Paragraph) and not token.bold and "? " in head:
        head, _, rest = head.partition("? ")
        head += "?"
    return clean(_without(_QUESTION, head)), _without(_ANSWER, rest)


def _faq_level(token: Token) -> int | None:
    """Heading level of a FAQ label; a bold line or table counts as the highest, so any heading below may ask."""
    if isinstance(token, Heading):
        return token.level if fold(token.text) in FAQ else None
    if isinstance(token, Table):
        lines = _lines_of(token)
        return 0 if lines and fold(lines[0]) in FAQ else None
    return 0 if _is_label(token, FAQ) else None


def _ends_faq(tokens: Sequence[Token], at: int, reader: _FaqReader) -> bool:
    token = tokens[at]
    if isinstance(token, Break):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        return token.page or following is None or not reader.is_question(following)
    if isinstance(token, Heading):
        return not reader.is_question(token)
    return _starts_block(tokens, at)


def _ends_summary(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    return isinstance(token, (Heading, Table, Break)) or _starts_block(tokens, at) or _faq_level(token) is not None


def _starts_block(tokens: Sequence[Token], at: int) -> bool:
    token = tokens[at]
    return has_label(token) and bool(
        read_outline(tokens, at) or read_key_points(tokens, at) or _is_label(token, SUMMARY)
    )


def _read_rows(tokens: Sequence[Token], at: int, labels: frozenset[str]) -> Rows | None:
    """A label and its rows: in one table, list or paragraph, or in the tokens behind the label."""
    token = tokens[at]
    if isinstance(token, (Table, ListOf)):
        lines = _lines_of(token)
        if len(lines) > 1 and fold(lines[0]) in labels:
            return _unnumbered(lines[1:]), at + 1
        return None
    if not _is_label(token, labels):
        return None
    if isinstance(token, Paragraph) and "\n" in token.text:
        return _unnumbered(token.text.split("\n")[1:]), at + 1
    following = tokens[at + 1] if at + 1 < len(tokens) else None
    if isinstance(following, (Table, ListOf)):
        rows = _unnumbered(_lines_of(following))
        return (rows, at + 2) if rows else None
    return _read_numbered(tokens, at + 1)


def _read_numbered(tokens: Sequence[Token], at: int) -> Rows | None:
    """Paragraphs, or lines of one, that count 1, 2, 3 from here on."""
    lines: list[str] = []
    end = at
    while end < len(tokens):
        token = tokens[end]
        if not isinstance(token, Paragraph):
            break
        pieces = token.text.split("\n")
        if not all(_number_of(piece) == len(lines) + offset for offset, piece in enumerate(pieces, 1)):
            break
        lines += pieces
        end += 1
    return (_unnumbered(lines), end) if lines else None


def _number_of(line: str) -> int | None:
    match = _NUMBER.match(line) or _BARE_NUMBER.match(line)
    return int(match[1]) if match else None


def _unnumbered(lines: list[str]) -> list[str]:
    """Rows without their numbers: a number is one only where every row carries its own place."""
    for pattern in (_NUMBER, _BARE_NUMBER):
        matches = [pattern.match(line) for line in lines]
        if all(match and int(match[1]) == place for place, match in enumerate(matches, 1)):
            return [line[match.end() :] for line, match in zip(lines, matches, strict=True) if match]
    numbered = [_NUMBER.match(line) for line in lines]
    return [
        line[match.end() :] if match and int(match[1]) == place else line
        for place, (line, match) in enumerate(zip(lines, numbered, strict=True), 1)
    ]


def _is_label(token: Token, labels: frozenset[str]) -> bool:
    """A heading, or the first line of a paragraph, that says the label and nothing else."""
    if isinstance(token, Heading):
        return len(token.text) <= _LONGEST_LABEL and fold(token.text) in labels
    if isinstance(token, Paragraph):
        first, newline, _ = token.text.partition("\n")
        if len(first) > _LONGEST_LABEL:
            return False
        # With text behind it on further lines, a label is one only where it stands out or heads numbered rows.
        return fold(first) in labels and (not newline or token.strong.startswith(first) or labels not in (SUMMARY, FAQ))
    return False


def _lines_of(token: Table | ListOf) -> list[str]:
    """A row or item a line; the cells of a row joined by a space, as a label over two cells reads."""
    if token.lines is None:  # each recogniser asks
        token.lines = _read_lines(token)
    return token.lines


def _read_lines(token: Table | ListOf) -> list[str]:
    if isinstance(token, ListOf):
        return [" ".join(line for inner in item for line in lines_of(inner)) for item in token.items]
    lines = []
    for row in token.rows:
        cells = [[line for inner in cell for text in lines_of(inner) for line in text.split("\n")] for cell in row]
        filled = [cell for cell in cells if cell]
        lines += filled[0] if len(filled) == 1 else [" ".join(" ".join(cell) for cell in filled)]
    return lines


def lines_of(token: Token) -> list[str]:
    """The paragraphs that a token gives to running text."""
    if isinstance(token, (Paragraph, Heading)):
        return [token.text]
    if isinstance(token, ListOf):
        return [line for item in token.items for inner in item for line in lines_of(inner)]
    if isinstance(token, Table):
        return [line for row in token.rows if (line := _row_text(row))]
    return []


def _row_text(row: list[list[Token]]) -> str:
    cells = [" ".join(text.replace("\n", " ") for inner in cell for text in lines_of(inner)) for cell in row]
    return clean(" | ".join(cells)) if any(cells) else ""


def _inner(token: Token) -> Iterator[Heading | Paragraph]:
    """The headings and paragraphs inside a token, in order."""
    if isinstance(token, (Heading, Paragraph)):
        yield token
    elif isinstance(token, ListOf):
        for item in token.items:
            for inner in item:
                yield from _inner(inner)
    elif isinstance(token, Table):
        for row in token.rows:
            asks = any(_QUESTION.match(text) for cell in row for inner in cell for text in lines_of(inner))
            if asks:
                for cell in row:
                    for inner in cell:
                        yield from _inner(inner)
            elif text := _row_text(row):
                yield Paragraph(text)
