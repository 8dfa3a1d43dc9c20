"""The page of ``scrapy report``: every figure against what the store holds, counted here in another way."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime

import pytest

from tests.reported import Page, lived, number, page_of, words


class Truth:
    """Everything in the store, read row by row."""

    def __init__(self, database):
        with closing(sqlite3.connect(database)) as db:
            db.row_factory = sqlite3.Row
            tables = ("articles", "revisions", "runs", "pages", "article_clusters")
            rows = {
                table: [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid")] for table in tables
            }
        self.articles = {row["id"]: row for row in rows["articles"]}
        self.revisions, self.runs, self.pages = rows["revisions"], rows["runs"], rows["pages"]
        self.clusters = Counter(row["cluster"] for row in rows["article_clusters"])
        self.reports = [json.loads(run["report"]) for run in self.runs]
        self.edits = [row for row in self.revisions if row["revision"] > 1 and row["cause"] == "edit"]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return lived(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def truth(database):
    return Truth(database)


@pytest.fixture(scope="module")
def page(database):
    return Page(page_of(database))


def age(later, earlier):
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


def spans(seconds):
    """How many lie within each span of the page, worked out one by one."""
    counts = Counter()
    for one in seconds:
        hours = one / 3600
        ends = ((0.25, "15 min"), (1, "1 h"), (3, "3 h"), (6, "6 h"), (12, "12 h"), (24, "1 d"), (72, "3 d"))
        ends += ((168, "1 wk"), (672, "4 wk"))
        counts[next((f"within {name}" for end, name in ends if hours <= end), "longer")] += 1
    return counts


def counts(rows, column=1):
    """The rows of a table that are not 0, by their heading."""
    return {row[0]: number(row[column]) for row in rows if row[column] != "0"}


def test_there_is_something_to_count(truth):
    assert len(truth.articles) > 60
    assert truth.edits
    assert truth.clusters


def test_articles_by_day_and_section(page, truth):
    days = Counter(row["published_at"][:10] for row in truth.articles.values())
    cells = Counter((row["published_at"][:10], row["section"]) for row in truth.articles.values())
    shown = page.table("Articles by day and section")
    (table,) = [one for one in page.tree.iter("table") if one.findtext("caption") == "Articles by day and section"]
    _, _, *sections = [words(cell) for cell in table.find("thead")[0]]
    assert [row[0] for row in shown] == sorted((row[0] for row in shown), reverse=True)
    assert shown[0][0] == max(days)
    assert len(shown) == 60
    for day, total, *by_section in shown:
        assert number(total) == days[day]
        assert [number(one) for one in by_section] == [cells[day, section] for section in sections]
    for month, total in page.table("Articles by month"):
        assert number(total) == sum(count for day, count in days.items() if day.startswith(month))


def test_articles_by_section(page, truth):
    sections = Counter(row["section"] for row in truth.articles.values())
    rows = page.table("Articles by section")
    assert {row[0]: number(row[1]) for row in rows} == sections
    assert [row[2] for row in rows] == [
        f"{100 * number(row[1]) / len(truth.articles):.0f} %" for row in rows
    ]  # fmt: skip
    assert f"{len(truth.articles)} articles in {len(sections)} sections" in page.says("published")
    captions = [words(one) for one in page.tree.iter("figcaption")]
    assert any(f"the 12 largest of {len(sections)} sections" in one for one in captions), "what has no chart is told"


def test_how_fast_articles_are_seen_leaves_the_first_crawl_out(page, truth):
    began = min(row["first_seen_at"] for row in truth.articles.values())
    late = [row for row in truth.articles.values() if row["published_at"] >= began]
    seconds = [age(row["first_seen_at"], row["published_at"]) for row in late]
    assert 0 < len(seconds) < len(truth.articles)
    assert counts(page.table("From publication until first seen")) == spans(seconds)
    assert f"Of {len(seconds)} articles, half were seen within" in page.says("seen")
    by_month = Counter(row["published_at"][:7] for row in late)
    assert counts(page.table("By month of publication")) == by_month


def test_edits(page, truth):
    assert counts(page.table("Edits by day seen")) == Counter(row["seen_at"][:10] for row in truth.edits)
    ages = [age(row["seen_at"], truth.articles[row["article_id"]]["published_at"]) for row in truth.edits]
    assert counts(page.table("From publication until an edit is seen")) == spans(ages)
    fields = Counter(field for row in truth.edits for field in json.loads(row["changed_fields"]))
    assert counts(page.table("What was edited")) == fields


def body_of(truth, article_id, revision):
    (text,) = [
        row["article"] for row in truth.revisions if (row["article_id"], row["revision"]) == (article_id, revision)
    ]
    return json.loads(text)["body"]


def test_the_biggest_rewrites_come_first_with_what_changed(page, truth):
    sizes = {}
    for row in truth.edits:
        old, new = (body_of(truth, row["article_id"], row["revision"] - back) for back in (1, 0))
        size = sum(
            ((Counter(old.split()) - Counter(new.split())) + (Counter(new.split()) - Counter(old.split()))).values()
        )
        headline = truth.articles[row["article_id"]]["headline"]
        sizes[headline] = max(size, sizes.get(headline, 0))
    expected = sorted((size for size in sizes.values() if size), reverse=True)[:8]
    folds = page.folds("rewrites")
    assert [number(summary.split()[0]) for summary in folds] == expected
    for summary, fold in folds.items():
        assert sizes[summary.partition(": ")[2]] == number(summary.split()[0])
        (row,) = [
            row for row in truth.edits
            if truth.articles[row["article_id"]]["headline"] == summary.partition(": ")[2]
            and f"version {row['revision']}:" in summary
        ]  # fmt: skip
        old, new = (" ".join(body_of(truth, row["article_id"], row["revision"] - back).split()) for back in (1, 0))
        lines = [one for one in fold.iterfind("p") if one.find("b") is None and one.find("i") is None]
        gone, come = ([words(one) for line in lines for one in line.iter(tag)] for tag in ("del", "ins"))
        headline = (json.loads(row["article"])["headline"], words(fold))
        assert gone or come
        assert all(text in old or text in headline[1] for text in gone)
        assert all(text in new or text in headline[0] or text in headline[1] for text in come)


def test_fields_by_month(page, truth):
    read, filled = Counter(), Counter()
    for run, report in zip(truth.runs, truth.reports, strict=True):
        month = run["started_at"][:7]
        read[month] += report["measures"]["articles"]
        for field, count in report["measures"]["filled"].items():
            filled[month, field] += count
    months = sorted(read, reverse=True)
    assert months == ["2025-12", "2025-11"]
    rows = {row[0]: row[1:] for row in page.table("Fields by month")}
    assert {"lead", "tags", "post_id", "subtitle"} < set(rows)
    for field, cells in rows.items():
        for month, cell in zip(months, cells, strict=True):
            share = 100 * filled[month, field] / read[month]
            assert float(cell.split(" %")[0]) == pytest.approx(share, abs=0.51), (field, month)
    assert rows["lead"][0].endswith("text")
    assert "json-ld" in rows["modified_at"][0]


def test_runs_and_requests(page, truth):
    rows = page.table("The last 3 runs")
    assert [row[0] for row in rows] == ["run 3", "run 2", "run 1"]
    names = ("new", "updated", "gone", "rejected", "failed", "requests")
    assert [[number(cell) for cell in row[4:]] for row in rows] == [
        [run[name] for name in names] for run in truth.runs[::-1]
    ]
    answers = page.table("Answers by run")
    for row, run in zip(answers, truth.runs[::-1], strict=True):
        stats = json.loads(run["stats"])
        by_status = {
            name.rpartition("/")[2]: count
            for name, count in stats.items()
            if name.startswith("downloader/response_status")
        }
        classes = Counter()
        for status, count in by_status.items():
            classes["304" if status == "304" else status[0]] += count
        expected = [classes[one] for one in ("2", "304", "3", "4", "5")]
        assert [number(cell) for cell in row[2:7]] == expected
        assert number(row[7]) == run["requests"] - sum(expected)


def test_tags(page, truth):
    tags = Counter(tag for row in truth.articles.values() for tag in dict.fromkeys(json.loads(row["tags"])))
    rows = page.table("Of all articles")
    assert [number(row[1]) for row in rows] == sorted(tags.values(), reverse=True)[:25]
    assert all(tags[row[0]] == number(row[1]) for row in rows)
    newest = max(row["published_at"] for row in truth.articles.values())
    since = f"{newest[:4]}-11-04"
    recent = Counter(
        tag for row in truth.articles.values() if row["published_at"] >= since for tag in json.loads(row["tags"])
    )
    assert newest[:10] == "2025-12-03"
    rows = page.table(f"Of articles published since {since}")
    assert all(recent[row[0]] == number(row[1]) for row in rows)


def test_clusters(page, truth):
    folds = page.folds("duplicates")
    assert len(folds) == min(12, len(truth.clusters))
    assert (
        sorted((int(one.split()[0]) for one in folds), reverse=True)
        == sorted(truth.clusters.values(), reverse=True)[:12]
    )
    for summary, fold in folds.items():
        links = [(one.text, one.get("href")) for one in fold.iter("a")]
        assert len(links) == int(summary.split()[0])
        assert all(
            any(row["url"] == url and row["headline"] == text for row in truth.articles.values()) for text, url in links
        )


def test_gaps(page, truth):
    present = {number for number, row in truth.articles.items() if row["state"] != "gone"}
    named = {}
    for row in truth.pages:
        for source in filter(None, row["found_by"].split(",")):
            named.setdefault(source, set()).add(row["article_id"])
    rows = {row[0]: row[1:] for row in page.table("What each source ever named")}
    assert {source: number(row[0]) for source, row in rows.items()} == {
        source: len(found & present) for source, found in named.items() if found & present
    }
    for source in ("sections", "sitemap"):
        assert number(rows[source][2]) == len(present - named[source])
    assert rows["feed"][2] == "not meant to have all"


def test_what_the_head_says(page, truth):
    facts = {words(one.find("dt")): words(one.find("dd")) for one in page.tree.find_class("facts")[0]}
    states = Counter(row["state"] for row in truth.articles.values())
    assert number(facts["Articles"]) == len(truth.articles)
    assert number(facts["Gone from the site"]) == states["gone"]
    assert number(facts["Versions"]) == len(truth.revisions)
    assert facts["Newest article"].replace(" ", "T") == max(row["published_at"] for row in truth.articles.values())[:16]
    assert facts["Health"].startswith("healthy")
