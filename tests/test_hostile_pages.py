"""Pages broken on purpose: an article, none, or one of the project's own errors; never another, and never a script."""

import json
from pathlib import Path

import pytest

import newscrawl
from newscrawl.exceptions import NewscrawlError, TooLargePageError, UsageProblem
from newscrawl.extraction.identity import normalise_url
from newscrawl.extraction.page import MOST_BYTES, MOST_ELEMENTS
from newscrawl.extraction.text import clean
from newscrawl.pipelines.validate import strings
from newscrawl.storage.rows import as_dict
from tests.fuzzing import mutated
from tests.post_page import HEADER, URL, post_page

PAGES = sorted((Path(__file__).parents[1] / "fixtures/pages").rglob("*.html"))
LD = '<script type="application/ld+json">{}</script>'
SCRIPT = "<script>alert(1)</script>"
MANY = 200_000


def extracted(page):
    try:
        return newscrawl.extract_article(page, URL)
    except NewscrawlError:
        return None


def texts(article):
    return list(strings(as_dict(article).values()))


def test_there_are_pages_to_break():
    assert PAGES


@pytest.mark.parametrize("seed", range(100))
def test_a_mutated_page_raises_nothing_foreign(seed):
    extracted(mutated(PAGES[seed % len(PAGES)].read_bytes(), seed))


@pytest.mark.parametrize(
    "inside",
    ["<div>" * 10_000, "<table><tr><td>" * 100_000, "<p " + "a" * 1_000_000 + ">", "\x00" * 10_000, "<!--", "&#xD800;\ud800",
     LD.format('{"a":' * 50_000), LD.format("--> " + " " * MANY + "x")],
    ids=["deep", "tables", "attribute", "nul", "comment", "surrogate", "json-ld", "wrapped json-ld"],
)  # fmt: skip
def test_a_huge_or_deep_page_raises_nothing_foreign(inside):
    page = PAGES[0].read_text(encoding="utf-8")
    extracted(page.replace("<body", inside + "<body", 1))
    extracted(page.replace("</p>", inside + "</p>", 1))


# Each would take minutes to hours if its cost grew with the square of its length.
def test_a_tag_of_endless_attributes_is_no_page():
    names = " ".join(f"a{number}" for number in range(MANY * 2))
    assert extracted(post_page(f"<p>Text.</p><p {names}>")) is None


def test_a_page_may_be_large_but_not_too_large():
    """So many elements are read in a second, and so is so much text."""
    assert extracted(post_page("<p>Text.</p>" * (MOST_ELEMENTS - 100))).lead is None
    for page in (post_page("<b></b>" * MOST_ELEMENTS), post_page("<p>Text." * MOST_ELEMENTS), "a" * (MOST_BYTES + 1)):
        with pytest.raises(TooLargePageError, match=r"^too large: https://"):
            newscrawl.extract_article(page, URL)


MANY_OF = {
    "images": "<div>" + "<img src=/a.jpg>" * 15_000 + "</div>",
    "images of a figure": f"<figure>{'<img src=/a.jpg>' * 15_000}<figcaption>{'a b ' * 100_000}</figcaption></figure>",
    "captions": f"<figure>{'<figcaption>a</figcaption>' * 35_000}<img src=/a.jpg></figure>",
    "scripts": f"<script></script>{'a ' * 50}" * 35_000,
    "bold lines": f"<p><b>Article Subheadings</b></p>{'<p>1) x</p>' * 15_000}{'<p><b>a b</b></p><p>a.</p>' * 5_000}",
}


@pytest.mark.parametrize("inside", MANY_OF.values(), ids=MANY_OF)
def test_many_of_a_kind_are_read_in_one_go(inside):
    """Each half a minute or more, if one were compared with all the others."""
    assert extracted(post_page(f"<p>Text.</p>{inside}"))


def test_an_address_of_endless_amp_ends():
    assert normalise_url(URL + "amp/" * MANY + "x") == URL + "amp/" * MANY + "x"


