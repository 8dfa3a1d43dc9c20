"""Whole crawls over loopback: from the home page to the articles, by the real engine."""

import pytest

from newscrawl.exceptions import BlockedError, SiteUnreachableError, UnknownSectionError
from tests.local_server import Answer, serving
from tests.site_pages import TEXT, cards, home, post, section, site

OFF = Answer(302, headers={"Location": "http://localhost:1/"})
FORBIDDEN = "User-agent: *\nDisallow: /"
TWO = {"World": "world", "U.S. News": "u-s-news"}


async def test_from_the_menus_to_every_article(crawl):
    script = {
        **site("a", "b", "c"),
        "/": home(TWO),
        "/category/world/": section(["a", "b"], "/category/world/page/2/"),
        "/category/world/page/2/": section(["c"]),
        "/category/u-s-news/": section(["b", "d"]),
        "/d/": post("d"),
    }
    with serving(script) as server:
        run = await crawl(server.url)
    assert run.slugs == ["a", "b", "c", "d"]
    assert server.paths[:2] == ["/robots.txt", "/"]
    assert len(server.paths) == len(set(server.paths)), "no page is fetched twice"
    assert {article.discovered_by for article in run.articles} <= {"section:World", "section:U.S. News"}
    assert run.crawler.stats.get_value("finish_reason") == "finished"


