"""The replica's posts against what the theme is known to render."""

import json
import re
from dataclasses import fields
from typing import Any

import pytest
from lxml import etree, html

from fixtures.replica.corpus import Corpus
from fixtures.replica.model import LAYOUTS
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options
from fixtures.replica.truth import truth
from newscrawl.items import Article
from tests.replica_site import ORIGIN, changed, get, has, headers, pick, plain, tree, words

NOT_THE_PAGES = {"content_hash", "extractor_version", "crawled_at", "discovered_by", "sources"}
MODERN = tuple(layout for layout in LAYOUTS if not layout.startswith(("classic", "cover")))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(240, 1, ORIGIN)


@pytest.fixture
def build(corpus: Corpus) -> Any:
    """``build(head="yoast", ...)``: a site over the shared corpus."""
    return lambda **options: Site(corpus, site_options(**options))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_measured_selectors_find_the_truth_in_every_layout(build: Any, corpus: Corpus, layout: str) -> None:
    site = build(layout=layout)
    for post in [pick(corpus, plain), pick(corpus, lambda one: len(one.authors) > 1)]:
        page, want = tree(get(site, f"/{post.slug}/")), truth(post, site.pages)
        (header,) = page.xpath(f"//*[{has('the-post-header')}]")
        assert words(header.xpath(f".//h1[{has('post-title')}]")) == [want["headline"]]
        assert words(header.xpath(".//a[@rel='author']")) == [author["name"] for author in want["authors"]]
        assert header.xpath(".//time/@datetime")[0] == want["published_raw"]
        assert words(header.xpath(".//a[contains(@rel, 'category')]"))[0] == want["section"]
        assert page.xpath("//nav[@id='breadcrumb']//a/@href")[-1] == want["section_url"]
        assert words(page.xpath(f"//*[{has('the-post')}]//*[{has('the-post-tags')}]/a")) == want["tags"]
        related = page.xpath(f"//section[{has('related-posts')}]//article//h4/a")
        assert [
            {"headline": text, "url": one.get("href")} for text, one in zip(words(related), related, strict=True)
        ] == (want["related"])
        assert len(page.xpath(f"//*[{has('the-post')}]//*[{has('entry-content')}]")) == 1
        boxes = page.xpath(f"//*[{has('author-box')}]")
        assert [(words(box.xpath(".//p[@class='bio']"))[0] or None) for box in boxes] == (
            [author["bio"] for author in want["authors"]]
        )
        minutes = re.findall(r"(\d+) Mins? Read", " ".join(words(header.xpath(f".//*[{has('read-time')}]"))))
        assert minutes == ([str(want["reading_minutes"])] if want["reading_minutes"] else [])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_picture_stands_where_the_layout_puts_it(build: Any, corpus: Corpus, layout: str) -> None:
    post = pick(corpus, plain)
    page = tree(get(build(layout=layout), f"/{post.slug}/"))
    inside, single = (
        page.xpath(f"//*[{has(region)}]//*[{has('featured')}]/a[{has('image-link')}]/@href")
        for region in ("the-post-header", "single-featured")
    )
    assert post.image
    assert inside == ([post.image.url] if layout in ("cover", "classic", "classic-above", "large-image") else [])
    assert single == ([post.image.url] if layout in MODERN else [])
    unscoped = page.xpath(f"(//*[{has('featured')}]//a[{has('image-link')}])[1]/@href")
    assert unscoped != [post.image.url], "the mega menu has a .featured of its own, earlier in the page"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_share_rows_stand_above_and_below(build: Any, corpus: Corpus, layout: str) -> None:
    page = tree(get(build(layout=layout), f"/{pick(corpus, plain).slug}/"))
    assert bool(page.xpath(f"//*[{has('post-share')}]//span[{has('label')}]")) is (layout in MODERN)
    bottom = page.xpath(f"//*[{has('post-share-bot')}]//a")
    names = ["Facebook", "Twitter", "Pinterest", "LinkedIn", "Email", "Reddit", "WhatsApp", "Copy Link", "Bluesky"]
    assert words(bottom) == names
    assert [link.get("href") for link in bottom if link.get("href").startswith("#")] == ["#"]


