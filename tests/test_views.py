"""Views for analysis and the full-text index: what they say of stored articles, and that they keep in step."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from newscrawl.storage import migrations, open_store, opening
from newscrawl.storage.canned import QUERIES
from newscrawl.storage.searching import FOLDED, fold_query
from newscrawl.storage.views import VIEWS, drop_views
from tests.crawled import crawled_store
from tests.stored import GOOD, rows

URL = GOOD.url
LINKS = [
    "https://newsjournos.com/b/",
    "http://Desk.Example.org:8080/x?y",
    "https://example.org?q=a/b",
    "mailto:desk@example.org",
]
STORY = replace(
    GOOD,
    section="World",
    headline="Two ferries",
    lead='One.\n\nTwo "quoted" \\ lines\nof a text.',
    body_sections=[
        {"heading": "Who rowed", "level": 2, "paragraphs": ["Nobody\\n.", "Ferries"]},
        {"heading": "Who rowed?", "level": None, "paragraphs": []},
        {"heading": "What next", "level": 2, "paragraphs": ["Rain."]},
    ],
    body='One.\n\nTwo "quoted" \\ lines\nof a text.\n\nWho rowed\n\nNobody\\n.\n\nFerries\n\nWho rowed?\n\nWhat next\n\nRain.\n\nAll told.',
    faq=[{"question": "Who?", "answer": "Nobody."}, {"question": "When?", "answer": "Never."}],
    authors=[
        {"name": "Mara Ostrin", "url": "https://newsjournos.com/author/mara/", "bio": "b", "website": None},
        {"name": "Can Yıldız", "url": None, "bio": None, "website": "https://example.org/"},
    ],
    links=[{"text": "there", "url": url} for url in LINKS],
)  # fmt: skip
ESSAY = replace(GOOD, url="https://newsjournos.com/e/", post_id=9, content_hash="e" * 64, lead=None, tags=["Ferries"],
                headline="An essay", body="Only\n\nthis.", published_at="2025-05-03T23:59:59+00:00", section=None, faq=[])  # fmt: skip


SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what is asked in SQLite's own words."""


@pytest.fixture
def place(database_url, tmp_path):
    return database_url, f"{tmp_path}/news.jsonl"


@pytest.fixture
def store(place):
    with closing(open_store(*place)) as opened:
        yield opened


@pytest.fixture
def stored(store, place):
    """What a query answers once STORY and ESSAY are stored."""
    for article in (STORY, ESSAY):
        store.save(article)
    store.commit()
    return lambda sql: rows(place, sql)


WANTED = {
    "SELECT position, heading, text FROM paragraphs WHERE article_id = 1": [
        (1, None, "One."),
        (2, None, 'Two "quoted" \\ lines\nof a text.'),
        (4, "Who rowed", "Nobody\\n."),
        (5, "Who rowed", "Ferries"),
        (8, "What next", "Rain."),
        (9, None, "All told."),
    ],
    "SELECT position, heading, text FROM paragraphs WHERE url LIKE '%/e/'": [(1, None, "Only"), (2, None, "this.")],
    "SELECT url, published_at, section, position, question, answer FROM questions": [
        (URL, GOOD.published_at, "World", 1, "Who?", "Nobody."),
        (URL, GOOD.published_at, "World", 2, "When?", "Never."),
    ],
    "SELECT * FROM tags_a_month ORDER BY tag": [("2025-05", "Ferries", 2), ("2025-05", "U.S", 1)],
    "SELECT article_id, position, name, author_url, website FROM authors": [
        (1, 1, "Mara Ostrin", "https://newsjournos.com/author/mara/", None),
        (1, 2, "Can Yıldız", None, "https://example.org/"),
    ],
    "SELECT position, text, target, host, is_outbound FROM article_links": [
        (1, "there", LINKS[0], "newsjournos.com", 0),
        (2, "there", LINKS[1], "desk.example.org", 1),
        (3, "there", LINKS[2], "example.org", 1),
        (4, "there", LINKS[3], None, 0),
    ],
    "SELECT * FROM articles_a_day ORDER BY section IS NOT NULL": [("2025-05-03", None, 1), ("2025-05-03", "World", 1)],
    "SELECT count(*) FROM revisions_changed": [(0,)],
    "SELECT count(*) FROM clusters": [(0,)],
}


@pytest.mark.parametrize(("sql", "wanted"), WANTED.items(), ids=[sql.split("FROM ")[1] for sql in WANTED])
def test_what_is_stored(stored, sql, wanted):
    assert stored(sql) == wanted


