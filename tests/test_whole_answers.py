"""What tells an answer that was cut from a whole one."""

import gzip
import random
import zlib

import brotli
import pytest
from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Response, TextResponse
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from newscrawl.downloadermiddlewares import whole_transfer
from newscrawl.downloadermiddlewares.whole_transfer import (
    CHUNK,
    SLICE,
    UNPACK,
    TooLargeError,
    WholeTransferMiddleware,
    unpacked,
)
from tests.living_site import XML, LivingSite, etag, states
from tests.local_server import HTML, Answer, serving
from tests.site_pages import post, site

TEXT = "".join(f"The ferry came back, {number} times. " for number in range(20_000)).encode()


def raw_deflate(data):
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


STREAMS = {
    "gzip": (b"gzip", gzip.compress(TEXT)),
    "gzip in two members": (b"x-gzip", gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:])),
    "gzip and a line end": (b"gzip", gzip.compress(TEXT) + b"\r\n"),
    "deflate": (b"deflate", zlib.compress(TEXT)),
    "deflate without a header": (b"deflate", raw_deflate(TEXT)),
    "brotli": (b"br", brotli.compress(TEXT)),
}


@pytest.mark.parametrize(("encoding", "body"), STREAMS.values(), ids=STREAMS)
def test_a_stream_is_whole_or_cut(encoding, body):
    unpack = UNPACK[encoding]
    assert unpack(body, 0) == unpack(body, len(TEXT)) == TEXT
    assert [unpack(body[:size], 0) for size in (0, 1, 40, len(body) // 2)] == [None] * 4
    for given in (body, body[: len(body) // 2]):
        with pytest.raises(TooLargeError):
            unpack(given, 1_000)


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 131_084])
def test_what_a_stream_still_holds_back_is_of_it(length):
    """zlib may have taken in all of it, and not given out all: without a trailer, nothing else tells."""
    for content in (b"a" * length, TEXT[:length]):
        packed = raw_deflate(content)
        assert UNPACK[b"deflate"](packed, 0) == content
        assert UNPACK[b"deflate"](packed[:-1], 0) is None


@pytest.mark.parametrize("behind", range(SLICE - 3, SLICE + 4))
def test_a_member_begins_wherever_the_one_before_ends(behind):
    noise = random.Random(7).randbytes(behind)  # as long packed as it is
    first = next(
        gzip.compress(noise[:size], mtime=0)
        for size in range(behind - 60, behind)
        if packed_size(noise[:size]) == behind
    )
    assert UNPACK[b"gzip"](first + gzip.compress(b"more"), 0) == gzip.decompress(first) + b"more"


def packed_size(data):
    return len(gzip.compress(data, mtime=0))


def test_members_without_end_cost_no_more_than_their_length(monkeypatch):
    taken = []
    monkeypatch.setattr(whole_transfer.zlib, "decompressobj", counting(zlib.decompressobj, taken))
    assert UNPACK[b"gzip"](gzip.compress(b"", mtime=0) * 5_000, 0) == b""
    assert len(taken) == 5_000
    assert max(taken) <= SLICE


def counting(make, taken):
    """zlib's streams, and how many bytes each is given at a time."""

    class Stream:
        def __init__(self, wbits):
            self._stream = make(wbits)

        def decompress(self, data, most):
            taken.append(len(data))
            return self._stream.decompress(data, most)

        def __getattr__(self, name):
            return getattr(self._stream, name)

    return Stream


def test_a_stream_of_something_else_is_not_whole():
    assert {unpack(b"<html>not packed</html>" * 9, 0) for unpack in UNPACK.values()} == {None}


PAGE = "<html><p>şehir</p></html>"
ANSWERS = {
    "one encoding": ({"Content-Encoding": "GZIP "}, gzip.compress(PAGE.encode())),
    "another charset than UTF-8": (
        {"Content-Encoding": "gzip", "Content-Type": "text/html; charset=iso-8859-9"},
        gzip.compress(PAGE.encode("iso-8859-9")),
    ),
    "larger than Scrapy keeps silent of": ({"Content-Encoding": "br"}, brotli.compress(PAGE.encode() + b" " * 20_000)),
    "two encodings in a header": ({"Content-Encoding": "gzip, br"}, brotli.compress(gzip.compress(PAGE.encode()))),
    "two headers": ({"Content-Encoding": ["gzip", "gzip"]}, gzip.compress(gzip.compress(PAGE.encode()))),
    "an encoding nobody knows": ({"Content-Encoding": "rot13"}, PAGE.encode()),
    "none": ({}, PAGE.encode()),
}


@pytest.mark.parametrize(("headers", "body"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_unpacked_as_scrapy_unpacks_it(headers, body):
    given = {"DOWNLOAD_MAXSIZE": 50_000, "DOWNLOAD_WARNSIZE": 10_000}
    crawler = get_crawler(settings_dict=given)
    crawler.stats = StatsCollector(crawler)
    request = Request("https://newsjournos.com/b/")
    headers = {"Content-Type": "text/html", **headers}
    ours, scrapys = WholeTransferMiddleware(crawler), HttpCompressionMiddleware.from_crawler(crawler)

    def answered(*middlewares):
        response = Response(request.url, headers=headers, body=body)
        for middleware in middlewares:
            response = middleware.process_response(request, response)
        return type(response), response.headers, response.body, getattr(response, "text", None)

    assert answered(ours, scrapys) == answered(scrapys)


def test_what_looked_like_text_while_it_was_packed_may_be_none():
    packed = TextResponse("http://127.0.0.1/a", body=b"abc", headers={"Content-Encoding": "br"})
    assert unpacked(packed, b"\x00\x01\x02").body == b"\x00\x01\x02"


WHOLE = post("b") + "<!-- cached -->"
CUT = post("b").replace("</html>", "")
PAGES = {
    "whole": ("</html>", WHOLE, 1),
    "cut": ("</html>", CUT, 3),
    "cut, of a site whose pages never end": ("", CUT, 1),
    "empty, of a site whose pages never end": ("", "", 3),
}


@pytest.mark.parametrize(("end", "page", "times"), PAGES.values(), ids=PAGES)
async def test_a_page_is_asked_for_again_where_it_is_cut(crawl, end, page, times):
    ending = {path: body.replace("</html>", end) for path, body in site("a", "b").items()}
    with serving({**ending, "/b/": Answer(200, page, HTML)}) as server:
        run = await crawl(server.url)
    assert server.paths.count("/b/") == times
    assert ("b" in run.slugs) is (times == 1)
    assert run.stat("newscrawl/failed/CutAnswerError") == (times > 1)
    assert run.stat("newscrawl/cut/page") == (3 if times > 1 else 0)


async def test_a_page_that_is_whole_at_the_second_try_is_an_article(crawl):
    with serving({**site("a", "b"), "/b/": [CUT, WHOLE]}) as server:
        run = await crawl(server.url)
    assert "b" in run.slugs
    assert not run.stat("newscrawl/failed/CutAnswerError")


async def test_a_feed_that_was_cut_is_read_whole_by_the_next_run(storing_crawl):
    """Its length is right and nothing is compressed: only its XML tells. Its ETag is that of the whole."""
    with LivingSite(("d", "c", "b", "a"), offers=("feed",)).serving() as site:
        whole = site.server.script["/feed/"][0]
        site.replace["/feed/"] = Answer(200, whole.body[: len(whole.body) // 2], {**XML, "ETag": etag(whole.body)})
        site.show()
        run = await storing_crawl(site.url, discover="feed")
        assert 0 < len(states(storing_crawl)) < 4
        assert run.crawler.spider.source_reports["feed"].problems == [f"{site.url}feed/: ends before its end"]
        site.replace.clear()
        site.show()
        await storing_crawl(site.url, discover="feed")
        assert site.statuses["/feed/"] == [200]
        assert states(storing_crawl).keys() == set("abcd")
