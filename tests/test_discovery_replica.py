"""What the parsers make of a whole site: each source names every article, with its date, and nothing else."""

from itertools import permutations

import pytest

from fixtures.replica.corpus import Corpus
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options
from newscrawl.discovery.feed import next_feed_page, parse_feed
from newscrawl.discovery.moments import utc
from newscrawl.discovery.rest import FAR_FUTURE, ROOTS, in_order, parse_posts, posts_url
from newscrawl.discovery.sitemap import USUAL_PLACES, names_articles, parse_sitemap, robots_sitemaps
from newscrawl.exceptions import UnreadableSourceError
from tests.replica_site import ORIGIN, get

PLUGINS = ("core", "yoast", "rankmath", "aioseo")


@pytest.fixture(scope="module")
def corpus():
    return Corpus(240, 1, ORIGIN)


def addresses(corpus):
    return sorted(f"{ORIGIN}/{post.slug}/" for post in corpus)


def answer(site, url):
    """The reply at the end of the redirects, and how many requests it took."""
    for requests in range(1, 6):
        reply = get(site, url.removeprefix(ORIGIN) or "/")
        if reply.status not in (301, 302):
            return reply, requests
        url = reply.headers["Location"]
    raise AssertionError(f"{url}: redirects without end")


def walk(site):
    """Index, children that may hold articles, and what they name."""
    (index,) = robots_sitemaps(answer(site, f"{ORIGIN}/robots.txt")[0].body, f"{ORIGIN}/robots.txt")
    children = parse_sitemap(answer(site, index)[0].body, index).children
    wanted = [child for child in children if names_articles(child.url)]
    return children, [parse_sitemap(answer(site, child.url)[0].body, child.url) for child in wanted]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("size", [0, 60])
@pytest.mark.parametrize("plugin", PLUGINS)
def test_sitemaps_name_each_article_once(corpus, plugin, size, zipped):
    site = Site(corpus, site_options(sitemap=plugin, sitemap_size=size, sitemap_gzip=zipped))
    children, files = walk(site)
    pages = [page for file in files for page in file.pages]
    assert sorted(page.url for page in pages) == addresses(corpus)
    changes = site.catalogue.changes()
    by_url = {f"{ORIGIN}/{post.slug}/": changes[post.id].isoformat(timespec="seconds") for post in corpus}
    assert {page.url: page.lastmod for page in pages} == by_url
    assert not any(file.cut or file.children for file in files)
    assert len(children) == len(files) + 2  # pages and categories
    assert all((child.lastmod is None) is (plugin == "core") for child in children)


def test_without_lastmod_only_addresses_are_named(corpus):
    _, files = walk(Site(corpus, site_options(sitemap="core", core_lastmod=False)))
    assert sorted(page.url for file in files for page in file.pages) == addresses(corpus)
    assert {page.lastmod for file in files for page in file.pages} == {None}


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_news_sitemap_names_some_articles_and_no_change(corpus, plugin):
    _, files = walk(Site(corpus, site_options(sitemap=plugin, sitemap_news=True)))
    recent = files[-1].pages
    assert recent
    assert {page.url for page in recent} < set(addresses(corpus))
    assert {page.lastmod for page in recent} == {None}


def test_no_order_of_the_usual_places_costs_less(corpus):
    sites = {kind: Site(corpus, site_options(sitemap=kind)) for kind in PLUGINS}

    def cost(order, kind):
        spent = 0
        for path in order:
            reply, requests = answer(sites[kind], f"{ORIGIN}{path}")
            spent += requests
            if reply.status == 200:
                return spent
        raise AssertionError("no sitemap found")

    total = sum(cost(USUAL_PLACES, kind) for kind in PLUGINS)
    assert total == min(sum(cost(order, kind) for kind in PLUGINS) for order in permutations(USUAL_PLACES))
    assert [cost(USUAL_PLACES, kind) for kind in PLUGINS] == [2, 1, 1, 2]


@pytest.mark.parametrize(("path", "summary"), [("/feed/", True), ("/category/world/feed/", False)])
def test_feeds_name_each_article_once(corpus, path, summary):
    site = Site(corpus, site_options(feed_summary=summary, wrong_self_link=True))
    found, url = [], f"{ORIGIN}{path}"
    for _ in range(100):
        reply = get(site, url.removeprefix(ORIGIN))
        entries = parse_feed(reply.body, url).entries
        if not entries:
            break
        found += entries
        url = next_feed_page(url)
    assert reply.status == 404
    ids = corpus.in_section("world") if "world" in path else corpus.ids()
    posts = [corpus.post(post_id) for post_id in ids]
    assert [(entry.url, entry.post_id, entry.published_at) for entry in found] == [
        (f"{ORIGIN}/{post.slug}/", post.id, post.published.isoformat(timespec="seconds")) for post in posts
    ]


@pytest.mark.parametrize("root", ROOTS)
def test_rest_names_each_post_in_the_order_of_change(corpus, root):
    site, found = Site(corpus, site_options()), []
    for page in (1, 2, 3):
        reply = get(site, posts_url(f"{ORIGIN}{root}", page).removeprefix(ORIGIN))
        assert reply.headers["X-WP-Total"] == "240"
        found += parse_posts(reply.body, ORIGIN)
    assert sorted(post.url for post in found) == addresses(corpus)
    assert in_order(found)
    for post in found:
        truth = corpus.post(post.post_id)
        assert post.url == f"{ORIGIN}/{truth.slug}/"
        assert (post.published_at, post.modified_at) == (utc(str(truth.published)), utc(str(truth.modified)))
    past = get(site, posts_url(f"{ORIGIN}{root}", 4).removeprefix(ORIGIN))
    with pytest.raises(UnreadableSourceError, match="rest_post_invalid_page_number"):
        parse_posts(past.body, ORIGIN)


@pytest.mark.parametrize("root", ROOTS)
def test_rest_gives_what_changed_later(corpus, root):
    site = Site(corpus, site_options())

    def asked(**how):
        return parse_posts(get(site, posts_url(f"{ORIGIN}{root}", **how).removeprefix(ORIGIN)).body, ORIGIN)

    newest = asked()
    since = newest[9].modified_at
    assert asked(modified_after=since) == tuple(post for post in newest if post.modified_at > since)
    assert asked(modified_after=FAR_FUTURE) == ()
    assert not in_order(asked(orderby="id")[:100])


@pytest.mark.parametrize(("status", "code"), [(404, "rest_no_route"), (401, "rest_not_logged_in")])
def test_a_closed_interface_says_so(corpus, status, code):
    site = Site(corpus, site_options(rest=False, rest_closed=status))
    reply = get(site, posts_url("/wp-json/"))
    assert reply.status == status
    with pytest.raises(UnreadableSourceError, match=code):
        parse_posts(reply.body, ORIGIN)
