"""Which articles an export takes: every filter against brute force, alone and together."""

import itertools
import json
from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from newscrawl.exceptions import UsageProblem
from newscrawl.storage import open_store
from newscrawl.storage.names import resolve, slug_of
from newscrawl.storage.schema import FIELDS
from newscrawl.storage.selecting import BOOKKEEPING, Chosen, Selection, count, select, snapshot

from .exported import PLAIN, SITE, rows, stored

SECTIONS = {"World": "world", "U.S. News": "us-news", "İstanbul": "istanbul", "Sci, Tech": "science", None: None}
TAGS = ("Ferries", "ferry strike", "Özgür", "U.S", "Fish, chips")
AUTHORS = ("Şule Akdoru", "O’Brien, Pat", "Desk")
WORDS = ("harbour", "Çıplak ferry", "strike", "naïve strike")
TIMES = ("T00:00:00+00:00", "T12:30:00+00:00", "T23:59:59+00:00")


def corpus():
    """Articles in which every value meets every other."""
    sections = itertools.cycle(SECTIONS.items())
    for number in range(90):
        section, slug = next(sections)
        author = AUTHORS[number % 3]
        yield replace(
            PLAIN,
            url=f"{SITE}{number}/",
            post_id=number + 1,
            headline=f"Story {number}",
            section=section,
            section_url=slug and f"{SITE}category/{slug}/",
            tags=list(dict.fromkeys([TAGS[number % 4], TAGS[number * 7 % 5]])) if number % 9 else [],
            authors=[{"name": author, "url": f"{SITE}author/{author[0].lower()}-x/", "bio": None, "website": None}]
            if number % 11
            else [],
            published_at=f"2025-05-{number % 5 + 1:02}{TIMES[number // 5 % 3]}",
            body=f"The {WORDS[number * 5 % 4]} of day {number}.",
            lead=None,
            summary=None,
            content_hash=f"{number:064x}",
        )


SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    url = stored(tmp_path_factory.mktemp("filters"), corpus(), server and server.url(server.new_database()))
    with closing(open_store(url)) as store:
        for number, state in enumerate(("new", "updated", "unchanged", "gone")):
            with store.writing() as db:
                db.execute("UPDATE articles SET state = ? WHERE id % 4 = ?", (state, number))
    return url


def tagged(row, *names):
    return not {*names}.isdisjoint(row["tags"])


def by(row, *names):
    return not {*names}.isdisjoint(author["name"] for author in row["authors"])


FILTERS = {
    "none": ({}, lambda row: True),
    "since": ({"since": date(2025, 5, 3)}, lambda row: row["published_at"][:10] >= "2025-05-03"),
    "until": ({"until": date(2025, 5, 3)}, lambda row: row["published_at"][:10] <= "2025-05-03"),
    "one day": ({"since": date(2025, 5, 2), "until": date(2025, 5, 2)}, lambda row: row["published_at"][:10] == "2025-05-02"),
    "no such day": ({"since": date(2031, 1, 1)}, lambda row: False),
    "all time": ({"since": date.min, "until": date.max}, lambda row: True),
    "section": ({"section": ("world",)}, lambda row: row["section"] == "World"),
    "section by slug": ({"section": ("US-News",)}, lambda row: row["section"] == "U.S. News"),
    "section by name": ({"section": ("u.s. NEWS",)}, lambda row: row["section"] == "U.S. News"),
    "section without marks": ({"section": ("istanbul",)}, lambda row: row["section"] == "İstanbul"),
    "section with a comma": ({"section": ("sci, tech",)}, lambda row: row["section"] == "Sci, Tech"),
    "two sections": ({"section": ("world", "science")}, lambda row: row["section"] in {"World", "Sci, Tech"}),
    "two in one": ({"section": ("world, science",)}, lambda row: row["section"] in {"World", "Sci, Tech"}),
    "tag": ({"tag": ("FERRIES",)}, lambda row: tagged(row, "Ferries")),
    "tag by slug": ({"tag": ("ozgur",)}, lambda row: tagged(row, "Özgür")),
    "tag by slug of several words": ({"tag": ("ferry-strike",)}, lambda row: tagged(row, "ferry strike")),
    "tag with a full stop": ({"tag": ("u-s",)}, lambda row: tagged(row, "U.S")),
    "tag with a comma": ({"tag": ("fish, chips",)}, lambda row: tagged(row, "Fish, chips")),
    "two tags": ({"tag": ("ferries,özgür",)}, lambda row: tagged(row, "Ferries", "Özgür")),
    "author": ({"author": ("şule akdoru",)}, lambda row: by(row, "Şule Akdoru")),
    "author without marks": ({"author": ("sule-akdoru",)}, lambda row: by(row, "Şule Akdoru")),
    "author by slug of the page": ({"author": ("d-x",)}, lambda row: by(row, "Desk")),
    "author with a comma": ({"author": ("O’Brien, Pat",)}, lambda row: by(row, "O’Brien, Pat")),
    "search": ({"search": "harbour"}, lambda row: "harbour" in row["body"]),
    "search in any case": ({"search": "HARBOUR OR naive"}, lambda row: "harbour" in row["body"] or "naïve" in row["body"]),
    "search not": ({"search": "body: strike NOT naive"}, lambda row: "strike" in row["body"] and "naïve" not in row["body"]),
    "search a phrase": ({"search": 'body: "naive strike"'}, lambda row: "naïve strike" in row["body"]),
    "search a tag": ({"search": "tags: chips"}, lambda row: tagged(row, "Fish, chips")),
    "search a prefix": ({"search": "harb*"}, lambda row: "harbour" in row["body"]),
    "search a phrase with ı": ({"search": '"ÇIPLAK ferry" OR "çıplak ferry"'}, lambda row: "Çıplak" in row["body"]),
    "search undotted": ({"search": "Çıplak"}, lambda row: "Çıplak" in row["body"]),
    "state": ({"state": ("gone",)}, lambda row: row["state"] == "gone"),
    "states": ({"state": ("new", "updated")}, lambda row: row["state"] in {"new", "updated"}),
}  # fmt: skip


