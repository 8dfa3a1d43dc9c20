"""PostgreSQL: what other writers, lost connections, wrong addresses and other people's databases do to a store."""

import signal
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from threading import Barrier, Thread

import psycopg
import pytest

from newscrawl.exceptions import AnotherRunError, SettingError, StoreError, StoreSchemaError
from newscrawl.storage import database, engine_of, open_store
from newscrawl.storage.dialects import postgresql, postgresql_connection
from newscrawl.storage.dialects.postgresql_schema import FIRST_VERSION, STEPS
from newscrawl.storage.migrations import SCHEMA_VERSION

from . import postgres_server
from .conftest import ROOT, environment
from .stored import EDITED, GOOD, A, lines, rows


@pytest.fixture
def name(postgres, postgres_template):
    """A database of this test's own, which holds an empty store."""
    return postgres.new_database(postgres_template)


@pytest.fixture
def place(postgres, name, tmp_path):
    return postgres.url(name), str(tmp_path / "news.jsonl")


@pytest.fixture
def store(place):
    with closing(open_store(*place)) as opened:
        yield opened


def several(number, start=0):
    return [
        replace(GOOD, url=f"{A}{at}", post_id=100 + at, content_hash=f"{at}", tags=[f"Tag {at % 7}", "All"])
        for at in range(start, start + number)
    ]


def cut_off(server, name):
    """End the connections of a database, as a server that is restarted does."""
    server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def test_each_commit_can_be_made_durable_and_stays_so_when_the_connection_is_lost(postgres, name, store):
    def waits():
        return store.read("SHOW synchronous_commit").fetchone()[0]

    assert waits() == "off"
    store.engine.make_each_durable(store.db)
    assert waits() == "on"
    cut_off(postgres, name)
    assert waits() == "on"


def test_rows_are_there_at_once_and_lines_a_batch(place, store, monkeypatch):
    for article in several(49):
        store.save(article)
    assert rows(place, "SELECT count(*) FROM articles") == [(49,)]
    assert lines(place) == []
    store.save(GOOD)
    assert len(lines(place)) == 50
    monkeypatch.setattr(database, "BATCH_SECONDS", -1)
    store.save(EDITED)
    assert len(lines(place)) == 51


