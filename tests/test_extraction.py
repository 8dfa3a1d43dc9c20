"""Fields by their ladder of sources, kinds of page, identity, and pages that cannot be used."""

import pytest

from newscrawl import extract_article
from newscrawl.exceptions import EmptyPostError, NewscrawlError, NoTextError, PasswordProtectedError

from .post_page import HEADER, URL, post_page

TEXT = "<p>The ferry came back.</p>"
DATE = '<time class="post-date" datetime="2025-05-03T10:15:00-04:00">May 3, 2025</time>'
BYLINE = '<a href="/author/desk/" rel="author">Harbour Desk</a>'


def graph(*nodes: str) -> str:
    return f'<script type="application/ld+json">{{"@context": "https://schema.org", "@graph": [{", ".join(nodes)}]}}</script>'


ARTICLE = (
    '{"@type": "NewsArticle", "headline": "A story - Site", "datePublished": "2025-05-03T14:15:00+00:00", '
    '"dateModified": "2025-05-04T09:00:00+00:00", "author": {"@id": "#p"}, "articleSection": ["U.S. News"], '
    '"keywords": ["Q&amp;A", "Ferries"]}'
)
PERSON = '{"@type": "Person", "@id": "#p", "name": "Mei-Lin O&#8217;Hara", "url": "/author/mei/"}'
WEB_PAGE = '{"@type": "WebPage", "datePublished": "2025-05-03T14:15:00+00:00"}'


def without(text: str) -> str:
    assert text in HEADER
    return HEADER.replace(text, "")


LADDERS = {
    "date in the header": (HEADER, "", "published_at", "2025-05-03T14:15:00+00:00", "theme"),
    "date in an item of another name": (
        HEADER.replace("meta-item date", "when"),  # which time it is, nothing tells
        "",
        "published_at",
        None,
        None,
    ),
    "only the date of the last edit": (
        HEADER.replace("meta-item date", "meta-item date-modified"),
        graph(WEB_PAGE),
        "published_at",
        "2025-05-03T14:15:00+00:00",
        "json-ld",
    ),
    "date in JSON-LD": (without(DATE), graph(ARTICLE), "published_at", "2025-05-03T14:15:00+00:00", "json-ld"),
    "date of the web page": (without(DATE), graph(WEB_PAGE), "published_at", "2025-05-03T14:15:00+00:00", "json-ld"),
    "date in meta": (
        without(DATE),
        '<meta property="article:published_time" content="2025-05-03T10:15:00-04:00">',
        "published_at",
        "2025-05-03T14:15:00+00:00",
        "meta",
    ),
    "date as text": (HEADER.replace(DATE, "May 3, 2025"), "", "published_at", "2025-05-03T00:00:00+00:00", "text"),
    "relative date": (HEADER.replace(DATE, "2 hours ago"), "", "published_at", None, None),
    "no date": (without(DATE), "", "published_at", None, None),
    "absurd date": (
        HEADER.replace("2025-05-03", "9999-12-31").replace("10:15", "23:59"),
        "",
        "published_at",
        "2025-05-03T00:00:00+00:00",
        "text",
    ),
    "modified in JSON-LD": (HEADER, graph(ARTICLE), "modified_at", "2025-05-04T09:00:00+00:00", "json-ld"),
    "modified in the header": (
        HEADER.replace(
            DATE, f'{DATE}</span><span class="meta-item date-modified"><time datetime="2025-05-05T00:00:00Z">'
        ),
        graph(ARTICLE),
        "modified_at",
        "2025-05-05T00:00:00+00:00",
        "theme",
    ),
    "modified as published": (
        HEADER,
        '<meta property="article:modified_time" content="2025-05-03T14:15:00+00:00">',
        "modified_at",
        None,
        None,
    ),
    "date in an item of another name, and in JSON-LD": (
        HEADER.replace("meta-item date", "edited").replace("05-03", "05-09"),
        graph(ARTICLE),
        "published_at",
        "2025-05-03T14:15:00+00:00",
        "json-ld",
    ),
    "title of another level": (HEADER.replace("h1", "h2"), "", "headline", "A story", "theme"),
    "section in the header": (HEADER, graph(ARTICLE), "section", "World", "rel"),
    "section in the trail": (HEADER.replace('rel="category"', ""), graph(ARTICLE), "section", "World", "theme"),
    "tags in JSON-LD": (HEADER, graph(ARTICLE), "tags", ["Q&A", "Ferries"], "json-ld"),
    "tags as one text": (
        HEADER,
        graph('{"@type": "Article", "keywords": "Ferries, U.S, Q&amp;A"}'),
        "tags",
        ["Ferries", "U.S", "Q&A"],
        "json-ld",
    ),
    "tags in meta": (HEADER, '<meta property="article:tag" content="Ferries">', "tags", ["Ferries"], "meta"),
    "language": (HEADER, "", "language", "en-US", "theme"),
    "reading time of another class": (
        HEADER.replace("</time>", '</time></span><span class="meta-item">6 Mins Read', 1),
        "",
        "reading_minutes",
        6,
        "theme",
    ),
    "sub-title of another class": (
        HEADER.replace("</h1>", "</h1><div>Ferries, again</div>"),
        "",
        "subtitle",
        "Ferries, again",
        "theme",
    ),
    "what follows the headline is no sub-title": (
        HEADER.replace("</h1>", "</h1><div><span>By</span> Harbour Desk</div>"),
        "",
        "subtitle",
        None,
        None,
    ),
    "no reading time": (HEADER, '<meta name="twitter:data2" content="5 minutes">', "reading_minutes", None, None),
    "post id": (HEADER, "", "post_id", 7, "theme"),
    "description": (
        HEADER,
        '<meta name="description" content="A &quot;boat&quot;">',
        "description",
        'A "boat"',
        "meta",
    ),
    "no description": (HEADER, '<meta property="og:description" content="A boat">', "description", None, None),
}


