"""The content of a post, flattened: a tree of tags becomes a list of headings, paragraphs, lists and tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from newscrawl.extraction.text import BREAK, clean, clean_lines

HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = frozenset({"strong", "b"})
_BLOCKS = frozenset(
    {
        "p", "div", "section", "article", "aside", "header", "footer", "main", "ul", "ol", "li", "dl", "dt", "dd",
        "table", "blockquote", "figure", "figcaption", "pre", "hr", "details", "summary", "address", "center",
        "fieldset", *HEADINGS,
    }
)  # fmt: skip
_SILENT = frozenset({"iframe", "video", "audio", "object", "embed", "canvas", "map"})
_MOST_DEPTH = 120
"""Deeper markup is read as plain text; real pages nest a tenth of it."""


@dataclass(slots=True)
class Paragraph:
    """``text`` may hold newlines. ``strong`` is the bold run it begins with; ``bold``: it is bold throughout."""

    text: str
    strong: str = ""
    bold: bool = False


@dataclass(slots=True)
class Heading:
    text: str
    level: int


@dataclass(slots=True)
class ListOf:
    """Items in order, each with the tokens it holds; nested items follow the one they stand in."""

    items: list[list["Token"]]
    lines: list[str] | None = field(default=None, compare=False, repr=False)
    """Its text, once it was asked for."""


@dataclass(slots=True)
class Table:
    """Rows of cells, each with the tokens it holds."""

    rows: list[list[list["Token"]]]
    lines: list[str] | None = field(default=None, compare=False, repr=False)
    """Its text, once it was asked for."""


@dataclass(slots=True)
class Break:
    """A ruler, or (``page``) the end of a page of a multi-page article."""

    page: bool = False


Token = Paragraph | Heading | ListOf | Table | Break


def flatten(content: etree._Element) -> list[Token]:
    """The tokens of a content element whose noise is removed."""
    return _Flow().read(content, 0)


class _Flow:
    """Walks block by block; inline text between blocks gathers into runs, each a paragraph."""

    def __init__(self) -> None:
        self._pictured: dict[etree._Element, bool] = {}

    def read(self, element: etree._Element, depth: int) -> list[Token]:
        if not len(element):
            return [*_text_alone(element)]
        tokens: list[Token] = []
        run = _Run()
        run.add(element.text)
        is_captioned = element.tag == "figure" or "wp-caption" in (element.get("class") or "")
        for child in element.iterchildren(etree.Element):
            tag = child.tag
            if tag in _BLOCKS or (len(child) and depth < _MOST_DEPTH and _holds_block(child)):
                tokens += run.flush()
                tokens += self._block(child, depth + 1, is_captioned)
            elif tag not in _SILENT:
                run.inline(child, False)
            run.add(child.tail)
        tokens += run.flush()
        return tokens

    def _block(self, element: etree._Element, depth: int, is_captioned: bool) -> Sequence[Token]:
        tag = element.tag
        if depth >= _MOST_DEPTH:
            return _Run.of(element)
        if tag in HEADINGS:
            return self._heading(element)
        if tag in {"ul", "ol"}:
            return [ListOf([item for item in self._items(element, depth + 1) if item])]
        if tag == "table":
            return self._table(element, depth)
        if tag == "hr":
            return [Break()]
        if tag in {"dt", "summary"}:
            return [Paragraph(paragraph.text, paragraph.text, True) for paragraph in _Run.of(element)]
        if tag == "pre":
            return _Run.of(element, keep_lines=True)
        return [] if self._is_caption(element, is_captioned) else self.read(element, depth)

    def _heading(self, element: etree._Element) -> list[Token]:
        text = " ".join(paragraph.text.replace("\n", " ") for paragraph in _Run.of(element))
        return [Heading(text, HEADINGS[str(element.tag)])] if text else []

    def _items(self, element: etree._Element, depth: int) -> Iterator[list[Token]]:
        """The items of a list; those of a list inside one come behind it."""
        for child in element.iterchildren(etree.Element):
            if child.tag in {"ul", "ol"} and depth < _MOST_DEPTH:
                yield from self._items(child, depth + 1)
                continue
            tokens = self.read(child, depth)
            yield [token for token in tokens if not isinstance(token, ListOf)]
            for token in tokens:
                if isinstance(token, ListOf):
                    yield from token.items

    def _table(self, element: etree._Element, depth: int) -> list[Token]:
        captions: list[Token] = []
        rows = []
        for child in element.iterchildren(etree.Element):
            if child.tag == "caption":
                captions += _Run.of(child)
            elif child.tag == "tr":
                rows.append(child)
            elif child.tag in {"thead", "tbody", "tfoot"}:
                rows += list(child.iterchildren("tr"))
        cells = [[self.read(cell, depth + 2) for cell in row.iterchildren("td", "th")] for row in rows]
        return [*captions, Table([row for row in cells if any(row)])]

    def _is_caption(self, element: etree._Element, is_captioned: bool) -> bool:
        """A caption of an image: it belongs to the image's record, not to the text. The parent may be a box for it."""
        classes = (element.get("class") or "").split()
        if "wp-caption-text" in classes:
            return True
        if element.tag != "figcaption" and not (is_captioned and element.tag == "p"):
            return False
        parent = element.getparent()
        return parent is not None and "blocks-gallery-caption" not in classes and self._is_pictured(parent)

    def _is_pictured(self, element: etree._Element) -> bool:
        """Whether it holds an image; asked once, however many captions it holds."""
        if element not in self._pictured:
            self._pictured[element] = element.find(".//img") is not None
        return self._pictured[element]


