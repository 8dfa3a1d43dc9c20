"""Texts of the site, and addresses, as they may stand in a page."""

import re

from markupsafe import Markup, escape

from newscrawl.revisions.rendering import visible

_NO_CHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)) + "]"
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\]+")


def plain(value: object) -> object:
    r"""
    A text without what neither HTML nor XML may hold, which is shown as its escape; other values as they are.

    >>> plain("a\x00b\ufffe"), plain(7)
    ('a\\u0000b\\ufffe', 7)
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return characters(visible(value))


def characters(text: str) -> str:
    """The text with the code points that are no characters as their escapes."""
    return _NO_CHARACTERS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def link(url: str | None, text: str | None = None) -> Markup:
    """
    The text as a link, where the address can be followed; else as it is.

    >>> link("javascript:alert(1)", "<b>")
    Markup('&lt;b&gt;')
    """
    shown = escape(plain(text if text is not None else url or ""))
    address = str(plain(url or ""))
    if not _ADDRESS.fullmatch(address):
        return shown
    return Markup('<a href="{}" rel="noreferrer noopener">{}</a>').format(address, shown)
