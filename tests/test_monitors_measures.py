"""What the monitors judge, counted from a crawl's items as its signals bring them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from scrapy import signals
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from newscrawl import clock
from newscrawl.extensions.run_measures import RunMeasures
from newscrawl.items import Alias, Rejection
from newscrawl.monitors import measures as module
from newscrawl.monitors.measures import Measures
from newscrawl.pipelines.dedupe import DedupePipeline
from newscrawl.pipelines.validate import ValidatePipeline
from newscrawl.storage.runtime import store_of
from newscrawl.storage.schema import FIELDS
from tests.monitored import NOW, articles
from tests.stored import GOOD

FIRST = replace(
    GOOD, section="World", word_count=4, sources={"headline": "theme"}, published_at="2025-11-30T01:00:00+00:00"
)
OTHER = replace(
    FIRST,
    url="https://newsjournos.com/b/",
    post_id=8,
    content_hash="b" * 64,
    tags=[],
    sources={"headline": "meta"},
    section=None,
    word_count=8,
)


@pytest.fixture
def send(tmp_path, monkeypatch) -> Any:
    """A function that takes an item through validation and the filter of duplicates, as a crawl does."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    crawler = get_crawler(settings_dict={"NEWSCRAWL_DATABASE_URL": f"sqlite:///{tmp_path}/x.db"})
    extension = RunMeasures.from_crawler(crawler)
    pipelines = [ValidatePipeline.from_crawler(crawler), DedupePipeline.from_crawler(crawler)]

    def through(item: Any) -> Measures:
        try:
            for pipeline in pipelines:
                item = pipeline.process_item(item)
            crawler.signals.send_catch_log(signals.item_scraped, item=item, response=None, spider=None)
        except DropItem as error:
            crawler.signals.send_catch_log(signals.item_dropped, item=item, response=None, exception=error, spider=None)
        return extension.measures

    yield through
    store_of(crawler).close()


Send = Callable[[Any], Measures]


def test_articles_are_counted_field_by_field(send: Send):
    send(FIRST)
    found = send(OTHER).as_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["articles"] == 2
    assert (found["filled"]["headline"], found["filled"]["tags"], found["filled"]["subtitle"]) == (2, 1, 0)
    assert tuple(found["filled"]) == FIELDS
    assert found["sources"] == {"headline": {"theme": 1, "meta": 1}}
    assert found["empty"]["tags"] == [OTHER.url]
    assert found["empty"]["subtitle"] == [FIRST.url, OTHER.url]
    assert found["sections"] == {"World": 1, "": 1}
    assert (found["median_words"], found["newest"]) == (6.0, FIRST.published_at)
    assert found["rejects"] == {}


@pytest.mark.parametrize(
    ("items", "read", "rejects"),
    [
        ([FIRST, FIRST], 1, {}),
        ([FIRST, replace(FIRST, url="https://newsjournos.com/c/")], 1, {}),  # the same post elsewhere
        ([FIRST, Alias("https://newsjournos.com/old/", FIRST.url)], 1, {}),
        ([replace(FIRST, published_at=None)], 1, {"missing_published_at": FIRST.url}),
        ([replace(FIRST, published_at=None)] * 2, 1, {"missing_published_at": FIRST.url}),
        ([replace(FIRST, body="..."), OTHER], 2, {"no_words": FIRST.url}),
        ([Rejection("https://newsjournos.com/p/", "password_protected", "")], 0,
         {"password_protected": "https://newsjournos.com/p/"}),
        ([Rejection("https://newsjournos.com/p/", "empty_page", "")] * 3, 0,
         {"empty_page": "https://newsjournos.com/p/"}),
    ],
)  # fmt: skip
def test_each_item_counts_once(send: Send, items, read, rejects):
    for item in items:
        found = send(item)
    assert found.articles == read
    assert found.as_dict()["rejects"] == {reason: {"count": 1, "url": url} for reason, url in rejects.items()}


def test_the_crawler_knows_it():
    crawler = get_crawler(settings_dict={"EXTENSIONS": {RunMeasures: 300}})
    assert crawler.get_extension(RunMeasures).measures.articles == 0


@pytest.mark.parametrize(
    ("published", "age"),
    [
        ("2025-11-30T01:00:00+00:00", "recent"),
        ("2025-12-09T01:00:00+00:00", "recent"),
        (None, "recent"),
        ("2025-06-31T01:00:00+00:00", "recent"),
        ("2025-05-03T14:15:00+00:00", "past"),
        ("2019-05-03T14:15:00+00:00", "old"),
    ],
)
def test_articles_count_among_those_of_their_age(published, age):
    found = Measures(NOW)
    found.add(articles(1, published_at=published)[0])
    assert {name: tally.articles for name, tally in found.tallies.items() if tally.articles} == {age: 1}


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_ARTICLES", 5)
    found = Measures(NOW)
    for values in articles(9):
        found.add(values)
        found.add_reject(values["url"], "no_text")
    assert (found.articles, len(found.rejects)) == (5, 5)


def test_an_empty_run_is_a_measure_too():
    found = Measures(NOW).as_dict()
    assert (found["articles"], found["median_words"], found["newest"]) == (0, 0.0, None)
    assert tuple(found["filled"]) == FIELDS
