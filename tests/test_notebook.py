"""Data frames of what is stored: their columns, types and values, filters, and the worked example of docs/notebook.md."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from unittest.mock import Mock

import pandas as pd
import polars as pl
import pytest

import newscrawl
from fixtures.replica.corpus import Corpus as Replica
from fixtures.replica.model import SiteOptions
from fixtures.replica.site import Site
from newscrawl.exceptions import NewscrawlError, SettingError, StoreError, UsageProblem
from newscrawl.notebook import corpus as module
from newscrawl.notebook import pandas_frame
from newscrawl.storage import open_store, tables
from newscrawl.storage.schema import FIELDS, JSON_FIELDS
from newscrawl.storage.selecting import BOOKKEEPING
from tests.conftest import ROOT, environment
from tests.crawled import ARTICLES, DAYS, crawled_store
from tests.stored import GOOD
from tests.worked_example import blocks, printed

WHOLE = replace(
    GOOD,
    modified_at="2025-05-03T16:00:00.250000+00:00",
    image={"url": "https://example.org/i.jpg", "alt": None, "caption": "A quay", "width": 1200, "height": None},
    links=[{"text": "there", "url": "https://example.org/"}],
    body_sections=[{"heading": "Who", "level": None, "paragraphs": ["Nobody."]}],
    sources={"headline": "theme", "tags": "rel"},
    section="World",
    word_count=4,
)
BARE = replace(GOOD, url="https://newsjournos.com/b/", post_id=None, tags=[], faq=[], published_at="2025-05-01T00:00:00+00:00",
               section="Tech", headline="Bare", content_hash="b" * 64, crawled_at="2025-05-05T00:00:00+00:00")  # fmt: skip
EDITED = replace(WHOLE, headline="Trams", tags=["Trams"], content_hash="c" * 64, crawled_at="2025-05-06T00:00:00+00:00")
MOMENTS = {
    "published_at",
    "modified_at",
    "crawled_at",
    "first_seen_at",
    "last_seen_at",
    "last_fetched_at",
    "changed_at",
}
NUMBERS = {"post_id", "reading_minutes", "word_count", "revision"}


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "news.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        for article in (WHOLE, BARE, EDITED):
            store.save(article)
    return path


@pytest.fixture
def corpus(database):
    return newscrawl.open_store(str(database))


@pytest.fixture
def polars_corpus(database):
    return newscrawl.open_store(str(database), library="polars")


def moment(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize("search", [None, "nothingofthekind"], ids=["articles", "no article"])
def test_columns_of_articles_are_typed_whatever_they_hold(corpus, polars_corpus, search):
    frame, other = corpus.articles(search=search), polars_corpus.articles(search=search)
    assert list(frame.columns) == other.columns == [*FIELDS, *BOOKKEEPING]
    for name, kind in frame.dtypes.items():
        wanted = (
            "datetime64[us, UTC]"
            if name in MOMENTS
            else "Int64"
            if name in NUMBERS
            else "object"
            if name in JSON_FIELDS
            else "str"
        )
        assert str(kind) == wanted, name
    for name, kind in other.schema.items():
        if name in JSON_FIELDS:
            assert isinstance(kind, pl.Struct if name == "image" else pl.List), name
        else:
            wanted = pl.Datetime("us", "UTC") if name in MOMENTS else pl.Int64 if name in NUMBERS else pl.String
            assert kind == wanted, name
    assert other.schema["tags"] == pl.List(pl.String)
    assert other.schema["body_sections"] == pl.List(
        pl.Struct({"heading": pl.String, "level": pl.Int64, "paragraphs": pl.List(pl.String)})
    )


def test_values_of_articles(corpus, polars_corpus):
    frame, other = corpus.articles(), polars_corpus.articles()
    for row in (frame.iloc[0].to_dict(), other.row(0, named=True)):
        for name in FIELDS:
            value = getattr(EDITED, name)
            if name in MOMENTS:
                assert row[name] == moment(value), name
            elif value is None:
                assert row[name] is None or pd.isna(row[name]), name
            elif name == "sources" and row[name] != value:
                assert row[name] == [{"key": key, "value": one} for key, one in value.items()]
            else:
                assert row[name] == value, name
        assert (row["revision"], row["state"]) == (2, "updated")
    assert pd.isna(frame.loc[1, "post_id"])
    assert frame.loc[1, "tags"] == []


def test_every_value_of_the_replica_is_what_is_stored(tmp_path_factory):
    path = crawled_store(tmp_path_factory.getbasetemp())
    frame = newscrawl.open_store(str(path)).articles().set_index("url")
    with closing(open_store(f"sqlite:///{path}", readonly=True)) as store:
        stored = list(store.articles())
    assert [row["url"] for row in stored] == list(frame.index)
    for name in set(FIELDS) - {"url"}:
        for row, value in zip(stored, frame[name], strict=True):
            if row[name] is None:
                assert value is None or pd.isna(value), name
            else:
                assert value == (moment(row[name]) if name in MOMENTS else row[name]), name


FILTERS = [
    ({}, ["Trams", "Bare"]),
    ({"since": "2025-05-02"}, ["Trams"]),
    ({"since": date(2025, 5, 1), "until": "2025-05-01"}, ["Bare"]),
    ({"section": "world"}, ["Trams"]),
    ({"section": ["world", "TECH"]}, ["Trams", "Bare"]),
    ({"tag": "trams"}, ["Trams"]),
    ({"search": "ferry NOT trams"}, ["Bare"]),
    ({"state": "new"}, ["Bare"]),
    ({"state": ("new", "updated"), "limit": 1}, ["Trams"]),
]


@pytest.mark.parametrize(("filters", "headlines"), FILTERS)
def test_filters(corpus, polars_corpus, filters, headlines):
    for one in (corpus, polars_corpus):
        assert one.articles(fields=["headline"], **filters)["headline"].to_list() == headlines


def test_versions(corpus, polars_corpus):
    for frame in (
        corpus.revisions(["headline", "tags", "url", "image", "crawled_at"]),
        polars_corpus.revisions(["headline", "tags", "image", "crawled_at"]),
    ):
        assert list(frame.columns) == [
            "url",
            "revision",
            "seen_at",
            "cause",
            "changed_fields",
            "headline",
            "tags",
            "image",
            "crawled_at",
        ]
        assert frame["headline"].to_list() == [WHOLE.headline, "Bare", "Trams"]
        assert [list(names) for names in frame["changed_fields"].to_list()] == [[], [], ["headline", "tags"]]
        assert [list(names) for names in frame["tags"].to_list()] == [["Ferries", "U.S"], [], ["Trams"]]
        assert frame["image"].to_list() == [WHOLE.image, None, WHOLE.image]
        assert frame["seen_at"].to_list() == [moment(one.crawled_at) for one in (WHOLE, BARE, EDITED)]
        assert frame["crawled_at"].to_list() == frame["seen_at"].to_list()


def test_a_version_stands_under_the_address_that_its_article_has_now(database, corpus):
    with closing(open_store(f"sqlite:///{database}")) as store:
        assert store.rename(WHOLE.url, "https://newsjournos.com/moved/")
    assert corpus.revisions(["url", "headline"])["url"].to_list() == [
        "https://newsjournos.com/moved/",
        BARE.url,
        "https://newsjournos.com/moved/",
    ]


def test_tags_and_views(corpus, polars_corpus):
    for one in (corpus, polars_corpus):
        assert one.tags()[["position", "tag"]].to_numpy().tolist() == [[1, "Trams"]]
        assert one.view("questions")["answer"].to_list() == ["Nobody."]
        assert one.view("headline_rewrites")["seen_at"].to_list() == [moment(EDITED.crawled_at)]
        assert one.view("clusters").shape == (0, 8)
    assert str(corpus.view("clusters")["published_at"].dtype) == "datetime64[us, UTC]"
    assert str(corpus.view("clusters")["members"].dtype) == "Int64"


@pytest.mark.parametrize("name", tables.VIEW_NAMES)
def test_every_view_is_a_frame(tmp_path_factory, name):
    path = crawled_store(tmp_path_factory.getbasetemp())
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
    frames = [newscrawl.open_store(str(path), library).view(name) for library in module.LIBRARIES]
    assert [len(frame) for frame in frames] == [rows, rows]
    assert list(frames[0].columns) == frames[1].columns


def test_a_query_of_your_own(corpus, polars_corpus):
    sql = """SELECT count(*) AS n, 1.5 AS half, 'x' AS not_a_moment_at, NULL AS headline, max(seen_at) AS last_at, x'00' AS raw
    FROM revisions WHERE revision = :revision"""
    for row in (
        corpus.query(sql, {"revision": 1}).iloc[0].to_dict(),
        polars_corpus.query(sql, {"revision": 1}).row(0, named=True),
    ):
        assert (row["n"], row["half"], row["not_a_moment_at"], row["raw"]) == (2, 1.5, "x", b"\0")
        assert row["last_at"] == moment(BARE.crawled_at)
        assert row["headline"] is None or pd.isna(row["headline"])


WRONG = [
    (lambda one: one.articles(since="3 May"), UsageProblem, "since='3 May': allowed is an ISO date"),
    (
        lambda one: one.articles(fields=["headlin"]),
        UsageProblem,
        "fields='headlin': is not known; the nearest is headline",
    ),
    (lambda one: one.articles(state="old"), UsageProblem, "state='old'"),
    (lambda one: one.articles(limit=0), UsageProblem, "limit=0"),
    (lambda one: one.articles(section="Wrld"), UsageProblem, "Wrld"),
    (lambda one: one.articles(search='"'), UsageProblem, "FTS5"),
    (lambda one: one.revisions(["heading"]), UsageProblem, "fields='heading'"),
    (lambda one: one.view("paragraph; DROP TABLE runs"), UsageProblem, "the nearest is paragraphs"),
    (lambda one: one.query("SELEC 1"), StoreError, "syntax error"),
    (lambda one: one.query("SELECT 1; SELECT 2"), StoreError, "one statement"),
    (lambda one: one.query("DELETE FROM articles"), StoreError, "cannot be written"),
]


@pytest.mark.parametrize(("ask", "kind", "said"), WRONG)
def test_what_is_wrong_is_told_in_one_line(corpus, ask, kind, said):
    with pytest.raises(kind, match=re.escape(said)) as told:
        ask(corpus)
    assert "\n" not in str(told.value)
    assert len(corpus.articles()) == 2


def test_what_cannot_be_opened(tmp_path, database, monkeypatch):
    for url, kind in (("mysql://h/d", SettingError), (str(tmp_path / "none.db"), StoreError)):
        with pytest.raises(kind):
            newscrawl.open_store(url)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(UsageProblem, match="library='excel'"):
        newscrawl.open_store(str(database), library="excel")
    broken = ImportError("libpandas.so: no such file")
    for failure, said in (
        (ModuleNotFoundError("No module", name="pandas"), "pandas"),
        (broken, "pandas, which does not load (libpandas.so: no such file)"),
    ):
        monkeypatch.setattr(module, "import_module", Mock(side_effect=failure))
        with pytest.raises(UsageProblem) as told:
            newscrawl.open_store(str(database))
        assert str(told.value) == f"data frames need {said}: pip install -r requirements-extras.txt"
    monkeypatch.undo()
    monkeypatch.setattr(pandas_frame.pd, "__version__", "2.3.1")
    with pytest.raises(UsageProblem, match=r"pandas 2\.3\.1 is too old"):
        newscrawl.open_store(str(database)).articles()


def test_the_store_is_that_of_the_environment_and_is_left_alone(database, monkeypatch):
    before = database.read_bytes()
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", f"sqlite:///{database}")
    corpus = newscrawl.open_store()
    assert len(corpus.articles()) == 2
    with closing(open_store(f"sqlite:///{database}")) as store:  # a crawl may begin
        store.save(replace(BARE, url="https://newsjournos.com/c/", content_hash="d" * 64))
        store.commit()
        assert len(corpus.articles()) == 3
    assert sorted(path.name for path in database.parent.iterdir()) == ["news.db"]
    assert database.read_bytes() != before


HEAVY = ("scrapy", "lxml", "pandas", "polars", "numpy", "twisted")


def test_importing_the_package_loads_nothing_heavy():
    code = f"import json, sys, newscrawl; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_the_errors_are_of_one_family():
    assert issubclass(UsageProblem, NewscrawlError)
    assert issubclass(StoreError, NewscrawlError)


def test_the_worked_example_prints_what_it_says(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("NEWSCRAWL_DATABASE_URL", f"sqlite:///{crawled_store(tmp_path_factory.getbasetemp())}")
    text = (ROOT / "docs/notebook.md").read_text(encoding="utf-8")
    assert len(blocks()) == text.count("```python") == text.count("```text") > 5
    for (code, said), out in zip(blocks(), printed(), strict=True):
        assert out == said, code


def test_what_the_example_says_of_headlines_is_what_the_replica_did(tmp_path_factory):
    """Counted from the site's own life, past crawl, store and view."""
    site = Site(Replica(ARTICLES, 1, "http://127.0.0.1:8000"), SiteOptions())
    rewritten, edited, before = 0, 0, {}
    for day in DAYS:
        site.control.corpus.day = day
        truth = [json.loads(line) for line in site.control.lines()]
        now = {one["post_id"]: [one[name] for name in ("headline", "body", "tags", "description")] for one in truth}
        both = [(before[number], now[number]) for number in now if number in before]
        rewritten += sum(was[0] != is_now[0] for was, is_now in both)
        edited += sum(was != is_now for was, is_now in both)
        before = now
    corpus = newscrawl.open_store(str(crawled_store(tmp_path_factory.getbasetemp())))
    assert len(corpus.view("headline_rewrites")) == rewritten
    assert f"{rewritten} of" in blocks()[2][1]
    assert f"{edited} edits were seen" in blocks()[5][1]
