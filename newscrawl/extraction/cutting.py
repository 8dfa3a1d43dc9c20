"""Parts that no field is read from are cut out of an article's page before it is parsed, which costs by the element."""

from collections.abc import Sequence

from newscrawl.extraction.theme import Unread

_OPAQUE = ((b"<!--", b"-->"), (b"<script", b"</script"))
"""What begins and ends that in which a tag is none."""
_BEFORE = (b"</div>", b"-->", b"</script>")
"""What stands before a part of a page; another thing stands before what only speaks of one."""
_NEAR = 100  # bytes in which that has to be


def cut(html: bytes, parts: Sequence[Unread]) -> bytes:
    """
    The page without those of the parts that are there, and are as known; any other stays.

    :param html: a page in UTF-8, or in another encoding that has ASCII in it as it is
    :param parts: in the order in which pages have them
    """
    view, kept, at = memoryview(html), [], 0
    for part in parts:
        start, stop = _span(html, at, part)
        if stop:
            kept.append(view[at:start])
            at = stop
    return b"".join((*kept, view[at:])) if at else html


def _span(html: bytes, at: int, part: Unread) -> tuple[int, int]:
    """Where the part begins and ends; 0, 0 where it does not, or has something in it that is read after all."""
    opens = html.find(part.opens, at)
    closes = html.find(part.closes, opens)
    start = html.rfind(b"<", at, opens)
    if min(opens, closes, start) < 0 or not html.startswith(part.tag, start):
        return 0, 0
    if not html[max(start - _NEAR, 0) : start].rstrip().endswith(_BEFORE):
        return 0, 0
    if _is_hidden(html, at, start) or _is_hidden(html, start, closes):
        return 0, 0
    stop = closes + len(part.closes) if part.closes.startswith(b"</") else html.rfind(b"<", opens, closes)
    return (0, 0) if any(html.find(mark, start, stop) >= 0 for mark in part.unless) else (start, stop)


def _is_hidden(html: bytes, since: int, at: int) -> bool:
    """Whether a place is in a comment or a script that began after another place."""
    return any(
        (began := html.rfind(begin, since, at)) >= 0 and html.rfind(end, began, at) < 0 for begin, end in _OPAQUE
    )