def test_only_the_cover_picture_is_lazy(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, plain)
    sources = {}
    for layout in LAYOUTS:
        page = tree(get(build(layout=layout), f"/{post.slug}/"))
        sources[layout] = page.xpath(f"//a[{has('image-link')}]/img[{has('wp-post-image')}]/@src")[0]
    assert [layout for layout, source in sources.items() if source.startswith("data:")] == ["cover"]


def test_a_page_weighs_what_real_ones_weigh(build: Any, corpus: Corpus) -> None:
    for layout in LAYOUTS:
        body = get(build(layout=layout), f"/{pick(corpus, plain).slug}/").body
        assert 100_000 <= len(body) <= 200_000
        assert sum(1 for _ in html.fromstring(body).iter(etree.Element)) >= 900


def test_noise_surrounds_the_post(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, changed)
    page = tree(get(build(comments=True, navigate=True, share_float=True), f"/{post.slug}/"))
    first = page.xpath("(//time)[1]/ancestor::*[@id][1]/@id")
    assert first != [f"post-{post.id}"]
    assert len(page.xpath(f"//*[@id='off-canvas']//article[{has('l-post')}]")) == 5
    assert len(page.xpath(f"//*[{has('trending-ticker')}]//a[{has('post-link')}]")) == 20
    assert page.xpath(f"//*[{has('mega-menu-b')}]//time")
    assert page.xpath(f"//*[{has('mega-menu-a')}]//article//h2/a")
    assert page.xpath("//*[@id='comments']//article//time[@pubdate]")
    assert set(page.xpath(f"//section[{has('navigate-posts')}]//a/@rel")) <= {"prev", "next"}
    assert page.xpath(f"//*[{has('post-share-float')}]")
    assert (
        words(page.xpath("//*[@id='detect-modal-title'] | //*[@id='detect-modal']//h5")) == ["Ad Blocker Enabled!"] * 2
    )


def test_editors_picks_stay_for_a_page_and_change_with_the_seed(build: Any, corpus: Corpus) -> None:
    path = f"/{pick(corpus, plain).slug}/"

    def picks(site: Site) -> tuple[list[str], list[str]]:
        page = tree(get(site, path))
        boxes = ("//*[@id='off-canvas']", f"//aside[{has('main-sidebar')}]")
        return tuple(page.xpath(f"{box}//h4/a/@href") for box in boxes)  # type: ignore[return-value]

    once, again, other = picks(build()), picks(build()), picks(build(picks_seed=2))
    assert once == again
    assert once[0] != once[1]
    assert once != other


HEADS = [
    ("rankmath", "rank-math-schema", "{title} - News Journos", True, "Time to read"),
    ("yoast", "yoast-schema-graph", "{title}", False, "Est. reading time"),
    ("aioseo", "aioseo-schema", "{title}", True, None),
]


@pytest.mark.parametrize(("head", "kind", "headline", "described", "label"), HEADS)
def test_each_plugin_has_its_head(
    build: Any, corpus: Corpus, head: str, kind: str, headline: str, described: bool, label: str | None
) -> None:
    post = pick(corpus, changed)
    site = build(head=head)
    page = tree(get(site, f"/{post.slug}/"))
    graph = json.loads(page.xpath(f"string(//script[@class='{kind}'])"))["@graph"]
    (node,) = [one for one in graph if "datePublished" in one and "headline" in one]
    assert node["headline"] == headline.format(title=post.title.replace("&", "&amp;"))
    assert node["datePublished"].endswith("+00:00" if head == "yoast" else "-05:00")
    assert bool(page.xpath("//meta[@name='description']")) is described
    assert page.xpath("//meta[@property='og:type']/@content") == ["article"]
    assert page.xpath("//meta[@property='article:modified_time']")
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{ORIGIN}/{post.slug}/"]
    assert page.xpath("//meta[@name='twitter:label2']/@content") == ([label] if label else [])
    assert bool(page.xpath("//meta[@name='author']")) is (head != "rankmath")
    assert len(page.xpath("//meta[@property='article:tag']")) == (len(post.tags) if head == "rankmath" else 0)
    assert page.xpath("//link[@rel='shortlink']/@href") == [f"{ORIGIN}/?p={post.id}"]


