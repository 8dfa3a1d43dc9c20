"""Two layouts side by side, as docs/redesign.md tells how to add one: each page is read by its own."""

import re
from contextlib import closing
from dataclasses import replace
from itertools import islice

import pytest

from fixtures.mutations.mutation import Mutation
from fixtures.mutations.samples import sample_of, site_of, usable
from fixtures.mutations.trying import RIGHT, Subject, judge
from newscrawl.commands._reextraction import reextract
from newscrawl.exceptions import UnusablePageError
from newscrawl.extraction.article import load_article
from newscrawl.extraction.page import Page
from newscrawl.extraction.sources import Css
from newscrawl.extraction.theme import Region, Themes
from newscrawl.extraction.themes.smartmag import SMARTMAG
from newscrawl.spiders.newsjournos import NewsjournosSpider
from newscrawl.storage import open_store

from .conftest import ROOT
from .local_server import serving

NAMES = (
    "wp-theme-smart-mag", "the-post-header", "post-cover", "post-header", "s-head-modern", "post-title",
    "post-content-wrap", "post-content", "entry-content",
)  # fmt: skip
REDESIGN = [
    *(Mutation("class", name, "renamed") for name in NAMES),
    Mutation("meta", "article:published_time", "removed"),
    Mutation("JSON-LD key", "Article.datePublished", "renamed"),
    Mutation("JSON-LD key", "NewsArticle.datePublished", "renamed"),
    Mutation("JSON-LD key", "WebPage.datePublished", "renamed"),
    Mutation("tag", "time of the page", "swapped"),
]
SETTINGS = (
    "cover rankmath rankmath",
    "classic rankmath yoast",
    "large-image rankmath theme",
    "modern rankmath rankmath",
)
NOT_NAMED = {"related"}
"""Its cards have lost their class too, and the example leaves it at that."""


@pytest.fixture(scope="module")
def layouts() -> Themes:
    """What the guide's example makes."""
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/redesign.md").read_text(encoding="utf-8"), re.DOTALL)
    made = {"SMARTMAG": SMARTMAG, "replace": replace, "Region": Region, "Css": Css, "Themes": Themes}
    exec(example, made)
    return made["LAYOUTS"]


@pytest.fixture(scope="module", params=SETTINGS)
def subjects(request) -> list[Subject]:
    site = site_of(request.param, 30, 5)
    return [Subject(sample_of(site, post)) for post in islice(usable(site), 8)]


def mistakes(html: str, subject: Subject, theme: Themes) -> set[str]:
    """Fields that are not right."""
    try:
        article = load_article([Page.from_html(html, subject.sample.url, theme)])
    except UnusablePageError:
        article = None
    return {name for name, verdict in judge(article, subject.sample.truth).items() if verdict != RIGHT}


def test_pages_of_both_layouts_are_right(subjects, layouts):
    for subject in subjects:
        assert mistakes(subject.sample.html, subject, layouts) == set()
        assert mistakes(subject.changed(REDESIGN), subject, layouts) <= NOT_NAMED


def test_the_new_pages_need_the_new_layout(subjects):
    assert all("body" in mistakes(subject.changed(REDESIGN), subject, SMARTMAG) for subject in subjects)


def test_the_old_pages_need_the_old_one(subjects, layouts):
    assert all("body" in mistakes(subject.sample.html, subject, layouts[0]) for subject in subjects)


@pytest.mark.parametrize(
    ("body_class", "name"),
    [("v2-wp-theme-smart-mag x", "smartmag-2"), ("wp-theme-smart-mag", "smartmag"), ("", "smartmag")],
)
def test_a_page_has_the_first_layout_whose_marker_it_shows(body_class, name, layouts):
    page = Page.from_html(f'<body class="{body_class}"><p>x</p></body>', "https://newsjournos.com/a/", layouts)
    assert page.theme.name == name


async def test_a_crawl_reads_both_and_the_archive_is_read_by_the_layout_of_each_page(
    storing_crawl, layouts, monkeypatch, tmp_path
):
    site = site_of(SETTINGS[0], 4, 5)
    first, second, *_ = (Subject(sample_of(site, post)) for post in usable(site))
    monkeypatch.setattr(NewsjournosSpider, "theme", layouts)
    storing_crawl.settings["NEWSCRAWL_ARCHIVE_DIR"] = str(tmp_path / "archive")
    pages = {"/old/": first.sample.html, "/new/": second.changed(REDESIGN)}
    with serving(pages) as server:
        await storing_crawl(server.url, urls="/old/,/new/")
    rows = dict(storing_crawl.rows("SELECT headline, published_at FROM articles"))
    assert rows == {one.sample.truth["headline"]: one.sample.truth["published_at"] for one in (first, second)}
    place = (storing_crawl.settings["NEWSCRAWL_DATABASE_URL"], storing_crawl.settings["NEWSCRAWL_JSONL_PATH"])
    with closing(open_store(*place, readonly=True)) as store:
        result = reextract(store, tmp_path / "archive", layouts, store.numbers(), apply=False)
    assert (result.archived, result.same, result.changed, result.no_article) == (2, 2, 0, [])
