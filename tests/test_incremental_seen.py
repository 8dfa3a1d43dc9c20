"""An article counts as seen only once it is stored: whatever comes between, a later run has it."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from scrapy import signals

from newscrawl import clock
from newscrawl.items import Article
from newscrawl.storage.runtime import store_of
from newscrawl.storage.store import Store
from tests.living_site import LATER, LivingSite, states
from tests.local_server import Answer
from tests.site_pages import post as page_of

SLUGS = ("e", "d", "c", "b", "a")
CHILD = "/post-sitemap.xml"
DATED_AHEAD = page_of("c").replace("2025-05-03", "2095-05-03").replace("2025", "2095")


async def later(storing_crawl, site, monkeypatch, days: float, **arguments):
    """A run so many days from now."""
    moment = clock.now() + timedelta(days=days)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        return await storing_crawl(site.url, **arguments)


def body(storing_crawl, slug: str) -> str:
    ((text,),) = storing_crawl.rows("SELECT body FROM articles WHERE url LIKE ?", f"%/{slug}/")
    return text


class Killed:
    """``connect`` for a run that is killed as soon as it has an answer of ``path``; ``revive`` is the machine's restart."""

    def __init__(self, storing_crawl, path: str) -> None:
        self.database, self.path = storing_crawl.database, path
        self.copy = self.database.with_suffix(".copy")

    def __call__(self, crawler) -> None:
        def look(response, request):
            if request.url.endswith(self.path) and not self.copy.exists():
                store_of(crawler).commit()  # the worst moment: all that is noted so far is durable
                with closing(sqlite3.connect(self.database)) as here, closing(sqlite3.connect(self.copy)) as there:
                    here.backup(there)

        def listen():  # after every other listener
            crawler.signals.connect(look, signal=signals.response_received, weak=False)

        crawler.signals.connect(listen, signal=signals.spider_opened, weak=False)

    def revive(self) -> None:
        shutil.move(self.copy, self.database)


async def test_a_new_article_that_validation_rejects_is_looked_at_again(storing_crawl, monkeypatch):
    with LivingSite(SLUGS).serving() as site:
        site.post("c").page = DATED_AHEAD
        site.show()
        run = await storing_crawl(site.url)
        assert run.stat("newscrawl/rejected/implausible_date") == 1
        assert states(storing_crawl).keys() == set("abde")
        site.post("c").page = None
        site.show()
        await storing_crawl(site.url)
        assert site.asked == [], "not at once: it will hardly have been mended"
        await later(storing_crawl, site, monkeypatch, 2)
        assert states(storing_crawl)["c"] == "new"


@pytest.mark.parametrize("has_etags", [False, True])
async def test_a_new_version_that_validation_rejects_is_looked_at_again(storing_crawl, monkeypatch, has_etags):
    with LivingSite(SLUGS, has_etags=has_etags).serving() as site:
        await storing_crawl(site.url)
        site.edit("c", page=DATED_AHEAD)
        site.show()
        await storing_crawl(site.url)
        (row,) = storing_crawl.rows("SELECT outcome, reason FROM pages WHERE url LIKE '%/c/'")
        assert row == ("rejected", "implausible_date")
        site.post("c").page = None
        site.show()
        await later(storing_crawl, site, monkeypatch, 2, recheck="1")
        assert states(storing_crawl)["c"] == "updated"
        assert "Edited" in body(storing_crawl, "c")


KILLED_BEFORE_STORED = {
    "a new article": lambda site: site.publish("c", lastmod=LATER),
    "an edit": lambda site: site.edit("c"),
}


@pytest.mark.parametrize("has_etags", [False, True])
@pytest.mark.parametrize("change", KILLED_BEFORE_STORED.values(), ids=KILLED_BEFORE_STORED)
async def test_killed_between_fetch_and_store(storing_crawl, change, has_etags):
    with LivingSite(
        tuple("edba") if "publish" in change.__code__.co_names else SLUGS, has_etags=has_etags
    ).serving() as site:
        await storing_crawl(site.url)
        change(site)
        site.show()
        killed = Killed(storing_crawl, "/c/")
        await storing_crawl(site.url, connect=killed)
        killed.revive()
        site.show()
        await storing_crawl(site.url)
        assert site.statuses["/c/"] == [200]
        assert states(storing_crawl).keys() == set("abcde")
        assert body(storing_crawl, "c").rpartition("\n")[2] in site.post("c").text
        site.show()
        await storing_crawl(site.url)
        assert site.asked == []


async def test_killed_during_a_recheck(storing_crawl, monkeypatch):
    """No list tells of this edit; the validators of a page that was never stored must not hide it."""
    with LivingSite(SLUGS, offers=(), has_etags=True).serving() as site:
        await storing_crawl(site.url)
        site.edit("c")
        site.show()
        killed = Killed(storing_crawl, "/c/")
        await later(storing_crawl, site, monkeypatch, 400, connect=killed)
        killed.revive()
        await later(storing_crawl, site, monkeypatch, 401)
        assert "Edited" in body(storing_crawl, "c")


