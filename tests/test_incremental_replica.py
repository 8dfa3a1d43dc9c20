"""The replica from day to day: what is stored is the truth of each day, and the price is what happened on it."""

import json
from collections import Counter

import pytest

from fixtures.replica.server import running_replica
from newscrawl import clock
from newscrawl.items import EDITABLE

FIELDS_OF = {"paragraphs": {"body"}, "headline": {"headline"}, "tags": {"tags"}}
FOLLOWING = {"lead", "body_sections", "links", "images", "embeds", "key_points", "summary", "outline", "faq"}
"""Fields that follow from a new text."""


class Days:
    """A replica and a store; ``to`` brings both to the evening of a day."""

    def __init__(self, replica, storing_crawl, monkeypatch) -> None:
        self.replica, self.crawl, self.monkeypatch = replica, storing_crawl, monkeypatch

    async def to(self, day: int, **arguments):
        """The run of that evening. Its own re-checks are off, unless asked for."""
        self.replica.corpus.day = day
        self.replica.site.control.reset_log()
        self.monkeypatch.setattr(clock, "now", lambda: self.replica.corpus.now)
        run = await self.crawl(self.replica.url, **{"recheck": "0", **arguments})
        assert run.failure is None
        assert run.stat("log_count/ERROR") == 0
        return run

    @property
    def truth(self) -> dict[str, dict]:
        return {line["url"]: line for line in map(json.loads, self.replica.site.control.lines())}

    @property
    def stored(self) -> dict[str, dict]:
        rows = self.crawl.rows("SELECT url, headline, body, tags, state, id FROM articles")
        names = ("url", "headline", "body", "tags", "state", "id")
        return {row[0]: dict(zip(names, row, strict=True)) for row in rows}

    def differences(self) -> list[str]:
        """What of today's truth is stored otherwise, or not at all; a twin is stored once, as another address."""
        alive = {url: row for url, row in self.stored.items() if row["state"] != "gone"}
        aliases = dict(
            self.crawl.rows(
                "SELECT article_urls.url, articles.url FROM article_urls JOIN articles ON articles.id = article_id"
            )
        )
        found = [f"extra {url}" for url in alive.keys() - self.truth.keys()]
        for url, article in self.truth.items():
            row = alive.get(url) or alive.get(aliases.get(url, ""))
            if row is None:
                found.append(f"missing {url}")
            elif any(row[name] != article[name] for name in ("headline", "body")):
                found.append(f"otherwise {url}")
            elif json.loads(row["tags"]) != article["tags"]:
                found.append(f"tags {url}")
        return found


SITES = {
    "rankmath": {},
    "yoast, load more, news sitemap": {
        "sitemap": "yoast",
        "head": "yoast",
        "paging": "load-more",
        "sitemap_news": True,
    },
    "aioseo in small zipped files, 410": {
        "sitemap": "aioseo",
        "sitemap_size": 15,
        "sitemap_gzip": True,
        "gone_status": 410,
    },
    "core": {"sitemap": "core", "head": "none"},
}


@pytest.mark.parametrize("options", SITES.values(), ids=SITES)
async def test_every_day_is_stored_as_it_was(storing_crawl, monkeypatch, options):
    with running_replica(articles=25, **options) as replica:
        days = Days(replica, storing_crawl, monkeypatch)
        await days.to(0)
        assert days.differences() == []
        before = {row["id"]: url for url, row in days.stored.items()}
        for day in (1, 2, 3):
            run = await days.to(day)
            assert days.differences() == []
            events = Counter(event.kind for event in replica.corpus.clock.events(day))
            assert run.stat("newscrawl/stored/gone") == events["remove"]
            touched = events["edit"] + events["old-edit"] + events["retitle"]
            assert run.stat("newscrawl/stored/updated") == touched
            assert run.stat("newscrawl/renamed") + 0 <= events["rename"]
            asked = run.stat("newscrawl/requests/article")
            assert asked <= sum(events.values()) + (2 if "sitemap_size" in options else 0), replica.paths
            if not events:
                lists = run.stat("newscrawl/requests/section")
                assert len(replica.paths) == 2 + lists + (2 if options.get("sitemap") == "core" else 1)
        after = {row["id"]: url for url, row in days.stored.items()}
        assert before.keys() <= after.keys()
        moved = {url for number, url in before.items() if after[number] != url}
        renames = [event for day in (1, 3) for event in replica.corpus.clock.events(day) if event.kind == "rename"]
        assert len(moved) == len({event.post_id for event in renames if event.index < 25})
        known = {url for (url,) in storing_crawl.rows("SELECT url FROM article_urls")}
        assert moved <= known