def test_writers_at_the_same_time_store_each_article_once(place, store):
    """Three writers with a connection each save the same articles in other orders."""
    states, start = [], Barrier(3)

    def save(turn):
        with closing(open_store(place[0])) as mine:
            start.wait()
            states.extend(mine.save(article) for article in articles[turn * 7 :] + articles[: turn * 7])

    articles = several(20)
    writers = [Thread(target=save, args=(turn,)) for turn in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert Counter(states) == {"new": 20, "unchanged": 40}
    assert rows(place, "SELECT count(*), max(id) FROM articles") == [(20, 20)]
    assert rows(place, "SELECT count(*), max(id) FROM revisions") == [(20, 20)]
    assert rows(place, "SELECT count(*) FROM tags") == [(8,)]
    store.save(GOOD)
    store.commit()
    assert sorted(line["post_id"] for line in lines(place)) == [7, *range(100, 120)]


@pytest.mark.parametrize("when", ["between", "within", "after the commit"])
def test_a_lost_connection_loses_and_doubles_nothing(postgres, name, place, store, monkeypatch, when):
    articles = several(3)
    store.save(articles[0])
    if when == "between":
        cut_off(postgres, name)
    elif when == "within":
        add = store._set_tags
        monkeypatch.setattr(store, "_set_tags", lambda *given: (cut_off(postgres, name), add(*given)))
    else:
        said = store.db._raw.execute

        def commit(sql, *given, **more):
            answer = said(sql, *given, **more)
            if sql == "COMMIT":
                store.db._raw.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return answer

        monkeypatch.setattr(store.db._raw, "execute", commit)
    assert [store.save(article) for article in articles[1:]] == ["new", "new"]
    store.reject(A, "no_words", None)
    store.commit()
    assert rows(place, "SELECT id, post_id FROM articles ORDER BY id") == [(1, 100), (2, 101), (3, 102)]
    assert rows(place, "SELECT count(*), max(id) FROM rejects") == [(1, 1)]
    assert [line["post_id"] for line in lines(place)] == [100, 101, 102]


def test_a_transaction_is_given_up_where_somebody_else_wrote_meanwhile(postgres, name, place, store, monkeypatch):
    add = store._set_tags

    def meanwhile(*given):
        monkeypatch.undo()
        cut_off(postgres, name)
        with closing(open_store(place[0])) as other:
            other.save(several(1)[0])
        add(*given)

    monkeypatch.setattr(store, "_set_tags", meanwhile)
    with pytest.raises(StoreError, match="somebody else wrote meanwhile"):
        store.save(GOOD)
    assert store.save(GOOD) == "new"
    assert rows(place, "SELECT id, post_id FROM articles ORDER BY id") == [(1, 100), (2, 7)]


def test_a_writer_that_is_frozen_lets_the_others_go_on_and_wakes_up(postgres, name, place, store, monkeypatch):
    """The others have the same to store, so the one that wakes up would store it a second time."""
    monkeypatch.setattr(postgresql, "_BEGIN", postgresql._BEGIN.replace("60s", "100ms"))
    add = store._set_tags

    def freeze(*given):
        monkeypatch.undo()
        with closing(open_store(place[0])) as other:  # waits until the server has ended the frozen one
            assert other.save(GOOD) == "new"
        add(*given)

    monkeypatch.setattr(store, "_set_tags", freeze)
    with pytest.raises(StoreError, match="somebody else wrote meanwhile"):
        store.save(GOOD)
    assert store.save(GOOD) == "unchanged"
    assert rows(place, "SELECT count(*) FROM articles") == [(1,)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "broken down"])
def test_a_server_that_comes_back_is_waited_for(tmp_path, how):
    with tempfile.TemporaryDirectory(prefix="newscrawl-", dir="/tmp") as folder:
        server = postgres_server.start(folder)
        try:
            url, jsonl = server.url(server.new_database()), str(tmp_path / "news.jsonl")
            with closing(open_store(url, jsonl)) as store, ThreadPoolExecutor() as pool:
                for article in several(3):
                    store.save(article)
                store.commit()  # seen on the disk
                postgres_server.stop(server, how)
                again = pool.submit(postgres_server.run, folder, server.port)
                states = [store.save(article) for article in several(6)]
                server = again.result()
            assert states == ["unchanged"] * 3 + ["new"] * 3
            assert rows((url,), "SELECT id, post_id FROM articles ORDER BY id") == [(at, 99 + at) for at in range(1, 7)]
            assert [line["post_id"] for line in lines((url, jsonl))] == list(range(100, 106))
        finally:
            postgres_server.stop(server)


