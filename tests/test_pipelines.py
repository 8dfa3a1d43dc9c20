"""Item to disk: what is rejected and why, what is one article, and what happens when storing fails."""

import asyncio
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from newscrawl.exceptions import StoreError
from newscrawl.extensions.run_end import outcome
from newscrawl.items import Alias, Article, Rejection
from newscrawl.pipelines.dedupe import DedupePipeline
from newscrawl.pipelines.store import StorePipeline
from newscrawl.pipelines.validate import ValidatePipeline, rules
from newscrawl.storage.runtime import RUN_ID, record_exit_code, store_of
from newscrawl.storage.store import Store
from tests.local_server import serving
from tests.site_pages import site

from .conftest import project_settings
from .stored import EDITED, GOOD, OTHER_POST, A, B, lines, rows

ALL = project_settings()["ITEM_PIPELINES"]


class Chain:
    """The three pipelines over one crawler, in the order of the settings."""

    def __init__(self, place):
        settings = {"NEWSCRAWL_DATABASE_URL": place[0], "NEWSCRAWL_JSONL_PATH": place[1], "ITEM_PIPELINES": ALL}
        self.crawler = get_crawler(settings_dict=settings)
        self.crawler.spider = self.crawler._create_spider("newsjournos")
        self.pipelines = [cls.from_crawler(self.crawler) for cls in (ValidatePipeline, DedupePipeline, StorePipeline)]
        self.pipelines[-1].open_spider()

    def send(self, item):
        """The reason for which an item is dropped, None where it is kept."""
        for pipeline in self.pipelines:
            try:
                item = pipeline.process_item(item)
            except DropItem as error:
                return f"{error.log_level} {error}"  # at DEBUG, a dropped item does not fill the log
        return None

    def stat(self, name):
        return self.crawler.stats.get_value(f"newscrawl/{name}", 0)

    def close(self, reason="finished"):
        self.pipelines[-1].close_spider()
        with closing(store_of(self.crawler)) as store:
            stats = self.crawler.stats
            store.finish_run(stats.get_value(RUN_ID), outcome(stats.get_stats(), reason))


@pytest.fixture
def place(tmp_path):
    return f"sqlite:///{tmp_path}/news.db", str(tmp_path / "news.jsonl")


@pytest.fixture
def chain(place):
    chain = Chain(place)
    yield chain
    if not chain.crawler.stats.get_value("newscrawl/failure"):
        chain.close()


def in_days(days):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")


GOOD_ONES = {
    "plain": {},
    "back-dated by years": {"published_at": "1995-01-01T00:00:00+00:00"},
    "ahead of our clock": {"published_at": in_days(1)},
    "of one word": {"body": "Developing."},
    "in another script": {"body": "\u6e21\u8239"},
    "about markup": {"body": "The <div> and the <b> are elements, and 3 < 4 as ever; a<b.", "headline": "What is <p>?"},
    "with odd but printable signs": {
        "body": "\U0001f468\u200d\U0001f469 na\u00efve \u201cquote\u201d\nline\tTab \ue000"
    },
    "an escape that is only text": {"body": "He typed \\u0007 and \\ud800."},
    "without post id": {"post_id": None},
}


@pytest.mark.parametrize("change", GOOD_ONES.values(), ids=GOOD_ONES)
def test_good_articles_are_kept_as_they_are(chain, change):
    article = replace(GOOD, **change)
    assert chain.send(article) is None
    assert chain.stat("stored/new") == 1
    assert store_of(chain.crawler).get(A)["body"] == article.body


