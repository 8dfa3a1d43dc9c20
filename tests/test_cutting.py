"""What is cut out of an article's page before it is parsed: what no field is read from, and no more."""

import itertools
from dataclasses import asdict

import pytest

from fixtures.mutations.samples import replica_samples, saved_samples
from newscrawl.exceptions import UnusablePageError
from newscrawl.extraction.article import load_article
from newscrawl.extraction.cutting import cut
from newscrawl.extraction.page import Page
from newscrawl.extraction.theme import Unread
from newscrawl.extraction.themes.smartmag import LAYOUTS

MENU = Unread(b"<div", b'id="menu"', b'id="bar"', unless=(b"ld+json",))
SIDE = Unread(b"<aside", b'class="side', b"</aside>")
BAR = b'<div id="bar"></div>'

PAGES = {
    "all there": (b'a<div class="x" id="menu"><div>m</div></div>%bb<aside class="side w">s</aside>c' % BAR, b"a%bbc" % BAR),
    "one there": (b'a<aside class="side">s</aside>b', b"ab"),
    "none there": (b"<aside>s</aside>", b"<aside>s</aside>"),
    "nothing at all": (b"", b""),
    "twice": (b'<aside class="side">s</aside>b<aside class="side">t</aside>', b'b<aside class="side">t</aside>'),
    "nothing comes after": (b'<div id="menu"></div>a', b'<div id="menu"></div>a'),
    "what comes after stands before": (b'%b<div id="menu"></div>a' % BAR, b'%b<div id="menu"></div>a' % BAR),
    "without an end": (b'<aside class="side">a', b'<aside class="side">a'),
    "another tag": (b'<nav id="menu"></nav>%b' % BAR, b'<nav id="menu"></nav>%b' % BAR),
    "in no tag": (b'id="menu" %b' % BAR, b'id="menu" %b' % BAR),
    "begins in a comment": (b'<!-- <aside class="side"> -->a</aside>', b'<!-- <aside class="side"> -->a</aside>'),
    "begins in a script": (
        b"""<script>w('<aside class="side">')</script>a</aside>""",
        b"""<script>w('<aside class="side">')</script>a</aside>""",
    ),
    "begins behind a comment": (b'<!-- a --><aside class="side">s</aside>b', b"<!-- a -->b"),
    "has structured data": (
        b'<div id="menu"><script type="application/ld+json">{}</script></div>%b' % BAR,
        b'<div id="menu"><script type="application/ld+json">{}</script></div>%b' % BAR,
    ),
    "structured data behind it": (
        b'<div id="menu"></div>%b<script type="application/ld+json">' % BAR,
        b'%b<script type="application/ld+json">' % BAR,
    ),
    "UTF-16, in which no tag is found": ('<aside class="side">s</aside>'.encode("utf-16"),) * 2,
}  # fmt: skip


@pytest.mark.parametrize(("page", "left"), PAGES.values(), ids=PAGES)
def test_cut(page, left):
    assert cut(page, (MENU, SIDE)) == left


def article_of(html: str, url: str, *, only_article: bool) -> tuple[dict, int]:
    """The fields of the page's article, none where there is no article, and how many elements the page has."""
    page = Page.from_html(html.encode(), url, LAYOUTS, only_article=only_article)
    elements = sum(1 for _ in page.tree.iter())
    try:
        return asdict(load_article([page])), elements
    except UnusablePageError:
        return {}, elements


@pytest.fixture(scope="module")
def samples():
    return [*saved_samples(), *replica_samples(5, every=2)]


def test_no_field_suffers(samples):
    """All layouts, heads and breadcrumbs; a test that holds of a page that nothing was cut out of would say nothing."""
    assert len(samples) > 20
    for sample in samples:
        whole, elements = article_of(sample.html, sample.url, only_article=False)
        cut_out, left = article_of(sample.html, sample.url, only_article=True)
        assert cut_out == whole != {}
        assert left < elements / 2, sample.url


ODD = (
    ('id="smart-head"', 'id="head"'),
    ('id="smart-head-mobile"', 'id="mobile"'),
    ('id="off-canvas"', 'data-x="<div>" id="off-canvas"'),
    ("<footer ", "<footer ><footer "),
    ("</aside>", "</aside></aside>"),
    ("</aside>", ""),
    ("</footer>", ""),
    ('<div class="main-wrap">', ""),
    ("<aside ", "<!-- <aside "),
    ("<aside ", "<!-- --><aside "),
    ("</aside>", "<aside>a</aside></aside></div>"),
    ("<footer ", "</div></div><footer "),
    ("<nav ", "<div><nav "),
    ("</nav>", "</nav></div>"),
    ("<ul ", "<p><ul "),
    ("</nav>", "</nav><!-- "),
    ("<aside ", "<aside ><!-- "),
)  # fmt: skip


@pytest.mark.parametrize("changes", [*itertools.combinations(ODD, 1), *itertools.combinations(ODD, 2)])
def test_no_field_suffers_on_broken_pages(samples, changes):
    """Markup is broken where it is cut: what a whole page gives is given, or more."""
    sample = samples[0]
    html = sample.html
    for old, new in changes:
        html = html.replace(old, new)
    assert html != sample.html
    whole, _ = article_of(html, sample.url, only_article=False)
    cut_out, _ = article_of(html, sample.url, only_article=True)
    found = {name: value for name, value in whole.items() if value not in (None, [])}
    assert {name: cut_out[name] for name in found} == found


def test_no_field_suffers_where_the_header_stands_behind_the_article(samples):
    for sample in samples:
        before, opening, rest = sample.html.partition('<div class="smart-head ')
        bar, mobile, rest = rest.partition('<div class="smart-head ')
        main, modal, end = rest.partition('<div class="search-modal-wrap')
        html = before + mobile + main + opening + bar + modal + end
        assert "<h1" in main
        assert 'id="smart-head"' in bar
        whole, _ = article_of(html, sample.url, only_article=False)
        assert article_of(html, sample.url, only_article=True)[0] == whole != {}