def test_a_server_that_stays_away_is_a_clear_error(postgres, name, place, store, monkeypatch):
    monkeypatch.setattr(postgresql_connection, "RECONNECT_SECONDS", 0)
    postgres.ask(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    cut_off(postgres, name)
    with pytest.raises(
        StoreError, match=r"^database postgresql:///test_\w+: the connection was lost; see to the server"
    ):
        store.save(GOOD)
    postgres.ask(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert store.save(GOOD) == "new"


def test_the_lock_of_a_run(place):
    engine = engine_of(place[0])
    assert not engine.is_at_work()
    lock = engine.hold_run()
    assert engine.is_at_work()
    with pytest.raises(AnotherRunError, match="another run holds the lock of postgresql:///test_"):
        engine.hold_run()
    lock.release()
    assert not engine.is_at_work()
    engine.hold_run().release()


def test_only_looking_makes_nothing(postgres):
    url = postgres.url(postgres.new_database())
    with pytest.raises(StoreError, match="holds nothing yet; run a crawl first"):
        open_store(url, readonly=True)
    assert rows((url,), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


SCHEMAS = {
    "CREATE TABLE articles (id integer)": "belongs to another program",
    f"UPDATE schema_version SET version = {SCHEMA_VERSION + 1}": f"has schema version {SCHEMA_VERSION + 1}",
}


@pytest.mark.parametrize("sql", SCHEMAS)
def test_a_database_of_others_stays_as_it_is(postgres, name, sql):
    database_ = name if "UPDATE" in sql else postgres.new_database()
    postgres.ask(sql, database_)
    with pytest.raises(StoreSchemaError, match=SCHEMAS[sql]):
        open_store(postgres.url(database_))


def test_every_step_of_the_schema_is_known_to_postgresql():
    assert sorted(STEPS) == list(range(FIRST_VERSION + 1, SCHEMA_VERSION + 1))


def test_what_is_read_at_a_moment_stays(place, store):
    store.save(GOOD)
    rows_ = store.stream("SELECT id FROM articles")
    assert [row["id"] for row in rows_] == [1]


@pytest.fixture
def secured(postgres):
    """The address of a database over TLS, with a password and the server's certificate for the authority."""
    name = postgres.new_database()
    if not postgres.ask("SELECT 1 FROM pg_roles WHERE rolname = 'secured'"):
        postgres.ask("CREATE ROLE secured LOGIN PASSWORD 'hush hush'")
    postgres.ask(f"ALTER DATABASE {name} OWNER TO secured")
    return (
        f"postgresql://secured:hush%20hush@127.0.0.1:{postgres.port}/{name}"
        f"?sslmode=verify-full&sslrootcert={postgres.folder}/data/server.crt"
    )


def test_passwords_and_certificates(secured):
    with closing(open_store(secured)) as store:
        assert store.save(GOOD) == "new"
        assert store.read("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)


REFUSED = {
    "another password": ("hush%20hush", "secret%20word", "password authentication failed"),
    "no encryption": ("verify-full", "disable", "no encryption"),
    "another authority": ("server.crt", "pg_hba.conf", "server.crt|root certificate|pg_hba.conf"),
    "another name": ("@127.0.0.1", "@localhost", "localhost"),
    "no such database": ("/test_", "/none_", "none_"),
    "nobody listens": ("127.0.0.1:", "127.0.0.1:1", "127.0.0.1"),
}


@pytest.mark.parametrize(("old", "new", "said"), REFUSED.values(), ids=REFUSED)
def test_an_error_of_the_server_is_one_line_without_the_password(secured, old, new, said):
    with pytest.raises(StoreError, match=said) as caught:
        open_store(secured.replace(old, new, 1))
    text = str(caught.value)
    assert text.startswith("database postgresql://")
    assert "\n" not in text
    assert not {"hush", "secret", "word@"} & set(text.replace("%20", " ").replace(":", " ").split())


@pytest.mark.parametrize("url", ["postgresql://me:secret@host:port/x", "postgresql://me:secret@host/x?colour=red"])
def test_an_address_that_is_none_is_told_without_the_password(url):
    with pytest.raises(SettingError, match="allowed is postgresql://USER") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_without_the_driver_there_is_a_line_that_says_so():
    code = "import sys; sys.modules['psycopg'] = None; from newscrawl.storage import open_store\ntry:\n"
    code += "    open_store('postgresql://me:secret@host/x')\nexcept Exception as error:\n    print(type(error).__name__, error)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert done.stdout == (
        "SettingError NEWSCRAWL_DATABASE_URL='postgresql://...': needs psycopg: pip install -r requirements-extras.txt\n"
    )


def test_another_run_anywhere_is_exit_code_4(place, scrapy):
    lock = engine_of(place[0]).hold_run()
    done = scrapy("crawl", "newsjournos", "-s", "LOG_LEVEL=ERROR", NEWSCRAWL_DATABASE_URL=place[0])
    lock.release()
    assert done.code == 4
    assert len(done.lines) == 1
    assert "scrapy crawl: another run holds the lock of postgresql:///test_" in done.lines[0]