@pytest.mark.parametrize(("header", "head", "field", "value", "source"), LADDERS.values(), ids=LADDERS)
def test_ladder(header, head, field, value, source):
    article = extract_article(post_page(TEXT, header=header, head=head), URL)
    assert getattr(article, field) == value
    assert article.sources.get(field) == source


@pytest.mark.parametrize(
    ("header", "head", "name", "source"),
    [
        (HEADER, graph(ARTICLE, PERSON), "Harbour Desk", "rel"),
        (without(BYLINE), graph(ARTICLE, PERSON), "Mei-Lin O\u2019Hara", "json-ld"),
        (without(BYLINE), '<meta name="author" content="Ozan I\u015f\u0131k">', "Ozan I\u015f\u0131k", "meta"),
        (HEADER.replace(' rel="author"', ""), graph(ARTICLE, PERSON), "Harbour Desk", "theme"),
        (HEADER.replace(BYLINE, "Ozan"), "", "Ozan", "theme"),
    ],
    ids=["rel", "json-ld", "meta", "no rel", "text"],
)
def test_author_ladder(header, head, name, source):
    article = extract_article(post_page(TEXT, header=header, head=head), URL)
    assert [author["name"] for author in article.authors] == [name]
    assert article.sources["authors"] == source


def test_several_authors_and_their_boxes():
    header = HEADER.replace(BYLINE, f'{BYLINE} <a href="/author/mei/" rel="author">Mei</a>')
    box = (
        '<div class="author-box"><section class="author-info"><a href="/author/mei/" rel="author">Mei</a>'
        '<ul class="social-icons"><li><a href="https://mei.example" class="icon tsi-home" title="Website">w</a></li></ul>'
        '<p class="bio">Reporter.</p></section></div>'
    )
    assert extract_article(post_page(TEXT, header=header, after=box), URL).authors == [
        {"name": "Harbour Desk", "url": "https://newsjournos.com/author/desk/", "bio": None, "website": None},
        {
            "name": "Mei",
            "url": "https://newsjournos.com/author/mei/",
            "bio": "Reporter.",
            "website": "https://mei.example",
        },
    ]


