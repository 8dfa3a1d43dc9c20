"""Rows, versions, addresses: what becomes of an article that is saved."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from itemadapter import ItemAdapter

from newscrawl.archive.places import Place
from newscrawl.exceptions import StoreError
from newscrawl.items import Image
from newscrawl.storage import database, open_store
from newscrawl.storage.archived import columns_of
from newscrawl.storage.schema import FIELDS, JSON_FIELDS
from newscrawl.storage.selecting import Selection, count

from .stored import EDITED, GOOD, OTHER_POST, A, B, lines, rows


@pytest.fixture
def place(database_url, tmp_path):
    return database_url, str(tmp_path / "y" / "news.jsonl")


@pytest.fixture
def store(place):
    store = open_store(*place)
    yield store
    store.close()


def test_there_is_a_column_for_every_field(store):
    columns = [column[0] for column in store.read("SELECT * FROM articles").description]
    extra = ["state", "revision", "first_seen_at", "last_seen_at", "last_fetched_at", "changed_at"]
    assert columns == ["id", *FIELDS, *extra]


def test_what_goes_in_comes_out(store):
    assert store.save(GOOD) == "new"
    assert store.get(GOOD.url) == {name: getattr(GOOD, name) for name in FIELDS}
    assert list(store.articles()) == [store.get(GOOD.url)]


STATES = {
    "again": (GOOD, "unchanged", 1, 1),
    "edited": (EDITED, "updated", 2, 2),
    "fetched again later": (replace(GOOD, crawled_at="2026-01-01T00:00:00+00:00", related=[]), "unchanged", 1, 1),
}


@pytest.mark.parametrize(("article", "state", "revision", "written"), STATES.values(), ids=STATES)
def test_states(place, store, article, state, revision, written):
    store.save(GOOD)
    assert store.save(article) == state
    store.commit()
    assert rows(place, "SELECT state, revision FROM articles") == [(state, revision)]
    assert len(lines(place)) == written == store.count("revisions")


def test_a_version_names_what_changed(place, store):
    store.save(GOOD)
    store.save(EDITED)
    store.commit()
    assert rows(place, "SELECT revision, changed_fields FROM revisions") == [(1, "[]"), (2, '["headline", "tags"]')]
    assert rows(place, "SELECT t.name FROM article_tags a JOIN tags t ON t.id = a.tag_id") == [("Ferries",)]


def test_another_address_leads_to_the_article(store):
    store.save(GOOD)
    assert store.remember_url("https://newsjournos.com/?p=7", GOOD.url)
    assert store.get("https://newsjournos.com/?p=7")["headline"] == GOOD.headline
    assert not store.remember_url("https://newsjournos.com/?p=8", "https://newsjournos.com/unknown/")


@pytest.mark.parametrize(("words", "found"), [("ozgur", 1), ("ferry", 1), ("nobody", 0), ("ferries", 1)])
def test_search_folds_letters_and_follows_edits(store, words, found):
    store.save(GOOD)
    assert count(store, Selection(search=words)) == found
    store.save(EDITED)
    assert count(store, Selection(search=words)) == (0 if words == "ozgur" else found)


def test_a_line_is_the_article_and_stands_once(place, store):
    for number in range(120):
        store.save(replace(GOOD, url=f"https://newsjournos.com/{number}/", post_id=number, content_hash=f"{number}"))
    store.commit()
    written = lines(place)
    assert list(written[0]) == list(FIELDS)
    assert [line["post_id"] for line in written] == list(range(120))


ODD = replace(
    GOOD,
    headline='"Quoted" \\ and\ttabbed',
    body="One\n\nTwo \u2028 \U0001f6a2",
    post_id=None,
    word_count=0,
    sources={"a": "b"},
)


@pytest.mark.parametrize(
    "article", [GOOD, ODD, replace(ODD, image=dict.fromkeys(Image.__annotations__))], ids=["plain", "odd", "image"]
)
def test_a_line_is_what_json_makes_of_the_item(place, store, article):
    store.save(article)
    store.commit()
    expected = json.dumps(ItemAdapter(article).asdict(), ensure_ascii=False)
    assert rows(place, "SELECT article FROM revisions") == [(expected,)]
    assert Path(place[1]).read_bytes() == f"{expected}\n".encode()


def test_a_reject_keeps_the_item(place, store):
    store.reject(GOOD.url, "no_date", None, GOOD, None)
    store.commit()
    ((url, reason, item),) = rows(place, "SELECT url, reason, item FROM rejects")
    assert (url, reason, json.loads(item)["headline"]) == (GOOD.url, "no_date", GOOD.headline)


# what is stored first, the article that comes, its state, then (url, post id) of every row and the other addresses
IDENTITIES = {
    "renamed, known by its post id": ([GOOD], replace(GOOD, url=B), "unchanged", [(B, 7)], [A]),
    "renamed and edited": ([GOOD], replace(EDITED, url=B), "updated", [(B, 7)], [A]),
    "renamed there and back": ([GOOD, replace(GOOD, url=B)], GOOD, "unchanged", [(A, 7)], [B]),
    "old slug taken by a new post": ([GOOD, replace(GOOD, url=B)], OTHER_POST, "new", [(B, 7), (A, 8)], []),
    "same slug, new post": ([GOOD], OTHER_POST, "new", [("https://newsjournos.com/?p=7", 7), (A, 8)], []),
    "same slug and text, another number": ([GOOD], replace(GOOD, post_id=8), "unchanged", [(A, 8)], []),
    "the slug's first post, found again": (
        [GOOD, OTHER_POST], replace(GOOD, url=B), "unchanged", [(B, 7), (A, 8)], ["https://newsjournos.com/?p=7"],
    ),
    "published twice": ([GOOD], replace(GOOD, url=B, post_id=8), "unchanged", [(A, 7)], [B]),
    "published twice, one fetched again": (
        [GOOD, replace(GOOD, url=B, post_id=8)], replace(GOOD, url=B, post_id=8), "unchanged", [(A, 7)], [B],
    ),
    "published twice, then one is edited": (
        [GOOD, replace(GOOD, url=B, post_id=8)], replace(OTHER_POST, url=B), "new", [(A, 7), (B, 8)], [],
    ),
    "no post ids": ([replace(GOOD, post_id=None)], replace(EDITED, url=B, post_id=None), "new", [(A, None), (B, None)],
                    []),
}  # fmt: skip


@pytest.mark.parametrize(("before", "article", "state", "articles", "others"), IDENTITIES.values(), ids=IDENTITIES)
def test_one_article_one_row(place, store, before, article, state, articles, others):
    for one in before:
        store.save(one)
    assert store.save(article) == state
    store.commit()
    assert rows(place, "SELECT url, post_id FROM articles ORDER BY id") == articles
    assert [url for (url,) in rows(place, "SELECT url FROM article_urls")] == others
    assert len(lines(place)) == store.count("revisions")


def test_an_unchanged_article_moves_its_times_and_what_the_site_decides(place, store):
    store.save(GOOD)
    card = {"headline": "Next", "url": B}
    later = "2026-01-01T00:00:00+00:00"
    store.save(replace(GOOD, related=[card], crawled_at=later, discovered_by="sitemap"))
    store.save(replace(GOOD, related=[card], crawled_at="2025-06-01T00:00:00+00:00"))  # an older page, read late
    store.commit()
    times = "first_seen_at, last_seen_at, last_fetched_at, changed_at, crawled_at, discovered_by"
    first = GOOD.crawled_at
    assert rows(place, f"SELECT {times} FROM articles") == [(first, later, later, first, first, None)]
    assert store.get(A)["related"] == [card]
    assert lines(place)[0]["related"] == []


FOUND = {"authors": "rel", "modified_at": "json-ld", "reading_minutes": "theme"}
MARA = {"name": "Mara Ostrin", "url": None, "website": None}
BEFORE = replace(
    GOOD, reading_minutes=7, authors=[{**MARA, "bio": "Rows."}], modified_at="2025-05-03T15:00:00+00:00", sources=FOUND
)
BARE = [{**MARA, "bio": None}]
UNCHANGED = {
    "read anew": ({"reading_minutes": 8, "authors": BARE}, {}, {"reading_minutes": 8, "authors": BARE}),
    "lost": ({"reading_minutes": None, "modified_at": None}, {}, {}),
    "from elsewhere": ({"authors": BARE}, {"authors": "json-ld"}, {}),
    "edited, from elsewhere": (
        {"modified_at": "2025-05-04T00:00:00+00:00"}, {"modified_at": "theme"}, {"modified_at": "2025-05-04T00:00:00+00:00"},
    ),
    "by other rules": (
        {"reading_minutes": None, "extractor_version": "2.0.0"}, {}, {"reading_minutes": None, "extractor_version": "2.0.0"}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "sources", "stored"), UNCHANGED.values(), ids=UNCHANGED)
def test_another_layout_takes_nothing_from_an_unchanged_article(store, changes, sources, stored):
    store.save(BEFORE)
    assert store.save(replace(BEFORE, **changes, sources={**FOUND, **sources})) == "unchanged"
    kept = {"sources": FOUND} if not stored else {"sources": {**FOUND, **sources}}
    expected = {name: getattr(BEFORE, name) for name in FIELDS} | stored | kept
    assert store.get(A) == expected


def test_a_gone_article_keeps_its_row_and_may_come_back(place, store):
    store.save(GOOD)
    assert store.mark_gone(A)
    assert not store.mark_gone(B)
    assert (store.counts()["gone"], store.get(A)["headline"]) == (1, GOOD.headline)
    assert store.save(GOOD) == "unchanged"
    assert store.counts()["gone"] == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_batches_end_by_number_and_by_age(place, monkeypatch):
    with closing(open_store(*place)) as store, closing(open_store(place[0], readonly=True)) as reader:
        for number in range(49):
            store.save(replace(GOOD, url=f"{A}{number}", post_id=100 + number, content_hash=f"{number}"))
        assert reader.count("articles") == 0
        store.save(GOOD)
        assert reader.count("articles") == 50
        monkeypatch.setattr(database, "BATCH_SECONDS", -1)
        store.reject(B, "no_words", None)
        assert reader.count("rejects") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_statement_that_fails_takes_the_batch_with_it(place, store):
    store.save(GOOD)
    store.db.execute("DROP TABLE revisions")  # within the batch, as any fault would be
    with pytest.raises(StoreError):
        store.save(OTHER_POST)
    assert store.count("articles") == store.count("revisions") == 0
    assert store.save(GOOD) == "new"
    assert store.count("article_tags") == 2


def test_a_page_keeps_what_is_not_said_anew(place, store):
    store.set_page(A, "article", status=200, etag='"x"', todo="new")
    store.set_page(A, "article", status=503, todo=None)
    assert (store.page(A)["etag"], store.page(A)["status"], store.page(A)["todo"]) == ('"x"', 503, None)
    assert store.page("https://newsjournos.com/c/") is None
    with pytest.raises(TypeError, match="colour"):
        store.set_page(A, "article", colour="red")


def test_runs(place, store):
    killed = store.start_run("newsjournos", {})
    run = store.start_run("newsjournos", {"mode": "full"})
    store.finish_run(run, {"new": 1, "finish_reason": "finished"})
    store.finish_run(run, {"exit_code": 3})
    columns = "id, arguments, new, finish_reason, exit_code, finished_at IS NULL"
    assert rows(place, f"SELECT {columns} FROM runs") == [
        (killed, "{}", None, "killed", None, 1),
        (run, '{"mode": "full"}', 1, "finished", 3, 0),
    ]


def test_a_reject_may_hold_anything(place, store):
    store.reject("https://newsjournos.com/\ud800/", "control_character", "\udfff", replace(GOOD, body="\ud800 \x00"))
    store.commit()
    ((url, item),) = rows(place, "SELECT url, item FROM rejects")
    assert url == "https://newsjournos.com/\\ud800/"
    assert json.loads(item)["body"] == "\ud800 \x00"


def test_json_fields_are_the_lists_and_objects():
    assert {"tags", "faq", "sources", "image", "authors"} <= JSON_FIELDS
    assert "body" not in JSON_FIELDS


def test_a_twin_leaves_what_its_first_says_of_itself(place, store):
    """Same text under another id: its own dates and address say nothing of the article that is kept."""
    store.save(replace(GOOD, modified_at=None))
    twin = replace(GOOD, url=B, post_id=8, modified_at="2025-05-09T00:00:00+00:00", discovered_by="sitemap")
    assert store.save(twin, "2025-06-01T00:00:00+00:00") == "unchanged"
    assert store.get(B) == store.get(A)
    assert (store.get(A)["modified_at"], store.get(A)["post_id"]) == (None, 7)
    store.commit()
    assert rows(place, "SELECT last_seen_at, url FROM articles") == [("2025-06-01T00:00:00+00:00", A)]


def test_other_rules_make_a_version_that_is_no_edit(place, store):
    store.save(GOOD)
    run = store.start_run("newsjournos", {})
    store.set_page(A, "article", **columns_of(Place("a.warc.gz", 0, 9, "sha1:X"), run))
    store.note_version(1, [A], run)
    ours = replace(GOOD, summary="In short: harbour.", content_hash="d" * 64, extractor_version="2.0.0")
    assert store.outdated(ours) == 1
    assert store.restate(1, ours) == ["summary"]
    assert count(store, Selection(search="summary:harbour")) == 1
    assert (store.counts()["updated"], store.counts()["new"]) == (0, 1)
    pages = [["a.warc.gz", 0, 9, "sha1:X"]]
    store.commit()
    found = rows(place, "SELECT revision, cause, archive FROM revisions ORDER BY id")
    assert [(number, cause, [one[1:] for one in json.loads(archive)]) for number, cause, archive in found] == [
        (1, "edit", pages),
        (2, "extraction", pages),
    ]
