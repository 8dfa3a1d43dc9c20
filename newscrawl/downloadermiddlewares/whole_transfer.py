"""A compressed answer whose stream breaks off is no answer."""

import zlib
from collections.abc import Callable

import brotli
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from newscrawl.downloadermiddlewares.cut_answer import tried_again

CHUNK = 64 * 1024
GZIP, ZLIB, RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
MEMBER = b"\x1f\x8b"
"""How another gzip stream begins: a file may hold several."""


def _is_whole_zlib(body: bytes, most: int, wbits: int) -> bool:
    """Whether a stream ends, and those that follow it; other bytes behind its end are no matter."""
    stream = zlib.decompressobj(wbits)
    size, rest = 0, body
    while rest and not stream.eof:
        size += len(stream.decompress(rest, CHUNK))
        if most and size > most:  # for the decompression to refuse
            return True
        rest = stream.unconsumed_tail
        if stream.eof and wbits == GZIP and stream.unused_data.startswith(MEMBER):
            stream, rest = zlib.decompressobj(wbits), stream.unused_data
    return stream.eof


def _is_whole_gzip(body: bytes, most: int) -> bool:
    try:
        return _is_whole_zlib(body, most, GZIP)
    except zlib.error:
        return False


def _is_whole_deflate(body: bytes, most: int) -> bool:
    """With zlib's header as the standard has it, or without."""
    for wbits in (ZLIB, RAW):
        try:
            return _is_whole_zlib(body, most, wbits)
        except zlib.error:
            continue
    return False


def _is_whole_brotli(body: bytes, most: int) -> bool:
    stream = brotli.Decompressor()
    size, rest = 0, body
    try:
        while not stream.is_finished():
            chunk = stream.process(rest, output_buffer_limit=CHUNK)
            if not chunk:
                break
            size, rest = size + len(chunk), b""
            if most and size > most:
                return True
        return bool(stream.is_finished())
    except brotli.error:
        return False


IS_WHOLE: dict[bytes, Callable[[bytes, int], bool]] = {
    b"gzip": _is_whole_gzip,
    b"x-gzip": _is_whole_gzip,
    b"deflate": _is_whole_deflate,
    b"br": _is_whole_brotli,
}
"""Content-Encoding: whether a body of it is whole, as far as so many bytes of content tell (0: all of them)."""


class WholeTransferMiddleware:
    """
    Asks again for an answer that its own compression says is cut; counts ``newscrawl/cut/transfer``.

    Scrapy unpacks what there is and says nothing, so half an article would pass for one. It stands above the
    decompression, which it does not replace: sizes are bounded there.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.most = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WholeTransferMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        encoding = (response.headers.get("Content-Encoding") or b"").strip().lower()
        is_whole = IS_WHOLE.get(encoding)
        if response.status != 200 or not is_whole or is_whole(response.body, self.most):
            return response
        self.crawler.stats.inc_value("newscrawl/cut/transfer")
        return tried_again(request, self.crawler, f"the {encoding.decode('latin-1')} stream breaks off")