def test_edits(place, store):
    moments = [f"2025-05-0{day}T14:15:00+00:00" for day in (3, 5, 6, 7)]
    texts = [("Two ferries", 1), ("Three ferries", 1), ("Three ferries", 2), ("No ferry", 2)]
    for moment, (headline, words) in zip(moments, texts, strict=True):
        tags = ["Ferries"] * words
        store.save(replace(STORY, headline=headline, tags=tags, content_hash=f"{headline}{words}", crawled_at=moment))
    store.commit()
    fields = "revision, seen_at, previous_seen_at, field, before, after"
    found = rows(place, f"SELECT {fields} FROM revisions_changed")
    assert [(*row[:5], row[5].replace(", ", ",")) for row in found] == [  # JSON may have spaces
        (4, moments[3], moments[2], "headline", "Three ferries", "No ferry"),
        (3, moments[2], moments[1], "tags", '["Ferries"]', '["Ferries","Ferries"]'),
        (2, moments[1], moments[0], "headline", "Two ferries", "Three ferries"),
    ]
    fields = "revision, seen_at, before, after, hours_after_publication, hours_stood"
    assert rows(place, f"SELECT {fields} FROM headline_rewrites") == [
        (4, moments[3], "Three ferries", "No ferry", 96.0, 48.0),
        (2, moments[1], "Two ferries", "Three ferries", 48.0, 48.0),
    ]


@SQLITE
def test_silent_edits_are_those_that_the_page_does_not_date(place, store):
    first, second = "2025-05-04T00:00:00+00:00", "2025-05-05T00:00:00+00:00"
    versions = [(None, "One."), (None, "Two."), (first, "Three."), (first, "Four."), (second, "Five.")]
    for modified, body in versions:
        store.save(replace(STORY, modified_at=modified, body=body, content_hash=body))
    store.commit()
    (query,) = [one for one in QUERIES if one.name == "silent_edits"]
    assert [row[2:4] for row in rows(place, query.sql)] == [("Three.", "Four."), ("One.", "Two.")]


@pytest.mark.parametrize(
    ("code", "report", "said"),
    [
        (0, {"health": "quiet", "run": {"why": None}}, ("done", "quiet", None)),
        (3, {"health": "unhealthy", "run": {"why": "no tags"}}, ("unhealthy", "unhealthy", "no tags")),
        (None, None, ("not ended", None, None)),
    ],
)
def test_runs(place, store, code, report, said):
    number = store.start_run("newsjournos", {})
    if code is not None:
        store.finish_run(number, {"exit_code": code, "new": 3, "report": json.dumps(report)})
    store.commit()
    assert rows(place, "SELECT ended, health, why FROM runs_readable") == [said]


def test_near_duplicates_of_the_replica(tmp_path_factory):
    with closing(sqlite3.connect(crawled_store(tmp_path_factory.getbasetemp()))) as db:
        found = db.execute(
            "SELECT cluster, count(*), min(members), max(members), max(similarity) FROM clusters GROUP BY 1"
        )
        for _, count, least, most, similarity in found.fetchall():
            assert count == least == most > 1
            assert similarity == 1


def test_every_paragraph_of_the_replica_is_a_row_under_its_heading(tmp_path_factory):
    checked = 0
    with closing(sqlite3.connect(crawled_store(tmp_path_factory.getbasetemp()))) as db:
        for number, body, sections in db.execute("SELECT id, body, body_sections FROM articles").fetchall():
            waiting = [(one["heading"], None) for one in json.loads(sections)]
            headed = [(one["heading"], text) for one in json.loads(sections) for text in one["paragraphs"]]
            wanted = []
            for place, text in enumerate(body.split("\n\n"), 1):
                if waiting and waiting[0][0] == text:
                    waiting.pop(0)
                else:
                    is_next = bool(headed) and headed[0][1] == text
                    wanted.append((place, headed.pop(0)[0] if is_next else None, text))
            assert (waiting, headed) == ([], [])
            sql = "SELECT position, heading, text FROM paragraphs WHERE article_id = ? ORDER BY position"
            assert db.execute(sql, (number,)).fetchall() == wanted
            checked += len(wanted)
    assert checked > 1_000


@SQLITE
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_a_view_names_all_its_columns_and_answers_a_page_without_reading_everything(stored, view):
    assert stored(f"SELECT * FROM {view.name} LIMIT 0") == []
    plan = [row[3] for row in stored(f"EXPLAIN QUERY PLAN SELECT * FROM {view.name}")]
    if "article_id" in view.columns:
        assert not [step for step in plan if "B-TREE" in step], "it would be sorted as a whole first"
        narrowed = [row[3] for row in stored(f"EXPLAIN QUERY PLAN SELECT * FROM {view.name} WHERE article_id = 1")]
        assert any(step.startswith("SEARCH a USING INTEGER PRIMARY KEY") for step in narrowed)


FOUND = [
    ("Özgür", "Ozgur"),
    ("Ozgur", "Özgür"),
    ("Çıplak", "Ciplak"),
    ("Çıplak", "Çıplak"),
    ("Çıplak", "ciplak"),
    ("ÇIPLAK", "Çıplak"),
    ("Ciplak", "Çıplak"),
    ("İstanbul", "Istanbul"),
    ("ıstanbul", "istanbul"),
    ("ISTANBUL", "ıstanbul"),
    ("Istanbul", "İstanbul"),
    ("Kılıçdaroğlu", "kilicdaroglu"),
    ("IĞDIR", "Iğdır"),
    ("Çıplak Ada", '"Ciplak Ada"'),
    ("Çıplak Ada", '"Çıplak Ada"'),
    ("Łódź", "Lodz"),
    ("Tromsø", "tromso"),
    ("Đoković", "Djokovic OR Dokovic"),
    ("Straße", "strasse"),
    ("café", "cafe"),
]