def test_a_precise_date_and_a_day():
    exact = extract_article(post_page(TEXT), URL)
    day = extract_article(post_page(TEXT, header=HEADER.replace(DATE, "May 3, 2025")), URL)
    assert (exact.published_raw, exact.published_precision) == ("2025-05-03T10:15:00-04:00", "second")
    assert (day.published_raw, day.published_precision) == ("May 3, 2025", "day")


def test_the_primary_section_is_taken_among_several():
    links = '<a href="/category/a/" class="category term-color-3" rel="category">A</a> <a href="/category/b/" class='
    header = HEADER.replace('<a href="/category/world/" class=', links).replace(
        '"category" rel="category">World', '"category term-color-4" rel="category">B'
    )
    page = post_page(TEXT, header=header, body_class="single single-post postid-7 post-cat-4")
    assert extract_article(page, URL).section == "B"


def canonical(url: str) -> str:
    return f'<link rel="canonical" href="{url}">'


IDENTITIES = {
    "canonical": (canonical(URL), "https://newsjournos.com/?p=7", URL),
    "canonical on the crawled host": (canonical("http://127.0.0.1:8000/a/"), "http://127.0.0.1:8000/?p=7", "http://127.0.0.1:8000/a/"),
    "publisher's canonical on a mirror": (canonical(URL), "http://127.0.0.1:8000/a-story/", URL),
    "canonical of another port": (canonical("http://127.0.0.1:1/a/"), "http://127.0.0.1:8000/b/", "http://127.0.0.1:8000/b/"),
    "canonical elsewhere": (canonical("https://other.example/a/"), URL, URL),
    "none": ("", f"{URL}?amp=1&utm_source=x&noamp=mobile#respond", URL),
    "no final slash": (canonical("https://newsjournos.com/a-story"), URL, "https://newsjournos.com/a-story"),
    "host in capitals": (canonical("https://NewsJournos.com/A-Story/"), URL, "https://newsjournos.com/A-Story/"),
    "percent escapes": (canonical("https://newsjournos.com/%C3%B6/"), URL, "https://newsjournos.com/%C3%B6/"),
    "amp path": ("", "https://newsjournos.com/a-story/amp/", URL),
}  # fmt: skip


@pytest.mark.parametrize(("head", "fetched", "url"), IDENTITIES.values(), ids=IDENTITIES)
def test_identity(head, fetched, url):
    assert extract_article(post_page(TEXT, head=head), fetched).url == url


def test_a_part_goes_by_its_post():
    body_class = "single single-post postid-7 paged-2 single-paged-2"
    page = post_page(TEXT, head=canonical(f"{URL}2/"), body_class=body_class)
    assert extract_article(page, f"{URL}2/").url == URL


def test_a_slug_that_is_a_number_is_no_part():
    page = post_page(TEXT, head=canonical("https://newsjournos.com/2024/"))
    assert extract_article(page, "https://newsjournos.com/2024/").url == "https://newsjournos.com/2024/"


OTHER_KINDS = {
    "category": "archive category category-world category-2",
    "author": "archive author author-desk",
    "front page": "home page page-id-9",
    "blog": "home blog",
    "static page": "page page-id-9",
    "not found": "error404",
    "search": "search search-results",
    "attachment": "attachment single single-attachment postid-9 attachmentid-9",
}


