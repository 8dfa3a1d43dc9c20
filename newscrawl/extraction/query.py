"""CSS as data, compiled once: a query costs an evaluation, not a translation, and is always asked of a region."""

from functools import cache
from typing import cast

from lxml import etree
from parsel.csstranslator import HTMLTranslator

_translator = HTMLTranslator()


@cache
def compile_css(css: str, axis: str = "descendant") -> etree.XPath:
    """
    A CSS query as compiled XPath; ``axis`` is ``descendant``, or ``child`` where an element is known to be one.

    Raises ``cssselect.SelectorError`` for a query that is none, at import of the table it stands in.
    """
    return etree.XPath(_translator.css_to_xpath(css, prefix=f"{axis}::"), smart_strings=False)


def select(element: etree._Element, css: str) -> list[etree._Element]:
    """Elements below ``element`` that match, in document order."""
    return cast("list[etree._Element]", compile_css(css)(element))


def first(element: etree._Element, css: str) -> etree._Element | None:
    """The first element below ``element`` that matches."""
    found = select(element, css)
    return found[0] if found else None