@SQLITE
@pytest.mark.parametrize("name", ["headline", "lead", "body", "summary", "tags"])
def test_search_finds_a_word_in_each_of_its_columns(place, store, name):
    store.save(replace(GOOD, **{name: ["Yıldız"] if name == "tags" else "Yıldız"}))
    store.commit()
    assert rows(place, f"SELECT rowid FROM articles_fts WHERE {name} MATCH 'yildiz'") == [(1,)]


@SQLITE
@pytest.mark.parametrize(("written", "asked"), FOUND)
def test_search_folds_letters(place, store, written, asked):
    store.save(replace(GOOD, headline="Ferry", body=f'A "{written}" \\ here.\n\n{written}'))
    store.commit()
    sql = "SELECT snippet(articles_fts, 2, '<', '>', '', 64) FROM articles_fts WHERE articles_fts MATCH '{}'"
    ((excerpt,),) = rows(place, sql.format(fold_query(asked)))
    assert excerpt == f'A "<{written}>" \\ here.\n\n<{written}>'


@SQLITE
@pytest.mark.parametrize(("written", "asked"), FOUND)
def test_the_question_folds_what_is_asked(store, written, asked):
    store.save(replace(GOOD, headline="Ferry", body=written))
    (query,) = [one for one in QUERIES if one.name == "search"]
    assert [row["headline"] for row in store.read(query.sql, {"q": asked})] == ["Ferry"]


@SQLITE
@pytest.mark.parametrize("letter", FOLDED)
def test_a_word_is_found_as_written_by_programs_that_do_not_fold(place, store, letter):
    store.save(replace(GOOD, headline="Ferry", body=f"One {letter}x two"))
    store.commit()
    assert rows(place, f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH '{letter}x two'") == [(1,)]


@SQLITE
def test_the_index_keeps_in_step(place, store):
    def found(word):
        store.commit()
        return [row[0] for row in rows(place, f"SELECT rowid FROM articles_fts WHERE articles_fts MATCH '{word}'")]

    first = replace(STORY, body="Yıldız said \\n so.")
    store.save(first)
    store.save(ESSAY)
    assert (found("yildiz"), found("Yıldız"), found("this")) == ([1], [1], [2])
    store.save(replace(first, headline="Three boats", content_hash="f" * 64))
    assert (found("yildiz"), found("headline:ferries"), found("boats")) == ([1], [], [1])
    store.save(replace(first, headline="Three boats", body="Ağrı", content_hash="9" * 64))
    assert (found("yildiz"), found("Yıldız"), found("agri")) == ([], [], [1])
    assert store.rename(URL, "https://newsjournos.com/moved/")
    assert found("agri") == [1]
    assert store.mark_gone("https://newsjournos.com/moved/")
    assert found("agri") == [1]
    store.db.execute("PRAGMA foreign_keys = OFF")
    store.db.execute("DELETE FROM articles")
    assert (found("agri OR Ağrı OR this"), found("ferries")) == ([], [])
    store.db.execute("INSERT INTO articles_fts (articles_fts) VALUES ('integrity-check')")


OLD_TRIGGERS = """
CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN SELECT 1; END;
CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN SELECT 1; END;
CREATE TRIGGER articles_fts_update AFTER UPDATE ON articles BEGIN SELECT 1; END;
INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
"""


def indexed(place) -> tuple[list[tuple], list[tuple]]:
    """Every word of the index, with how many articles and places it has; how many articles and words it counts."""
    with closing(sqlite3.connect(place[0].removeprefix("sqlite:///"))) as db:
        db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab ('main', 'articles_fts', 'row')")
        sums = db.execute("SELECT block FROM articles_fts_data WHERE id = 1").fetchall()
        return db.execute("SELECT * FROM words").fetchall(), sums


@SQLITE
def test_version_2_gets_views_and_a_folded_index_and_keeps_the_views_of_others(place, monkeypatch):
    monkeypatch.setattr(opening, "SCHEMA_VERSION", 3)  # the steps from there on change tables
    with closing(open_store(*place)) as store:
        store.save(replace(STORY, body="Çıplak"))
    before = indexed(place)
    path = place[0].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        drop_views(db)
        for kind in ("insert", "delete", "update"):
            db.execute(f"DROP TRIGGER articles_fts_{kind}")
        db.executescript(OLD_TRIGGERS)
        db.execute('CREATE VIEW "my ""own" AS SELECT url FROM articles')
        db.execute("PRAGMA user_version = 2")
    sql = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'ciplak'"
    assert rows(place, sql) == []
    open_store(place[0]).close()
    assert rows(place, sql) == [(1,)]
    assert indexed(place) == before
    assert rows(place, 'SELECT * FROM "my ""own"') == [(URL,)]
    assert rows(place, "SELECT question FROM questions") == [("Who?",), ("When?",)]
    schema = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'my%' ORDER BY name"
    with closing(sqlite3.connect(":memory:")) as fresh:
        migrations.create(fresh)
        assert rows(place, schema) == fresh.execute(schema).fetchall()
