"""New versions of known articles: held while a run is at work, kept or dropped at its end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from newscrawl import clock
from newscrawl.monitors.versions import read_versions
from newscrawl.storage import open_store
from newscrawl.storage.held import DOUBTFUL, PLAIN, SAME
from tests.stored import GOOD, A

SOURCES = {"headline": "theme", "tags": "rel", "reading_minutes": "theme"}
BEFORE = replace(GOOD, sources=SOURCES, reading_minutes=7)
EDITED = replace(BEFORE, headline="Ferries", content_hash="b" * 64)
NO_TAGS = replace(BEFORE, tags=[], content_hash="c" * 64)
NO_MINUTES = replace(BEFORE, reading_minutes=None)
OTHER_RULES = replace(NO_TAGS, extractor_version="2.0.0")
ALL = {DOUBTFUL, PLAIN, SAME}


@pytest.fixture
def store(tmp_path):
    """A store in its second run; its article is due next year."""
    store = open_store(f"sqlite:///{tmp_path}/news.db", None)
    store.save(BEFORE)
    number = store.article_id(A)
    store.run_id = [store.start_run("newsjournos", {}) for _ in range(2)][-1]
    later = (clock.now() + timedelta(days=365)).isoformat(timespec="seconds")
    store.set_page(A, "article", outcome="article", article_id=number, asked_run=1, next_check_at=later)
    yield store
    store.close()


def revisions(store) -> list[str]:
    """Headline and number of tags of each version."""
    rows = store.read("SELECT article ->> 'headline', json_array_length(article, '$.tags') FROM revisions ORDER BY id")
    return [tuple(row) for row in rows]


FIRST, TAGS = (GOOD.headline, 2), GOOD.tags
HELD = {
    "edited": (EDITED, "updated", True, PLAIN, [FIRST, ("Ferries", 2)]),
    "a field lost": (NO_TAGS, "held", True, DOUBTFUL, [FIRST, (GOOD.headline, 0)]),
    "same content, less around it": (NO_MINUTES, "unchanged", False, SAME, [FIRST]),
}


@pytest.mark.parametrize(("after", "state", "is_held", "kind", "kept"), HELD.values(), ids=HELD)
def test_what_is_held_is_kept_only_where_its_kind_is_trusted(store, after, state, is_held, kind, kept):
    assert store.save(after) == state
    assert (store.is_held(1), store.held(kind)) == (is_held, 1)
    assert store.settle_held(ALL - {kind}) == [A] * is_held
    assert revisions(store) == [FIRST]
    assert store.get(A)["reading_minutes"] == 7
    store.save(after)
    assert store.settle_held({kind}) == []
    assert revisions(store) == kept
    stored = store.get(A)
    assert [stored[name] for name in ("headline", "tags", "reading_minutes")] == [
        getattr(after, name) for name in ("headline", "tags", "reading_minutes")
    ]


def test_what_other_rules_made_waits_for_nothing(store):
    assert store.save(OTHER_RULES) == "unchanged"
    assert revisions(store) == [FIRST, (GOOD.headline, 0)]


def test_an_edited_page_is_looked_at_soon_and_one_that_is_not_trusted_tried_again_ever_more_rarely(store):
    for failures, run in ((1, 3), (2, 4), (3, 6)):
        store.save(EDITED)
        store.set_page(A, "article", todo="changed")
        store.settle_held(set())
        page = store.page(A)
        assert (page["todo"], page["failures"], page["retry_run"]) == (None, failures, run)
    store.save(EDITED)
    store.settle_held(ALL)
    soon = clock.now() + timedelta(hours=3, minutes=1)
    assert store.page(A)["next_check_at"] < soon.isoformat(timespec="seconds")


def test_a_version_that_came_in_its_old_place_is_right_again(store):
    store.save(NO_TAGS)
    store.save(BEFORE)
    assert not store.is_held(1)
    store.settle_held(ALL)
    assert revisions(store) == [FIRST]


SAID = [
    ({}, None, 1),
    ({"modified_at": "2025-05-05T00:00:00+00:00"}, None, 0),
    ({}, "2025-05-05T00:00:00+00:00", 0),
    ({"modified_at": "2025-05-03T20:00:00+00:00"}, "2025-05-03T20:00:00+00:00", 1),  # seen since
]


@pytest.mark.parametrize(("more", "lastmod", "unsaid"), SAID)
def test_whether_an_edit_was_said(store, more, lastmod, unsaid):
    store.set_page(A, "article", lastmod=lastmod)
    store.save(replace(NO_TAGS, **more))
    store.save(replace(GOOD, url=f"{A}b/", post_id=8, content_hash="d" * 64))
    versions = read_versions(store, store.run_id)
    assert (versions.of, versions.unsaid, versions.had["tags"], versions.lost["tags"]) == (1, unsaid, 1, 1)
    assert read_versions(store, store.run_id, since="2026-01-01").of == 0


def test_unchanged_articles_count_where_others_changed(store):
    other = replace(BEFORE, url=f"{A}b/", post_id=8, content_hash="d" * 64)
    store.save(other)
    store.set_page(other.url, "article", outcome="article", article_id=2, asked_run=store.run_id)
    store.save(replace(other, reading_minutes=None))
    assert read_versions(store, store.run_id).of == 0
    store.save(NO_TAGS)
    versions = read_versions(store, store.run_id)
    assert (versions.of, versions.had["tags"], versions.lost["tags"]) == (2, 2, 1)


AGAIN = {
    "stored since": ({}, 1, "changed"),
    "stored before": ({}, 2, None),
    "fetched by this run": ({"asked_run": 3}, 1, None),
    "no article since": ({"outcome": "skipped", "asked_run": 2}, 2, "changed"),  # led elsewhere: never fetched itself
    "no article before": ({"outcome": "skipped"}, 2, None),
    "failed since": ({"outcome": "failed", "asked_run": 2}, 2, "changed"),
    "known, failed since": ({"failures": 1, "asked_run": 2}, 2, "changed"),
    "gone": ({"outcome": "gone", "asked_run": 2}, 1, None),
}


@pytest.mark.parametrize(("row", "since", "todo"), AGAIN.values(), ids=AGAIN)
def test_what_came_in_a_time_of_another_layout_is_looked_at_again(store, row, since, todo):
    for run, day in ((1, "2025-05-01"), (2, "2025-05-05")):
        store.db.execute("UPDATE runs SET started_at = ? WHERE id = ?", (f"{day}T10:00:00+00:00", run))
    store.set_page(A, "article", **row)
    store.look_again(3, since)
    assert store.page(A)["todo"] == todo
