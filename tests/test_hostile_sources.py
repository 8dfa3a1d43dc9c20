"""Sitemaps, feeds, REST answers and dates broken on purpose cost their source only: an error of the project, or none."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.discovery.feed import parse_feed
from newscrawl.discovery.moments import utc
from newscrawl.discovery.rest import parse_posts
from newscrawl.discovery.sitemap import names_articles, parse_sitemap, robots_sitemaps
from newscrawl.exceptions import NewscrawlError
from newscrawl.extraction.dates import parse_moment
from tests.fuzzing import FIXED

_TOKENS = (
    b"<?xml version='1.0'?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<urlset>", b"</urlset>", b"<url>", b"</url>", b"<loc>",
    b"</loc>", b"http://[", b"<rss>", b"<channel>", b"<item>", b"<link>", b"<guid>", b"</item>", b"\0", b"\xff\xfe", b"\xed\xa0\x80",
    b"\x1f\x8b\x08", b"<![CDATA[", b"[", b"{", b'{"id":1,"link":1}', b'[{"id":1e999,"link":"http://["}]', b"]", b"&#xD800;",
    b"Sitemap: http://[\n", b"<pubDate>Mon, 01 Jan 0001 00:00:00 +1400</pubDate>",
)  # fmt: skip
_WHOLE = (
    b"[" * 100_000,
    b'[{"id":' + b"9" * 5000 + b"}]",
    b"<a>" * 100_000,
    b'<?xml version="1.0" encoding="no"?><urlset/>',
)
BODIES = st.lists(st.sampled_from(_TOKENS) | st.binary(max_size=4), max_size=14).map(b"".join) | st.sampled_from(_WHOLE)
DATES = st.lists(
    st.sampled_from(
        ["2024", "-", "01", "99", "T", "00:00", "Z", "+99:99", "9999", "January", "31,", "Tue, ", "GMT", "\0"]
    )
    | st.text(max_size=3),
    max_size=9,
).map("".join) | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])


@pytest.mark.parametrize("parse", [parse_sitemap, parse_feed, parse_posts, robots_sitemaps], ids=lambda f: f.__name__)
@FIXED
@given(body=BODIES)
def test_a_broken_source_raises_nothing_foreign(parse, body):
    with contextlib.suppress(NewscrawlError):
        parse(body, "https://newsjournos.com/x.xml")


@pytest.mark.parametrize("parse", [utc, parse_moment], ids=lambda f: f.__name__)
@FIXED
@given(text=DATES)
def test_a_broken_date_raises_nothing(parse, text):
    parse(text)


def test_many_children_of_endless_names_may_all_hold_articles():
    """Some minutes, if the time for a name grew with the square of its length."""
    assert all(names_articles(f"https://newsjournos.com/sitemap-{'1' * 1_900}x{number}") for number in range(20_000))


@pytest.mark.parametrize("parse", [parse_sitemap, parse_feed], ids=lambda f: f.__name__)
def test_entities_are_never_expanded(parse):
    """A billion laughs: each of ten entities is ten of the one before."""
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    body = (
        f"<?xml version='1.0'?><!DOCTYPE urlset [<!ENTITY l0 'ha'>{laughs}]><urlset><url><loc>&l9;</loc></url></urlset>"
    )
    with pytest.raises(NewscrawlError, match="neither sitemap nor feed"):
        parse(body.encode(), "https://newsjournos.com/x.xml")
