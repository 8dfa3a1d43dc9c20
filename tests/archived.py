"""Exchanges to archive, and what other programs say of the files; for the tests of the archive."""

import gzip
import random
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from newscrawl.archive.records import Exchange
from newscrawl.archive.writing import ArchiveWriter

NOON = datetime(2025, 5, 3, 12, tzinfo=UTC)
URL = "https://newsjournos.com/two-ferries/?x=1"
HTML = "<html><body class='single'>İki feribot</body></html>".encode()
FACTS = {"software": "newscrawl", "robots": "obey"}


def exchange(url: str = URL, body: bytes = HTML, coding: str | None = "gzip", **more) -> Exchange:
    """An answer as it comes from a server, compressed by default."""
    received = [(b"Content-Type", b"text/html; charset=utf-8"), (b"Date", b"Sat, 03 May 2025 12:00:00 GMT")]
    if coding:
        received.append((b"Content-Encoding", coding.encode()))
    body = gzip.compress(body, mtime=0) if coding == "gzip" else body
    sent = [(b"User-Agent", b"newscrawl"), (b"Accept-Encoding", b"gzip")]
    return Exchange(url, "GET", sent, 200, received, body, **{"ip_address": "127.0.0.1", **more})


def noise(number: int, size: int = 3_000) -> bytes:
    """A page that no compression makes small, the same each time."""
    return random.Random(number).randbytes(size)


def writer(folder: Path, most: int = 10**9) -> ArchiveWriter:
    return ArchiveWriter(folder, FACTS, most, "newsjournos")


def files(folder: Path) -> list[Path]:
    """Files of the archive, open ones too, in the order in which they were begun."""
    return sorted(folder.iterdir())


def records(path: Path) -> list[dict[str, str]]:
    """The WARC headers of a file's records, as warcio reads them."""
    with path.open("rb") as file:
        found = []
        for record in ArchiveIterator(file, check_digests="raise"):
            record.raw_stream.read()
            found.append(dict(record.rec_headers.headers))
        return found


def check(*paths: Path) -> tuple[int, str]:
    """What ``warcio check`` answers: its exit code and its words."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            code = warcio(["check", *map(str, paths)]) or 0
        except SystemExit as end:
            code = int(end.code or 0)
    return code, said.getvalue()
