"""CSS as data, compiled once: a query costs an evaluation, not a translation, and is always asked of a region."""

import re
from functools import cache
from typing import cast

from lxml import etree
from parsel.csstranslator import HTMLTranslator

_translator = HTMLTranslator()
_ASKED_TWICE = re.compile(r"@([\w-]+) and contains\(@\1(?=, )")
"""What contains something is there: to ask that first takes as long again."""


@cache
def compile_css(css: str, axis: str = "descendant") -> etree.XPath:
    """
    A CSS query as compiled XPath; ``axis`` is ``descendant``, or ``child`` where an element is known to be one.

    Raises ``cssselect.SelectorError`` for a query that is none, at import of the table it stands in.
    """
    xpath = _translator.css_to_xpath(css, prefix=f"{axis}::")
    return etree.XPath(_ASKED_TWICE.sub(r"contains(@\1", xpath), smart_strings=False)


def select(element: etree._Element, css: str) -> list[etree._Element]:
    """Elements below ``element`` that match, in document order."""
    return cast("list[etree._Element]", compile_css(css)(element))


def first(element: etree._Element, css: str) -> etree._Element | None:
    """The first element below ``element`` that matches."""
    found = select(element, css)
    return found[0] if found else None
