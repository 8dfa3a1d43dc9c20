"""The spellings under which an article may be stored that somebody names."""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from newscrawl.extraction.identity import is_http, normalise_url

_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def spellings(given: str) -> list[str]:
    """
    What an address, a path or a slug may be stored as, the likeliest first; a path or slug gives paths.

    Noise parameters go; final slash, scheme and percent escapes may be as given or not.

    >>> spellings("http://newsjournos.com/a-story?noamp=mobile#top")[::2][:2]
    ['http://newsjournos.com/a-story', 'http://newsjournos.com/a-story/']
    >>> spellings("a-story")
    ['/a-story', '/a-story/']
    """
    whole = given.strip()
    whole = whole if is_http(whole) else f"/{whole.lstrip('/')}"
    found = [normalise_url(whole), whole.partition("#")[0]]
    for other in (_slash_toggled, _scheme_toggled, safe_url_string, _with_small_escapes, unquote):
        found += [other(url) for url in found]
    return list(dict.fromkeys(found))


def _slash_toggled(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path[:-1] if parts.path.endswith("/") and parts.path != "/" else f"{parts.path}/"
    return url if parts.path == "/" else urlunsplit(parts._replace(path=path))


def _scheme_toggled(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"{'http' if scheme == 'https' else 'https'}{mark}{rest}" if is_http(url) else url


def _with_small_escapes(url: str) -> str:
    """WordPress writes ``%c3``, browsers ``%C3``."""
    return _ESCAPE.sub(lambda match: match[0].lower(), url)
