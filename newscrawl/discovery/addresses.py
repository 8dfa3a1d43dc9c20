"""The addresses that sources name: absolute, of http or https, of a sane length; anything else is none."""

import re

LONGEST = 2_048
"""Characters an address may have; what the sitemap protocol allows, and ten times a WordPress slug."""
_ADDRESS = re.compile(r"https?://(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE | re.ASCII)
_BREAKS = str.maketrans("", "", "\t\r\n")


def named(text: str | None) -> str | None:
    r"""
    The address in a text, as written but for the space around it and line breaks in it; None where it is none.

    >>> named(" \n https://newsjournos.com/a-story/ \t"), named("/a-story/"), named("mailto:a@b.example")
    ('https://newsjournos.com/a-story/', None, None)
    """
    url = (text or "").strip()
    if not url.isprintable():
        url = url.translate(_BREAKS)
    if len(url) > LONGEST or not url.isprintable():
        return None
    return url if _ADDRESS.fullmatch(url) else None
