"""What is cut out of an article's page before it is parsed: what no field is read from, and no more."""

import itertools
import re
from dataclasses import asdict

import pytest

from fixtures.mutations.samples import replica_samples, saved_samples
from newscrawl.exceptions import UnusablePageError
from newscrawl.extraction.article import load_article
from newscrawl.extraction.cutting import cut
from newscrawl.extraction.page import Page
from newscrawl.extraction.theme import Unread
from newscrawl.extraction.themes.smartmag import LAYOUTS

MENU = Unread(b"<div", b'id="menu"', b'id="bar"', unless=(b"application/ld+json",))
SIDE = Unread(b"<aside", b'class="side', b"</aside>")
BAR = b'<div id="bar"></div>'

CUT = {
    "all there": (
        b'</div><div class="x" id="menu"><div>m</div></div>%bb</div> <aside class="side w">s</aside>c' % BAR,
        b"</div>%bb</div> c" % BAR,
    ),
    "one there": (b'</div>\n<aside class="side">s</aside>b', b"</div>\nb"),
    "behind a comment": (b'<!-- a --><aside class="side">s</aside>b', b"<!-- a -->b"),
    "behind a script": (b'<script>1</script><aside class="side">s</aside>b', b"<script>1</script>b"),
    "twice": (
        b'</div><aside class="side">s</aside></div><aside class="side">t</aside>',
        b'</div></div><aside class="side">t</aside>',
    ),
    "a script inside, that has ended": (b'</div><aside class="side"><script>1</script></aside>b', b"</div>b"),
    "structured data behind it": (
        b'</div><div id="menu"></div>%b<script type="application/ld+json">' % BAR,
        b'</div>%b<script type="application/ld+json">' % BAR,
    ),
}
LEFT = {
    "none there": b"</div><aside>s</aside>",
    "nothing at all": b"",
    "nothing comes after": b'</div><div id="menu"></div>a',
    "what comes after stands before": b'</div>%b</div><div id="menu"></div>a' % BAR,
    "without an end": b'</div><aside class="side">a',
    "another tag": b'</div><nav id="menu"></nav>%b' % BAR,
    "in no tag": b'</div>id="menu" %b' % BAR,
    "begins in a comment": b'<!-- </div><aside class="side"> -->a</aside>',
    "ends in a script": b'</div><aside class="side"><script>"</aside>"</script></aside>b',
    "ends in a comment": b'</div><aside class="side"><!-- </aside> --></aside>',
    "begins in a script": b"""<script>w('</div><aside class="side">')</script>a</aside>""",
    "begins in an attribute": b"""</div><div data-x='<aside class="side">'></div>a</aside>""",
    "begins in a text": b'</div><textarea><aside class="side"></textarea>a</aside>',
    "structured data inside": b'</div><div id="menu"><script type="application/ld+json">{}</script></div>%b' % BAR,
    "UTF-16, in which no tag is found": '</div><aside class="side">s</aside>'.encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize(("page", "left"), CUT.values(), ids=CUT)
def test_cut(page, left):
    assert cut(page, (MENU, SIDE)) == left


@pytest.mark.parametrize("page", LEFT.values(), ids=LEFT)
def test_what_is_not_cut(page):
    assert cut(page, (MENU, SIDE)) == page


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


SIDEBAR = re.compile(r'<aside class="col-4 main-sidebar.*?</aside>', re.DOTALL)
TRAIL = '<nav class="breadcrumbs"><a href="/">Home</a><a href="/x/">X</a></nav>'
PULL_QUOTE = "<aside>“We were not asked.”</aside>"


def with_sidebar_first(html: str) -> str:
    sidebar = SIDEBAR.search(html)[0]
    return SIDEBAR.sub("", html).replace('<div class="post-content ', f'{sidebar}<div class="post-content ', 1)


def bare(html: str) -> str:
    """A page without structured data, and without breadcrumbs of its own."""
    return html.replace("ld+json", "json").replace("breadcrumb", "way")


def in_text(html: str, markup: str) -> str:
    """The markup behind the second paragraph of the article."""
    before, content, text = html.partition('<div class="post-content ')
    return before + content + text.replace("</p>", f"</p>{markup}", 2)


ODD_PAGES = {
    "an attribute that speaks of a footer": lambda html: in_text(
        SIDEBAR.sub("", html), """<div data-x='<footer class="main-footer">'></div>"""
    ),
    "a text that speaks of a footer": lambda html: in_text(
        SIDEBAR.sub("", html), '<pre><footer class="main-footer"></pre>'
    ),
    "the sidebar first, not closed, and a pull quote": lambda html: in_text(
        with_sidebar_first(html).replace("</aside>", "", 1), PULL_QUOTE
    ),
    "the sidebar first, closed by a script": lambda html: with_sidebar_first(html).replace(
        "</aside>", """<script>write('</aside><div class="entry-content"><p>Not this</p></div>')</script></aside>""", 1
    ),
    "a head that speaks of a menu": lambda html: bare(html).replace(
        "<head>", """<head><meta content='<div id="off-canvas">'>"""
    ),
    "breadcrumbs in the sidebar": lambda html: bare(html).replace("</aside>", f"{TRAIL}</aside>"),
    "related articles in the sidebar": lambda html: re.sub(
        r'<section class="[^"]*related-posts.*?</section>', "", html, flags=re.DOTALL
    ).replace(
        "</aside>", '<div class="related-posts"><article class="l-post"><h3><a href="/x/">X</a></h3></article></div></aside>'
    ),
    "breadcrumbs in the footer": lambda html: bare(html).replace("</footer>", f"{TRAIL}</footer>"),
}  # fmt: skip


@pytest.mark.parametrize("change", ODD_PAGES.values(), ids=ODD_PAGES)
def test_no_field_suffers_on_odd_pages(samples, change):
    for sample in samples:
        html = change(sample.html)
        assert html != sample.html
        whole, _ = article_of(html, sample.url, only_article=False)
        assert article_of(html, sample.url, only_article=True)[0] == whole != {}