async def test_a_store_that_fails_leaves_all_for_the_next_run(storing_crawl, monkeypatch):
    with LivingSite(SLUGS).serving() as site:
        save = Store.save

        def fails(self: Store, article: Article, seen_at: str | None = None) -> str:
            if article.url.endswith("/c/"):
                with self.writing() as db:
                    db.execute("INSERT INTO no_such_table VALUES (1)")
            return save(self, article, seen_at)

        with monkeypatch.context() as patch:
            patch.setattr(Store, "save", fails)
            run = await storing_crawl(site.url)
        assert run.failure is not None
        assert run.failure.exit_code == 1
        await storing_crawl(site.url)
        assert states(storing_crawl) == dict.fromkeys("abcde", "new")


async def test_an_article_that_failed_is_tried_ever_more_rarely_and_reported(storing_crawl):
    with LivingSite(SLUGS, replace={"/c/": Answer(500)}).serving() as site:
        tried = []
        for run in range(1, 10):
            site.server.seen.clear()
            result = await storing_crawl(site.url, {"RETRY_TIMES": 0})
            tried += [run] * ("/c/" in site.server.paths)
            assert result.failure is None
        assert tried == [1, 2, 4, 8]
        ((report,),) = storing_crawl.rows("SELECT report FROM runs WHERE id = 9")
        import json

        report = json.loads(report)
        assert report["retrying_count"] == 1
        (entry,) = report["retrying"]
        assert (entry["url"], entry["reason"], entry["failures"]) == (f"{site.url}c/", "http_500", 4)
        site.replace.clear()
        site.show()
        for _ in range(7):
            await storing_crawl(site.url)
        assert states(storing_crawl)["c"] == "new"
        assert storing_crawl.rows("SELECT count(*) FROM pages WHERE retry_run IS NOT NULL") == [(0,)]


PARTS = '<nav class="post-pagination"><span class="post-page-numbers current">1</span> <a class="post-page-numbers" href="/c/2/">2</a></nav>'


async def test_the_etag_of_a_first_part_says_nothing_of_the_second(storing_crawl, monkeypatch):
    with LivingSite(SLUGS, offers=(), has_etags=True).serving() as site:
        site.post("c").text = f"<p>One.</p>{PARTS}"
        site.replace["/c/2/"] = page_of(
            "c", "<p>Two.</p>", canonical="/c/2/", body_class="single single-paged-2 postid-103"
        )
        site.show()
        await storing_crawl(site.url)
        assert body(storing_crawl, "c") == "One.\n\nTwo."
        site.replace["/c/2/"] = page_of(
            "c", "<p>Three.</p>", canonical="/c/2/", body_class="single single-paged-2 postid-103"
        )
        site.show()
        await later(storing_crawl, site, monkeypatch, 400)
        assert body(storing_crawl, "c") == "One.\n\nThree."


async def test_a_page_that_has_not_changed_is_not_sent_again(storing_crawl, monkeypatch):
    with LivingSite(SLUGS, offers=(), has_etags=True).serving() as site:
        await storing_crawl(site.url)
        site.edit("b")
        site.show()
        run = await later(storing_crawl, site, monkeypatch, 400)
        assert {path: found for path, found in site.statuses.items() if len(path) == 3} == {
            "/a/": [304], "/b/": [200], "/c/": [304], "/d/": [304], "/e/": [304],
        }  # fmt: skip
        assert run.stat("newscrawl/stored/unchanged") == 4
        assert states(storing_crawl) == {**dict.fromkeys("acde", "unchanged"), "b": "updated"}


async def test_a_full_run_reads_every_page(storing_crawl):
    with LivingSite(SLUGS, has_etags=True).serving() as site:
        await storing_crawl(site.url)
        site.show()
        run = await storing_crawl(site.url, mode="full", discover="sitemap")
        assert {path: found for path, found in site.statuses.items() if len(path) == 3} == {
            f"/{x}/": [200] for x in "abcde"
        }
        assert run.stat("newscrawl/stored/unchanged") == 5
        site.show()
        await storing_crawl(site.url)
        assert site.asked == []


async def test_a_renamed_page_whose_etag_has_not_changed(storing_crawl, monkeypatch):
    """The validators of the old address are not shown to the new one, which would send no page."""
    with LivingSite(SLUGS, offers=(), has_etags=True).serving() as site:
        page = page_of("c", body_class="single single-post postid-103")
        site.post("c").page = Answer(200, page, {"ETag": '"same"'})
        site.show()
        await storing_crawl(site.url)
        site.rename("c", "n")
        site.post("n").page = Answer(200, page.replace("/c/", "/n/"), {"ETag": '"same"'})
        site.hidden = {"sections": {"n"}}
        site.show()
        await later(storing_crawl, site, monkeypatch, 400)
        assert states(storing_crawl).keys() == set("abden")