BAD_ONES = {
    "no date": ({"published_at": None}, "missing_published_at"),
    "no body": ({"body": ""}, "missing_body"),
    "no headline": ({"headline": ""}, "missing_headline"),
    "a date without offset": ({"published_at": "2025-05-03T14:15:00"}, "schema_published_at"),
    "a date of another zone": ({"modified_at": "2025-05-03T14:15:00-04:00"}, "schema_modified_at"),
    "another scheme": ({"url": "ftp://newsjournos.com/a/"}, "schema_url"),
    "a list that is none": ({"tags": "Ferries"}, "schema_tags"),
    "a number in a list": ({"outline": ["one", 2]}, "schema_outline"),
    "an author without all keys": ({"authors": [{"name": "Desk"}]}, "schema_authors"),
    "a key too many": ({"faq": [{"question": "?", "answer": "!", "by": "x"}]}, "schema_faq"),
    "a negative number": ({"word_count": -1}, "schema_word_count"),
    "an unknown precision": ({"published_precision": "hour"}, "schema_published_precision"),
    "before there was a web": ({"published_at": "1970-01-01T00:00:00+00:00"}, "implausible_date"),
    "next week": ({"published_at": in_days(7)}, "implausible_date"),
    "the 31st of June": ({"published_at": "2025-06-31T00:00:00+00:00"}, "implausible_date"),
    "no word": ({"body": "\u2026 *** 1"}, "no_words"),
    "a page as headline": ({"headline": "Word " * 200}, "headline_too_long"),
    "no id of this world": ({"post_id": 2**63}, "number_too_large"),
    "a script": ({"body": "Text <script>alert(1)"}, "markup_in_text"),
    "a closing tag": ({"summary": "Text</p >"}, "markup_in_text"),
    "a tag with attributes": ({"faq": [{"question": "?", "answer": 'See <A HREF="/x">'}]}, "markup_in_text"),
    "a control character": ({"section": "World\x07"}, "control_character"),
    "half a character": ({"images": [dict.fromkeys(("url", "alt", "caption"), "\ud83d") | {"width": None,
                                      "height": None}]}, "control_character"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "reason"), BAD_ONES.values(), ids=BAD_ONES)
def test_bad_articles_are_kept_apart(place, change, reason):
    chain = Chain(place)
    article = replace(GOOD, **change)
    assert chain.send(article).startswith(f"DEBUG {reason}")
    assert chain.stat(f"rejected/{reason}") == 1
    chain.close()
    ((run_id, url, kept, item),) = rows(place, "SELECT run_id, url, reason, item FROM rejects")
    assert (run_id, url, kept) == (1, article.url, reason)
    assert json.loads(item) == ItemAdapter(article).asdict()
    assert rows(place, "SELECT count(*) FROM articles") == [(0,)]
    assert lines(place) == []


def test_the_rules_are_those_of_the_published_schema():
    published = ItemAdapter.get_json_schema(Article)
    told = ("description", "default")
    properties = {
        name: {key: value for key, value in values.items() if key not in told and value != [{"type": "null"}, {}]}
        for name, values in published["properties"].items()
    }  # of two shapes, the second of which is any
    assert rules() == published | {"properties": properties}


def test_what_the_spider_rejects_is_kept_with_the_reason(place):
    chain = Chain(place)
    assert chain.send(Rejection(A, "password_protected", "behind a password")).startswith("DEBUG password_protected")
    assert chain.stat("rejected/password_protected") == 1
    chain.close()
    assert rows(place, "SELECT url, reason, detail, item FROM rejects") == [
        (A, "password_protected", "behind a password", None)
    ]
    assert rows(place, "SELECT rejected FROM runs") == [(1,)]


DUPLICATES = {
    "the same address": (replace(EDITED, post_id=None), "url", []),
    "the same post": (replace(EDITED, url=B), "post_id", [(B, A)]),
    "the same content": (replace(GOOD, url=B, post_id=8), "content_hash", [(B, A)]),
}


@pytest.mark.parametrize(("second", "by", "others"), DUPLICATES.values(), ids=DUPLICATES)
def test_one_article_a_run(place, second, by, others):
    chain = Chain(place)
    assert chain.send(GOOD) is None
    assert f"DEBUG duplicate by {by}" in chain.send(second)
    assert chain.stat(f"duplicates/{by}") == 1
    chain.close()
    sql = "SELECT u.url, a.url FROM article_urls u JOIN articles a ON a.id = u.article_id"
    assert rows(place, sql) == others
    assert [line["url"] for line in lines(place)] == [A]


