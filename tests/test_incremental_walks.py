"""Walks of sections over several runs: whatever cut one short, the next one makes it whole."""

import asyncio

import pytest
from scrapy import signals

from tests.living_site import LivingSite, section_page, states
from tests.local_server import Answer
from tests.site_pages import home, section
from tests.test_incremental_seen import Killed

SLUGS = tuple(f"s{number:02}" for number in range(20, 0, -1))
"""Twenty posts, five a page: four pages."""
OPEN = "SELECT count(*) FROM walks WHERE open_run IS NOT NULL"
PAGES = [section_page(number) for number in range(1, 8)]


def a_site(**more) -> LivingSite:
    return LivingSite(SLUGS, per_page=5, offers=(), **more)


def pages_asked(site) -> list[int]:
    """Numbers of the section pages asked for, in order."""
    return [PAGES.index(path) + 1 for path in site.server.paths if path in PAGES]


async def test_a_walk_goes_to_the_end_once(storing_crawl):
    with a_site().serving() as site:
        first = await storing_crawl(site.url)
        assert pages_asked(site) == [1, 2, 3, 4]
        assert first.crawler.spider.source_reports["section:World"].complete
        assert len(states(storing_crawl)) == 20
        site.show()
        second = await storing_crawl(site.url)
        assert pages_asked(site) == [1]
        assert second.crawler.spider.source_reports["section:World"].complete
        site.show()
        await storing_crawl(site.url, mode="full")
        assert pages_asked(site) == [1, 2, 3, 4]


def stop_at(path):
    """``connect`` for a run that is stopped, as by a signal, when it has the answer of a path."""

    def connect(crawler):
        def look(response, request):
            if request.url.endswith(path):
                stopping.append(asyncio.ensure_future(crawler.stop_async()))

        stopping = []
        crawler.signals.connect(look, signal=signals.response_received, weak=False)

    return connect


async def killed(storing_crawl, site):
    kill = Killed(storing_crawl, PAGES[2])
    await storing_crawl(site.url, connect=kill)
    kill.revive()


async def few_articles(storing_crawl, site):
    await storing_crawl(site.url, max_articles="3")


async def one_page(storing_crawl, site):
    await storing_crawl(site.url, max_pages="1")


async def page_500(storing_crawl, site):
    site.replace[PAGES[1]] = Answer(500)
    site.show()
    run = await storing_crawl(site.url, {"RETRY_TIMES": 0})
    assert not run.crawler.spider.source_reports["section:World"].complete
    site.replace.clear()


async def page_bare(storing_crawl, site):
    site.replace[PAGES[1]] = section([], PAGES[2])
    site.show()
    run = await storing_crawl(site.url)
    assert not run.crawler.spider.source_reports["section:World"].complete
    site.replace.clear()


async def is_stopped(storing_crawl, site):
    await storing_crawl(site.url, connect=stop_at(PAGES[1]))


CUTS = {
    "killed": killed, "stopped": is_stopped, "max_articles": few_articles, "max_pages": one_page, "a page that fails": page_500,
    "a page without cards": page_bare,
}  # fmt: skip


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
async def test_a_first_walk_that_was_cut_short_is_made_whole(storing_crawl, cut):
    with a_site().serving() as site:
        await cut(storing_crawl, site)
        assert len(states(storing_crawl)) < 20
        assert storing_crawl.rows(OPEN) == [(1,)]
        site.show()
        await storing_crawl(site.url)
        assert pages_asked(site) == [1, 2, 3, 4]
        assert len(states(storing_crawl)) == 20
        assert storing_crawl.rows(OPEN) == [(0,)]
        site.show()
        await storing_crawl(site.url)
        assert pages_asked(site) == [1]


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
async def test_a_later_walk_that_was_cut_short_hides_nothing(storing_crawl, cut):
    """Twelve new posts fill two pages and a part of the third; the second run sees the first of these only."""
    with a_site().serving() as site:
        await storing_crawl(site.url)
        for number in range(21, 33):
            site.publish(f"s{number}")
        site.show()
        await cut(storing_crawl, site)
        for number in range(33, 35):  # and life goes on
            site.publish(f"s{number}")
        site.show()
        await storing_crawl(site.url)
        assert len(states(storing_crawl)) == 34
        assert pages_asked(site)[:3] == [1, 2, 3]
        assert len(pages_asked(site)) <= 4
        site.show()
        await storing_crawl(site.url)
        assert pages_asked(site) == [1]


NEW = {1: [1, 2], 4: [1, 2], 5: [1, 2], 6: [1, 2, 3], 10: [1, 2, 3], 12: [1, 2, 3, 4]}


@pytest.mark.parametrize(("count", "pages"), NEW.items())
async def test_new_posts_are_followed_to_the_first_page_without_any(storing_crawl, count, pages):
    with a_site().serving() as site:
        await storing_crawl(site.url)
        for number in range(count):
            site.publish(f"n{number}")
        site.show()
        run = await storing_crawl(site.url)
        assert pages_asked(site) == pages
        assert run.stat("newscrawl/stored/new") == count
        assert len(site.server.paths) == 2 + len(pages) + count


async def test_a_post_whose_page_fails_does_not_open_the_walk_again(storing_crawl):
    with a_site(replace={"/s18/": Answer(500)}).serving() as site:
        await storing_crawl(site.url, {"RETRY_TIMES": 0})
        site.replace.clear()
        site.show()
        await storing_crawl(site.url)
        assert pages_asked(site) == [1]
        assert len(states(storing_crawl)) == 20


async def test_a_back_dated_post_deep_in_the_list_is_found_by_the_sitemap(storing_crawl):
    with LivingSite(SLUGS, per_page=5).serving() as site:
        await storing_crawl(site.url)
        site.publish("old", place=17, lastmod="2025-05-09T00:00:00+00:00")
        site.show()
        await storing_crawl(site.url)
        assert pages_asked(site) == [1]
        assert "old" in states(storing_crawl)


async def test_back_dated_posts_on_a_first_page_do_not_end_the_walk(storing_crawl):
    """Their dates are years before those of the next page."""
    with a_site().serving() as site:
        for slug in SLUGS[:5]:
            page = site.post(slug).answer().replace("2025-05-03T10:15:00-04:00", "2016-05-03T10:15:00-04:00")
            site.post(slug).page = page
        site.show()
        await storing_crawl(site.url, max_pages="4")
        assert len(states(storing_crawl)) == 20


async def test_two_sections_are_walked_each_by_itself(storing_crawl):
    with a_site().serving() as site:
        both = {"/": home({"World": "world", "U.S. News": "u-s-news"})}
        us = {
            "/category/u-s-news/": section(["s20", "s19"], "/category/u-s-news/page/2/"),
            "/category/u-s-news/page/2/": Answer(500),
        }
        site.replace = {**both, **us}
        site.show()
        run = await storing_crawl(site.url, {"RETRY_TIMES": 0})
        reports = run.crawler.spider.source_reports
        assert reports["section:World"].complete
        assert not reports["section:U.S. News"].complete
        site.replace["/category/u-s-news/page/2/"] = section(["s18", "s01"])
        site.show()
        await storing_crawl(site.url)
        assert site.asked == ["/category/u-s-news/", "/category/u-s-news/page/2/"]
