"""The replica's REST interface."""

import json
import re
from typing import Any

import pytest
from lxml import html

from fixtures.replica.corpus import Corpus
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options
from tests.replica_site import ORIGIN, get, headers, pick, plain


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(240, 1, ORIGIN)


@pytest.fixture
def build(corpus: Corpus) -> Any:
    """``build(head="yoast", ...)``: a site over the shared corpus."""
    return lambda **options: Site(corpus, site_options(**options))


REST_ERRORS = [
    ("/wp-json/wp/v2/posts?page=999", 400, "rest_post_invalid_page_number"),
    ("/wp-json/wp/v2/posts?per_page=101", 400, "rest_invalid_param"),
    ("/wp-json/wp/v2/posts?per_page=0", 400, "rest_invalid_param"),
    ("/wp-json/wp/v2/posts?orderby=luck", 400, "rest_invalid_param"),
    ("/wp-json/wp/v2/posts?after=yesterday", 400, "rest_invalid_param"),
    ("/wp-json/wp/v2/posts/1", 404, "rest_post_invalid_id"),
    ("/wp-json/wp/v2/weather", 404, "rest_no_route"),
]


@pytest.mark.parametrize(("path", "status", "code"), REST_ERRORS)
def test_rest_errors(build: Any, path: str, status: int, code: str) -> None:
    answer = get(build(), path)
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)


@pytest.mark.parametrize(("options", "status", "code"), [
    ({"rest": False}, 404, "rest_no_route"),
    ({"rest": False, "rest_closed": 401}, 401, "rest_not_logged_in"),
])  # fmt: skip
def test_rest_may_be_closed(build: Any, options: dict[str, Any], status: int, code: str) -> None:
    answer = get(build(**options), "/wp-json/wp/v2/posts")
    assert (answer.status, json.loads(answer.body)["code"]) == (status, code)


def test_rest_pages_through_everything(build: Any, corpus: Corpus) -> None:
    site = build()
    found, path = [], "/?rest_route=/wp/v2/posts&per_page=100&_fields=id,link,modified_gmt,title.rendered"
    while path:
        answer = get(site, path)
        found += json.loads(answer.body)
        assert headers(answer)["X-WP-Total"] == str(len(corpus))
        assert headers(answer)["X-WP-TotalPages"] == "3"
        following = re.search(r'<([^>]*)>; rel="next"', headers(answer).get("Link", ""))
        path = following[1].removeprefix(ORIGIN) if following else ""
    assert [one["id"] for one in found] == list(corpus.ids())
    assert set(found[0]) == {"id", "link", "modified_gmt", "title"}


def test_rest_filters(build: Any, corpus: Corpus) -> None:
    site, base = build(), "/wp-json/wp/v2/posts?per_page=100&_fields=id&"
    middle = sorted(post.published for post in corpus)[len(corpus) // 2]

    def ids(query: str) -> set[int]:
        return {one["id"] for one in json.loads(get(site, base + query).body)}

    late = {post.id for post in corpus if post.published > middle}
    assert len(late) > 100
    assert ids(f"after={middle:%Y-%m-%dT%H:%M:%SZ}") <= late
    assert not ids(f"before={middle:%Y-%m-%dT%H:%M:%SZ}") & late
    recent = max(post.modified for post in corpus)
    assert ids(f"modified_after={recent:%Y-%m-%dT%H:%M:%SZ}") == set()
    term = corpus.sections[4]
    assert ids(f"categories={term.id}") == set(corpus.in_section(term.slug))
    post = pick(corpus, plain)
    assert ids(f"slug={post.slug}") == {post.id}


def test_a_post_in_rest(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, plain)
    record = json.loads(get(build(), f"/wp-json/wp/v2/posts/{post.id}").body)
    assert record["date_gmt"] == post.published.strftime("%Y-%m-%dT%H:%M:%S")
    assert record["link"] == f"{ORIGIN}/{post.slug}/"
    assert html.fromstring(f"<p>{record['title']['rendered']}</p>").text == post.title
    assert record["content"]["rendered"] == post.content.parts[0]
    assert record["categories"] == [term.id for term in post.sections]