async def test_revisions_say_what_an_editor_did(storing_crawl, monkeypatch):
    with running_replica(articles=60) as replica:
        days = Days(replica, storing_crawl, monkeypatch)
        for day in range(6):
            await days.to(day)
        events = {}
        for day in range(1, 6):
            for event in replica.corpus.clock.events(day):
                if event.kind in ("edit", "old-edit", "retitle"):
                    events.setdefault(event.post_id, []).append(event)
        sql = """SELECT post_id, changed_fields FROM revisions JOIN articles ON articles.id = article_id
        WHERE revisions.revision > 1 ORDER BY revisions.id"""
        revisions = {}
        for number, names in storing_crawl.rows(sql):
            revisions.setdefault(number, []).append(set(json.loads(names)))
        assert revisions.keys() == events.keys()
        for number, found in revisions.items():
            assert len(found) == len(events[number])
            for names, event in zip(found, events[number], strict=True):
                expected = (
                    {"headline"}
                    if event.kind == "retitle"
                    else set().union(*(FIELDS_OF[part] for part in event.detail.split("+")))
                )
                assert expected <= names | ({"tags"} if event.kind == "retitle" else set())
                assert names <= expected | FOLLOWING | {"description", "tags", "image"}
                assert names <= {*EDITABLE, "lead", "body_sections"}


async def test_near_duplicates_are_kept_apart_and_twins_once(storing_crawl, monkeypatch):
    with running_replica(articles=120) as replica:
        days = Days(replica, storing_crawl, monkeypatch)
        await days.to(0)
        assert days.differences() == []
        kinds = {}
        for post in replica.corpus:
            kinds.setdefault(post.variant, []).append(f"{replica.url}{post.slug}/")
        stored = days.stored
        near = kinds.get("near-duplicate", [])
        assert near
        assert set(near) <= stored.keys()
        clustered = {url for (url,) in storing_crawl.rows(
            "SELECT url FROM articles JOIN article_clusters ON article_clusters.article_id = articles.id")}  # fmt: skip
        assert set(near) <= clustered
        run = await days.to(2)
        assert days.differences() == []
        assert run.failure is None


async def test_back_dated_posts_are_found_by_the_sitemap(storing_crawl, monkeypatch):
    with running_replica(articles=60, per_page=3) as replica:
        days = Days(replica, storing_crawl, monkeypatch)
        await days.to(0)
        run = await days.to(1)
        old = [event.post_id for event in replica.corpus.clock.events(1) if event.kind == "back-date"]
        assert old
        found = dict(storing_crawl.rows("SELECT post_id, discovered_by FROM articles"))
        assert {found[number] for number in old} <= {"sitemap", *(name for name in found.values())}
        assert days.differences() == []
        assert run.stat("newscrawl/stored/new") >= len(old)


async def test_sources_that_miss_articles_are_named(storing_crawl, monkeypatch):
    with running_replica(articles=40) as replica:
        days = Days(replica, storing_crawl, monkeypatch)
        await days.to(0, discover="sections,sitemap,feed,rest")
        ((text,),) = storing_crawl.rows("SELECT report FROM runs WHERE id = 1")
        found = json.loads(text)["reconciliation"]
        count = len(list(days.stored.values()))
        assert found["articles"] == count
        assert found["x_wp_total"] == len(replica.corpus)
        assert found["by_source"]["sections"] == found["by_source"]["sitemap"] == found["by_source"]["rest"] == count
        assert {name: one["count"] for name, one in found["missed_by"].items()} == {
            "sections": 0,
            "sitemap": 0,
            "rest": 0,
        }
        assert found["by_source"]["feed"] >= 10, "and nobody minds"
