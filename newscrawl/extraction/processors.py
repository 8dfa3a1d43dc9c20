"""Raw values become clean ones: pure functions, declared once a field in the loader. None means "not usable"."""

import re
from typing import Any

from newscrawl.extraction.dates import Moment, parse_moment
from newscrawl.extraction.text import clean

_DIGITS = re.compile(r"\d+")
_BYLINE = re.compile(r"^by\s+", re.IGNORECASE)
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")


def text(value: Any) -> str | None:
    """Clean text of a string."""
    return (clean(value) or None) if isinstance(value, str) else None


def number(value: Any) -> int | None:
    """
    The first number in a text.

    >>> number("6 Mins Read")
    6
    """
    match = _DIGITS.search(value) if isinstance(value, str) else None
    return int(match[0]) if match and len(match[0]) < 16 else None


def moment(value: Any) -> Moment | None:
    """A date that is complete and absolute."""
    return parse_moment(clean(value)) if isinstance(value, str) else None


def language(value: Any) -> str | None:
    """
    A language tag.

    >>> language("en_US")
    'en-US'
    """
    tag = text(value)
    return tag.replace("_", "-") if tag and _LANGUAGE.match(tag) else None


def link(value: Any) -> dict[str, str | None] | None:
    """A name with its address; a bare text is a name without one."""
    if isinstance(value, str):
        value = {"name": value, "url": None}
    name = text(value.get("name")) if isinstance(value, dict) else None
    return {"name": name, "url": value.get("url")} if name else None


def crumb(value: Any) -> dict[str, str | None] | None:
    """A link that has an address."""
    step = link(value)
    return step if step and step["url"] else None


def author(value: Any) -> dict[str, str | None] | None:
    """A person's name and address; the word "By" is no part of a name."""
    person = link(value)
    if person and person["name"]:
        person["name"] = _BYLINE.sub("", person["name"])
    return person if person and person["name"] else None
