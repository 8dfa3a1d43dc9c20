"""From the replica to an export: what each format says of every article is what the site meant, field by field."""

import asyncio
import csv
import json
from io import StringIO

import feedparser
import jsonschema
import pyarrow.parquet as pq
import pytest
from scrapy.crawler import Crawler
from scrapy.spiderloader import SpiderLoader

from fixtures.replica.server import running_replica
from newscrawl.export.fields import schema_of
from newscrawl.storage import open_store

from .conftest import project_settings
from .exported import export, rows
from .test_export_formats import Text, cells, columns


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A store with a crawl of the replica, and what each article is meant to be."""
    url = f"sqlite:///{tmp_path_factory.mktemp('replica')}/news.db"
    settings = project_settings(NEWSCRAWL_DATABASE_URL=url, NEWSCRAWL_JSONL_PATH="", NEWSCRAWL_REPORTS_DIR="")
    with running_replica(articles=110) as replica:
        crawler = Crawler(SpiderLoader.from_settings(settings).load("newsjournos"), settings)
        asyncio.run(crawler.crawl_async(base_url=replica.url, mode="full"))
        meant = {one["url"]: one for one in map(json.loads, replica.site.control.lines())}
    stored = {row["url"]: row for row in rows(url)}
    assert len(stored) > 100
    return url, {address: meant[address] for address in stored}, stored


def exported(corpus, tmp_path, name: str) -> bytes:
    path = tmp_path / "out"
    assert export(corpus[0], "newsjournos", "--format", name, "--output", str(path)) == 0
    return path.read_bytes()


READERS = {
    "jsonl": lambda data: [json.loads(line) for line in data.decode().split("\n")[:-1]],
    "json": json.loads,
    "csv": cells,
    "parquet": columns,
}


@pytest.mark.parametrize(("name", "reader"), READERS.items(), ids=READERS)
def test_every_field_of_every_article(corpus, tmp_path, name, reader):
    _, meant, stored = corpus
    found = {one["url"]: one for one in reader(exported(corpus, tmp_path, name))}
    assert found.keys() == stored.keys()
    for url, article in found.items():
        assert {field: article[field] for field in meant[url]} == meant[url]
        assert article == {field: stored[url][field] for field in article}


def test_every_line_is_valid(corpus, tmp_path):
    valid = jsonschema.Draft202012Validator(schema_of())
    for line in exported(corpus, tmp_path, "jsonl").decode().split("\n")[:-1]:
        valid.validate(json.loads(line))


def test_csv_is_read_by_the_simplest_reader(corpus, tmp_path):
    table = csv.reader(StringIO(exported(corpus, tmp_path, "csv").decode(), newline=""), strict=True)
    assert {len(row) for row in table} == {len(schema_of()["properties"])}


def test_parquet_times_sort_as_times(corpus, tmp_path):
    exported(corpus, tmp_path, "parquet")
    times = pq.read_table(tmp_path / "out", columns=["published_at"])["published_at"].to_pylist()
    assert times == sorted(times, reverse=True)


def check_entry(meant, entry) -> None:
    assert entry["title"] == meant["headline"]
    assert entry["authors"] == [author["name"] for author in meant["authors"]]
    assert entry["tags"] == list(dict.fromkeys([meant["section"], *meant["tags"]]))
    lines = Text(entry["content"]).lines
    body = [text for text in meant["body"].split("\n\n") if text]
    assert lines[: len(body)] == body
    rest = [*meant["key_points"], *(meant["summary"] or "").split("\n\n")]
    rest += [text for one in meant["faq"] for text in (one["question"], *one["answer"].split("\n\n"))]
    headings = ["Key Points", "Summary", "Frequently Asked Questions"]
    assert [line for line in lines[len(body) :] if line not in headings] == [text for text in rest if text]


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_feed_reader_finds_every_article(corpus, tmp_path, name):
    _, meant, stored = corpus
    feed = feedparser.parse(exported(corpus, tmp_path, name), sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    assert {entry.link for entry in feed.entries} == stored.keys()
    assert len({entry.id for entry in feed.entries}) == len(stored)
    for entry in feed.entries:
        names = [author["name"] for author in entry.get("authors", [])]
        tags = [tag.term for tag in entry.get("tags", [])]
        said = {"title": entry.title, "authors": names, "tags": tags, "content": entry.content[0].value}
        check_entry(meant[entry.link], said)


def test_json_feed_has_every_article(corpus, tmp_path):
    _, meant, stored = corpus
    items = json.loads(exported(corpus, tmp_path, "jsonfeed"))["items"]
    assert {item["url"] for item in items} == stored.keys()
    for item in items:
        names = [author["name"] for author in item.get("authors", [])]
        said = {"title": item["title"], "authors": names, "tags": item["tags"], "content": item["content_html"]}
        check_entry(meant[item["url"]], said)


def test_schema_org_has_every_article(corpus, tmp_path):
    _, meant, _ = corpus
    for line in exported(corpus, tmp_path, "schemaorg").decode().split("\n")[:-1]:
        found = json.loads(line)
        article = meant[found["url"]]
        pairs = {"headline": "headline", "articleBody": "body", "datePublished": "published_at", "abstract": "summary",
                 "dateModified": "modified_at", "articleSection": "section"}  # fmt: skip
        for theirs, ours in pairs.items():
            assert found.get(theirs) == article[ours]
        assert found.get("keywords", []) == article["tags"]
        assert [one["name"] for one in found["author"]] == [one["name"] for one in article["authors"]]


def test_the_order_is_that_of_the_store(corpus, tmp_path):
    store = open_store(corpus[0], readonly=True)
    expected = [one["url"] for one in store.articles()]
    store.close()
    assert [json.loads(line)["url"] for line in exported(corpus, tmp_path, "jsonl").splitlines()] == expected
