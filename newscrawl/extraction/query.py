"""CSS as data, compiled once: a query costs an evaluation, not a translation, and is always asked of a region."""

import re
from collections.abc import Callable
from functools import cache
from typing import cast

from lxml import etree
from parsel.csstranslator import HTMLTranslator

from newscrawl.extraction.matching import Matcher, UnknownToMatcherError
from newscrawl.extraction.theme import Axis

_translator = HTMLTranslator()
_ASKED_TWICE = re.compile(r"@([\w-]+) and contains\(@\1(?=, )")
"""What contains something is there: to ask that first takes as long again."""


@cache
def compile_css(css: str, axis: Axis = "descendant") -> etree.XPath:
    """
    A CSS query as compiled XPath; ``axis`` is ``descendant``, or ``child`` where an element is known to be one.

    Raises ``cssselect.SelectorError`` for a query that is none.
    """
    xpath = _translator.css_to_xpath(css, prefix=f"{axis}::")
    return etree.XPath(_ASKED_TWICE.sub(r"contains(@\1", xpath), smart_strings=False)


@cache
def _matcher(css: str) -> Matcher | None:
    try:
        return Matcher(css)
    except UnknownToMatcherError:
        return None


@cache
def _all_of(css: str, axis: Axis) -> Callable[[etree._Element], list[etree._Element]]:
    """The quicker way to all that match: by hand where few have the tag, else XPath."""
    matcher = _matcher(css) if axis == "descendant" else None
    if matcher and matcher.ends_with_tags:
        return matcher
    return cast("Callable[[etree._Element], list[etree._Element]]", compile_css(css, axis))


@cache
def _first_of(css: str, axis: Axis) -> Callable[[etree._Element], etree._Element | None]:
    """The quicker way to the first that matches: by hand, where one need not go on behind it."""
    if (matcher := _matcher(css)) and (axis == "descendant" or matcher.is_path):
        return matcher.first if axis == "descendant" else matcher.first_child
    query = compile_css(css, axis)
    return lambda element: next(iter(cast("list[etree._Element]", query(element))), None)


def select(element: etree._Element, css: str, axis: Axis = "descendant") -> list[etree._Element]:
    """Elements below ``element`` that match, in document order."""
    return _all_of(css, axis)(element)


def first(element: etree._Element, css: str, axis: Axis = "descendant") -> etree._Element | None:
    """The first element below ``element`` that matches."""
    return _first_of(css, axis)(element)
