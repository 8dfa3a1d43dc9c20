"""Two texts, word by word: what stayed, what went, what came."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal, NamedTuple, get_args

from newscrawl.revisions.alignment import blocks, kept, pairs, share

Op = Literal["equal", "delete", "insert"]
OPS: tuple[Op, ...] = get_args(Op)
PARAGRAPH = "\n\n"
ISLAND = 4
"""Equal words between two changes so many times longer than they are no anchor, only chance."""
PARTED_ANEW = 0.8
"""Share of common words from which some paragraphs are others split or joined, not edited ones."""
_TOKEN = re.compile(r"(\s*)(\w+(?:[-.,:/'\u2019]\w+)*|[^\w\s])|(\s+)$")


class Token(NamedTuple):
    """A word or a mark, and the space before it; at the end of a text, the space alone."""

    space: str
    word: str


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text. Equal and deleted ones give the text before, equal and inserted ones the text after."""

    op: Op
    text: str


def compare(before: str | None, after: str | None) -> list[Run]:
    """
    The runs that lead from one text to the other; None is a text that is not there.

    Paragraphs are aligned first, then the words of those that were edited, so a paragraph that came or went does not
    disturb the others. Time grows with the words, not with their square: see alignment.COMMON.

    >>> compare("Two ferries came.", "Two trams came.")[1:3]
    [Run(op='delete', text='ferries'), Run(op='insert', text='trams')]
    """
    a, b = tokens(before or ""), tokens(after or "")
    return _runs(a, b, _Alignment(a, b).steps())


def tokens(text: str) -> list[Token]:
    """
    Words and marks with the space before each; joined, they are the text.

    >>> tokens("U.S. co-op")
    [Token(space='', word='U.S'), Token(space='', word='.'), Token(space=' ', word='co-op')]
    """
    return [Token(match[1] or match[3] or "", match[2] or "") for match in _TOKEN.finditer(text)]


def words_of(some: Iterable[Token]) -> Counter[str]:
    """How often each word occurs, marks aside, whatever its case."""
    return Counter(token.word.lower() for token in some if token.word[:1].isalnum())


class _Step(NamedTuple):
    """Token number ``a`` of the first text is number ``b`` of the second; None where there is none."""

    a: int | None
    b: int | None


class _Alignment:
    """Steps through two texts; stretches of them are ranges of token numbers."""

    def __init__(self, a: Sequence[Token], b: Sequence[Token]) -> None:
        self.a = a
        self.b = b

    def steps(self) -> Iterator[_Step]:
        """Paragraph by paragraph, and in edited ones word by word."""
        all_a, all_b = _paragraphs(self.a), _paragraphs(self.b)
        for block in blocks([_key(self.a, one) for one in all_a], [_key(self.b, one) for one in all_b]):
            some_a, some_b = all_a[block.a1 : block.a2], all_b[block.b1 : block.b2]
            if block.equal:
                yield from _both(_joined(some_a), _joined(some_b))
            else:
                yield from self._changed(some_a, some_b)

    def _changed(self, a: list[range], b: list[range]) -> Iterator[_Step]:
        if len(a) != len(b) and a and b and share(self._of_a(_joined(a)), self._of_b(_joined(b))) >= PARTED_ANEW:
            a, b, edited = [_joined(a)], [_joined(b)], [(0, 0)]
        else:  # one that stands for one is its edited form, however little stayed
            edited = [(0, 0)] if len(a) == len(b) == 1 else pairs([*map(self._of_a, a)], [*map(self._of_b, b)], kept)
        i = j = 0
        for p, q in edited:
            yield from (*_only_a(a[i:p]), *_only_b(b[j:q]), *_islands_flooded(self._words(a[p], b[q])))
            i, j = p + 1, q + 1
        yield from (*_only_a(a[i:]), *_only_b(b[j:]))

    def _of_a(self, one: range) -> Counter[str]:
        return words_of(self.a[one.start : one.stop])

    def _of_b(self, one: range) -> Counter[str]:
        return words_of(self.b[one.start : one.stop])

    def _words(self, a: range, b: range) -> Iterator[_Step]:
        for block in blocks([self.a[at].word for at in a], [self.b[at].word for at in b]):
            some_a, some_b = a[block.a1 : block.a2], b[block.b1 : block.b2]
            if block.equal:
                yield from _both(some_a, some_b)
            else:
                yield from (*_only_a([some_a]), *_only_b([some_b]))


