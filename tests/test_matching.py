"""Queries answered by hand: the same elements as XPath finds, whatever the markup."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from lxml import etree, html

from newscrawl.extraction.matching import Matcher, UnknownToMatcherError
from newscrawl.extraction.query import compile_css, first, select
from newscrawl.extraction.themes.smartmag import SMARTMAG
from newscrawl.extraction.themes.twentytwentyone import TWENTYTWENTYONE

from .conftest import ROOT

PAGES = [html.fromstring(path.read_bytes()) for path in sorted((ROOT / "fixtures" / "pages").glob("*.html"))]
OTHERS = ("author_box", "featured", "listing", "password_form", "part_links", "current_part", "related", "marker")


def texts(value) -> Iterator[str]:
    """Every text in a value of a table."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        yield from texts(tuple(getattr(value, one.name) for one in fields(value)))
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one)


THEMES = (SMARTMAG, TWENTYTWENTYONE)
QUERIES = {
    *(
        css
        for pair in re.findall(r"query='([^']*)'|\('(?:child|descendant)', '([^']*)'\)", repr(THEMES))
        for css in pair
    ),
    *(css for theme in THEMES for name in OTHERS for css in texts(getattr(theme, name))),
} - {"", *(theme.featured.marker for theme in THEMES)}
HARD = """
<body class="a b"><div class="a
b	c"><p class="ab"><a class="x" rel="tag nofollow">1</a></p></div><section class="a"><section class="b"><a>2</a>
<p><a href="/x">3</a></p></section><a class=" x ">4</a></section><div class="b"><div class="a"><b class="x">5</b>
<a id="x" title="">6</a></div></div><a class="x\u00a0y">7</a><a class="x\u000cy">8</a></body>
"""


def answers(matcher, css: str, tree) -> None:
    found = compile_css(css)(tree)
    assert matcher(tree) == found
    assert matcher.first(tree) is (found[0] if found else None)
    if matcher.is_path:
        children = compile_css(css, "child")(tree)
        assert matcher.first_child(tree) is (children[0] if children else None)


@pytest.mark.parametrize("css", sorted(QUERIES))
def test_the_queries_of_the_themes(css):
    for tree in PAGES:
        found = compile_css(css)(tree)
        assert select(tree, css) == found
        assert first(tree, css) is (found[0] if found else None)


@pytest.mark.parametrize(
    "css",
    [
        "a", "*", ".a", ".x", "a.x", ".a a", ".a > a", ".a .b a", ".b .a a", ".a > .b a", ".a > .b > a", ".a.b", ".b.c a",
        "section > a, .b > .a > a", "a, b", "b.x, a.x", "A[REL~=tag]", "a[href]", "a[title='']", "a[href^='/']", "a[href*=x]",
        "#x", ":is(.a, p) > a", ":is(section, div):is(.a, .b) .x", "body a", "div:is(.a) a.x", "p:is(.ab, .b) > a[rel]",
    ],
)  # fmt: skip
def test_hard_markup(css):
    tree = html.fromstring(HARD)
    answers(Matcher(css), css, tree)
    for region in tree.iterchildren():
        answers(Matcher(css), css, region)


@pytest.mark.parametrize(
    "css",
    ["a + b", "a ~ b", "a:not(.b)", "a:has(b)", "a:contains('b')", "a[b$=c]", "a[b~='c d']", "a[b='c' i]", "a::text"],
)
def test_xpath_answers_the_rest(css):
    with pytest.raises(UnknownToMatcherError):
        Matcher(css)


def test_deep_markup_is_climbed_once():
    parser = etree.HTMLParser(huge_tree=True)
    deep = etree.fromstring("<body>" + "<div><a class=x>" * 4_000, parser)
    climbed = []
    matcher = Matcher(".none .x a")
    matcher._chains = [
        (test, [(is_parent, lambda one, test=step: climbed.append(one) or test(one)) for is_parent, step in steps])
        for test, steps in matcher._chains
    ]
    assert matcher(deep) == []
    assert len(climbed) < 20_000
