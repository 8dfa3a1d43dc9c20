"""Pages broken on purpose: an article, none, or one of the project's own errors; never another."""

from pathlib import Path

import pytest

import newscrawl
from newscrawl.exceptions import NewscrawlError
from tests.fuzzing import mutated

PAGES = sorted((Path(__file__).parents[1] / "fixtures/pages").rglob("*.html"))


def extracted(page):
    try:
        return newscrawl.extract_article(page, "https://newsjournos.com/a-story/")
    except NewscrawlError:
        return None


def test_there_are_pages_to_break():
    assert PAGES


@pytest.mark.parametrize("seed", range(100))
def test_a_mutated_page_raises_nothing_foreign(seed):
    extracted(mutated(PAGES[seed % len(PAGES)].read_bytes(), seed))


@pytest.mark.parametrize(
    "inside",
    ["<div>" * 10_000, "<table><tr><td>" * 100_000, "<p " + "a" * 1_000_000 + ">", "\x00" * 10_000, "<!--", "&#xD800;\ud800",
     '<script type="application/ld+json">' + '{"a":' * 50_000 + "</script>"],
    ids=["deep", "tables", "attribute", "nul", "comment", "surrogate", "json-ld"],
)  # fmt: skip
def test_a_huge_or_deep_page_raises_nothing_foreign(inside):
    page = PAGES[0].read_text(encoding="utf-8")
    extracted(page.replace("<body", inside + "<body", 1))
    extracted(page.replace("</p>", inside + "</p>", 1))