def test_other_articles_are_no_duplicates(chain):
    assert chain.send(GOOD) is None
    assert chain.send(replace(OTHER_POST, url=B)) is None
    assert chain.send(replace(OTHER_POST, url=f"{B}c/", post_id=None, content_hash="d" * 64)) is None
    assert chain.stat("stored/new") == 3


@pytest.mark.parametrize("early", [True, False], ids=["before its article", "after it"])
def test_another_address_is_kept(place, early):
    chain = Chain(place)
    items = [Alias(f"{A}?p=7", A), GOOD]
    said = [chain.send(item) for item in (items if early else reversed(items))]
    assert said.count(None) == 1, "the article, not the address"
    chain.close()
    assert rows(place, "SELECT url, article_id FROM article_urls") == [(f"{A}?p=7", 1)]


def test_the_run_has_its_row(place):
    chain = Chain(place)
    chain.crawler.stats.inc_value("downloader/request_count", 5)
    chain.crawler.stats.inc_value("newscrawl/failed/http_503", 2)
    for item in (GOOD, replace(GOOD, body="", url=B)):
        chain.send(item)
    chain.close("finished")
    record_exit_code(chain.crawler, 3)
    columns = "spider, new, updated, unchanged, gone, rejected, failed, requests, finish_reason, exit_code"
    assert rows(place, f"SELECT {columns} FROM runs") == [("newsjournos", 1, 0, 0, 0, 1, 2, 5, "finished", 3)]
    ((stats,),) = rows(place, "SELECT stats FROM runs")
    assert json.loads(stats)["newscrawl/stored/new"] == 1


async def test_after_a_fault_nothing_more_is_stored(place, monkeypatch):
    reasons = []

    class Engine:
        async def close_spider_async(self, *, reason):
            reasons.append(reason)

    chain = Chain(place)
    chain.crawler.engine = Engine()
    chain.send(GOOD)

    def fail(store: Store, article: Article) -> str:
        raise StoreError("database news.db: no room is left")

    monkeypatch.setattr(Store, "save", fail)
    with pytest.raises(StoreError):
        chain.send(replace(OTHER_POST, url=B))
    monkeypatch.undo()
    assert "DEBUG not stored" in chain.send(replace(OTHER_POST, url=f"{B}c/", post_id=9, content_hash="d" * 64))
    assert chain.crawler.stats.get_value("newscrawl/failure") == "database news.db: no room is left"
    assert str(chain.crawler.spider.failure) == "database news.db: no room is left"
    assert chain.stat("stored/new") == 1
    await asyncio.sleep(0)  # lets the task run
    assert reasons == ["store_failed"]
    chain.close("store_failed")
    assert rows(place, "SELECT new, finish_reason FROM runs") == [(1, "store_failed")]


async def test_a_crawl_ends_when_storing_fails(crawl, place, monkeypatch):
    def fail(store: Store, article: Article) -> str:
        raise StoreError("database news.db: no room is left")

    monkeypatch.setattr(Store, "save", fail)
    settings = {"ITEM_PIPELINES": ALL, "NEWSCRAWL_DATABASE_URL": place[0], "NEWSCRAWL_JSONL_PATH": place[1]}
    with serving(site(*(f"story-{number}" for number in range(30)))) as server:
        run = await crawl(server.url, settings)
    assert str(run.failure) == "database news.db: no room is left"
    assert run.stat("finish_reason") == "store_failed"
    assert len(server.paths) < 30, "what cannot be stored is not fetched"
    assert run.articles == []
    assert rows(place, "SELECT finish_reason FROM runs") == [("store_failed",)]


async def test_a_second_crawl_finds_everything_unchanged(crawl, place):
    settings = {"ITEM_PIPELINES": ALL, "NEWSCRAWL_DATABASE_URL": place[0], "NEWSCRAWL_JSONL_PATH": place[1]}
    with serving(site("a", "b", "c")) as server:
        for _ in range(2):
            run = await crawl(server.url, settings, mode="full")
    assert run.failure is None
    assert rows(place, "SELECT state, count(*) FROM articles GROUP BY state") == [("unchanged", 3)]
    assert rows(place, "SELECT new, unchanged FROM runs ORDER BY id") == [(3, 0), (0, 3)]
    assert len(lines(place)) == 3
