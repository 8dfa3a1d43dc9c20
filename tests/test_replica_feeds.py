"""The replica's feeds and sitemaps."""

import gzip
from typing import Any

import pytest
from lxml import etree

from fixtures.replica.corpus import Corpus
from fixtures.replica.http import Reply
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options
from tests.replica_site import ORIGIN, get, headers, pick, plain, xml


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(240, 1, ORIGIN)


@pytest.fixture
def build(corpus: Corpus) -> Any:
    """``build(head="yoast", ...)``: a site over the shared corpus."""
    return lambda **options: Site(corpus, site_options(**options))


def items(answer: Reply) -> list[Any]:
    return xml(answer).findall("channel/item")


@pytest.mark.parametrize("path", ["/feed/", "/category/world/feed/", "/tag/{tag}/feed/", "/author/simren/feed/"])
def test_feeds_have_the_sites_order(build: Any, corpus: Corpus, path: str) -> None:
    path = path.format(tag=pick(corpus, plain).tags[0].slug)
    answer = get(build(), path)
    channel = xml(answer).find("channel")
    assert headers(answer)["Content-Type"].startswith("application/rss+xml")
    assert channel.findtext("link") == ORIGIN
    assert channel.find("{http://www.w3.org/2005/Atom}link").get("href") == f"{ORIGIN}{path}"
    assert [one.tag.rpartition("}")[2] for one in channel][:10] == [
        "title", "link", "link", "description", "lastBuildDate", "language", "updatePeriod", "updateFrequency",
        "generator", "image",
    ]  # fmt: skip
    for item in items(answer):
        post = corpus.by_slug(item.findtext("link").removeprefix(ORIGIN).strip("/"))
        assert post
        assert item.findtext("title") == post.title
        assert [one.text for one in item.findall("category")] == [term.name for term in post.sections + post.tags]
        assert item.findtext("guid") == f"{ORIGIN}/?p={post.id}"
        assert item.findtext("comments") == f"{ORIGIN}/{post.slug}/?noamp=mobile#respond"
        assert item.findtext("pubDate").endswith(" +0000")


def test_feeds_are_paged_to_a_404_that_is_rss(build: Any, corpus: Corpus) -> None:
    site = build()
    ids = corpus.in_section("world")
    found: list[str] = []
    for number in range(1, 100):
        answer = get(site, f"/category/world/feed/?paged={number}")
        if answer.status != 200:
            break
        found += [item.findtext("link") for item in items(answer)]
    assert found == [f"{ORIGIN}/{post.slug}/" for post in map(corpus.post, ids) if post]
    assert (answer.status, items(answer)) == (404, [])
    assert headers(answer)["Content-Type"].startswith("application/rss+xml")


def test_all_feeds_share_one_validator(build: Any) -> None:
    site = build()
    main, section = get(site, "/feed/"), get(site, "/category/world/feed/")
    tag = headers(main)["ETag"]
    assert tag == headers(section)["ETag"]
    assert get(site, "/category/world/feed/", If_None_Match=tag).status == 304
    assert get(site, "/feed/", If_None_Match=f"W/{tag}").status == 304
    assert get(site, "/feed/", If_Modified_Since=headers(main)["Last-Modified"]).status == 304
    assert get(site, "/feed/", If_None_Match='"other"', If_Modified_Since=headers(main)["Last-Modified"]).status == 200


def test_a_feed_may_name_another_as_itself(build: Any) -> None:
    channel = xml(get(build(wrong_self_link=True), "/category/world/feed/")).find("channel")
    assert channel.find("{http://www.w3.org/2005/Atom}link").get("href") == f"{ORIGIN}/feed/"


def test_the_comment_feed_holds_no_posts(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, plain)
    site = build(comments=True)
    channel = xml(get(site, f"/{post.slug}/feed/")).find("channel")
    assert channel.findtext("title") == f"Comments on: {post.title}"
    assert all("#comment-" in item.findtext("link") for item in channel.findall("item"))


NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
SITEMAPS = {
    "core": ("/wp-sitemap.xml", "wp-sitemap-posts-post-1.xml", {"/sitemap.xml": 301, "/sitemap_index.xml": 404}),
    "yoast": ("/sitemap_index.xml", "post-sitemap.xml", {"/sitemap.xml": 301, "/wp-sitemap.xml": 301}),
    "rankmath": ("/sitemap_index.xml", "post-sitemap1.xml", {"/sitemap.xml": 404, "/wp-sitemap.xml": 301}),
    "aioseo": ("/sitemap.xml", "post-sitemap.xml", {"/sitemap_index.xml": 302, "/wp-sitemap.xml": 302}),
    "off": ("", "", {"/sitemap.xml": 404, "/sitemap_index.xml": 404, "/wp-sitemap.xml": 404}),
}


