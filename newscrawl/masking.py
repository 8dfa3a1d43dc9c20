"""Addresses as people may see them: in messages, logs, reports and the store."""

import re


def without_secrets(address: str) -> str:
    """
    The address without user, password and options; where it cannot be told what ends a password, only its scheme.

    >>> without_secrets("postgresql://me:p@ss@db.example.org:5433/news?sslpassword=secret")
    'postgresql://db.example.org:5433/news'
    >>> without_secrets("postgresql://me:pa/ss@db.example.org/news")
    'postgresql://***'
    """
    scheme, mark, rest = address.partition("://")
    if not mark:
        return "***"
    place = re.split(r"[/?#\\\s]", rest, maxsplit=1)[0]
    path = rest[len(place) :]
    if "@" in path:  # a password that holds one of these characters, not encoded
        return f"{scheme}://***"
    return f"{scheme}://{place.rpartition('@')[2]}{re.split('[?#]', path, maxsplit=1)[0]}"
