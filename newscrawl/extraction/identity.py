"""Which address is an article's own: the same rules for a link, a request and a page."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

NOISE_PARAMETERS = re.compile(r"(?:amp|noamp|fbclid|gclid|replytocom|share|utm_[^=]*)(?:=|$)", re.IGNORECASE)
_UNSAFE = re.compile('[\x00-\x20"<>\x7f\ud800-\udfff]')
_DROPPED = str.maketrans("", "", "\t\r\n")
_PART_PATH = re.compile(r"^(.*/)(\d+)(/?)$")


def normalise_url(url: str) -> str:
    """
    The address without what does not tell articles apart. Percent escapes and the final slash stay as written.

    >>> normalise_url("https://NewsJournos.com/a-story/?noamp=mobile&utm_source=x#respond")
    'https://newsjournos.com/a-story/'
    >>> normalise_url("https://newsjournos.com/?p=37700&share=x")
    'https://newsjournos.com/?p=37700'
    """
    parts = urlsplit(url)
    path = _without_amp(parts.path) or "/"
    query = parts.query
    if query:
        query = "&".join(pair for pair in query.split("&") if pair and not NOISE_PARAMETERS.match(pair))
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, query, ""))


def _without_amp(path: str) -> str:
    """Without "/amp" at the end, however often. By hand: a regular expression is quadratic on a hostile path."""
    end = whole = len(path.removesuffix("/"))
    while path.endswith("/amp", 0, end):
        end -= len("/amp")
    return path if end == whole else f"{path[:end]}/"


def origin(url: str) -> str:
    """Scheme, host and port, the scope of a crawl: ``https://newsjournos.com``."""
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}"


def host(url: str) -> str:
    """Host and port, lower-case; empty where the text is no address."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:  # "http://[": a bracket that is never closed
        return ""


def is_http(url: str) -> bool:
    """Whether the address is an absolute http(s) one that can be split at all."""
    return url[:8].lower().startswith(("http://", "https://")) and bool(host(url))


def without_part(url: str, part: int) -> str:
    """
    The address of the post that ``url`` is part ``part`` of.

    >>> without_part("https://newsjournos.com/a-story/2/", 2)
    'https://newsjournos.com/a-story/'
    """
    parts = urlsplit(url)
    match = _PART_PATH.match(parts.path)
    if match and match[2].lstrip("0") == str(part) and match[1] != "/":
        base = match[1] if match[3] else match[1].rstrip("/")
        return urlunsplit(parts._replace(path=base))
    return url


def _escaped(url: str) -> str:
    """The address as browsers ask for it where it holds what none may: markup, spaces, controls, half characters."""
    if not _UNSAFE.search(url):
        return url
    return _UNSAFE.sub(lambda found: quote(found[0], errors="replace"), url.translate(_DROPPED))


_PLAIN = re.compile(r'https?://[A-Za-z0-9.-]+(?::\d*)?(?:[/?#][^\x00-\x20"<>\x7f\ud800-\udfff]*)?')
"""An address that needs neither a base nor an escape, as nearly all are: its host can be split and is not empty."""


def absolute(base: str, href: str | None) -> str | None:
    """The http(s) address that ``href`` leads to from a page at ``base``; None for any other scheme, or no address."""
    href = (href or "").strip()
    if not href or href[0] == "#":
        return None
    if _PLAIN.fullmatch(href):
        return href
    try:
        url = href if href.startswith(("https://", "http://")) else urljoin(base, href)
        return _escaped(url) if is_http(url) else None
    except ValueError:  # not an address at all, such as "http://["
        return None