@pytest.mark.parametrize("plugin", SITEMAPS)
def test_sitemaps_lie_where_the_plugin_puts_them(build: Any, plugin: str) -> None:
    index, first, others = SITEMAPS[plugin]
    site = build(sitemap=plugin)
    assert {path: get(site, path).status for path in others} == others
    robots = get(site, "/robots.txt").body.decode()
    assert robots.startswith("User-agent: *")
    if not index:
        assert "Sitemap:" not in robots
        return
    assert f"Sitemap: {ORIGIN}{index}" in robots
    assert f"{ORIGIN}/{first}" in xml(get(site, index)).xpath("//s:loc/text()", namespaces=NS)


@pytest.mark.parametrize("plugin", ["core", "yoast", "rankmath", "aioseo"])
@pytest.mark.parametrize("size", [0, 50])
def test_sitemaps_name_every_post_and_its_change(build: Any, corpus: Corpus, plugin: str, size: int) -> None:
    site = build(sitemap=plugin, sitemap_size=size)
    index = xml(get(site, SITEMAPS[plugin][0]))
    found: dict[str, str] = {}
    files = [
        one for one in index.findall("s:sitemap", NS) if "post" in one.findtext("s:loc", namespaces=NS).split("/")[3]
    ]
    files = [one for one in files if "-page-" not in one.findtext("s:loc", namespaces=NS)]
    assert len(files) == (-(-240 // size) if size else (2 if plugin == "rankmath" else 1))
    for file in files:
        child = xml(get(site, file.findtext("s:loc", namespaces=NS).removeprefix(ORIGIN)))
        rows = {
            one.findtext("s:loc", namespaces=NS): one.findtext("s:lastmod", namespaces=NS)
            for one in child.findall("s:url", NS)
        }
        posts = {url: lastmod for url, lastmod in rows.items() if url != f"{ORIGIN}/"}
        if plugin != "core":
            assert file.findtext("s:lastmod", namespaces=NS) == max(posts.values())
        found |= rows
    wanted = {
        f"{ORIGIN}/{post.slug}/": site.pages.engine.clock.iso(post.modified)
        if plugin == "core"
        else post.modified.isoformat()
        for post in corpus
    }
    if plugin in ("yoast", "rankmath"):
        assert next(iter(found)) == f"{ORIGIN}/", "the home page is the first entry"
        del found[f"{ORIGIN}/"]
    assert found == wanted


def test_aioseo_writes_cdata_newest_first(build: Any, corpus: Corpus) -> None:
    body = get(build(sitemap="aioseo"), "/post-sitemap.xml").body.decode()
    newest = corpus.post(corpus.ids()[0])
    assert newest
    assert body.index("<loc><![CDATA[") == body.index("<loc>")
    assert f"<![CDATA[{ORIGIN}/{newest.slug}/]]>" in body.split("</url>")[0]


def test_child_sitemaps_may_be_zipped(build: Any) -> None:
    site = build(sitemap_gzip=True)
    first = xml(get(site, "/sitemap_index.xml")).xpath("//s:loc/text()", namespaces=NS)[0]
    assert first.endswith(".xml.gz")
    answer = get(site, first.removeprefix(ORIGIN))
    assert "Content-Encoding" not in headers(answer)
    assert etree.fromstring(gzip.decompress(answer.body)).tag.endswith("urlset")


def test_a_news_sitemap_names_the_last_two_days(build: Any, corpus: Corpus) -> None:
    site = build(sitemap_news=True)
    assert f"{ORIGIN}/news-sitemap.xml" in xml(get(site, "/sitemap_index.xml")).xpath("//s:loc/text()", namespaces=NS)
    dates = xml(get(site, "/news-sitemap.xml")).xpath("//*[local-name()='publication_date']/text()")
    assert dates
    assert all((corpus.now - post.published).days <= 2 for post in corpus if post.published.isoformat() in dates)


def test_wordpress_itself_may_state_no_change(build: Any) -> None:
    site = build(sitemap="core", core_lastmod=False)
    assert not xml(get(site, "/wp-sitemap-posts-post-1.xml")).xpath("//s:lastmod", namespaces=NS)