WALKS = {
    "404 past the end": (
        {
            "/category/world/": section(["a"], "/category/world/page/2/"),
            "/category/world/page/2/": section(["b"], "/category/world/page/3/"),
        },
        ["a", "b"],
    ),
    "next leads back": ({"/category/world/": section(["a"], "/category/world/")}, ["a"]),
    "next leads to another host": ({"/category/world/": section(["a"], "http://localhost:1/world/2/")}, ["a"]),
    "redirect to the first page": (
        {
            "/category/world/": section(["a"], "/category/world/page/2/"),
            "/category/world/page/2/": Answer(301, headers={"Location": "/category/world/"}),
        },
        ["a"],
    ),
    "a page without cards": (
        {
            "/category/world/": section(["a"], "/category/world/page/2/"),
            "/category/world/page/2/": section([], "/category/world/page/3/"),
            "/category/world/page/3/": section(["b"]),
        },
        ["a"],
    ),
    "posts that slid down from the page before": (
        {
            "/category/world/": section(["a"], "/category/world/page/2/"),
            "/category/world/page/2/": section(["a"], "/category/world/page/3/"),
            "/category/world/page/3/": section(["b"]),
        },
        ["a", "b"],
    ),
    "a server that knows no end": (
        {f"/category/world/{page}": section(["a"], f"/category/world/page/{number}/")
         for number, page in enumerate(["", *(f"page/{n}/" for n in range(2, 20))], 2)},
        ["a"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("pages", "slugs"), WALKS.values(), ids=WALKS)
async def test_a_walk_comes_to_its_end(crawl, pages, slugs):
    with serving({**site("a", "b"), **pages}) as server:
        run = await crawl(server.url)
    assert run.slugs == slugs
    assert len(server.paths) < 12
    assert run.failure is None


async def test_a_walk_that_breaks_costs_itself_only(crawl):
    script = {**site("a"), "/": home(TWO), "/category/u-s-news/": Answer(500)}
    with serving(script) as server:
        run = await crawl(server.url)
    assert run.slugs == ["a"]
    assert run.failure is None
    assert run.stat("newscrawl/ended_early/section") == 1
    assert server.paths.count("/category/u-s-news/") == 3, "the first try and two more"


async def test_other_places_lead_to_articles_too(crawl):
    related = '<section class="related-posts">' + cards(["r"]) + "</section>"
    script = {
        **site("a", "h", "s", "r"),
        "/": home({"World": "world"}, cards(["a", "h"])),
        "/category/world/": section(["a"], aside=["s"]),
        "/a/": post("a", after=related),
    }
    with serving(script) as server:
        run = await crawl(server.url)
    found = {article.headline: article.discovered_by for article in run.articles}
    assert found == {"Story a": "section:World", "Story h": "home", "Story s": "sidebar", "Story r": "related"}


ARGUMENTS = {
    "sections by slug": ({"sections": "U-S-NEWS"}, ["c"]),
    "sections by name": ({"sections": "u.s. news, World"}, ["a", "b", "c"]),
    "max_pages": ({"max_pages": "1"}, ["a", "c"]),
    "urls": ({"urls": "/b/,a/"}, ["a", "b"]),
    "since the day itself": ({"since": "2025-05-03"}, ["a", "b", "c"]),
    "since the day after": ({"since": "2025-05-04"}, []),
    "until the day itself": ({"until": "2025-05-03"}, ["a", "b", "c"]),
    "until the day before": ({"until": "2025-05-02"}, []),
    "without sections": ({"discover": "feed"}, []),
}


@pytest.mark.parametrize(("arguments", "slugs"), ARGUMENTS.values(), ids=ARGUMENTS)
async def test_an_argument_limits_the_run(crawl, arguments, slugs):
    script = {
        **site("a", "b", "c"),
        "/": home(TWO),
        "/category/world/": section(["a"], "/category/world/page/2/"),
        "/category/world/page/2/": section(["b"]),
        "/category/u-s-news/": section(["c"]),
    }
    with serving(script) as server:
        run = await crawl(server.url, **arguments)
    assert run.slugs == slugs
    if "urls" in arguments:
        assert sorted(server.paths) == ["/a/", "/b/", "/robots.txt"]


async def test_max_articles_ends_the_run(crawl):
    with serving(site(*"abcdefghij")) as server:
        run = await crawl(server.url, {"CONCURRENT_REQUESTS": 1}, max_articles="3", discover="sections")
    assert len(run.articles) == 3
    assert len(server.paths) <= 3 + 3 + 2, "robots.txt, home, section, three articles, two on their way"
    assert run.stat("finish_reason") == "max_articles"


ADDRESSES = {
    "?p=ID": ("/?p=7", {"/?p=7": Answer(301, headers={"Location": "/a/"})}, ["/?p=7"]),
    "old slug": ("/old/", {"/old/": Answer(301, headers={"Location": "/a/"})}, ["/old/"]),
    "without final slash": ("/a", {"/a": Answer(301, headers={"Location": "/a/"})}, ["/a"]),
    "canonical of another slug": ("/copy/", {"/copy/": post("a")}, ["/copy/"]),
    "noise parameters": ("/a/?utm_source=x&noamp=mobile#respond", {}, []),
    "amp": ("/b/", {"/b/": [Answer(302, headers={"Location": "/b/?amp=1"})],
                    "/b/?amp=1": '<html amp><head><link rel="canonical" href="/a/"></head><body></body></html>'}, []),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "more", "others"), ADDRESSES.values(), ids=ADDRESSES)
async def test_every_address_leads_to_one_article(crawl, asked, more, others):
    with serving({**site("a"), **more}) as server:
        run = await crawl(server.url, urls=asked)
    own = f"{server.url}a/"
    assert [article.url for article in run.articles] == [own]
    assert [(alias.url, alias.article_url) for alias in run.aliases] == [(server.url + url[1:], own) for url in others]


async def test_a_redirect_to_an_article_seen_before_is_remembered(crawl):
    script = {**site("a", "old"), "/old/": Answer(301, headers={"Location": "/a/"})}
    with serving(script) as server:
        run = await crawl(server.url)
    assert {article.url for article in run.articles} == {f"{server.url}a/"}
    assert [alias.url for alias in run.aliases] == [f"{server.url}old/"]


async def test_a_mirror_names_the_original(crawl):
    script = {**site("a"), "/a/": post("a", canonical="https://newsjournos.com/a/")}
    with serving(script) as server:
        run = await crawl(server.url, discover="sections")
    assert [article.url for article in run.articles] == ["https://newsjournos.com/a/"]
    assert run.aliases == []
    assert len(server.paths) == 4, "nothing was asked of the original"


def part(number: int, of: int, text: str) -> str:
    links = "".join(
        f'<a class="post-page-numbers" href="/a/{n if n > 1 else ""}">{n}</a> '
        if n != number
        else f'<span class="post-page-numbers current">{n}</span> '
        for n in range(1, of + 1)
    )
    nav = f'<nav class="main-pagination post-pagination">{links}</nav>'
    return post("a", f"<p>{text}</p>{nav}", canonical="/a/" if number == 1 else f"/a/{number}/")


PARTS = {"/a/": part(1, 3, "One."), "/a/2": part(2, 3, "Two."), "/a/3": part(3, 3, "Three.")}


@pytest.mark.parametrize("asked", ["/a/", "/a/2"])
async def test_parts_are_joined_in_order(crawl, asked):
    with serving({**site("a"), **PARTS}) as server:
        run = await crawl(server.url, urls=asked)
    assert [article.body for article in run.articles] == ["One.\n\nTwo.\n\nThree."]
    assert [alias.url for alias in run.aliases] == ([] if asked == "/a/" else [f"{server.url}a/2"])


async def test_an_article_with_a_missing_part_is_rejected(crawl):
    with serving({**site("a"), **PARTS, "/a/3": Answer(404)}) as server:
        run = await crawl(server.url)
    assert run.articles == []
    assert [(one.url, one.reason) for one in run.rejections] == [(f"{server.url}a/", "missing_part")]


async def test_a_part_that_leads_back_to_the_first_is_none(crawl):
    with serving({**site("a"), **PARTS, "/a/3": Answer(301, headers={"Location": "/a/"})}) as server:
        run = await crawl(server.url)
    assert [article.body for article in run.articles] == ["One.\n\nTwo."]


HALVES = {"/a/": part(1, 2, "One."), "/a/2": part(2, 2, "Two.")}
SECONDS = {
    "part": (HALVES["/a/2"], ["One.\n\nTwo."]),
    "way back to the first": (Answer(301, headers={"Location": "/a/"}), ["One."]),
    "section": (section(["a"]), ["One."]),
}


@pytest.mark.parametrize("asked", ["/a/", "/a/2"])
@pytest.mark.parametrize(("second", "bodies"), SECONDS.values(), ids=SECONDS)
async def test_an_article_has_the_parts_that_are_parts(crawl, second, bodies, asked):
    if asked == "/a/2" and second == SECONDS["section"][0]:
        bodies = []
    with serving({**site("a"), **HALVES, "/a/2": second}) as server:
        run = await crawl(server.url, urls=asked)
    assert [article.body for article in run.articles] == bodies
    assert run.stat("log_count/ERROR") == 0


UNUSABLE = {
    "no text": (post("b", "<p> </p>"), "no_text"),
    "password": (post("b", '<form class="post-password-form"><input type="password"></form>'), "password_protected"),
    "empty main": ('<body class="single single-post postid-9"><div class="main"></div></body></html>', "empty_page"),
}


@pytest.mark.parametrize(("page", "reason"), UNUSABLE.values(), ids=UNUSABLE)
async def test_a_post_without_an_article_is_rejected_with_its_reason(crawl, page, reason):
    with serving({**site("a", "b"), "/b/": page}) as server:
        run = await crawl(server.url)
    assert run.slugs == ["a"]
    assert [one.reason for one in run.rejections] == [reason]
    assert run.stat("log_count/ERROR") == 0


NO_ARTICLES = {
    "archive": (section(["a"]), "newscrawl/skipped/archive"),
    "static page": ('<body class="page page-id-2"><h1>About</h1></body></html>', "newscrawl/skipped/page"),
    "front page": (home({"World": "world"}), "newscrawl/skipped/home"),
    "404": (Answer(404), "newscrawl/absent/http_404"),
    "410": (Answer(410), "newscrawl/absent/http_410"),
    "no page": (Answer(200, b"%PDF-1.7", {"Content-Type": "application/pdf"}), "newscrawl/skipped/other"),
    "off the site": (OFF, "newscrawl/failed/OffOriginError"),
    "in circles": (Answer(302, headers={"Location": "/b/"}), "newscrawl/failed/IgnoreRequest"),
    "too large": (Answer(200, TEXT * 1000), "newscrawl/failed/DownloadCancelledError"),
}


@pytest.mark.parametrize(("answer", "stat"), NO_ARTICLES.values(), ids=NO_ARTICLES)
async def test_what_is_no_article_is_counted_and_costs_itself_only(crawl, answer, stat):
    with serving({**site("a", "b"), "/b/": answer}) as server:
        run = await crawl(server.url, {"DOWNLOAD_MAXSIZE": 20_000})
    assert run.slugs == ["a"]
    assert run.stat(stat) == 1
    assert run.rejections == []
    assert run.stat("log_count/ERROR") == 0
    assert run.failure is None


HOMES = {
    "500": ({"/": Answer(500)}, SiteUnreachableError, "http_500"),
    "404": ({}, SiteUnreachableError, "http_404"),
    "no menus": ({"/": "<html><body>Buy this domain</body></html>"}, SiteUnreachableError, "menus name no sections"),
    "another host": ({"/": OFF}, SiteUnreachableError, "localhost:1"),
    "no section answers": ({"/": home(TWO)}, SiteUnreachableError, "no section page"),
    "forbidden": ({**site("a"), "/robots.txt": FORBIDDEN}, SiteUnreachableError, "robots.txt forbids"),
    "robots.txt 503": ({**site("a"), "/robots.txt": Answer(503)}, BlockedError, "robots.txt answered 503"),
    "robots.txt elsewhere": (
        {**site("a"), "/robots.txt": OFF},
        SiteUnreachableError,
        "robots.txt could not be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("script", "error", "said"), HOMES.values(), ids=HOMES)
async def test_a_site_that_cannot_be_walked_is_a_failed_run(crawl, script, error, said):
    with serving(script) as server:
        run = await crawl(server.url)
    assert isinstance(run.failure, error)
    assert said in str(run.failure)
    assert run.articles == []
    assert run.stat("spider_exceptions/count") == 0


async def test_an_unknown_section_is_named_with_the_known_ones(crawl):
    with serving({**site("a"), "/": home(TWO)}) as server:
        run = await crawl(server.url, sections="world,wrold")
    assert isinstance(run.failure, UnknownSectionError)
    assert "'wrold'" in str(run.failure)
    assert "World, U.S. News" in str(run.failure)
    assert server.paths == ["/robots.txt", "/"]


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ({"/a/": Answer(500), "/b/": Answer(503)}, SiteUnreachableError),
        ({"/a/": Answer(500), "/b/": post("b")}, None),
        ({"/a/": Answer(500), "/b/": Answer(404)}, None),
    ],
    ids=["none", "one", "one is gone"],
)
async def test_addresses_that_cannot_be_read(crawl, answers, failure):
    with serving({**site(), **answers}) as server:
        run = await crawl(server.url, urls="/a/,/b/", settings={"RETRY_TIMES": 0})
    assert isinstance(run.failure, failure) if failure else run.failure is None