def _text_alone(element: etree._Element) -> list[Paragraph]:
    """The paragraph of a block that holds no other element, as most do."""
    text = clean(element.text or "")
    return [Paragraph(text)] if text else []


class _Run:
    """Inline text up to the next block, with the bold parts of it known."""

    __slots__ = ("_any_bold", "_keep_lines", "_pieces")

    def __init__(self, keep_lines: bool = False) -> None:
        self._pieces: list[tuple[str, bool]] = []
        self._any_bold = False
        self._keep_lines = keep_lines

    @classmethod
    def of(cls, element: etree._Element, keep_lines: bool = False) -> list[Paragraph]:
        """The paragraphs of an element that is read as text, whatever it holds."""
        if not len(element) and not keep_lines:
            return _text_alone(element)
        run = cls(keep_lines)
        run.inline(element, False)
        return run.flush()

    def add(self, text: str | None, bold: bool = False) -> None:
        if text and (self._pieces or self._keep_lines or not text.isspace()):
            self._pieces.append((text.replace("\n", BREAK) if self._keep_lines else text, bold))
            self._any_bold |= bold

    def inline(self, element: etree._Element, bold: bool) -> None:
        """Add an inline element. Iterative: hostile pages nest deeper than Python's stack."""
        if not len(element):
            self._start(element, bold or element.tag in _BOLD)
            return
        marks = [bold]
        walk = etree.iterwalk(element, events=("start", "end"))
        for event, inner in walk:
            if event == "end":
                marks.pop()
                if inner is not element:
                    self.add(inner.tail, marks[-1])
                continue
            marks.append(marks[-1] or inner.tag in _BOLD)
            self._start(inner, marks[-1])
            if inner.tag in _SILENT:
                walk.skip_subtree()

    def _start(self, element: etree._Element, bold: bool) -> None:
        if element.tag == "br":
            self._pieces.append((BREAK, bold))
            self._any_bold |= bold
        elif element.tag not in _SILENT:
            self.add(element.text, bold)

    def flush(self) -> list[Paragraph]:
        """The paragraphs of what was added since the last time."""
        if not self._pieces:
            return []
        pieces, any_bold = self._pieces, self._any_bold
        self._pieces, self._any_bold = [], False
        text = "".join([text for text, _ in pieces])
        if text.isspace():
            return []
        if not any_bold:
            return [Paragraph(paragraph) for paragraph in clean_lines(text)]
        parts = _paragraphs_of(pieces) if BREAK in text else (pieces,)
        return [paragraph for part in parts if (paragraph := _with_bold(part)).text]


def _paragraphs_of(pieces: list[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    """Pieces parted where two or more breaks meet with nothing but space between."""
    part: list[tuple[str, bool]] = []
    for text, bold in pieces:
        if text == BREAK and part and _ends_with_break(part):
            yield part
            part = []
        part.append((text, bold))
    yield part


def _ends_with_break(part: list[tuple[str, bool]]) -> bool:
    for text, _ in reversed(part):
        if text == BREAK:
            return True
        if text.strip():
            return False
    return False


def _with_bold(pieces: list[tuple[str, bool]]) -> Paragraph:
    text = "\n".join(clean_lines("".join([text for text, _ in pieces])))
    strong: list[str] = []
    for piece, bold in pieces:
        if not bold and piece != BREAK and (piece.lstrip()[:1].isalnum() or clean(piece)):
            break
        strong.append(piece)
    bold_run = text if len(strong) == len(pieces) else "\n".join(clean_lines("".join(strong)))
    return Paragraph(text, bold_run, bold_run == text)


def _holds_block(element: etree._Element) -> bool:
    """Whether an inline element wraps blocks, as ``<a><p>`` or ``<font><div>`` do."""
    return any(inner.tag in _BLOCKS for inner in element.iterdescendants(etree.Element))
