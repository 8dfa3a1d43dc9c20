"""The contract's rules for text, from markup to field."""

import pytest

from newscrawl import extract_article
from newscrawl.extraction.text import clean

from .post_page import URL, post_page

CLEAN = {
    "spaces": (" a\u00a0\u2009b\t\n c\u3000", "a b c"),
    "zero width": ("ri\u200bver\ufeff", "river"),
    "soft hyphen": ("har\u00adbour", "harbour"),
    "direction marks": ("\u200ea\u202ab\u202c", "ab"),
    "composed": ("Erdog\u0306an", "Erdo\u011fan"),
    "composed across a zero width": ("Erdog\u200b\u0306an", "Erdo\u011fan"),
    "joiner in an emoji": ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    "joiner behind a selector": ("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"),
    "joiner behind a skin tone": ("\U0001f469\U0001f3fd\u200d\U0001f680", "\U0001f469\U0001f3fd\u200d\U0001f680"),
    "joiner between letters": ("a\u200db", "ab"),
    "joiner at an emoji's end": ("\U0001f468\u200d b", "\U0001f468 b"),
    "quotes stay": ("\u201cOzan\u2019s\u201d \u2018x\u2019", "\u201cOzan\u2019s\u201d \u2018x\u2019"),
    "turkish letters stay": ("\u0130stanbul \u0131\u015f\u0131k", "\u0130stanbul \u0131\u015f\u0131k"),
    "mojibake stays": ("Erdo\u00c4\u0178an", "Erdo\u00c4\u0178an"),
    "control characters": ("a\x01b\x7f", "ab"),
    "zero width between spaces": ("a \u200b b", "a b"),
}
INVISIBLE = (
    *range(0x01, 0x09), *range(0x0E, 0x1C), 0x7F, 0xAD, 0x034F, 0x061C, 0x180E, 0x200B, 0x200C, 0x200E, 0x200F,
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xD800, 0xDFFF, 0xFEFF, 0xFFFE, 0xFFFF,
)  # fmt: skip


@pytest.mark.parametrize(("raw", "text"), CLEAN.values(), ids=CLEAN)
def test_clean(raw, text):
    assert clean(raw) == text


def test_each_invisible_character_is_removed_also_where_it_is_the_only_one():
    assert [hex(code) for code in INVISIBLE if clean(f"a{chr(code)}b") != "ab"] == []


BODIES = {
    "entities": ("<p>Fish &amp; chips&nbsp;&#8217;til &hellip; &lt;b&gt;</p>", "Fish & chips \u2019til \u2026 <b>"),
    "inline tags join": ("<p><strong>Ozan</strong>\u2018s <em>b</em>oat</p>", "Ozan\u2018s boat"),
    "source lines": ("<p>One\n   two</p>\n\n<p>three</p>", "One two\n\nthree"),
    "br": ("<p>One<br>two<br />\nthree</p>", "One\ntwo\nthree"),
    "double br": ("<p>One<br><br>two</p>", "One\n\ntwo"),
    "double br around bold": ("<p><b>One.</b><br>\n<br>two</p>", "One.\n\ntwo"),
    "text outside tags": ("One<p>two</p>three", "One\n\ntwo\n\nthree"),
    "inline around blocks": ('<a href="/x/"><p>One</p><p>two</p></a>', "One\n\ntwo"),
    "div soup": ("<div><div>One</div><div><span>two</span></div></div>", "One\n\ntwo"),
    "nested list": ("<ul><li>One<ul><li>two</li></ul></li><li>three</li></ul>", "One\n\ntwo\n\nthree"),
    "list directly in a list": ("<ul><li>One</li><ul><li>two</li></ul></ul>", "One\n\ntwo"),
    "list of paragraphs": ("<ol><li><p>One</p><p>two</p></li></ol>", "One\n\ntwo"),
    "quote": ("<blockquote><p>One</p><cite>Two</cite></blockquote>", "One\n\nTwo"),
    "pull quote": (
        '<figure class="wp-block-pullquote"><blockquote><p>One</p><cite>Two</cite></blockquote></figure>',
        "One\n\nTwo",
    ),
    "quoted post": (
        '<blockquote class="twitter-tweet"><p lang="en">Fog!</p>&mdash; Pier (@pier) <a href="https://twitter.com/pier/'
        'status/1">May 3, 2025</a></blockquote><script async src="https://platform.twitter.com/widgets.js"></script>',
        "Fog!\n\n\u2014 Pier (@pier) May 3, 2025",
    ),
    "table": (
        "<table><caption>Ships</caption><tr><th>Port</th><th></th></tr><tr><td>Vell<br>Bay</td><td>4</td></tr></table>",
        "Ships\n\nPort |\n\nVell Bay | 4",
    ),
    "verse": ("<pre>One\ntwo</pre>", "One\ntwo"),
    "image caption": (
        '<p>One</p><figure><img src="/a.jpg"><figcaption>A pier</figcaption></figure><p>two</p>',
        "One\n\ntwo",
    ),
    "classic caption": (
        '<div class="wp-caption"><img src="/a.jpg"><p class="wp-caption-text">A pier</p></div><p>One</p>',
        "One",
    ),
    "advertisement": (
        '<p>One</p><div class="code-block code-block-1"><ins class="adsbygoogle"></ins>(ads = window.ads || []).push({});'
        '</div><div class="a-wrap a-wrap-base">Ad</div><p>two</p>',
        "One\n\ntwo",
    ),
    "script and style": ("<p>One<script>var a = '<p>x</p>';</script></p><style>p {}</style><p>two</p>", "One\n\ntwo"),
    "share row": ('<div class="sharedaddy"><h3>Share this:</h3><ul><li>X</li></ul></div><p>One</p>', "One"),
    "related cards": (
        '<section class="block-wrap"><article class="l-post"><h2><a href="/x/">Other</a></h2></article></section><p>One</p>',
        "One",
    ),
    "table of contents": ('<div id="ez-toc-container"><p>Contents</p><ul><li>One</li></ul></div><p>One</p>', "One"),
    "hidden": ('<p style="display: none">No</p><p hidden>No</p><p>One</p>', "One"),
    "comment": ("<p>One<!-- two --></p>", "One"),
    "inserted and deleted": ("<p>One <del>two</del> <ins>three</ins></p>", "One two three"),
    "unclosed": ("<p>One<p>two<div>three", "One\n\ntwo\n\nthree"),
    "text behind an advertisement": ('<p>One <span class="adsbygoogle">x</span> two</p>', "One two"),
    "video fallback": ("<video src='/v.mp4'>Your browser is old <a href='/v.mp4'>get it</a></video><p>One</p>", "One"),
}


@pytest.mark.parametrize(("markup", "body"), BODIES.values(), ids=BODIES)
def test_body(markup, body):
    article = extract_article(post_page(markup), URL)
    assert article.body == body
    assert article.word_count == len(body.split())


@pytest.mark.parametrize(("markup", "body"), BODIES.values(), ids=BODIES)
def test_the_same_text_stands_in_a_section(markup, body):
    article = extract_article(post_page(f"<h3>Part</h3>{markup}"), URL)
    assert article.body_sections == [{"heading": "Part", "level": 3, "paragraphs": body.split("\n\n")}]
