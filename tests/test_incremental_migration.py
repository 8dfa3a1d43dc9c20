"""A store of the first schema goes on as if it had always been today's."""

import pytest

from bench.older import back_to_version_1
from newscrawl.storage.migrations import SCHEMA_VERSION
from tests.living_site import LATER, LivingSite, ids, others, section_page, states
from tests.local_server import Answer

SLUGS = tuple(f"s{number:02}" for number in range(12, 0, -1))


@pytest.fixture
async def old_site(storing_crawl):
    """A site that was crawled by the first release: twelve posts, one renamed, one that failed, one rejected."""
    with LivingSite(SLUGS, per_page=5).serving() as site:
        site.replace = {
            "/s03/": Answer(500),
            "/s04/": '<body class="single single-post postid-9"><div class="main"></div></body></html>',
        }
        site.show()
        await storing_crawl(site.url, {"RETRY_TIMES": 0})
        site.replace.clear()
        site.rename("s05", "n05")
        site.show()
        await storing_crawl(site.url, {"RETRY_TIMES": 0}, urls="/s05/")
        back_to_version_1(storing_crawl.database)
        site.show()
        yield site


async def test_the_first_run_after_the_migration(storing_crawl, old_site):
    before = ids(storing_crawl)
    run = await storing_crawl(old_site.url)
    assert run.failure is None
    assert storing_crawl.rows("PRAGMA user_version") == [(SCHEMA_VERSION,)]
    after = ids(storing_crawl)
    assert after.keys() == {post.slug for post in old_site.posts}, "what failed then is there now"
    assert {slug: after[slug] for slug in before} == before
    assert others(storing_crawl) == {"s05": "n05"}
    assert run.stat("newscrawl/stored/new") == 2
    assert run.stat("newscrawl/stored/updated") == 0
    assert storing_crawl.rows("SELECT count(*) FROM revisions") == [(12,)]
    assert [path for path in old_site.server.paths if path in (section_page(2), section_page(3))], "walked to the end"


async def test_the_second_run_costs_the_lists(storing_crawl, old_site):
    await storing_crawl(old_site.url)
    old_site.show()
    await storing_crawl(old_site.url)
    assert old_site.asked == []
    old_site.edit("s07", "2025-05-12T00:00:00+00:00")
    old_site.remove("s08")
    old_site.publish("n", lastmod=LATER)
    old_site.show()
    await storing_crawl(old_site.url)
    found = states(storing_crawl)
    assert (found["s07"], found["s08"], found["n"]) == ("updated", "gone", "new")
    assert old_site.asked == [section_page(2), "/n/", "/post-sitemap.xml", "/s07/", "/s08/"]


async def test_no_re_checks_at_once_where_they_are_switched_off(storing_crawl, old_site):
    await storing_crawl(old_site.url, recheck="0")
    assert not {"/s09/", "/s10/", "/s11/"} & set(old_site.server.paths)
