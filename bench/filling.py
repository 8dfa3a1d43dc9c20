"""Pages as large as the site's own; the replica's are lighter."""

SIZE = 160_000
"""Bytes of a page of the site, of its article pages at least."""


def filled(html: bytes) -> bytes:
    """The page with its footer repeated until it is as large as the site's pages are."""
    head, opening, rest = html.partition(b"<footer")
    footer, closing, end = rest.partition(b"</footer>")
    footer = opening + footer + closing
    return head + footer * (1 + round((SIZE - len(html)) / len(footer))) + end
