"""Where in the archive a page lies."""

from typing import NamedTuple


class Place(NamedTuple):
    """
    A response record: its file's name in the archive's folder, where its gzip member begins and how long it is, in
    bytes, and the checksum of its payload (``sha256:`` and base 32).
    """

    file: str
    offset: int
    length: int
    digest: str


class Capture(NamedTuple):
    """A page in the archive: the address that answered, and the record of its answer."""

    url: str
    place: Place
