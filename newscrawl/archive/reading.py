"""Records read back: what a server answered, its body as received or as it is to be read."""

import zlib
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import BufferedReader, ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from newscrawl.archive.places import Place
from newscrawl.archive.records import digest
from newscrawl.archive.writing import OPEN
from newscrawl.exceptions import UnreadableRecordError

BROKEN = (ArchiveLoadFailed, EOFError, OSError, ValueError, zlib.error)
"""What reading a record that is not whole raises."""
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer as it was archived: ``body`` still compressed where ``headers`` say so, ``date`` as WARC-Date."""

    url: str
    date: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of a name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def file_of(folder: Path, name: str) -> Path:
    """The file of a Place, which may still be open."""
    path = folder / name
    return path if path.exists() else path.with_name(name + OPEN)


def read_place(folder: Path, place: Place) -> Recorded:
    """
    The answer at a place, checked against its checksum.

    :raises UnreadableRecordError: there is no such file, or no whole record with that payload there
    """
    path = file_of(folder, place.file)
    where = f"{place.file} at {place.offset}"
    try:
        with path.open("rb") as file:
            file.seek(place.offset)
            member = BytesIO(file.read(place.length))
        with redirect_stderr(StringIO()):  # where warcio tells what is raised here
            found = recorded(first_record(member))
    except BROKEN as error:
        raise UnreadableRecordError(f"{where}: {getattr(error, 'strerror', None) or 'no whole record'}") from error
    if digest(found.body) != place.digest:
        raise UnreadableRecordError(f"{where}: another payload than the one that was noted")
    return found


def date_at(folder: Path, place: Place) -> str | None:
    """When the record at a place was made, as WARC-Date; None where it cannot be read."""
    try:
        with file_of(folder, place.file).open("rb") as file:
            file.seek(place.offset)
            headers = first_record(file).rec_headers
    except BROKEN:
        return None
    if headers.get_header("WARC-Payload-Digest") != place.digest:
        return None
    return str(headers.get_header("WARC-Date"))


def first_record(file: BinaryIO | BytesIO) -> Any:
    """The warcio record at the file's position; raises one of BROKEN where there is none."""
    record = next(iter(ArchiveIterator(file)), None)
    if record is None:
        raise EOFError
    return record


def recorded(record: Any) -> Recorded:
    """A warcio record of an answer; raises one of BROKEN where it is something else or ends early."""
    http = record.http_headers
    if http is None:
        raise ValueError(record.rec_type)
    stream = record.raw_stream
    if (http.get_header("Transfer-Encoding") or "").lower() == "chunked":  # as other programs archive it
        stream = ChunkedDataReader(stream)
    body = b"".join(iter(lambda: stream.read(_PIECE), b""))
    if record.rec_type == "response" and 0 <= record.payload_length != len(body) and stream is record.raw_stream:
        raise EOFError
    return Recorded(
        record.rec_headers.get_header("WARC-Target-URI"),
        record.rec_headers.get_header("WARC-Date"),
        int(http.get_statuscode()),
        list(http.headers),
        body,
    )


def decoded(answer: Recorded, most: int) -> bytes:
    """
    The body without its compression.

    :param most: bytes that it may have
    :raises UnreadableRecordError: it has more, is damaged, or is compressed in a way that is not known
    """
    codings = [one.strip().lower() for one in (answer.header("Content-Encoding") or "").split(",")]
    body = answer.body
    for coding in reversed([one.removeprefix("x-") for one in codings if one not in {"", "identity"}]):
        body = _unpacked(answer.url, body, coding, most)
    return body


def _unpacked(url: str, body: bytes, coding: str, most: int) -> bytes:
    if coding not in BufferedReader.get_supported_decompressors():
        raise UnreadableRecordError(f"{url}: compressed as {coding}, which is not known here")
    stream = BufferedReader(BytesIO(body), decomp_type=coding)
    pieces, size = [], 0
    try:
        while (piece := stream.read(_PIECE)) and size <= most:
            pieces.append(piece)
            size += len(piece)
    except BROKEN as error:
        raise UnreadableRecordError(f"{url}: what was received cannot be decompressed") from error
    if size > most:
        raise UnreadableRecordError(f"{url}: more than {most} bytes")
    return b"".join(pieces)
