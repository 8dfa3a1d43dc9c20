"""Arguments together with what is known: each limits the run it is given to, and hides nothing from the next one."""

import pytest

from tests.living_site import LATER, LivingSite, ids, states
from tests.site_pages import home, section
from tests.test_incremental_seen import later

SLUGS = ("e", "d", "c", "b", "a")
CHILD = "/post-sitemap.xml"


def dated(site: LivingSite, slug: str, day: str) -> None:
    site.post(slug).page = site.post(slug).answer().replace("2025-05-03T10:15:00-04:00", f"{day}T12:00:00+00:00")


def two_sections(site: LivingSite) -> None:
    site.replace = {
        "/": home({"World": "world", "U.S. News": "u-s-news"}),
        "/category/world/": section(["e", "d"]),
        "/category/u-s-news/": section(["c", "b"]),
    }
    site.show()


async def test_sections_leave_the_other_sources_alone(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        two_sections(site)
        await storing_crawl(site.url, sections="u.s. news")
        assert site.server.paths.count("/sitemap_index.xml") == 0
        assert "/category/world/" not in site.server.paths
        assert states(storing_crawl).keys() == {"b", "c"}
        site.show()
        await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcde")


@pytest.mark.parametrize("urls", ["/c/", "/c/,/a/"])
async def test_urls_are_fetched_whatever_is_known(storing_crawl, urls):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        site.show()
        await storing_crawl(site.url, urls=urls)
        assert sorted(site.server.paths) == sorted(["/robots.txt", *urls.split(",")])
        assert {slug for slug, state in states(storing_crawl).items() if state == "unchanged"} == set(urls) & set(
            "abcde"
        )


async def test_urls_in_an_empty_store_do_not_hide_the_site(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url, urls="/c/")
        assert states(storing_crawl).keys() == {"c"}
        await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcde")


async def test_since_spares_what_the_sitemap_says_is_older(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        for slug in "ab":
            dated(site, slug, "2024-01-01")
            site.post(slug).lastmod = "2024-01-02T00:00:00+00:00"
        site.show()
        await storing_crawl(site.url, since="2025-01-01")
        assert site.asked == ["/c/", "/d/", "/e/", CHILD]
        assert states(storing_crawl).keys() == set("cde")
        site.show()
        await storing_crawl(site.url, since="2025-01-01")
        assert site.asked == []
        await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcde"), "and none of it is lost for a run without since"


async def test_a_period_without_dates_in_the_lists_is_told_by_the_pages(storing_crawl):
    with LivingSite(SLUGS, offers=()).serving() as site:
        dated(site, "a", "2024-01-01")
        dated(site, "e", "2025-09-01")
        site.show()
        run = await storing_crawl(site.url, since="2025-05-03", until="2025-05-03")
        assert states(storing_crawl).keys() == set("bcd")
        assert run.stat("newscrawl/skipped/out_of_range") == 2
        site.show()
        await storing_crawl(site.url, since="2025-05-03", until="2025-05-03")
        assert site.asked == []
        await storing_crawl(site.url, until="2024-12-31")
        assert site.asked == ["/a/"]
        await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcde")


async def test_a_known_article_outside_of_the_period_stays_as_it_is(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        site.edit("c")
        site.show()
        await storing_crawl(site.url, until="2025-05-02")
        assert states(storing_crawl)["c"] == "new"
        assert storing_crawl.rows("SELECT count(*) FROM articles") == [(5,)]
        await storing_crawl(site.url)
        assert states(storing_crawl)["c"] == "updated"


@pytest.mark.parametrize("most", [1, 2])
async def test_what_max_articles_left_is_done_by_the_next_runs(storing_crawl, most):
    with LivingSite(SLUGS).serving() as site:
        for count in range(most, 6, most):
            run = await storing_crawl(site.url, max_articles=str(most))
            assert len(states(storing_crawl)) == count
            assert run.failure is None
        await storing_crawl(site.url, max_articles=str(most))
        assert states(storing_crawl).keys() == set("abcde")
        site.show()
        await storing_crawl(site.url, max_articles=str(most))
        assert site.asked == []


SOURCES = {
    "sitemap": ["/", "/robots.txt", "/sitemap_index.xml"],
    "feed": ["/", "/feed/", "/robots.txt"],
    "rest": None,
    "sections": ["/", "/category/world/", "/robots.txt"],
}


@pytest.mark.parametrize(("source", "asked"), SOURCES.items())
async def test_one_source_alone(storing_crawl, source, asked):
    with LivingSite(SLUGS, offers=("sitemap", "feed", "rest")).serving() as site:
        run = await storing_crawl(site.url, discover=source)
        assert states(storing_crawl).keys() == set("abcde")
        assert run.failure is None
        assert {name.partition(":")[0].replace("section", "sections").replace("sectionss", "sections")
                for name in run.crawler.spider.source_reports} == {source}  # fmt: skip
        found = storing_crawl.rows("SELECT DISTINCT found_by FROM pages WHERE kind = 'article'")
        assert found == [(source,)]
        site.show()
        await storing_crawl(site.url, discover=source)
        paths = sorted(site.server.paths)
        assert paths == asked if asked else len(paths) == 3
        site.publish("n", lastmod=LATER)
        site.show()
        await storing_crawl(site.url, discover=source)
        assert "n" in states(storing_crawl)
        assert len(site.server.paths) == 4 + (source == "sitemap")


async def test_all_sources_together_cost_one_request_each(storing_crawl):
    with LivingSite(SLUGS, offers=("sitemap", "feed", "rest")).serving() as site:
        everything = {"discover": "sections,sitemap,feed,rest"}
        await storing_crawl(site.url, **everything)
        found = storing_crawl.rows("SELECT DISTINCT found_by FROM pages WHERE kind = 'article'")
        assert found == [("feed,rest,sections,sitemap",)]
        site.show()
        await storing_crawl(site.url, **everything)
        assert len(site.server.paths) == 6
        assert site.statuses["/feed/"] == [304]


async def test_another_address_of_the_site_in_the_same_store(storing_crawl):
    """A mirror names the original; what waits for one is neither asked of the other nor in its way."""
    with LivingSite(SLUGS).serving() as site, LivingSite(SLUGS).serving() as mirror:
        await storing_crawl(site.url, max_articles="2")
        for post in mirror.posts:
            post.page = post.answer().replace('href="/', f'href="{site.url}')
        mirror.show()
        site.show()
        run = await storing_crawl(mirror.url)
        assert site.server.paths == []
        assert run.stat("newscrawl/refused/off_origin") == 0
        assert run.failure is None
        found = {url.split("/")[2] for (url,) in storing_crawl.rows("SELECT url FROM pages WHERE kind = 'article'")}
        assert len(found) == 2
        await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcde")


async def test_a_mirror_that_names_the_original(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        for post in site.posts:
            post.page = post.answer().replace('href="/', 'href="https://newsjournos.com/', 1)
        site.show()
        await storing_crawl(site.url)
        assert {url for (url,) in storing_crawl.rows("SELECT url FROM articles")} == {
            f"https://newsjournos.com/{slug}/" for slug in SLUGS
        }
        site.show()
        await storing_crawl(site.url)
        assert site.asked == []
        rows = ids(storing_crawl)
        site.remove("c")
        site.edit("a")
        site.rename("b", "n")
        site.post("n").page = site.post("n").page.replace("newsjournos.com/b/", "newsjournos.com/n/")
        site.show()
        await storing_crawl(site.url)
        assert states(storing_crawl)["c"] == "gone"
        assert ids(storing_crawl)["n"] == rows["b"]


async def test_what_is_due_elsewhere_is_not_in_the_way(storing_crawl, monkeypatch):
    with LivingSite(SLUGS, offers=()).serving() as site, LivingSite(("z", "y"), offers=()).serving() as other:
        await storing_crawl(site.url)
        await later(storing_crawl, other, monkeypatch, 1)
        other.show()
        await later(storing_crawl, other, monkeypatch, 400, recheck="2", discover="sections")
        assert other.asked == ["/y/", "/z/"]