def check(url, given, passes, limit=None):
    expected = [row for row in rows(url) if passes(row)][:limit]
    with closing(open_store(url, readonly=True)) as store, snapshot(store):
        chosen = Chosen(store, Selection(**given, limit=limit))
        assert list(chosen.rows((*FIELDS, *BOOKKEEPING))) == [
            {name: value for name, value in row.items() if name != "id"} for row in expected
        ]
        assert chosen.count() == len(expected)
        changes = [max(row["published_at"], row["modified_at"] or "") for row in expected]
        assert chosen.last_change() == max(changes, default=None)
    return expected


@pytest.mark.parametrize(("given", "passes"), FILTERS.values(), ids=FILTERS)
def test_one_filter(url, given, passes):
    found = check(url, given, passes)
    assert given == {"since": date(2031, 1, 1)} or found, "the test would prove nothing"


def test_filters_combine(url):
    pairs = itertools.combinations(FILTERS.values(), 2)
    for (one, passes_one), (two, passes_two) in itertools.islice(pairs, 0, None, 9 if "postgresql" in url else 1):
        if one.keys().isdisjoint(two):
            check(url, one | two, lambda row, a=passes_one, b=passes_two: a(row) and b(row), limit=7)


@pytest.mark.parametrize("limit", [1, 89, 90, 1000])
def test_a_limit_takes_the_newest(url, limit):
    assert len(check(url, {}, lambda row: True, limit)) == min(limit, 90)


UNKNOWN = {
    "section": ({"section": ("wrld",)}, "--section 'wrld': no article has it; known are Sci, Tech, U.S. News, World, İstanbul"),
    "one of two": ({"section": ("world,wrld",)}, "--section 'wrld': no article has it"),
    "empty": ({"tag": ("",)}, "--tag '': no article has it; known are Ferries"),
    "tag": ({"tag": ("x",)}, "--tag 'x': no article has it; known are Ferries, Fish, chips, U.S, ferry strike, Özgür"),
    "author": ({"author": ("Dusk",)}, "--author 'Dusk': no article has it; known are Desk, O’Brien, Pat, Şule Akdoru"),
    "quote": ({"search": '"x'}, "--search '\"x': unterminated string; allowed is SQLite's FTS5 syntax"),
    "column": ({"search": "colour: x"}, "--search 'colour: x': no such column: colour; allowed is"),
    "operator": ({"search": "AND"}, "--search 'AND': syntax error near \"AND\"; allowed is"),
    "bracket": ({"search": "(a"}, "--search '(a': syntax error near \"\"; allowed is"),
    "injection": ({"search": "a'); DROP TABLE articles; --"}, "--search \"a'); DROP TABLE articles; --\": syntax error"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_meant_is_usage(url, given, said):
    with closing(open_store(url, readonly=True)) as store, pytest.raises(UsageProblem) as raised:
        count(store, Selection(**given))
    assert str(raised.value).startswith(said)


def test_of_many_names_the_nearest_are_told():
    with pytest.raises(UsageProblem, match="the nearest of 40 are Port 12, "):
        resolve("--tag", ["prt 12"], {f"Port {number}": [] for number in range(40)})
    with pytest.raises(UsageProblem, match="there is none"):
        resolve("--tag", ["x"], {})


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("U.S. News", "u-s-news"),
        ("Özgür Çıplak", "ozgur-ciplak"),
        ("O’Brien", "obrien"),
        ("Łódź & Ærø", "lodz-aero"),
        ("新聞", ""),
    ],
)
def test_slugs(name, slug):
    assert slug_of(name) == slug


@SQLITE
@pytest.mark.parametrize(("given", "passes"), FILTERS.values(), ids=FILTERS)
def test_no_filter_sorts_rows(url, given, passes):
    """Rows come in the order of an index; a sorter would hold every row, text and all."""
    with closing(open_store(url, readonly=True)) as store:
        seen = []
        store.db.set_trace_callback(seen.append)
        list(select(store, Selection(**given)))
        store.db.set_trace_callback(None)
        (sql,) = [one for one in seen if one.startswith(f"SELECT {', '.join(FIELDS)} FROM")]
        plan = [row["detail"] for row in store.read(f"EXPLAIN QUERY PLAN {sql}")]
    assert any("articles_published_at" in step for step in plan), plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


def test_a_selection_is_of_one_moment(database_url):
    ours = stored(None, list(corpus())[:20], database_url)
    with closing(open_store(ours, readonly=True)) as store, snapshot(store), closing(open_store(ours)) as other:
        chosen = Chosen(store, Selection())
        other.save(replace(PLAIN, url=f"{SITE}later/", post_id=999, content_hash="f" * 64))
        other.commit()
        assert chosen.count() == len(list(chosen.rows())) == 20
    assert len(rows(ours)) == 21


def test_only_columns_of_articles_are_read(url):
    with (
        closing(open_store(url, readonly=True)) as store,
        pytest.raises(ValueError, match="no columns of articles: id"),
    ):
        list(select(store, Selection(), ("url", "id")))


def test_values_are_read_as_they_were_stored(url):
    with closing(open_store(url, readonly=True)) as store:
        assert json.loads(json.dumps(next(select(store, Selection())))) == next(store.articles())
