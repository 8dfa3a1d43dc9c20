"""WARC files as a site that answers: the last answer of each address."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr, suppress
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from warcio.archiveiterator import ArchiveIterator

from newscrawl.archive.reading import BROKEN, Recorded, first_record, recorded
from newscrawl.archive.writing import ENDING, OPEN
from newscrawl.exceptions import UnreadableRecordError

logger = logging.getLogger(__name__)

_ENDINGS = (".warc", ENDING, ENDING + OPEN)
_MEMBER = b"\x1f\x8b\x08"
_MOST_BLANK = 16
_PIECE = 1024 * 1024


class Spot(NamedTuple):
    """Where a record begins."""

    path: Path
    offset: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer of an address; ``payload`` names the payload of a revisit."""

    date: str
    status: int
    is_page: bool
    spot: Spot
    payload: str | None


class Replay:
    """
    The answers of WARC files, whoever wrote them.

    :param path: a file, or a folder that holds such files at any depth
    :raises UnreadableRecordError: there is none
    """

    def __init__(self, path: Path) -> None:
        self.answers: dict[str, Answer] = {}
        self._payloads: dict[str, Spot] = {}
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.name.endswith(_ENDINGS))
        for file in files:
            self._index(file)
        if not self.answers:
            raise UnreadableRecordError(f"{path}: holds no answer of a web server")

    def __contains__(self, url: str) -> bool:
        return url in self.answers

    def pages(self) -> Iterator[str]:
        """Addresses that gave an HTML page or led on to another address, in the order in which they came."""
        return (url for url, answer in self.answers.items() if answer.is_page)

    def answer(self, url: str) -> Recorded:
        """
        The last answer of an address.

        :raises UnreadableRecordError: there is none, or it is damaged
        """
        if url not in self.answers:
            raise UnreadableRecordError(f"{url} is not in the archive")
        answer = self.answers[url]
        found = _read(answer.spot)
        if answer.payload is None:
            return found
        if answer.payload not in self._payloads:
            raise UnreadableRecordError(f"{url}: the archive lacks the record that its last one refers to")
        return replace(found, body=_read(self._payloads[answer.payload]).body)

    def _index(self, path: Path) -> None:
        at, size, is_damaged = 0, path.stat().st_size, False
        with path.open("rb") as file:
            while at < size:
                begun, is_whole = self._index_from(file, path, at)
                if is_whole:
                    break
                is_damaged = True
                at = _next_member(file, begun + 1) or size
        if is_damaged:
            logger.warning("%s: is damaged; what could not be read there is left out", path)

    def _index_from(self, file: BinaryIO, path: Path, at: int) -> tuple[int, bool]:
        """Note the records from a place on, as far as they can be read; where the last one begins, and if all were."""
        begun, end, told = at, at, StringIO()
        file.seek(at)
        with suppress(*BROKEN), redirect_stderr(told):  # where warcio says that a stream is damaged, and reads on
            records = ArchiveIterator(file)
            for record in records:
                if record.rec_type in {"response", "revisit"} and record.http_headers is not None:
                    self._note(record, path, records)
                begun = records.get_record_offset()
                end = begun + records.get_record_length()
        return begun, not told.getvalue() and _is_blank(file, end)

    def _note(self, record: Any, path: Path, records: ArchiveIterator) -> None:
        headers, http = record.rec_headers, record.http_headers
        url, date = headers.get_header("WARC-Target-URI"), headers.get_header("WARC-Date")
        payload, status = headers.get_header("WARC-Payload-Digest"), int(http.get_statuscode())
        spot = Spot(path, records.get_record_offset())
        if record.rec_type == "response" and payload:
            self._payloads[payload] = spot
        known = self.answers.get(url)
        if known and known.date > date:
            return
        is_html = "html" in (http.get_header("Content-Type") or "")
        is_page = 300 <= status < 400 or (is_html and status == 200)
        self.answers[url] = Answer(date, status, is_page, spot, payload if record.rec_type == "revisit" else None)


def hosts(urls: Iterable[str]) -> list[str]:
    """The origins of addresses, each once, in alphabetical order."""
    return sorted({"/".join(url.split("/", 3)[:3]) + "/" for url in urls})


def _is_blank(file: BinaryIO, at: int) -> bool:
    """Whether nothing but blank lines follows, which end a file that is not compressed."""
    file.seek(at)
    return not file.read(_MOST_BLANK).strip()


def _next_member(file: BinaryIO, at: int) -> int | None:
    """Where the next gzip stream seems to begin, as each record does; None where none does."""
    file.seek(at)
    while piece := file.read(_PIECE):
        found = piece.find(_MEMBER)
        if found >= 0:
            return at + found
        at += max(len(piece) - len(_MEMBER) + 1, 1)
        file.seek(at)
    return None


def _read(spot: Spot) -> Recorded:
    try:
        with redirect_stderr(StringIO()), spot.path.open("rb") as file:  # warcio tells there what is raised here
            file.seek(spot.offset)
            return recorded(first_record(file))
    except BROKEN as error:
        raise UnreadableRecordError(f"{spot.path} at {spot.offset}: no whole record") from error
