"""New versions that may be a changed layout's work: an editor's are stored in the same run, a layout's never."""

import json

import pytest

from tests.living_site import LATER, LivingSite, states
from tests.test_incremental_seen import later
from tests.test_incremental_walks import stop_at

SLUGS = tuple(f"s{number:02}" for number in range(30, 0, -1))
TAGS = '<div class="the-post-tags"><a rel="tag" href="/tag/ferries/">Ferries</a></div>'
RETAGGED = TAGS.replace("the-post-tags", "post-labels").replace('rel="tag" ', "")
"""The same tags where extraction does not find them."""


def a_site(**more) -> LivingSite:
    site = LivingSite(SLUGS, per_page=30, **more)
    for post in site.posts:
        post.tags = TAGS
    return site


def tags(storing_crawl) -> dict[str, str]:
    return {url.split("/")[3]: value for url, value in storing_crawl.rows("SELECT url, tags FROM articles")}


@pytest.mark.parametrize("has_etags", [False, True])
@pytest.mark.parametrize("count", [1, 3, 8])
async def test_an_editor_who_removes_a_field_is_believed(storing_crawl, count, has_etags):
    with a_site(has_etags=has_etags).serving() as site:
        run = await storing_crawl(site.url)
        assert set(tags(storing_crawl).values()) == {'["Ferries"]'}
        for slug in SLUGS[:count]:
            site.edit(slug, tags="", text=site.post(slug).text)
        site.show()
        run = await storing_crawl(site.url)
        assert run.failure is None
        assert run.stat("newscrawl/stored/updated") == count
        assert len(site.asked) == 1 + count + 8, "the child sitemap, what changed, and the controls"
        assert {slug for slug, state in states(storing_crawl).items() if state == "updated"} == set(SLUGS[:count])
        assert {tags(storing_crawl)[slug] for slug in SLUGS[:count]} == {"[]"}
        assert storing_crawl.rows("SELECT count(*) FROM held") == [(0,)]
        names = {name for (text,) in storing_crawl.rows("SELECT changed_fields FROM revisions WHERE revision = 2")
                 for name in json.loads(text)}  # fmt: skip
        assert names == {"tags"}
        site.show()
        run = await storing_crawl(site.url)
        assert site.asked == []


@pytest.mark.parametrize("has_etags", [False, True])
async def test_a_layout_that_changed_for_all_leaves_what_is_stored(storing_crawl, monkeypatch, has_etags):
    with a_site(has_etags=has_etags).serving() as site:
        await storing_crawl(site.url)
        for post in site.posts:
            post.tags = RETAGGED
        for slug in SLUGS[:3]:
            site.edit(slug, tags=RETAGGED)
        site.show()
        run = await later(storing_crawl, site, monkeypatch, 1)
        assert run.failure is not None
        assert run.failure.exit_code == 3
        assert "tags" in str(run.failure)
        assert set(tags(storing_crawl).values()) == {'["Ferries"]'}
        assert storing_crawl.rows("SELECT count(*) FROM revisions") == [(30,)]
        assert storing_crawl.rows("SELECT count(*) FROM held") == [(0,)]
        ((report,),) = storing_crawl.rows("SELECT report FROM runs WHERE id = 2")
        assert json.loads(report)["articles"]["held"] == 11
        for post in site.posts:  # the layout is back, the edits are real
            post.tags = TAGS
        site.show()
        run = await later(storing_crawl, site, monkeypatch, 2)
        assert run.failure is None
        assert {slug for slug, state in states(storing_crawl).items() if state == "updated"} == set(SLUGS[:3])
        assert storing_crawl.rows("SELECT count(*) FROM pages WHERE todo IS NOT NULL") == [(0,)]


async def test_new_articles_are_stored_whatever_the_layout(storing_crawl, monkeypatch):
    with a_site().serving() as site:
        await storing_crawl(site.url)
        for post in site.posts:
            post.tags = RETAGGED
        for number in range(9):
            site.publish(f"n{number}", lastmod=LATER, tags=RETAGGED)
        site.show()
        run = await later(storing_crawl, site, monkeypatch, 1)
        assert run.stat("newscrawl/stored/new") == 9
        assert run.failure is not None
        assert "tags" in str(run.failure)


@pytest.mark.parametrize("has_etags", [False, True])
async def test_a_run_that_was_cut_short_decides_nothing(storing_crawl, has_etags):
    """max_articles is an end like any other; a run that is stopped has not seen the controls."""
    with a_site(has_etags=has_etags).serving() as site:
        await storing_crawl(site.url)
        site.hidden = {"sections": set(SLUGS[:6])}  # a card's page is asked for without validators
        for slug in SLUGS[:6]:
            site.edit(slug, tags="", text=site.post(slug).text)
        site.show()
        await storing_crawl(site.url, connect=stop_at(f"/{SLUGS[2]}/"))
        assert set(tags(storing_crawl).values()) == {'["Ferries"]'}
        await storing_crawl(site.url)
        assert [slug for slug in SLUGS if tags(storing_crawl)[slug] == "[]"] == list(SLUGS[:6])


async def test_few_articles_are_enough_to_tell(storing_crawl):
    """A site with two posts: one loses its tags, the other one is as it was."""
    with LivingSite(("b", "a")).serving() as site:
        for post in site.posts:
            post.tags = TAGS
        site.show()
        await storing_crawl(site.url)
        site.edit("b", tags="", text=site.post("b").text)
        site.show()
        await storing_crawl(site.url)
        assert tags(storing_crawl) == {"a": '["Ferries"]', "b": "[]"}
