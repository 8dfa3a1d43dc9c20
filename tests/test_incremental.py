"""Runs after the first one: what is new, changed, gone or renamed is found for one request each, and nothing else."""

import json

import pytest

from tests.living_site import LATER, LivingSite, ids, others, states
from tests.local_server import Answer
from tests.site_pages import post as page_of

SLUGS = ("e", "d", "c", "b", "a")
CHILD = "/post-sitemap.xml"


async def test_an_unchanged_site_costs_its_lists_only(storing_crawl):
    with LivingSite(tuple(f"s{number:02}" for number in range(25))).serving() as site:
        first = await storing_crawl(site.url)
        assert first.stat("newscrawl/stored/new") == 25
        for _ in range(2):
            site.show()
            run = await storing_crawl(site.url)
            assert sorted(site.server.paths) == ["/", "/category/world/", "/robots.txt", "/sitemap_index.xml"]
            assert run.failure is None


def publish_new(site):
    site.publish("n", lastmod=LATER)


def publish_back_dated(site):
    site.publish("n", place=len(site.posts), lastmod=LATER)


def edit(site):
    site.edit("c")


def touch(site):
    site.post("c").lastmod = LATER


def remove(site):
    site.remove("c")
    site.edit("a")


def remove_410(site):
    site.remove("c")
    site.replace["/c/"] = Answer(410)
    site.edit("a")


def rename(site):
    site.rename("c", "n")


def rename_302(site):
    site.rename("c", "n", 302)


# what happens, what is asked for beyond the lists, the states that are not "new", other addresses
CHANGES = {
    "a new post": (publish_new, [CHILD, "/n/"], {}, {}),
    "a back-dated post": (publish_back_dated, [CHILD, "/n/"], {}, {}),
    "an edit": (edit, ["/c/", CHILD], {"c": "updated"}, {}),
    "touched, the same": (touch, ["/c/", CHILD], {"c": "unchanged"}, {}),
    "removed": (remove, ["/a/", "/c/", CHILD], {"c": "gone", "a": "updated"}, {}),
    "removed for good": (remove_410, ["/a/", "/c/", CHILD], {"c": "gone", "a": "updated"}, {}),
    "renamed": (rename, ["/n/", CHILD], {"n": "unchanged"}, {"c": "n"}),
    "renamed for now": (rename_302, ["/n/", CHILD], {"n": "unchanged"}, {"c": "n"}),
}


@pytest.mark.parametrize(("change", "asked", "expected", "aliases"), CHANGES.values(), ids=CHANGES)
async def test_each_change_costs_one_request(storing_crawl, change, asked, expected, aliases):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        before = ids(storing_crawl)
        change(site)
        site.show()
        run = await storing_crawl(site.url)
        assert site.asked == sorted(asked)
        found = states(storing_crawl)
        assert {slug: state for slug, state in found.items() if state != "new"} == expected
        gone = {slug for slug, state in expected.items() if state == "gone"}
        assert found.keys() == {post.slug for post in site.posts} | gone
        assert others(storing_crawl) == aliases
        after = ids(storing_crawl)
        assert {after[aliases_of(slug, aliases)] for slug in before} == set(before.values()), "rows stay"
        assert run.failure is None
        site.show()
        again = await storing_crawl(site.url)
        assert site.asked == [], "once is enough"
        assert again.stat("newscrawl/stored/updated") == 0


def aliases_of(slug: str, aliases: dict[str, str]) -> str:
    return aliases.get(slug, slug)


FIELDS = {
    "text": ({}, ["body"]),
    "headline": ({"text": None, "headline": "Another headline"}, ["headline"]),
    "tags": ({"text": None, "tags": '<div class="the-post-tags"><a rel="tag" href="/tag/x/">Ferries</a></div>'}, ["tags"]),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "fields"), FIELDS.values(), ids=FIELDS)
async def test_a_revision_names_the_fields_that_changed(storing_crawl, changes, fields):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        changes = {name: value if value is not None else site.post("c").text for name, value in changes.items()}
        site.edit("c", **changes)
        site.show()
        await storing_crawl(site.url)
    sql = "SELECT revision, changed_fields FROM revisions WHERE revision > 1"
    ((number, names),) = storing_crawl.rows(sql)
    assert number == 2
    assert set(fields) <= set(json.loads(names)) <= {*fields, "lead", "body_sections"}


