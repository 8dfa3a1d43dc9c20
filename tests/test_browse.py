"""``make browse``: a real Datasette over a crawled store shows tables, views and questions, and changes nothing."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from markupsafe import escape

from newscrawl.browse import __main__ as browse
from newscrawl.browse.metadata import FACETS, NEWEST_FIRST, metadata
from newscrawl.exceptions import UsageProblem
from newscrawl.storage import migrations, open_store
from newscrawl.storage.canned import QUERIES
from newscrawl.storage.dictionary import TABLES
from newscrawl.storage.views import VIEWS
from tests.conftest import ROOT, environment
from tests.crawled import crawled_store
from tests.stored import GOOD

COMMAND = [sys.executable, "-m", "newscrawl.browse"]
STARTED = re.compile(r"running on (http://127\.0\.0\.1:\d+)")


@contextmanager
def browsing(path: Path) -> Iterator[tuple[str, int]]:
    """The address of a Datasette over a database while the block runs, and its process."""
    log = path.with_suffix(".log")
    ours = environment(NEWSCRAWL_DATABASE_URL=f"sqlite:///{path}")
    with (
        log.open("w") as file,
        subprocess.Popen([*COMMAND, "--port", "0"], cwd=ROOT, env=ours, stdout=file, stderr=file) as process,
    ):
        try:
            limit = time.monotonic() + 60
            while not (found := STARTED.search(log.read_text())):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < limit
                os.sched_yield()
            yield found[1], process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("browse") / "a store.db"
    shutil.copy(crawled_store(tmp_path_factory.getbasetemp()), copy)
    return copy


@pytest.fixture(scope="module")
def site(database) -> Iterator[str]:
    """The address of the database in Datasette."""
    with browsing(database) as (url, _):
        yield f"{url}/a+store"  # as Datasette writes the blank


def get(url: str, **query: str) -> tuple[int, str]:
    try:
        with urlopen(f"{url}?{urlencode(query)}") as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def get_json(url: str, **query: str) -> dict:
    status, text = get(f"{url}.json", **query)
    assert status == 200, text
    return json.loads(text)


def test_the_index_names_every_table_view_and_question(site):
    status, page = get(site)
    assert status == 200
    for name in [name for name, table in TABLES.items() if not table.is_internal] + [view.name for view in VIEWS]:
        assert f'/a+store/{name}"' in page
    for query in QUERIES:
        assert query.title in page
    assert "signature_bands" not in page


MAY_BE_EMPTY = {"held", "outputs", "rejects"}


@pytest.mark.parametrize("name", [*TABLES, *(view.name for view in VIEWS)])
def test_a_table_or_view_shows_its_rows_and_what_its_columns_mean(site, name):
    status, page = get(f"{site}/{name}")
    assert status == 200
    columns = TABLES[name].columns if name in TABLES else next(one.columns for one in VIEWS if one.name == name)
    for column, meaning in columns.items():
        assert f"<dt>{column}</dt>" in page
        assert f"<dd>{escape(meaning)}</dd>" in page
    found = get_json(f"{site}/{name}")
    assert [column for column in found["columns"] if column != "rowid"] == list(columns)
    assert found["rows"] or name in MAY_BE_EMPTY
    if name in NEWEST_FIRST:
        place = found["columns"].index(NEWEST_FIRST[name])
        assert [row[place] for row in found["rows"]] == sorted((row[place] for row in found["rows"]), reverse=True)


@pytest.mark.parametrize(("name", "column"), [(name, column) for name, columns in FACETS.items() for column in columns])
def test_a_facet_counts_and_leads_to_its_rows(site, name, column):
    found = get_json(f"{site}/{name}")
    assert not found.get("facets_timed_out")
    results = found["facet_results"][column]["results"]
    assert results or name in MAY_BE_EMPTY
    for result in results[:2]:
        with urlopen(result["toggle_url"]) as answer:
            assert len(json.load(answer)["rows"]) == min(result["count"], 50)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_question_is_answered(site, query):
    more = {"q": "the"} if ":q" in query.sql else {}
    assert get(f"{site}/{query.name}", **more)[0] == 200
    assert (
        get_json(f"{site}/{query.name}", **more)["rows"] or query.name == "silent_edits"
    )  # the replica dates its edits
    assert query.name not in {*TABLES, *(view.name for view in VIEWS)}, "it would hide that one"


SEARCHES = [("", 200), ("fer", 200), ("headline:plan AND NOT-there", 400), ('"', 400), ("ÇIPLAK OR plan", 200)]


@pytest.mark.parametrize(("words", "status"), SEARCHES)
def test_search_takes_what_people_type(site, words, status):
    assert get(f"{site}/search", q=words)[0] == status


def test_articles_can_be_searched_on_their_own_page(site):
    assert get_json(f"{site}/articles", _search="plan")["rows"]


def test_another_table_names_an_article_by_its_headline(site):
    found = get_json(f"{site}/revisions", _size="1")
    row = dict(zip(found["columns"], found["rows"][0], strict=True))
    headline = json.loads(row["article"])["headline"]
    assert f'/articles/{row["article_id"]}">{escape(headline)}</a>' in get(f"{site}/revisions")[1]


WRITES = [
    "DELETE FROM articles",
    "WITH one AS (SELECT 1) DELETE FROM articles",
    "PRAGMA user_version = 9",
    "ATTACH '/tmp/newscrawl-is-written.db' AS x",
    "SELECT 1; DELETE FROM articles",
    "VACUUM INTO '/tmp/newscrawl-is-written.db'",
]


@pytest.mark.parametrize("sql", WRITES)
def test_writing_is_refused(site, database, sql):
    before = database.read_bytes()
    assert get(f"{site}.json", sql=sql)[0] == 400
    assert database.read_bytes() == before
    assert not Path("/tmp/newscrawl-is-written.db").exists()


def test_a_crawl_writes_meanwhile_and_is_seen_and_leaves_a_whole_database(tmp_path):
    path = tmp_path / "news.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        store.save(GOOD)
    with browsing(path) as (url, pid):
        for number in range(3):
            with closing(open_store(f"sqlite:///{path}")) as store:
                address = f"https://newsjournos.com/{number}/"
                store.save(replace(GOOD, url=address, post_id=100 + number, content_hash=str(number)))
                store.commit()
                assert len(get_json(f"{url}/news/articles")["rows"]) == 2 + number
            assert len(get_json(f"{url}/news/articles")["rows"]) == 2 + number
        assert b"127.0.0.1" in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert not Path(f"/proc/{pid}").exists()
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert store.count("articles") == 4
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def refused(*words: str, **more: str) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, *words], cwd=ROOT, env=environment(**more), capture_output=True, text=True, timeout=60
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("words", "url", "code", "said"),
    [
        ((), "sqlite:///{}/none.db", 1, "does not exist yet; run a crawl first"),
        ((), "sqlite:///{}/other.db", 1, "belongs to another program"),
        ((), "mysql://u:p@h/d", 2, "NEWSCRAWL_DATABASE_URL"),
        (("--port", "x"), "sqlite:///{}/news.db", 2, "--port"),
        (("--port", "65536"), "sqlite:///{}/news.db", 2, "--port 65536"),
        (("--port", "TAKEN"), "sqlite:///{}/news.db", 2, "in use"),
        (("--host", "0.0.0.0"), "sqlite:///{}/news.db", 2, "--host"),
    ],
)
def test_what_cannot_be_browsed_is_told_in_one_line(tmp_path, words, url, code, said):
    open_store(f"sqlite:///{tmp_path}/news.db").close()
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("CREATE TABLE x (y)")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = [str(taken.getsockname()[1]) if word == "TAKEN" else word for word in words]
        ended, line = refused(*given, NEWSCRAWL_DATABASE_URL=url.format(tmp_path))
    assert ended == code
    assert line.startswith("make browse: ")
    assert line.count("\n") == 1
    assert said in line
    assert not (tmp_path / "none.db").exists()


def test_an_extra_that_does_not_load_is_told_as_such(monkeypatch):
    for failure, said in (
        (ModuleNotFoundError("No module", name="datasette"), "datasette"),
        (ImportError("no _uuid"), "datasette, which does not load (no _uuid)"),
    ):
        monkeypatch.setattr(browse, "import_module", Mock(side_effect=failure))
        with pytest.raises(UsageProblem) as told:
            browse.check_start(0)
        assert str(told.value) == f"needs {said}: pip install -r requirements-extras.txt"


def test_immutable_is_for_what_nobody_can_write(tmp_path, monkeypatch):
    path = tmp_path / "news.db"
    assert "--immutable" not in browse.command(path, 1, False, "m")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert browse.command(path, 1, False, "m")[3:5] == ["--immutable", str(path)]
    Path(f"{path}-wal").write_bytes(b"x")
    assert "--immutable" not in browse.command(path, 1, False, "m")


def test_the_dictionary_knows_every_table_and_column():
    with closing(sqlite3.connect(":memory:")) as db:
        migrations.create(db)
        names = [
            row[0]
            for row in db.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
            if not row[0].startswith(("articles_fts", "sqlite_"))
        ]
        found = {name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")] for name in names}
    told = metadata("news")["databases"]["news"]["tables"]
    assert {name: list(table["columns"]) for name, table in told.items()} == found
    for table in told.values():
        assert all(meaning.endswith(".") for meaning in table["columns"].values())


def test_facets_and_order_name_columns_that_are_there():
    columns = {name: table.columns for name, table in TABLES.items()} | {view.name: view.columns for view in VIEWS}
    for name, facets in FACETS.items():
        assert set(facets) <= set(columns[name])
    for name, column in NEWEST_FIRST.items():
        assert column in columns[name]


def test_the_metadata_can_be_had_alone(tmp_path):
    open_store(f"sqlite:///{tmp_path}/news.db").close()
    ours = environment(NEWSCRAWL_DATABASE_URL=f"sqlite:///{tmp_path}/news.db")
    done = subprocess.run([*COMMAND, "--metadata"], cwd=ROOT, env=ours, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == metadata("news")


def test_pip_takes_the_extras_as_constraints():
    """``make browse`` installs Datasette in the version that stands there; pip refuses names like ``a[b]`` in such."""
    lines = (ROOT / "requirements-extras.txt").read_text().splitlines()
    names = [line.partition("#")[0] for line in lines]
    assert any(name.startswith("datasette") for name in names)
    assert not [name for name in names if "[" in name]
