"""What tells an answer that was cut from a whole one."""

import gzip
import zlib

import brotli
import pytest

from newscrawl.downloadermiddlewares.whole_transfer import IS_WHOLE
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
    is_whole = IS_WHOLE[encoding]
    assert is_whole(body, 0)
    assert not any(is_whole(body[:size], 0) for size in (0, 1, 40, len(body) // 2))
    assert is_whole(body[: len(body) // 2], 1_000), "what is too large is for the decompression to refuse"


def test_a_stream_of_something_else_is_not_whole():
    assert not any(is_whole(b"<html>not packed</html>" * 9, 0) for is_whole in IS_WHOLE.values())


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
