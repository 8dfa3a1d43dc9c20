"""Known articles are fetched again as their age says, within ``recheck``, on a site whose lists tell nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from newscrawl import clock
from tests.living_site import LivingSite, states
from tests.local_server import Answer

SLUGS = tuple("jihgfedcba")
START = datetime(2025, 5, 4, tzinfo=UTC)
"""Ten hours after the posts of the living site came out."""


@pytest.fixture
def at(storing_crawl, monkeypatch):
    """``await at(site, hours, ...)``: a run so many hours after START; the articles that it asked for."""

    async def run(site: LivingSite, hours: float, **arguments: str) -> list[str]:
        monkeypatch.setattr(clock, "now", lambda: START + timedelta(hours=hours))
        site.show()
        await storing_crawl(site.url, **{"discover": "sections", **arguments})
        return [path.strip("/") for path in site.asked]

    return run


def a_site(**more) -> LivingSite:
    return LivingSite(SLUGS, offers=(), **more)


# hours until the second and third run; articles that the third one fetches again, of ten that came out at START
DUE = {
    "at once": (0, 0, 0),
    "an hour later": (0, 1, 0),
    "four hours later: all are due after three": (0, 4, 10),
    "fetched again an hour ago": (4, 5, 0),
    "fetched again four hours ago": (4, 8, 10),
    "two days old, six hours after": (48, 54, 0),
    "two days old, fourteen hours after": (48, 62, 10),
    "ten days old, two days after": (240, 288, 0),
    "ten days old, four days after": (240, 336, 10),
    "a year old, a hundred days after": (9000, 11400, 0),
}


@pytest.mark.parametrize(("second", "third", "count"), DUE.values(), ids=DUE)
async def test_due_by_age(at, second, third, count):
    with a_site().serving() as site:
        await at(site, 0)
        if second:
            assert len(await at(site, second)) == 10
        assert len(await at(site, third)) == count


@pytest.mark.parametrize("recheck", [0, 3, 50])
async def test_no_more_than_the_budget(at, recheck):
    with a_site().serving() as site:
        await at(site, 0)
        first = await at(site, 20, recheck=str(recheck))
        assert len(first) == min(recheck, 10)
        if recheck == 3:
            second = await at(site, 20.1, recheck="3")
            assert not set(first) & set(second), "those that were left come next"
            assert len(second) == 3


async def test_what_a_source_says_does_not_count_against_the_budget(at, storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        await at(site, 0, discover="sections,sitemap")
        for slug in "abc":
            site.edit(slug)
        asked = await at(site, 20, recheck="2", discover="sections,sitemap")
        assert len(asked) == 1 + 3 + 2, "the child sitemap, what changed, what is due"
        found = states(storing_crawl)
        assert [found[slug] for slug in "abc"] == ["updated"] * 3
        assert list(found.values()).count("unchanged") == 2


async def test_an_edit_that_no_list_tells_of_is_found(at, storing_crawl):
    with a_site().serving() as site:
        await at(site, 0)
        site.edit("c")
        await at(site, 4)
        assert states(storing_crawl)["c"] == "updated"


async def test_an_edited_article_counts_as_young_again(at):
    with a_site().serving() as site:
        await at(site, 0)
        await at(site, 1000)
        site.edit("c")
        await at(site, 2000)
        assert await at(site, 2004) == ["c"]


async def test_a_removed_article_is_found_and_looked_at_again(at, storing_crawl):
    with a_site().serving() as site:
        await at(site, 0)
        post = site.post("c")
        site.hidden = {"sections": {"c"}}
        site.remove("c")
        await at(site, 4)
        assert states(storing_crawl)["c"] == "gone"
        assert "c" not in await at(site, 8)
        assert "c" in await at(site, 4 + 28, recheck="99"), "a day later"
        site.posts.append(post)
        assert "c" in await at(site, 4 + 28 + 24 * 9, recheck="99"), "and a week after that"
        assert states(storing_crawl)["c"] == "unchanged"


async def test_a_failed_recheck_leaves_the_article(at, storing_crawl):
    with a_site().serving() as site:
        await at(site, 0)
        site.replace["/c/"] = Answer(403)
        await at(site, 4)
        assert states(storing_crawl)["c"] == "new"
        ((outcome, reason),) = storing_crawl.rows("SELECT outcome, reason FROM pages WHERE url LIKE '%/c/'")
        assert (outcome, reason) == ("article", "http_403")


async def test_a_page_of_another_kind_does_not_end_an_article(at, storing_crawl):
    """A consent page, a maintenance page: whatever answers for a day."""
    with a_site().serving() as site:
        await at(site, 0)
        site.replace["/c/"] = '<body class="page page-id-2"><h1>We are moving house</h1></body>'
        await at(site, 4)
        assert states(storing_crawl)["c"] == "new"
        site.replace.clear()
        assert "c" in await at(site, 4.1), "tried again by the next run"
        assert states(storing_crawl)["c"] == "unchanged"
