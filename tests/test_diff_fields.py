"""What changed in a field, by kind of value, and in an article from version to version."""

import json
from dataclasses import fields
from time import process_time

import pytest

from newscrawl.items import Article
from newscrawl.revisions.fields import changes
from newscrawl.revisions.history import BOOKKEEPING, history

ADA = {"name": "Ada", "url": "https://x.test/ada/", "bio": None, "website": None}
WHO = {"question": "Who paid?", "answer": "Nobody so far."}
POINT = "The ferry came back on Tuesday"


def word(before, after, start="", end=""):
    """The operations of a text in which a word was replaced."""
    ops = [("equal", start), ("delete", before), ("insert", after), ("equal", end)]
    return [{"op": op, "text": text} for op, text in ops if text]


def edited(place, entry, inner):
    return {"op": "change", "from": place, "to": place, "entry": entry, "changes": inner}


CHANGES = {
    "equal": ("tags", ["a"], ["a"], []),
    "text": ("headline", "Ferries left", "Trams left", word("Ferries", "Trams", end=" left")),
    "text came": ("summary", None, "Rain.", word("", "Rain.")),
    "time": ("modified_at", None, "2025", [{"op": "replace", "before": None, "after": "2025"}]),
    "number": ("post_id", 7, 8, [{"op": "replace", "before": 7, "after": 8}]),
    "name of a section": ("section", "U.S. News", "World", [{"op": "replace", "before": "U.S. News", "after": "World"}]),
    "list without, then empty": ("tags", None, [], []),
    "list that an older version did not know": ("tags", None, ["a"], [{"op": "insert", "at": 0, "entry": "a"}]),
    "entry came": ("tags", ["a", "c"], ["a", "b", "c"], [{"op": "insert", "at": 1, "entry": "b"}]),
    "entry went": ("tags", ["a", "b"], ["b"], [{"op": "delete", "at": 0, "entry": "a"}]),
    "entry moved": ("tags", ["a", "b", "c"], ["c", "a", "b"], [{"op": "move", "from": 2, "to": 0, "entry": "c"}]),
    "one of two of the same went": ("tags", ["a", "b", "a"], ["b", "a"], [{"op": "delete", "at": 0, "entry": "a"}]),
    "tags are no text": (
        "tags", ["Old Ferries"], ["New Ferries"],
        [{"op": "delete", "at": 0, "entry": "Old Ferries"}, {"op": "insert", "at": 0, "entry": "New Ferries"}],
    ),
    "text of an entry": (
        "key_points", [POINT, "Rain"], [POINT.replace("Tuesday", "Friday"), "Rain"],
        [edited(0, POINT.replace("Tuesday", "Friday"), word("Tuesday", "Friday", "The ferry came back on "))],
    ),
    "answer of a question": (
        "faq", [WHO], [WHO | {"answer": "Nobody at all."}],
        [edited(0, WHO | {"answer": "Nobody at all."}, {"answer": word("so far", "at all", "Nobody ", ".")})],
    ),
    "question beside another one": (
        "faq", [WHO], [{"question": "Why?", "answer": "Rain."}, WHO],
        [{"op": "insert", "at": 0, "entry": {"question": "Why?", "answer": "Rain."}}],
    ),
    "author got a biography": (
        "authors", [ADA], [ADA | {"bio": "Writes on ferries."}],
        [edited(0, ADA | {"bio": "Writes on ferries."}, {"bio": word("", "Writes on ferries.")})],
    ),
    "another author": (
        "authors", [ADA], [{**ADA, "name": "Bo", "url": "https://x.test/bo/"}],
        [{"op": "delete", "at": 0, "entry": ADA},
         {"op": "insert", "at": 0, "entry": {**ADA, "name": "Bo", "url": "https://x.test/bo/"}}],
    ),
    "paragraph of a section": (
        "body_sections",
        [{"heading": "Rain", "level": 2, "paragraphs": ["One.", "Two."]}],
        [{"heading": "Rain", "level": 2, "paragraphs": ["One."]}],
        [edited(0, {"heading": "Rain", "level": 2, "paragraphs": ["One."]},
                {"paragraphs": [{"op": "delete", "at": 1, "entry": "Two."}]})],
    ),
    "object": (
        "image", {"url": "a", "alt": None}, {"url": "b", "alt": None},
        [{"op": "change", "changes": {"url": [{"op": "replace", "before": "a", "after": "b"}]}}],
    ),
    "object came": ("image", None, {"url": "a"}, [{"op": "replace", "before": None, "after": {"url": "a"}}]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "expected"), CHANGES.values(), ids=CHANGES)
def test_changes(name, before, after, expected):
    assert changes(name, before, after) == expected
    json.dumps(expected)


def test_long_lists_take_no_time_and_lose_nothing():
    before = [f"Point {n} of the ferry" for n in range(3_000)]
    after = [f"Point {n} of the tram" for n in range(2_000)]
    began = process_time()
    ops = changes("key_points", before, after)
    assert process_time() - began < 2, "usually a tenth of that"
    assert len([op for op in ops if op["op"] != "insert"]) == 3_000


def row(number, noted=(), **article):
    """A row of ``revisions``."""
    text = json.dumps(article)
    return {
        "revision": number,
        "seen_at": f"2025-05-0{number}T00:00:00+00:00",
        "changed_fields": json.dumps(noted),
        "article": text,
    }


def test_steps_come_newest_first_and_the_first_version_has_none():
    steps = history(
        [row(1, headline="A b"), row(2, ["headline"], headline="A c"), row(3, ["tags"], headline="A c", tags=["x"])]
    )
    assert [(step.revision, step.changed_fields, list(step.changes)) for step in steps] == [
        (3, ["tags"], ["tags"]),
        (2, ["headline"], ["headline"]),
        (1, [], []),
    ]
    assert steps[1].changes["headline"] == word("b", "c", "A ")
    assert steps[1].seen_at == "2025-05-02T00:00:00+00:00"


@pytest.mark.parametrize("name", [field.name for field in fields(Article)])
def test_any_field_can_be_compared_where_it_is_named_or_noted(name):
    old, new = row(1), row(2, **{name: "other"})
    assert list(history([old, new], [name])[0].changes) == [name]
    assert list(history([old, new], ["headline"])[0].changes) == (["headline"] if name == "headline" else [])
    assert list(history([old, new])[0].changes) == ([] if name in BOOKKEEPING else [name])
    assert list(history([old, row(2, [name], **{name: "other"})])[0].changes) == [name]


def test_one_version_is_one_step():
    assert [step.changes for step in history([row(1, headline="A")])] == [{}]
    assert history([]) == []
