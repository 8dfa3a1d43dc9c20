"""The replica's lists, menus, other kinds of page and redirects."""

import json
from typing import Any

import pytest

from fixtures.replica.corpus import Corpus
from fixtures.replica.model import LISTINGS, PAGINGS
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options
from tests.replica_site import ORIGIN, get, has, headers, pick, plain, tree, words


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(240, 1, ORIGIN)


@pytest.fixture
def build(corpus: Corpus) -> Any:
    """``build(head="yoast", ...)``: a site over the shared corpus."""
    return lambda **options: Site(corpus, site_options(**options))


CARDS = {
    "grid": f"//*[{has('main-content')}]//article[{has('grid-base-post')}]//h2/a",
    "list": f"//*[{has('main-content')}]//article[{has('list-post')}]//h2/a",
    "overlay": f"//*[{has('main-content')}]//article[{has('overlay-post')}]//h2/a",
    "timeline": f"//*[{has('loop-timeline')}]/*[@data-month]//article[{has('l-post')}]/a[{has('post-title')}]",
    "classic": f"//*[{has('main-content')}]//article[starts-with(@id, 'post-')]//h2/a",
}


def next_page(page: Any, paging: str) -> list[str]:
    if paging.startswith("numbers"):
        return page.xpath(f"//nav[@data-type='{paging}']/a[{has('next')}]/@href")
    return page.xpath(f"//*[@data-type='{paging}']/a[{has('load-button')}]/@href")


@pytest.mark.parametrize("paging", PAGINGS)
@pytest.mark.parametrize("listing", LISTINGS)
def test_a_section_is_walked_to_its_end(build: Any, corpus: Corpus, listing: str, paging: str) -> None:
    site = build(listing=listing, paging=paging, per_page=7)
    found, path = [], "/category/world/"
    while path:
        page = tree(get(site, path))
        found += page.xpath(f"{CARDS[listing]}/@href")
        ways = next_page(page, paging)
        path = ways[0].removeprefix(ORIGIN) if ways else ""
    ids = corpus.in_section("world")
    assert len(ids) > 14
    assert found == [f"{ORIGIN}/{post.slug}/" for post in map(corpus.post, ids) if post]
    assert get(site, f"/category/world/page/{-(-len(ids) // 7) + 1}/").status == 404


@pytest.mark.parametrize(("head", "linked"), [("rankmath", True), ("yoast", True), ("aioseo", True), ("none", False)])
def test_plugins_link_pages_in_the_head(build: Any, head: str, linked: bool) -> None:
    page = tree(get(build(head=head), "/category/world/page/2/"))
    assert bool(page.xpath("//head/link[@rel='next']")) is linked
    assert bool(page.xpath("//head/link[@rel='prev']")) is linked
    assert "archive paged paged-2 category-paged-2 category category-world" in page.xpath("//body/@class")[0]
    if head in ("rankmath", "yoast"):
        assert page.xpath("//meta[@property='og:type']/@content") == ["article"], "no test for a post"


def test_featured_posts_are_left_out_of_the_list(build: Any, corpus: Corpus) -> None:
    site = build(featured=True)
    first, second = tree(get(site, "/category/world/")), tree(get(site, "/category/world/page/2/"))
    grid = f"//*[{has('main-featured')}]//article//h2/a/@href"
    ids = corpus.in_section("world")
    slugs = [post.slug for post in map(corpus.post, ids) if post]
    assert first.xpath(grid) == [f"{ORIGIN}/{slug}/" for slug in slugs[:5]]
    assert first.xpath(f"{CARDS['grid']}/@href") == [f"{ORIGIN}/{slug}/" for slug in slugs[5:15]]
    assert not second.xpath(grid)
    assert second.xpath(f"{CARDS['grid']}/@href") == [f"{ORIGIN}/{slug}/" for slug in slugs[15:25]]


def test_buttons_may_be_dead(build: Any) -> None:
    page = tree(get(build(paging="load-more", dead_buttons=True), "/category/world/"))
    assert next_page(page, "load-more") == ["#"]