def test_without_a_plugin_only_wordpress_and_the_theme_speak(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, plain)
    page = tree(get(build(head="none"), f"/{post.slug}/"))
    assert not page.xpath("//meta[@property]")
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{ORIGIN}/{post.slug}/"]
    nodes = [json.loads(text) for text in page.xpath("//script[@type='application/ld+json']/text()")]
    assert [node["@type"] for node in nodes] == ["Article"]
    assert nodes[0]["image"]["width"] == post.image.width  # type: ignore[union-attr]


def test_without_a_picture_the_theme_has_no_node(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, lambda one: not one.image and not one.password and not one.empty)
    site = build(head="none", layout="modern")
    page = tree(get(site, f"/{post.slug}/"))
    assert not page.xpath("//script[@type='application/ld+json']")
    assert page.xpath(f"//*[{has('single-featured')}]/*[{has('featured')}]")
    assert "has-post-thumbnail" not in page.xpath(f"//article[@id='post-{post.id}']/@class")[0]
    assert truth(post, site.pages)["image"] is None


CRUMBS = {
    "rankmath": ("You are here: News Journos » {section} » {title}", ORIGIN, "last"),
    "yoast": ("You are here: News Journos » {section} » {title}", f"{ORIGIN}/", "breadcrumb_last"),
    "theme": ("You are here:Home»{section}»{title}", f"{ORIGIN}/", "current"),
}


@pytest.mark.parametrize("crumbs", CRUMBS)
def test_three_renderers_of_breadcrumbs(build: Any, corpus: Corpus, crumbs: str) -> None:
    post = pick(corpus, plain)
    text, home, last = CRUMBS[crumbs]
    page = tree(get(build(crumbs=crumbs), f"/{post.slug}/"))
    (nav,) = page.xpath("//nav[@id='breadcrumb']")
    assert words([nav]) == [text.format(section=post.sections[0].name, title=post.title)]
    assert nav.xpath(".//a/@href") == [home, f"{ORIGIN}/category/{post.sections[0].slug}/"]
    assert words(nav.xpath(f".//span[{has(last)}]")) == [post.title]
    listed = "BreadcrumbList" in page.xpath("string((//script[@type='application/ld+json'])[last()])")
    assert listed is (crumbs == "theme")


OPTIONS = [
    ({"updated": True}, f"//*[{has('the-post-header')}]//*[{has('date-modified')}]/span[{has('updated-on')}]"),
    ({"show_modified": True}, f"//*[{has('the-post-header')}]//*[{has('date-modified')}][not(span)]"),
    ({"meta_above": True}, f"//*[{has('the-post-header')}]//*[{has('meta-above')}]//a[@rel='category']"),
    ({"sponsored": True}, f"//*[{has('the-post-header')}]//*[{has('sponsor-info')}]/a"),
    ({"unlinked": True}, f"//*[{has('the-post-header')}]//figure[{has('image-link')}]/img"),
    ({"video": True}, f"//*[{has('featured-vid')}]/iframe"),
    ({"empty_main": True}, f"//div[{has('main')}][not(.//article)]"),
]