def _both(a: range, b: range) -> Iterator[_Step]:
    return (_Step(i, j) for i, j in zip(a, b, strict=True))


def _only_a(some: list[range]) -> Iterator[_Step]:
    return (_Step(at, None) for one in some for at in one)


def _only_b(some: list[range]) -> Iterator[_Step]:
    return (_Step(None, at) for one in some for at in one)


def _paragraphs(text: Sequence[Token]) -> list[range]:
    if not text:
        return []
    cuts = [at for at in range(1, len(text)) if PARAGRAPH in text[at].space]
    return [range(*ends) for ends in pairwise([0, *cuts, len(text)])]


def _joined(some: list[range]) -> range:
    return range(some[0].start, some[-1].stop)


def _key(text: Sequence[Token], paragraph: range) -> str:
    """A paragraph as it is compared: the space before it does not tell it apart."""
    return text[paragraph.start].word + "".join(map("".join, text[paragraph.start + 1 : paragraph.stop]))


def _islands_flooded(steps: Iterable[_Step]) -> Iterator[_Step]:
    """The steps, where a few equal words amid a rewritten passage went and came like those around them."""
    stretches = [list(group) for _, group in groupby(steps, _is_equal)]
    passage: list[_Step] = []
    for at, stretch in enumerate(stretches):
        inside = 0 < at < len(stretches) - 1
        around = min(len(stretches[at - 1]), len(stretches[at + 1])) if inside else 0
        if _is_equal(stretch[0]) and len(stretch) * ISLAND > around:
            yield from (*_in_order(passage), *stretch)
            passage = []
        else:
            passage += stretch
    yield from _in_order(passage)


def _is_equal(step: _Step) -> bool:
    return step.a is not None and step.b is not None


def _in_order(steps: list[_Step]) -> list[_Step]:
    """A changed passage as what went, then what came."""
    went = [_Step(step.a, None) for step in steps if step.a is not None]
    return went + [_Step(None, step.b) for step in steps if step.b is not None]


def _runs(a: Sequence[Token], b: Sequence[Token], steps: Iterable[_Step]) -> list[Run]:
    """The steps as text, in turns of what stayed, what went and what came; equal space before a change stays."""
    turns = [["", "", ""]]
    for op, text in _pieces(a, b, steps):
        at = OPS.index(op)
        if text and any(turns[-1][at + 1 :]):
            turns.append(["", "", ""])
        turns[-1][at] += text
    runs = []
    for stayed, went, came in turns:
        space = _space_before(went)
        if not (went.strip() and came.strip() and _space_before(came) == space):
            space = ""
        texts = (stayed + space, went[len(space) :], came[len(space) :])
        runs += [Run(op, text) for op, text in zip(OPS, texts, strict=True) if text]
    return runs


def _space_before(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _pieces(a: Sequence[Token], b: Sequence[Token], steps: Iterable[_Step]) -> Iterator[tuple[Op, str]]:
    for i, j in steps:
        if i is None and j is not None:
            yield "insert", "".join(b[j])
        elif j is None and i is not None:
            yield "delete", "".join(a[i])
        elif i is not None and j is not None:
            if a[i].space != b[j].space:  # the same word, but a paragraph begins with it, or no longer does
                yield from (("delete", a[i].space), ("insert", b[j].space), ("equal", b[j].word))
            else:
                yield "equal", "".join(b[j])
