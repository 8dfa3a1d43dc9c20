"""A text that is published at two addresses is one article, for as long as it is one text."""

import pytest

from tests.living_site import LivingSite, ids, others, states
from tests.test_incremental_seen import later

SLUGS = ("twin", "c", "b", "a")


def a_site() -> LivingSite:
    """``twin`` says what ``a`` says, word for word."""
    site = LivingSite(SLUGS)
    first, twin = site.post("a"), site.post("twin")
    twin.headline, twin.text = first.headline, first.text
    return site


def owner(storing_crawl) -> tuple[str, str]:
    """Slugs: where the article lives, and its other address."""
    ((other, own),) = others(storing_crawl).items()
    return own, other


async def test_twins_are_one_article_and_cost_nothing_more(storing_crawl):
    with a_site().serving() as site:
        await storing_crawl(site.url)
        own, other = owner(storing_crawl)
        assert {own, other} == {"a", "twin"}
        assert ids(storing_crawl).keys() == {own, "b", "c"}
        site.show()
        await storing_crawl(site.url)
        assert site.asked == []


@pytest.mark.parametrize("is_own", [True, False], ids=["the first", "the other"])
async def test_twins_that_are_one_text_no_more_are_two_articles(storing_crawl, monkeypatch, is_own):
    with a_site().serving() as site:
        await storing_crawl(site.url)
        own, other = owner(storing_crawl)
        number = ids(storing_crawl)[own]
        text = site.post(other).text
        site.edit(own if is_own else other)
        site.show()
        await storing_crawl(site.url)
        await later(storing_crawl, site, monkeypatch, 1)
        found = ids(storing_crawl)
        assert found.keys() == {"a", "b", "c", "twin"}
        assert found[own] == number
        assert others(storing_crawl) == {}
        bodies = {url.split("/")[3]: body for url, body in storing_crawl.rows("SELECT url, body FROM articles")}
        edited, kept = (own, other) if is_own else (other, own)
        assert "Edited" in bodies[edited]
        assert "Edited" not in bodies[kept]
        assert bodies[kept].splitlines()[-1] in text


@pytest.mark.parametrize("is_own", [True, False], ids=["the first", "the other"])
async def test_a_text_that_loses_one_of_its_addresses_is_not_gone(storing_crawl, monkeypatch, is_own):
    with a_site().serving() as site:
        await storing_crawl(site.url)
        own, other = owner(storing_crawl)
        site.remove(own if is_own else other)
        site.edit("b")
        site.show()
        await storing_crawl(site.url)
        await later(storing_crawl, site, monkeypatch, 1)
        gone = {slug for slug, state in states(storing_crawl).items() if state == "gone"}
        alive = {slug for slug, state in states(storing_crawl).items() if state != "gone"}
        assert alive == {"b", "c", other if is_own else own}
        assert gone == set()


async def test_both_gone_is_gone(storing_crawl, monkeypatch):
    with a_site().serving() as site:
        await storing_crawl(site.url)
        for slug in ("a", "twin"):
            site.remove(slug)
        site.edit("b")
        site.show()
        await storing_crawl(site.url)
        await later(storing_crawl, site, monkeypatch, 1)
        assert [state for slug, state in states(storing_crawl).items() if slug in ("a", "twin")] == ["gone"]


async def test_a_text_that_is_published_anew_after_it_was_gone_keeps_its_row(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        number, text = ids(storing_crawl)["c"], site.post("c").text
        site.remove("c")
        site.edit("a")
        site.show()
        await storing_crawl(site.url)
        assert states(storing_crawl)["c"] == "gone"
        site.publish("n", headline="Story c", text=text, lastmod="2025-05-12T00:00:00+00:00")
        site.show()
        await storing_crawl(site.url)
        assert ids(storing_crawl).get("n") == number
        assert states(storing_crawl)["n"] == "unchanged"