def test_no_letter_has_endless_marks():
    assert clean("a" + "\u0316" * MANY + "\u0300" * MANY) == "a" + "\u0316" * 30


def test_a_node_that_is_referred_to_endlessly_ends():
    node = {"@id": "#a", "name": "Jo Doe", **dict.fromkeys(map(str, range(5_000)))}
    head = LD.format(json.dumps([node, {"@type": "NewsArticle", "author": [{"@id": "#a"}] * 50_000}]))
    article = extracted(post_page("<p>Text.</p>", head=head, header=HEADER.replace("author", "x")))
    assert {author["name"] for author in article.authors} == {"Jo Doe"}


@pytest.mark.parametrize("charset", ["base64", "idna", "undefined", "punycode", "zlib", "utf-7", "no-such"])
def test_a_codec_that_is_no_charset_is_not_taken_for_one(charset):
    page = post_page("<p>Caf\u00e9.</p>", head=f'<meta charset="{charset}">').encode("cp1252")
    assert extracted(page) is not None


@pytest.mark.parametrize("number", ["\u00b2", "9" * 5_000], ids=["a power", "5,000 digits"])
def test_a_part_whose_number_is_none_is_the_whole(number):
    page = post_page("<p>Text.</p>", head="", body_class=f"single paged-{number}")
    assert extracted(page).url == URL


@pytest.mark.parametrize("url", ["http://[", "", "about:blank", "/a-story/"])
def test_a_page_of_no_address_is_refused(url):
    with pytest.raises(UsageProblem, match="is no http"):
        newscrawl.extract_article(post_page("<p>Text.</p>"), url)


# where a script may stand: the page
SCRIPTED = {
    "headline": post_page("<p>Text.</p>", headline=f"A {SCRIPT}story"),
    "headline of noscript": post_page("<p>Text.</p>", headline="A <noscript><i>alert(1)</i></noscript>story"),
    "content": post_page(f"<p>Te{SCRIPT}xt.</p>{SCRIPT}<style>alert(1)</style>"),
    "caption": post_page(f"<figure><img src=/a.jpg><figcaption>A{SCRIPT}</figcaption></figure><p>Text.</p>"),
    "tags": post_page("<p>Text.</p>", tags=f'<div class="the-post-tags"><a rel="tag" href="/tag/a/">A{SCRIPT}</a></div>'),
    "description": post_page("<p>Text.</p>", head=f'<meta name="description" content="A &lt;i&gt;dry&lt;/i&gt; day{SCRIPT}">'),
    "json-ld": post_page("<p>Text.</p>", head=LD.format(json.dumps({"@type": "NewsArticle", "keywords": ["A<script>alert(1)"]}))),
    "addresses": post_page('<p>Text. <a href=\'/b/"><script>alert(1)\'>B</a><img src="/c<script>.jpg"></p>'),
}  # fmt: skip


@pytest.mark.parametrize("page", SCRIPTED.values(), ids=SCRIPTED)
def test_no_field_holds_a_script(page):
    article = extracted(page)
    assert article.body
    told = [text for text in texts(article) if "alert" in text or "<" in text]
    assert told == [text for text in told if text.startswith("https://") and "<" not in text]


def test_markup_that_the_page_shows_as_text_is_text():
    article = extracted(post_page(f"<p>Write &lt;script&gt;.</p>{SCRIPT}", headline="What is &lt;p&gt;?"))
    assert (article.headline, article.body) == ("What is <p>?", "Write <script>.")


def test_tags_in_json_ld_and_meta_leave_their_text():
    meta = '<meta name="description" content="A &lt;i&gt;dry&lt;/i&gt; day, 3 &lt; 4">'
    head = meta + LD.format(json.dumps({"@type": "NewsArticle", "keywords": ["<b>R&amp;D</b>", "3 &lt; 4"]}))
    article = extracted(post_page("<p>Text.</p>", head=head))
    assert (article.description, article.tags) == ("A dry day, 3 < 4", ["R&D", "3 < 4"])
