"""Rows, versions, addresses, and the JSON Lines file that agrees with them."""

import json
import sqlite3
from dataclasses import replace

import pytest

from newscrawl.exceptions import SettingError, StoreError
from newscrawl.items import Article
from newscrawl.storage import migrations, open_store
from newscrawl.storage.schema import FIELDS, JSON_FIELDS

GOOD = Article(
    url="https://newsjournos.com/a/",
    post_id=7,
    headline="Ferries of \u00d6zg\u00fcr",
    published_at="2025-05-03T14:15:00+00:00",
    body="The ferry came back.",
    tags=["Ferries", "U.S"],
    faq=[{"question": "Who?", "answer": "Nobody."}],
    content_hash="a" * 64,
    extractor_version="1.0.0",
    crawled_at="2025-05-04T00:00:00+00:00",
)
EDITED = replace(GOOD, headline="Ferries", tags=["Ferries"], content_hash="b" * 64)


@pytest.fixture
def place(tmp_path):
    return f"sqlite:///{tmp_path}/x/news.db", str(tmp_path / "y" / "news.jsonl")


@pytest.fixture
def store(place):
    store = open_store(*place)
    yield store
    store.close()


def lines(place) -> list[dict]:
    with open(place[1], encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def rows(place, sql: str) -> list[tuple]:
    with sqlite3.connect(place[0].removeprefix("sqlite:///")) as db:
        return db.execute(sql).fetchall()


def test_there_is_a_column_for_every_field(store):
    columns = [row["name"] for row in store.db.execute("PRAGMA table_info(articles)")]
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


def test_a_renamed_article_keeps_its_row(place, store):
    store.save(GOOD)
    assert store.save(replace(GOOD, url="https://newsjournos.com/b/")) == "unchanged"
    store.commit()
    assert rows(place, "SELECT id, url FROM articles") == [(1, "https://newsjournos.com/b/")]
    assert rows(place, "SELECT url, article_id FROM article_urls") == [(GOOD.url, 1)]
    assert store.get(GOOD.url)["url"] == "https://newsjournos.com/b/"


def test_another_address_leads_to_the_article(store):
    store.save(GOOD)
    assert store.remember_url("https://newsjournos.com/?p=7", GOOD.url)
    assert store.get("https://newsjournos.com/?p=7")["headline"] == GOOD.headline
    assert not store.remember_url("https://newsjournos.com/?p=8", "https://newsjournos.com/unknown/")


@pytest.mark.parametrize(("words", "found"), [("ozgur", 1), ("ferry", 1), ("nobody", 0), ("ferries", 1)])
def test_search_folds_letters_and_follows_edits(place, store, words, found):
    store.save(GOOD)
    store.commit()
    sql = f"SELECT a.url FROM articles_fts f JOIN articles a ON a.id = f.rowid WHERE articles_fts MATCH '{words}'"
    assert len(rows(place, sql)) == found
    store.save(EDITED)
    store.commit()
    assert len(rows(place, sql)) == (0 if words == "ozgur" else found)


def test_a_line_is_the_article_and_stands_once(place, store):
    for number in range(120):
        store.save(replace(GOOD, url=f"https://newsjournos.com/{number}/", post_id=number, content_hash=f"{number}"))
    store.commit()
    written = lines(place)
    assert list(written[0]) == list(FIELDS)
    assert [line["post_id"] for line in written] == list(range(120))


def test_what_was_not_committed_is_in_neither(place):
    store = open_store(*place)
    store.save(GOOD)
    store.commit()
    store.save(EDITED)
    store.db.close()
    with open(place[1], "a", encoding="utf-8") as file:
        file.write('{"cut": ')  # as a kill between the line and the rows leaves it
    again = open_store(*place)
    assert again.get(GOOD.url)["headline"] == GOOD.headline
    again.close()
    assert [line["headline"] for line in lines(place)] == [GOOD.headline]


@pytest.mark.parametrize("text", ["", '{"half": '], ids=["emptied", "shortened"])
def test_a_file_that_lost_lines_is_written_anew(place, text):
    store = open_store(*place)
    store.save(GOOD)
    store.save(EDITED)
    store.close()
    with open(place[1], "w", encoding="utf-8") as file:
        file.write(text)
    open_store(*place).close()
    assert [line["headline"] for line in lines(place)] == [GOOD.headline, EDITED.headline]


def test_no_log_stays_behind_a_clean_close(place, tmp_path):
    store = open_store(*place)
    store.save(GOOD)
    store.close()
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["news.db"]


def test_lines_are_off_without_a_path(place, tmp_path):
    store = open_store(place[0], "")
    store.save(GOOD)
    store.close()
    assert not (tmp_path / "y").exists()


def test_a_reject_keeps_the_item(place, store):
    store.reject(GOOD.url, "no_date", None, GOOD, None)
    store.commit()
    ((url, reason, item),) = rows(place, "SELECT url, reason, item FROM rejects")
    assert (url, reason, json.loads(item)["headline"]) == (GOOD.url, "no_date", GOOD.headline)


def make_foreign(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")


def make_newer(path):
    with sqlite3.connect(path) as db:
        db.executescript(
            f"PRAGMA application_id = {migrations.APPLICATION_ID}; PRAGMA user_version = 999; CREATE TABLE x (y)"
        )


def make_text(path):
    path.write_text("not a database, and long enough to have a header of a hundred bytes " * 3)


BAD_FILES = {"of another program": make_foreign, "of a newer schema": make_newer, "no database": make_text}


@pytest.mark.parametrize("make", BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_not_ours_stays_as_it_was(tmp_path, make):
    path = tmp_path / "other.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"other\.db") as caught:
        open_store(f"sqlite:///{path}")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["other.db"]


def test_places_that_cannot_be(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "news.db"):
        with pytest.raises(StoreError):
            open_store(f"sqlite:///{path}")
    with pytest.raises(SettingError):
        open_store("mysql://localhost/news")


def test_json_fields_are_the_lists_and_objects():
    assert {"tags", "faq", "sources", "image", "authors"} <= JSON_FIELDS
    assert "body" not in JSON_FIELDS
