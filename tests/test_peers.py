"""How other extractors' values are judged: what counts as right, and what a page without an answer costs."""

import json
from pathlib import Path

import pytest

from bench.peers import quality, sample

TRUE = {
    "headline": "A Bridge",
    "published_at": "2025-05-04T01:30:00+00:00",
    "published_raw": "2025-05-03T20:30:00-05:00",
    "authors": [{"name": "Ada Bell"}, {"name": "Kıvanç Öz"}],
    "section": "World",
    "tags": ["Bridges", "Tolls"],
    "image": {"url": "https://a.example/b.jpg"},
    "description": None,
    "language": "en-US",
    "body": "One two.\n\nThree two.",
    "outline": ["Tolls"],
    "key_points": [],
    "summary": None,
    "faq": [{"question": "Why?", "answer": "So."}],
}
PAGES = Path(__file__).parents[1] / "fixtures" / "pages"
SAID = {"authors": ["Ada Bell", "Kıvanç Öz"], "image": "https://a.example/b.jpg"}


@pytest.mark.parametrize(
    ("column", "value", "right"),
    [
        ("headline", "A  Bridge\n", True),
        ("headline", "A Bridge - The Paper", False),
        ("published_at", "2025-05-03T20:30:00-05:00", True),
        ("published_at", "2025-05-04T01:30:00", True),
        ("published_at", "2025-05-03T20:30:00", False),
        ("published_at", "2025-05-04", False),
        ("published_at", None, False),
        ("day", "2025-05-03", True),
        ("day", "2025-05-04 01:30:00", True),
        ("day", "2025-05-05", False),
        ("day", None, False),
        ("authors", ["Kıvanç Öz", "Ada Bell"], False),
        ("tags", ["Tolls", "Bridges"], True),
        ("tags", ["Tolls"], False),
        ("image", "https://a.example/b-300x200.jpg", False),
        ("description", "", True),
        ("language", "en", True),
        ("language", "de", False),
        ("body", "One two. Three two.", True),
        ("body", "One two. Three", False),
    ],
)
def test_what_counts_as_right(column, value, right):
    found = {**TRUE, **SAID, quality.NEEDS.get(column, column): value}
    assert quality.CHECKS[column](found, TRUE) is right


@pytest.mark.parametrize(
    ("found", "share"),
    [("one two three two", 1), ("two one", 2 / 3), ("two two two", 4 / 7), ("none of it", 0), (None, 0)],
)
def test_words_are_compared_as_multisets(found, share):
    assert quality.f1(found, "one two three two") == pytest.approx(share)


def test_a_page_without_an_answer_is_wrong_and_a_field_that_is_not_given_has_no_share():
    found = [{"headline": "A Bridge", "body": "One two. Three two. Tolls Why? So."}, None]
    assert quality.scores(found, [TRUE, TRUE]) == {
        "headline": 0.5,
        "body": 0,
        "F1 of body": pytest.approx(8 / 11 / 2),
        "F1 of text": 0.5,
    }
    assert quality.by_field([TRUE, None], [TRUE, TRUE]) == dict.fromkeys(TRUE, 0.5)


def test_pages_of_a_folder_are_the_articles_of_this_theme_with_what_lies_beside(tmp_path):
    for name in ("cover-rankmath", "classic-yoast"):
        (tmp_path / f"{name}.html").write_bytes((PAGES / f"{name}.html").read_bytes())
    truth = {"url": "https://a.example/story/", "headline": "Beside"}
    (tmp_path / "cover-rankmath.json").write_text(json.dumps(truth))
    (tmp_path / "other.html").write_text("<title>no article</title>")
    unknown, known = sample.folder_pages(tmp_path)
    assert (known.url, known.truth) == ("https://a.example/story/", truth)
    assert unknown.url == "https://www.harbourpost.example/ozbahce-quarrydale-share-quake-housing-over-safety-fears/"
    assert unknown.truth is None
