"""The one origin a crawl may ask: what is on it, and how an address is said in its terms."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit, urlunsplit

from newscrawl.extraction.identity import normalise_url

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MOST_KEPT = 10_000
"""Addresses whose answer is kept: 4 MB."""


class _Place(NamedTuple):
    scheme: str
    host: str | None
    port: int | None  # None: the scheme's own


def _place(url: str) -> _Place | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # no address at all, such as "http://["
        return None
    if parts.scheme not in _DEFAULT_PORTS:
        return None
    return _Place(parts.scheme, parts.hostname, None if port == _DEFAULT_PORTS[parts.scheme] else port)


class Origin:
    """
    Scheme, host and port of ``base_url``; ``home`` is the site's own address, where that is another.

    >>> Origin("http://127.0.0.1:8000/").covers("http://127.0.0.1:8001/")
    False
    """

    def __init__(self, base_url: str, home: str | None = None) -> None:
        self.url = base_url
        self._place = _place(base_url)
        self._home = _place(home or base_url)
        self._kept = lru_cache(_MOST_KEPT)(self._own)  # pages name the same ones over and over

    def covers(self, url: str) -> bool:
        """Whether a request for ``url`` stays on this scheme, host and port."""
        return _place(url) == self._place

    def own(self, url: str) -> str | None:
        """
        The normalised address on this origin that ``url`` is, which may be a path or say http for https; else None.

        >>> Origin("http://127.0.0.1:8000/").own("/a-story/?amp=1")
        'http://127.0.0.1:8000/a-story/'
        """
        return self._kept(url)

    def _own(self, url: str) -> str | None:
        if not url.strip():  # joined, it would be the home page
            return None
        try:
            url = urljoin(self.url, url.strip())
        except ValueError:
            return None
        place = _place(url)
        if place is None or self._place is None or place[1:] != self._place[1:]:
            return None
        return self._here(url)

    def mirrored(self, url: str) -> str | None:
        """
        As ``own``, but the publisher's host is this origin too: a mirror serves pages that name the original.

        >>> Origin("http://127.0.0.1:8000/", "https://newsjournos.com/").mirrored("https://newsjournos.com/a-story/")
        'http://127.0.0.1:8000/a-story/'
        """
        place = _place(url)
        if place and self._home and place[1:] == self._home[1:]:
            return self._here(url)
        return self.own(url)

    def _here(self, url: str) -> str:
        base, parts = urlsplit(self.url), urlsplit(url)
        return normalise_url(urlunsplit((base.scheme, base.netloc, parts.path, parts.query, "")).strip())


def moved_to(url: str, origin_of: str) -> str:
    """
    The normalised ``url`` with the scheme, host and port of ``origin_of``.

    >>> moved_to("http://127.0.0.1:8000/old/", "https://newsjournos.com/new/")
    'https://newsjournos.com/old/'
    """
    target, parts = urlsplit(origin_of), urlsplit(url)
    return normalise_url(urlunsplit((target.scheme, target.netloc, parts.path, parts.query, "")))
