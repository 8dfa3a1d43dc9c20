"""Every field of every replica article, in all layouts, heads and breadcrumb renderers, against what was meant."""

import itertools

import pytest

from fixtures.replica.corpus import Corpus
from fixtures.replica.model import CRUMBS, LAYOUTS, SiteOptions
from fixtures.replica.site import Site
from fixtures.replica.truth import outcome, truth
from newscrawl import extract_article
from newscrawl.exceptions import EmptyPostError, NoTextError, PasswordProtectedError
from newscrawl.extraction.address import part_links
from newscrawl.extraction.article import load_article
from newscrawl.extraction.page import Page
from newscrawl.extraction.themes.smartmag import SMARTMAG

HEADS = ("rankmath", "yoast", "none", "aioseo")
UNUSABLE = {"password": PasswordProtectedError, "empty": (NoTextError, EmptyPostError)}


def make_site(articles: int, seed: int, **options: str) -> Site:
    corpus = Corpus(articles=articles, seed=seed, base_url="http://127.0.0.1:8000", day=3)
    return Site(corpus, SiteOptions(**options))


def pages_of(site: Site, post) -> list[Page]:
    first = Page.from_html(site.pages.render(post).encode(), site.where.post(post), SMARTMAG)
    others = [
        Page.from_html(site.pages.render(post, number).encode(), url, SMARTMAG)
        for number, url in enumerate(part_links(first), 2)
    ]
    return [first, *others]


def differences(site: Site) -> list[str]:
    """What extraction made of each post of the site that was not meant."""
    found = []
    for number in site.corpus.ids():
        post = site.corpus.post(number)
        meant = outcome(post, site.pages)
        if meant != "article":
            with pytest.raises(UNUSABLE[meant]):
                load_article(pages_of(site, post))
            continue
        article = load_article(pages_of(site, post))
        for field, value in truth(post, site.pages).items():
            if getattr(article, field) != value:
                found.append(f"{post.variant} {post.slug} {field}: {getattr(article, field)!r} for {value!r}"[:500])
    return found


@pytest.mark.parametrize(("head", "crumbs"), list(itertools.product(HEADS, CRUMBS)))
def test_heads_and_breadcrumbs(head, crumbs):
    assert differences(make_site(40, seed=3, head=head, crumbs=crumbs)) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout):
    assert differences(make_site(40, seed=5, layout=layout)) == []


def test_each_part_alone_goes_by_the_address_of_its_post():
    site = make_site(120, seed=1)
    posts = [post for number in site.corpus.ids() if len((post := site.corpus.post(number)).content.parts) > 1]
    assert posts
    for post in posts:
        for number in range(1, len(post.content.parts) + 1):
            url = f"{site.where.post(post)}{number}/"
            article = extract_article(site.pages.render(post, number), url)
            meant = truth(post, site.pages, part=number)
            assert {name: getattr(article, name) for name in meant} == meant