@pytest.mark.parametrize("body_class", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_other_kinds_of_page_are_no_article(body_class):
    assert extract_article(post_page(TEXT, head=graph(ARTICLE), body_class=body_class), URL) is None


UNUSABLE = {
    "empty main": (
        post_page(TEXT).replace('<article id="post-7"', "<!--").replace("</article>", "-->"),
        EmptyPostError,
    ),
    "no headline": (post_page(TEXT, header=HEADER.replace("h1", "h6").replace("post-title", "kicker")), EmptyPostError),
    "no text": (post_page("<p>&nbsp;</p><figure><img src='/a.jpg'></figure>"), NoTextError),
    "password": (
        post_page('<form class="post-password-form"><p>This is protected.</p><input name="post_password"></form>'),
        PasswordProtectedError,
    ),
}


@pytest.mark.parametrize(("page", "error"), UNUSABLE.values(), ids=UNUSABLE)
def test_posts_that_cannot_be_used(page, error):
    with pytest.raises(error):
        extract_article(page, URL)


GOOD = post_page(TEXT)
HOSTILE = {
    "nothing": "",
    "nul": "\x00",
    "no html": "plain text",
    "binary": bytes(range(256)) * 40,
    "cut": GOOD[: len(GOOD) * 2 // 3],
    "deep blocks": post_page("<div>" * 3_000 + "x" + "</div>" * 3_000),
    "deep spans": post_page("<span>" * 3_000 + "x"),
    "deep lists": post_page("<ul><li>" * 1_000 + "x"),
    "deep tables": post_page("<table><tr><td>" * 500 + "x"),
    "deep JSON-LD": post_page(TEXT, head=f'<script type="application/ld+json">{"[" * 50_000}</script>'),
    "bad JSON-LD": post_page(TEXT, head='<script type="application/ld+json">{"@type": "Article", </script>'),
    "odd JSON-LD": post_page(
        TEXT,
        head=graph('{"@type": 7, "@id": 3}', '{"@type": "Article", "author": 5, "image": [[]], "keywords": {"a": 1}}'),
    ),
    "circular JSON-LD": post_page(
        TEXT,
        head=graph(
            '{"@type": "Article", "@id": "#a", "author": {"@id": "#a"}, "image": {"@id": "#a", "url": {"@id": "#a"}}}'
        ),
    ),
    "bad addresses": post_page('<p>x <a href="http://[">y</a><img src="http://[::"></p>', head=canonical("http://[")),
    "lone surrogate": GOOD.replace("ferry", "fe\ud800rry"),
}


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_cost_at_most_their_own_article(page):
    try:
        article = extract_article(page, URL)
    except NewscrawlError:
        return
    assert article is None or article.body


CHARSETS = {
    "utf-8": ("utf-8", "utf-8"),
    "latin-1 declared": ("iso-8859-1", "iso-8859-1"),
    "latin-1 not declared": ("iso-8859-1", None),
    "utf-8 declared as latin-1": ("utf-8", "iso-8859-1"),
    "with a byte order mark": ("utf-8-sig", None),
    "utf-16": ("utf-16", None),
}


@pytest.mark.parametrize(("encoding", "declared"), CHARSETS.values(), ids=CHARSETS)
def test_charsets(encoding, declared):
    head = f'<meta charset="{declared}">' if declared else ""
    page = post_page("<p>Sm\u00f8r p\u00e5</p>", head=head).encode(encoding)
    assert extract_article(page, URL).body == "Sm\u00f8r p\u00e5"


def test_the_hash_knows_no_address_and_no_markup():
    local = post_page('<h2>Part</h2><p>x <a href="/b/">y</a></p>', head="")
    renamed = post_page("<h3>Part</h3><div>x <a href='/b/'>y</a></div><div class='code-block'>ad</div>", head="")
    first = extract_article(local, URL)
    second = extract_article(renamed, "http://127.0.0.1:8000/another-slug/")
    assert first.content_hash == second.content_hash


@pytest.mark.parametrize("change", ["The ferry", "A story", "Harbour Desk", "World", "2025-05-03T10:15"])
def test_the_hash_knows_every_edit(change):
    before = post_page(TEXT)
    assert change in before
    after = before.replace(change, change.replace("0", "1", 1) if change[0] == "2" else f"{change}s")
    assert extract_article(before, URL).content_hash != extract_article(after, URL).content_hash
