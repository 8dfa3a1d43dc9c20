"""Saved pages with the article they hold beside them, written from what was put into the page."""

import json
from pathlib import Path

import pytest
from scrapy.spiderloader import SpiderLoader

from newscrawl import extract_article

from .conftest import project_settings

PAGES = Path(__file__).parents[1] / "fixtures" / "pages"
INDEX = json.loads((PAGES / "pages.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", INDEX)
def test_golden(name):
    page = PAGES / name
    expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert "checked" not in expected, "a person has to look at it first"
    spider = SpiderLoader.from_settings(project_settings()).load(INDEX[name].get("spider", "newsjournos"))
    article = extract_article(page.read_bytes(), INDEX[name]["url"], spider.site())
    assert {field: getattr(article, field) for field in expected} == expected


def test_every_saved_page_is_in_the_index():
    assert {page.name for page in PAGES.glob("*.html")} == set(INDEX)
