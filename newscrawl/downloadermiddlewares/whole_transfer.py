"""A compressed answer is unpacked once, and is no answer where its stream breaks off."""

import zlib
from collections.abc import Callable

import brotli
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.responsetypes import responsetypes

from newscrawl.downloadermiddlewares.cut_answer import tried_again

CHUNK = 64 * 1024
SLICE = 4 * 1024
"""Bytes given to a stream at a time: it copies those that it leaves, and there may be thousands of tiny streams."""
GZIP, ZLIB, RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
MEMBER = b"\x1f\x8b"
"""How another gzip stream begins: a file may hold several."""


class TooLargeError(ValueError):
    """A stream holds more than is taken here."""


class _Content:
    """What a stream has given so far."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.size += len(piece)
        if self.most and self.size > self.most:
            raise TooLargeError


def _inflated(body: bytes, most: int, wbits: int) -> bytes | None:
    """The content of a stream, and of those that follow it; other bytes behind its end are no matter."""
    stream, content, view, at = zlib.decompressobj(wbits), _Content(most), memoryview(body), 0
    while True:
        packed = view[at : at + SLICE]
        piece = stream.decompress(packed, CHUNK)
        content.add(piece)
        at += len(packed) - len(stream.unused_data if stream.eof else stream.unconsumed_tail)
        if stream.eof:
            if wbits != GZIP or view[at : at + len(MEMBER)] != MEMBER:
                return b"".join(content.pieces)
            stream = zlib.decompressobj(wbits)
        elif not piece and at == len(view):
            return None


def _gunzipped(body: bytes, most: int) -> bytes | None:
    try:
        return _inflated(body, most, GZIP)
    except zlib.error:
        return None


def _undeflated(body: bytes, most: int) -> bytes | None:
    """With zlib's header as the standard has it, or without."""
    for wbits in (ZLIB, RAW):
        try:
            return _inflated(body, most, wbits)
        except zlib.error:
            continue
    return None


def _unbrotlied(body: bytes, most: int) -> bytes | None:
    stream, content, rest = brotli.Decompressor(), _Content(most), body
    try:
        while not stream.is_finished():
            piece, rest = stream.process(rest, output_buffer_limit=CHUNK), b""
            if not piece:
                break
            content.add(piece)
        return b"".join(content.pieces) if stream.is_finished() else None
    except brotli.error:
        return None


UNPACK: dict[bytes, Callable[[bytes, int], bytes | None]] = {
    b"gzip": _gunzipped,
    b"x-gzip": _gunzipped,
    b"deflate": _undeflated,
    b"br": _unbrotlied,
}
"""
Content-Encoding: the content of a body, None where it is not whole.

They take the body and the most bytes that the content may have (0: any number), and raise TooLargeError.
"""


class WholeTransferMiddleware:
    """
    Unpacks an answer, and asks again for one that its own compression says is cut; counts ``newscrawl/cut/transfer``.

    Scrapy unpacks what there is and says nothing, so half an article would pass for one. To look before it does would
    be to unpack twice. What is no answer of 200 in one known encoding, or is so large that Scrapy has a word to say of
    it, is left to its own middleware above.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self.large = crawler.settings.getint("DOWNLOAD_WARNSIZE") or self.most

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WholeTransferMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        encoding = b",".join(response.headers.getlist("Content-Encoding")).strip().lower()
        unpack = UNPACK.get(encoding)
        if response.status != 200 or unpack is None or request.method == "HEAD":
            return response
        try:
            content = unpack(response.body, self.most)
        except TooLargeError:
            return response
        if content is None:
            self.crawler.stats.inc_value("newscrawl/cut/transfer")
            return tried_again(request, self.crawler, f"the {encoding.decode('latin-1')} stream breaks off")
        return response if self.large and len(content) >= self.large else unpacked(response, content)


def unpacked(response: Response, content: bytes) -> Response:
    """The answer with its content in place of the packed body, of the class that headers and content call for."""
    del response.headers["Content-Encoding"]
    kind = responsetypes.from_args(headers=response.headers, url=response.url, body=content)
    # A text's encoding was told from the packed body; what is no text has none.
    fresh = {"encoding": None} if issubclass(kind, TextResponse) else {}
    if isinstance(response, TextResponse) and not fresh:
        kind = type(response)
        fresh = {"encoding": None}
    return response.replace(cls=kind, body=content, **fresh)