@pytest.mark.parametrize(("options", "found"), OPTIONS)
def test_options_show_in_the_header(build: Any, corpus: Corpus, options: dict[str, Any], found: str) -> None:
    post = pick(corpus, changed)
    assert not tree(get(build(), f"/{post.slug}/")).xpath(found)
    assert tree(get(build(**options), f"/{post.slug}/")).xpath(found)


def test_a_replaced_date_is_known_from_structured_data_only(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, changed)
    site = build(show_modified=True, head="yoast")
    page = tree(get(site, f"/{post.slug}/"))
    want = truth(post, site.pages)
    assert page.xpath(f"//*[{has('the-post-header')}]//time/@datetime") == [site.pages.engine.clock.iso(post.modified)]
    assert want["published_raw"] == want["published_at"] == post.published.isoformat()


@pytest.mark.parametrize(("version", "titled"), [("6.9.4", True), ("7.0", False)])
def test_newer_wordpress_titles_no_author_links(build: Any, corpus: Corpus, version: str, titled: bool) -> None:
    page = tree(get(build(wordpress=version), f"/{pick(corpus, plain).slug}/"))
    assert bool(page.xpath("//a[starts-with(@title, 'Posts by')]")) is titled


def test_parts_of_a_divided_post(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, lambda one: len(one.content.parts) == 2)
    site = build()
    first, second = tree(get(site, f"/{post.slug}/")), tree(get(site, f"/{post.slug}/2/"))
    links = f"//*[{has('entry-content')}]//a[{has('post-page-numbers')}]/@href"
    assert first.xpath(links) == [f"{ORIGIN}/{post.slug}/2/"]
    assert second.xpath(links) == [f"{ORIGIN}/{post.slug}/"]
    assert second.xpath("//link[@rel='canonical']/@href") == [f"{ORIGIN}/{post.slug}/2/"]
    assert truth(post, site.pages, 2)["body"] != truth(post, site.pages, 1)["body"]
    for part in (1, 3):
        answer = get(site, f"/{post.slug}/{part}/")
        assert (answer.status, headers(answer)["Location"]) == (301, f"{ORIGIN}/{post.slug}/")


def test_the_amp_copy_is_another_document(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, plain)
    page = tree(get(build(), f"/{post.slug}/?amp=1"))
    assert page.get("amp") == ""
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{ORIGIN}/{post.slug}/"]
    assert words(page.xpath(f"//h1[{has('amp-wp-title')}]")) == [post.title]
    assert not page.xpath(f"//*[{has('the-post-header')}]")
    assert get(build(), f"/{post.slug}/?noamp=mobile").body == get(build(), f"/{post.slug}/").body


def test_posts_without_text_are_pages_all_the_same(build: Any, corpus: Corpus) -> None:
    site = build()
    locked = pick(corpus, lambda post: post.password)
    page = tree(get(site, f"/{locked.slug}/"))
    assert page.xpath(f"//*[{has('entry-content')}]/form[{has('post-password-form')}]")
    empty = pick(corpus, lambda post: post.empty)
    page = tree(get(site, f"/{empty.slug}/"))
    assert words(page.xpath(f"//*[{has('entry-content')}]")) == [""]
    outcomes = [json.loads(get(site, f"/__replica__/truth/{post.id}").body)["outcome"] for post in (locked, empty)]
    assert outcomes == ["password", "empty"]


def test_canonical_links_may_name_the_live_site(build: Any, corpus: Corpus) -> None:
    post = pick(corpus, plain)
    site = build(canonical_origin="https://newsjournos.com")
    page = tree(get(site, f"/{post.slug}/"))
    assert page.xpath("//link[@rel='canonical']/@href") == [f"https://newsjournos.com/{post.slug}/"]
    assert truth(post, site.pages)["url"] == f"https://newsjournos.com/{post.slug}/"


def test_the_truth_has_every_field_of_the_page(build: Any, corpus: Corpus) -> None:
    want = truth(pick(corpus, plain), build().pages)
    assert set(want) == {one.name for one in fields(Article)} - NOT_THE_PAGES
