"""Addresses that a page may name to lead the crawl astray: each is on the very origin, or none."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given

from newscrawl.base_spiders.origin import Origin
from newscrawl.extraction.identity import absolute, normalise_url
from tests.fuzzing import ADDRESSES, BASE, FIXED, HOST


@pytest.mark.parametrize("method", ["own", "mirrored"])
@FIXED
@given(address=ADDRESSES)
def test_an_origin_names_only_itself(method, address):
    found = getattr(Origin(BASE), method)(address)
    if found is not None:
        assert found.startswith(BASE)
        assert urlsplit(found).netloc == HOST
        assert not set("\r\n\t") & set(found)


@FIXED
@given(address=ADDRESSES)
def test_a_link_is_http_or_none(address):
    found = absolute(BASE, address)
    if found is not None:
        assert urlsplit(found).scheme in ("http", "https")
        assert normalise_url(normalise_url(found)) == normalise_url(found)


def test_every_amp_at_the_end_goes_at_once():
    assert normalise_url("https://newsjournos.com/a-story/amp/amp/") == "https://newsjournos.com/a-story/"


def test_spaces_around_a_path_are_none_of_it():
    assert Origin(BASE).mirrored("http: ?") == BASE


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("/a/<b>\"'", f"{BASE}a/%3Cb%3E%22'"),
        ("https://newsjournos.com/a\n b/", "https://newsjournos.com/a%20b/"),
        ("/\ud800/", f"{BASE}%3F/"),
    ],
    ids=["markup", "space", "half a character"],
)
def test_a_link_holds_what_an_address_may(href, url):
    assert absolute(BASE, href) == url