async def test_a_post_that_comes_back_lives_again(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        post = site.post("c")
        site.remove("c")
        site.edit("a")
        site.show()
        await storing_crawl(site.url)
        assert states(storing_crawl)["c"] == "gone"
        site.posts.insert(0, post)
        post.lastmod = "2025-05-10T00:00:00+00:00"
        site.show()
        run = await storing_crawl(site.url)
        assert states(storing_crawl)["c"] == "unchanged"
        assert site.asked == ["/c/", CHILD]
        assert run.stat("newscrawl/stored/new") == 0
        assert len(ids(storing_crawl)) == 5


async def test_a_gone_post_that_a_list_still_names_is_asked_for_ever_more_rarely(storing_crawl):
    """A cache that shows a removed post's card for weeks costs a request now and then, not one a run."""
    with LivingSite(SLUGS, replace={"/c/": Answer(404)}).serving() as site:
        site.replace.clear()
        site.show()
        await storing_crawl(site.url)
        site.replace["/c/"] = Answer(404)
        site.edit("c")
        site.show()
        for _ in range(8):
            await storing_crawl(site.url)
        assert 2 <= site.server.paths.count("/c/") <= 4
        assert states(storing_crawl)["c"] == "gone"


RENAMES = {
    "found by the sitemap only": {"sections": {"n"}},
    "found by the section only": {"sitemap": {"n"}},
    "found by both": {},
}


@pytest.mark.parametrize("hidden", RENAMES.values(), ids=RENAMES)
@pytest.mark.parametrize("body_class", ["single single-post postid-103", "single single-post"], ids=["id", "no id"])
async def test_a_renamed_article_keeps_its_row(storing_crawl, hidden, body_class):
    with LivingSite(SLUGS).serving() as site:
        site.post("c").page = page_of("c", "<p>About c.</p>", body_class=body_class)
        site.show()
        await storing_crawl(site.url)
        before = ids(storing_crawl)
        site.rename("c", "n")
        site.post("n").page = page_of("n", "<p>About c.</p>", body_class=body_class).replace("Story n", "Story c")
        site.hidden = hidden
        site.show()
        await storing_crawl(site.url)
        assert ids(storing_crawl) == {**{slug: before[slug] for slug in "abde"}, "n": before["c"]}
        assert others(storing_crawl) == {"c": "n"}


async def test_a_renamed_article_whose_new_address_is_known_already(storing_crawl):
    """Two posts become one: the address that leads on is gone, nothing is lost."""
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        site.remove("c")
        site.replace["/c/"] = Answer(301, headers={"Location": "/d/"})
        site.edit("a")
        site.show()
        await storing_crawl(site.url)
        found = states(storing_crawl)
        assert found["c"] == "gone"
        assert found.keys() == set("abcde")
        site.show()
        await storing_crawl(site.url)
        assert site.asked == []


@pytest.mark.parametrize("hidden", [{}, {"sections": ["n"]}, {"sections": ["c"]}, {"sections": ["n", "c"]}], ids=str)
async def test_an_old_slug_that_belongs_to_a_new_post(storing_crawl, hidden):
    """The row follows the post, not the slug, whichever of the two pages is read first."""
    limits = {"CONCURRENT_REQUESTS": 1}
    with LivingSite(SLUGS, hidden=hidden).serving() as site:
        await storing_crawl(site.url, limits)
        before = ids(storing_crawl)
        site.rename("c", "n")
        del site.replace["/c/"]
        site.publish("c", lastmod=LATER, headline="Quite another story")
        site.show()
        for _ in range(2):
            await storing_crawl(site.url, limits)
        after = ids(storing_crawl)
        assert after.keys() == {"a", "b", "c", "d", "e", "n"}
        assert after["n"] == before["c"]
        headlines = dict(storing_crawl.rows("SELECT id, headline FROM articles"))
        assert (headlines[after["n"]], headlines[after["c"]]) == ("Story c", "Quite another story")
        assert states(storing_crawl)["n"] != "gone"


@pytest.mark.parametrize("lives_on", [False, True])
async def test_a_slug_that_is_taken_while_its_first_post_is_named_nowhere(storing_crawl, lives_on):
    """Its number, which no other post ever gets, tells where it is now, or that it is gone."""
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        number = ids(storing_crawl)["c"]
        if lives_on:
            site.rename("c", "n")
            site.replace["/?p=103"] = Answer(301, headers={"Location": "/n/"})
            site.hidden = {"sections": {"n"}, "sitemap": {"n"}}
            del site.replace["/c/"]
        else:
            site.remove("c")
        site.publish("c", lastmod=LATER, headline="Quite another story")
        site.show()
        run = await storing_crawl(site.url)
        assert run.failure is None
        rows = dict(storing_crawl.rows("SELECT id, url FROM articles"))
        state = dict(storing_crawl.rows("SELECT id, state FROM articles"))
        assert rows[number] == f"{site.url}{'n/' if lives_on else '?p=103'}"
        assert state[number] == ("unchanged" if lives_on else "gone")
        assert f"{site.url}c/" in rows.values()
        site.show()
        await storing_crawl(site.url)
        assert site.asked == []
