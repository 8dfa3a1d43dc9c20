"""One exchange with a server as WARC records, each a gzip member of its own."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter

WARC = "1.1"
LEVEL = 6
"""Of compression; more of it costs more than it saves."""
STORED_BLOCK = 65_535
"""Bytes that a block of a deflate stream can hold as they are (RFC 1951, 3.2.4)."""
GZIP_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
"""Neither name nor time, of no particular system (RFC 1952, 2.3)."""
RECORD_END = b"\r\n\r\n"
ORIGINAL = b"X-Archive-Orig-"
"""Before the name of a header that is no longer true of the bytes that are kept."""

SECRET = frozenset({b"authorization", b"proxy-authorization", b"cookie"})
"""Headers of a request that are not kept: who asked, not what for."""

PHRASES = {status.value: status.phrase for status in HTTPStatus}

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer; ``body`` as received: still compressed, but no longer in chunks."""

    url: str
    method: str
    sent: Headers
    status: int
    received: Headers
    body: bytes
    protocol: str = "HTTP/1.1"
    ip_address: str | None = None


class Original(NamedTuple):
    """The record that holds the payload which came again: its address and WARC-Date."""

    url: str
    date: str


class RawHeaders(StatusAndHeaders):
    """HTTP headers that are written as the bytes they are; warcio would escape what is not ASCII."""

    def __init__(self, first_line: str, headers: Headers) -> None:
        super().__init__(first_line, headers)
        lines = [first_line.encode("latin-1"), *(name + b": " + value for name, value in headers)]
        self._raw = b"".join(line + b"\r\n" for line in lines) + b"\r\n"

    def compute_headers_buffer(self, header_filter: Any = None) -> None:
        self.headers_buff = self._raw


class _Builder(WARCWriter):
    """warcio's builder of records with SHA-256 as its checksum."""

    @staticmethod
    def _create_digester() -> Digester:
        return Digester("sha256")


def digest(payload: bytes) -> str:
    """The checksum of a payload as its record states it."""
    digester = Digester("sha256")
    digester.update(payload)
    return str(digester)


def stamp(moment: datetime) -> str:
    """A UTC moment as WARC-Date."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def about(filename: str, moment: datetime, facts: Mapping[str, str]) -> bytes:
    """The warcinfo record that begins a file."""
    out = BytesIO()
    builder = _Builder(out, gzip=False, warc_version=WARC)
    lines = {**facts, "format": f"WARC File Format {WARC}"}
    record = builder.create_warcinfo_record(filename, lines)
    record.rec_headers.replace_header("WARC-Date", stamp(moment))
    builder.write_record(record)
    return packed(out.getvalue())


def exchange_records(exchange: Exchange, moment: datetime, original: Original | None = None) -> tuple[bytes, bytes]:
    """
    The records of an answer and of its request.

    :param original: the record that holds the same payload already; then the answer's is a revisit of it
    """
    out = BytesIO()
    builder = _Builder(out, gzip=False, warc_version=WARC)
    facts = {"WARC-Date": stamp(moment)}
    if exchange.ip_address:
        facts["WARC-IP-Address"] = exchange.ip_address
    answer = _answer(builder, exchange, facts, original)
    builder.write_record(answer)
    first = out.tell()
    request = builder.create_warc_record(
        exchange.url,
        "request",
        http_headers=RawHeaders(_request_line(exchange), _request_headers(exchange)),
        warc_headers_dict={
            "WARC-Date": facts["WARC-Date"],
            "WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID"),
        },
    )
    builder.write_record(request)
    written = out.getvalue()
    record, asked = written[:first], packed(written[first:])
    if original is None and _is_packed(exchange.received):
        return packed_headers(record, first - len(exchange.body) - len(RECORD_END)), asked
    return packed(record), asked


def _is_packed(headers: Headers) -> bool:
    """Whether the body was sent compressed."""
    return any(name.lower() == b"content-encoding" and value.strip().lower() != b"identity" for name, value in headers)


def _answer(builder: _Builder, exchange: Exchange, facts: dict[str, str], original: Original | None) -> Any:
    headers = RawHeaders(_status_line(exchange), _true_headers(exchange))
    if original is None:
        return builder.create_warc_record(
            exchange.url,
            "response",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            http_headers=headers,
            warc_headers_dict=facts,
        )
    return builder.create_revisit_record(
        exchange.url, digest(exchange.body), original.url, original.date, headers, facts
    )


def packed(record: bytes) -> bytes:
    """A record as a gzip member."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return compressor.compress(record) + compressor.flush()


def packed_headers(record: bytes, headers: int) -> bytes:
    """
    A record as a gzip member, all behind its first ``headers`` bytes as it is.

    What was sent compressed cannot be made smaller, and to try costs more than all else of a record.
    """
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    pieces = [GZIP_HEADER, compressor.compress(record[:headers]), compressor.flush(zlib.Z_FULL_FLUSH)]
    for start in range(headers, len(record), STORED_BLOCK):
        block = record[start : start + STORED_BLOCK]
        is_last = start + STORED_BLOCK >= len(record)
        pieces += struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF), block
    return b"".join([*pieces, struct.pack("<II", zlib.crc32(record), len(record) & 0xFFFFFFFF)])


def _status_line(exchange: Exchange) -> str:
    return f"{exchange.protocol} {exchange.status} {PHRASES.get(exchange.status, '')}".rstrip()


def _true_headers(exchange: Exchange) -> Headers:
    """The headers as received, but for how the bytes travelled: chunks are gone, the length is known."""
    kept: list[tuple[bytes, bytes]] = []
    for name, value in exchange.received:
        if name.lower() == b"transfer-encoding":
            name = ORIGINAL + name
        if name.lower() != b"content-length":
            kept.append((name, value))
    return [*kept, (b"Content-Length", str(len(exchange.body)).encode())]


def _request_line(exchange: Exchange) -> str:
    parts = urlsplit(exchange.url)
    return f"{exchange.method} {parts.path or '/'}{'?' if parts.query else ''}{parts.query} HTTP/1.1"


def _request_headers(exchange: Exchange) -> Headers:
    """The headers as sent but the secret ones; the downloader adds the host."""
    sent = [(name, value) for name, value in exchange.sent if name.lower() not in SECRET]
    if any(name.lower() == b"host" for name, _ in sent):
        return sent
    return [(b"Host", urlsplit(exchange.url).netloc.encode()), *sent]
