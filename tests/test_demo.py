"""``scrapy demo``, the first thing that anybody runs."""

import pytest


def test_the_demo_shows_what_it_found_and_begins_anew_each_time(scrapy, tmp_path):
    stale = tmp_path / "data/demo/stale.txt"
    stale.parent.mkdir(parents=True)
    stale.write_text("from the last time")
    done = scrapy("demo", "--articles", "12")
    assert (done.code, done.err) == (0, "")
    assert "articles" in done.out
    assert "data/demo/newsjournos.jsonl" in done.out
    assert "data/demo/reports/latest.md" in done.out
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["demo"]
    kept = {path.name for path in stale.parent.iterdir()}
    assert {"newsjournos.db", "newsjournos.jsonl", "crawl.log"} <= kept
    assert "stale.txt" not in kept


WRONG = {
    "no number": (("--articles", "x"), "argument --articles: invalid int value: 'x'"),
    "none": (("--articles", "0"), "0: allowed is --articles with a number from 1 to 100000"),
    "another word": (("quick",), "quick: allowed is --articles with a number from 1 to 100000"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_wrong_words_are_one_line(scrapy, tmp_path, words, said):
    done = scrapy("demo", *words)
    assert (done.code, done.lines) == (2, [f"scrapy demo: {said}"])
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_made_is_one_line(scrapy, tmp_path):
    (tmp_path / "data").write_text("a file")
    done = scrapy("demo")
    assert (done.code, done.lines) == (1, ["scrapy demo: data/demo: Not a directory"])