def test_the_menus_name_the_sections(build: Any, corpus: Corpus) -> None:
    page = tree(get(build(), "/"))
    menus = {
        "header": page.xpath(f"//nav[{has('navigation-main')}]/ul/li[{has('menu-item-object-category')}]/a"),
        "off-canvas": page.xpath(f"//ul[{has('mobile-menu')}]/li/a"),
        "footer": page.xpath(f"//footer//li[{has('menu-item-object-category')}]/a"),
    }
    assert words(menus["header"]) == words(menus["off-canvas"]) == [term.name for term in corpus.menu]
    assert len(menus["header"]) == 9
    footer = words(menus["footer"])
    assert sorted(footer) == sorted(term.name for term in corpus.sections)
    assert set(footer) - set(words(menus["header"])) == {"Top Stories", "Tech", "Sports", "Entertainment"}
    assert words(page.xpath("//footer//h5"))[1:4] == ["News", "Journos", "COMPANY"]


def test_the_front_page_is_no_post_but_has_an_article_node(build: Any) -> None:
    page = tree(get(build(), "/"))
    classes = page.xpath("//body/@class")[0].split()
    assert "home" in classes
    assert "single" not in classes
    graph = json.loads(page.xpath("string(//script[@class='rank-math-schema'])"))["@graph"]
    assert "Article" in [node["@type"] for node in graph]
    assert len(page.xpath(f"//section[{has('block-wrap')}]")) > 8


KINDS = [
    ("/about-us/", 200, "page"),
    ("/our-authors/", 200, "page"),
    ("/author/simren/", 200, "author"),
    ("/nothing-here/", 404, "error404"),
    ("/category/nothing/", 404, "error404"),
    ("/wp-content/uploads/x.jpg", 404, "error404"),
]


@pytest.mark.parametrize(("path", "status", "kind"), KINDS)
def test_other_kinds_of_page(build: Any, path: str, status: int, kind: str) -> None:
    answer = get(build(), path)
    assert answer.status == status
    assert headers(answer)["Content-Type"] == "text/html; charset=UTF-8"
    page = tree(answer)
    assert kind in page.xpath("//body/@class")[0].split()
    assert page.xpath(f"//nav[{has('navigation-main')}]//a"), "menus everywhere"
    assert bool(page.xpath(f"//*[{has('the-post')} and {has('page-404')}]")) is (status == 404)


def test_a_tag_has_an_archive(build: Any, corpus: Corpus) -> None:
    tag = pick(corpus, plain).tags[0]
    page = tree(get(build(), f"/tag/{tag.slug}/"))
    assert words(page.xpath(f"//h1[{has('archive-heading')}]")) == [f"Browsing: {tag.name}"]


REDIRECTS = [
    ("/?p={id}", "/{slug}/"),
    ("/{slug}", "/{slug}/"),
    ("/{slug}?amp=1", "/{slug}/?amp=1"),
    ("/{slug}/amp/", "/{slug}/?amp=1"),
    ("/category/world", "/category/world/"),
    ("/category/world/page/1/", "/category/world/"),
    ("/category/world/page/2", "/category/world/page/2/"),
    ("/page/1/", "/"),
    ("/feed", "/feed/"),
    ("/category/world/feed", "/category/world/feed/"),
    ("/about-us", "/about-us/"),
    ("/2025/05/", "/"),
]


@pytest.mark.parametrize(("asked", "given"), REDIRECTS)
def test_redirects(build: Any, corpus: Corpus, asked: str, given: str) -> None:
    post = pick(corpus, plain)
    answer = get(build(), asked.format(id=post.id, slug=post.slug))
    assert answer.status == 301
    assert headers(answer)["Location"] == ORIGIN + given.format(id=post.id, slug=post.slug)


def test_a_foreign_host_is_redirected_unless_any_is_served(build: Any) -> None:
    assert get(build(), "/", Host="elsewhere.example").status == 301
    assert get(build(any_host=True), "/", Host="elsewhere.example").status == 200
    assert get(build(), "/", Host="127.0.0.1:8000").status == 200


def test_old_slugs_lead_on_and_removed_posts_are_gone() -> None:
    corpus = Corpus(120, 1, ORIGIN)
    before: dict[int, str] = {}
    for day in range(40):
        corpus.day = day
        before |= {post.id: post.slug for post in corpus if post.id not in before}
        moved = next((post for post in corpus if post.old_slugs), None)
        if moved and corpus.removed_ids():
            break
    assert moved
    answer = get(Site(corpus, site_options()), f"/{moved.old_slugs[0]}/")
    assert (answer.status, headers(answer)["Location"]) == (301, f"{ORIGIN}/{moved.slug}/")
    removed = min(corpus.removed_ids())
    slug = min(corpus.removed_slugs())
    for options, status in (({}, 404), ({"gone_status": 410}, 410)):
        site = Site(corpus, site_options(**options))
        assert [get(site, path).status for path in (f"/{slug}/", f"/?p={removed}")] == [status, status]
