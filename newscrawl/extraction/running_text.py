"""Tokens of a post become its text fields: lead, outline, body sections, key points, summary, FAQ and body."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from newscrawl.extraction.blocks import has_label, lines_of, read_faq, read_key_points, read_outline, read_summary
from newscrawl.extraction.content import Break, Heading, Paragraph, Token
from newscrawl.extraction.text import fold
from newscrawl.items import BodySection, Faq

_LONGEST_BOLD_HEADING = 120
_ENDS_SENTENCE = (".", "!", ",", ";", ":", "\u201d", '"', "\u2026")


@dataclass(slots=True)
class RunningText:
    """What the content says, by contract field."""

    lead: str | None = None
    outline: list[str] = field(default_factory=list)
    body_sections: list[BodySection] = field(default_factory=list)
    key_points: list[str] = field(default_factory=list)
    summary: str | None = None
    faq: list[Faq] = field(default_factory=list)
    body: str = ""


def read_text(tokens: Sequence[Token]) -> RunningText:
    """Read the tokens once, front to back. What fits no block stays in the body."""
    return _Reader(tokens).read()


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.text = RunningText()
        self.body: list[str] = []
        self.section: BodySection | None = None
        self.leading = True
        self.outline: set[str] = set()
        self.headings = {fold(token.text) for token in tokens if isinstance(token, Heading)}
        self._has_real_headings = False

    def read(self) -> RunningText:
        at = 0
        while at < len(self.tokens):
            at = self._block(at) or self._ordinary(at)
        if self.leading:  # neither block nor heading: an essay has no lead
            self.text.lead = None
        self.text.body = "\n\n".join(self.body)
        return self.text

    def _block(self, at: int) -> int | None:
        """Read the block that begins here and answer where it ended; None where none begins."""
        text, tokens = self.text, self.tokens
        if not has_label(tokens[at]):
            return None
        if rows := read_outline(tokens, at):
            text.outline += rows[0]
            self.outline |= set(map(fold, rows[0]))
            self._has_real_headings = not self.outline.isdisjoint(self.headings)
            return self._after_block(rows[1])
        if rows := read_key_points(tokens, at):
            text.key_points += rows[0]
            return self._after_block(rows[1])
        if rows := read_summary(tokens, at):
            text.summary = "\n\n".join([text.summary, *rows[0]] if text.summary else rows[0])
            return self._after_block(rows[1])
        if faq := read_faq(tokens, at):
            text.faq += faq[0]
            end = self._after_block(faq[1])
            self.body += faq[2]
            return end
        return None

    def _after_block(self, end: int) -> int:
        self._end_lead()
        self.section = None
        return end

    def _ordinary(self, at: int) -> int:
        token = self.tokens[at]
        if isinstance(token, Heading):
            self._start_section(token.text, token.level)
        elif isinstance(token, Paragraph) and self._is_bold_heading(at):
            self._start_section(token.text, None)
        elif not isinstance(token, Break):
            lines = lines_of(token)
            self.body += lines
            if self.section:
                self.section["paragraphs"] += lines
        return at + 1

    def _start_section(self, heading: str, level: int | None) -> None:
        self._end_lead()
        self.section = {"heading": heading, "level": level, "paragraphs": []}
        self.text.body_sections.append(self.section)
        self.body.append(heading)

    def _end_lead(self) -> None:
        if self.leading:
            self.leading = False
            self.text.lead = "\n\n".join(self.body) or None

    def _is_bold_heading(self, at: int) -> bool:
        """A wholly bold line that the outline names, or, where no outline speaks for real headings, one short line."""
        token = self.tokens[at]
        if not isinstance(token, Paragraph) or not token.bold or "\n" in token.text:
            return False
        if fold(token.text) in self.outline:
            return True
        if self._has_real_headings or not self._text_follows(at):
            return False
        return len(token.text) <= _LONGEST_BOLD_HEADING and not token.text.endswith(_ENDS_SENTENCE)

    def _text_follows(self, at: int) -> bool:
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        return not (following is None or isinstance(following, (Heading, Break)))
