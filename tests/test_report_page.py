"""The page of ``scrapy report`` as a document: valid, self-contained, accessible, whatever is stored or is not."""

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from justhtml import JustHTML

from newscrawl.picturing.page import TEMPLATES
from newscrawl.picturing.subjects import duplicates
from newscrawl.reporting.run_report import bare_report
from newscrawl.storage import open_store
from newscrawl.storage.clusters import update_clusters
from tests.reported import Page, lived, page_of, time_is, words
from tests.stored import EDITED, GOOD, OTHER_POST

SEEN = "2025-05-04T00:00:00+00:00"
EVIL = "</title></script><script>alert(1)</script><img src=//evil.example/x onerror=alert(2)>\"'&\x00\x1b\u202e\ufffe{{7*7}}"
MARKS = "\x01gone\x02\x03come\x04"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return page_of(lived(tmp_path_factory.getbasetemp()))


@pytest.fixture
def made(tmp_path):
    """``made(*articles, runs=..., report=...)``: the page of a store with these articles, in this order."""

    def make(*articles, runs=0, report=None):
        with closing(open_store(f"sqlite:///{tmp_path}/news.db")) as store, time_is(datetime(2025, 5, 9, tzinfo=UTC)):
            for article in articles:
                store.save(article, SEEN)
            for number in range(1, runs + 1):
                store.start_run("newsjournos", {})
                row = {"id": number, "spider": "newsjournos", "started_at": SEEN, "arguments": {}, "exit_code": 0}
                kept = json.dumps(bare_report(row) | {"health": "ok"} | (report or {}))
                store.finish_run(number, {"exit_code": 0, "finish_reason": "finished", "requests": 3, "report": kept})
            update_clusters(store)
        return page_of(tmp_path / "news.db")

    return make


def hostile_page(made):
    """A page of a store in which every text is hostile."""
    long = " ".join(f"word{number}" for number in range(80))
    one = replace(
        GOOD,
        headline=EVIL,
        section=EVIL,
        tags=[EVIL, "b\x00"],
        body=f"{long} {EVIL} {MARKS}",
        faq=[],
        content_hash="1" * 64,
    )
    edited = replace(one, body=f"{long} <b>new</b> {MARKS} {EVIL}", content_hash="2" * 64)
    other = replace(one, url="javascript:alert(3)", post_id=9, body=f"{long} again", content_hash="3" * 64)
    finding = {
        "monitor": EVIL,
        "verdict": "gone",
        "failed": True,
        "message": f"{EVIL}\ud800",
        "field": EVIL,
        "url": "javascript:alert(4)",
    }
    source = {"name": EVIL, "state": EVIL, "requests": 1, "named": 1, "new": 1, "problems": [EVIL]}
    report = {
        "findings": [finding],
        "sources": [source],
        "health": "unhealthy",
        "requests": {"total": 3, "by_kind": {EVIL: 3}, "by_status": {"200": 2}},
        "reconciliation": {
            "articles": 2,
            "by_source": {EVIL: 1},
            "missed_by": {EVIL: {"count": 1, "examples": ["javascript:alert(5)", "https://newsjournos.com/\"><script>"]}},
            "unstored": {EVIL: 1},
            "x_wp_total": 3,
        },
        "measures": {"articles": 2, "filled": {"lead": 1}, "sources": {"lead": {EVIL: 1}}},
    }  # fmt: skip
    return made(one, edited, other, runs=2, report=report)


# What each section says where there is nothing to show.
NOTHING = {
    "published": "No article is stored yet.",
    "seen": "No article is stored yet.",
    "edits": "No article was seen to change yet.",
    "rewrites": "No article was seen to change its text yet.",
    "fields": "No run has measured an article yet.",
    "runs": "No run has started yet.",
    "requests": "No run has told of its requests yet.",
    "gaps": "No run has compared its sources yet.",
    "tags": "No article has a tag yet.",
    "duplicates": "No two articles are alike.",
}


def test_an_empty_store_says_so_in_each_section(made):
    page = Page(made())
    assert {one.get("id"): page.says(one.get("id")) for one in page.tree.iter("h2")} == NOTHING
    assert not [*page.tree.iter("svg", "table", "details")]
    assert "no run has finished yet" in page.text


def test_one_article_and_no_run(made):
    page = Page(made(replace(GOOD, tags=[])))
    assert page.says("published").startswith("1 article in 1 section, published from 2025-05-03 to 2025-05-03")
    assert page.table("Articles by day and section") == [["2025-05-03", "1", "1"]]
    assert page.table("Articles by section") == [["without a section", "1", "100 %", "1"]]
    assert page.says("seen").startswith("No article was published since the first one was stored.")
    rest = set(NOTHING) - {"published", "seen"}
    assert {name: page.says(name) for name in rest} == {name: NOTHING[name] for name in rest}


def test_one_run_that_did_nothing(made):
    page = Page(made(runs=1))
    assert page.says("runs") == "1 run so far: 1 done. In the last 1 run monitors found nothing."
    assert page.table("The last run") == [["run 1", "2025-05-09 00:00", "0 seconds", "ok", *"–––––", "3"]]
    assert page.says("requests") == NOTHING["requests"]
    assert page.says("gaps") == NOTHING["gaps"]


def test_an_edit_without_a_change_of_the_text_is_no_rewrite(made):
    page = Page(made(GOOD, EDITED))
    assert page.says("rewrites") == NOTHING["rewrites"]
    assert {row[0]: row[1] for row in page.table("What was edited")} == {"headline": "1", "tags": "1"}


def test_a_version_that_other_rules_of_extraction_made_is_no_edit(made, tmp_path):
    made(GOOD, replace(EDITED, body="It went again."))
    with closing(open_store(f"sqlite:///{tmp_path}/news.db")) as store, store.writing() as db:
        db.execute("UPDATE revisions SET cause = 'extraction' WHERE revision > 1")
    page = Page(page_of(tmp_path / "news.db"))
    assert {name: page.says(name) for name in ("edits", "rewrites")} == {
        name: NOTHING[name] for name in ("edits", "rewrites")
    }


def test_an_edit_of_what_was_published_by_day_alone_has_no_age(made):
    page = Page(made(replace(GOOD, published_precision="day"), replace(EDITED, published_precision="day")))
    assert page.table("Edits by day seen") == [["2025-05-04", "1"]]
    assert "From publication until an edit is seen" not in page.text


def test_what_was_published_after_the_first_was_stored_counts_for_speed(made):
    late = replace(OTHER_POST, url=f"{GOOD.url}late/", published_at="2025-05-03T23:40:00+00:00")
    assert "No article was published since" in Page(made(GOOD, late)).says("seen")
    later = replace(
        late, url=f"{GOOD.url}later/", post_id=3, published_at="2025-05-04T00:00:00+00:00", content_hash="d" * 64
    )
    page = Page(made(later))
    assert page.table("From publication until first seen")[0] == ["within 15 min", "1", "100 %"]


def test_a_field_whose_source_nobody_told_counts_as_filled(made):
    measures = {"articles": 2, "filled": {"lead": 2}, "sources": {"lead": {"theme": 1}}}
    rows = {row[0]: row[1] for row in Page(made(runs=3, report={"measures": measures})).table("Fields by month")}
    assert rows["lead"] == "100 % (theme 50 %, not said 50 %)"
    assert rows["faq"] == "0 %"


def test_each_kind_of_answer_is_counted(made):
    by_status = {"200": 1, "206": 2, "304": 3, "301": 4, "404": 5, "429": 6, "503": 7}
    report = {"requests": {"total": 30, "by_kind": {"article": 30}, "by_status": by_status}}
    page = Page(made(runs=1, report=report))
    assert page.table("Answers by run") == [["run 1", "2025-05-09 00:00", "3", "3", "4", "11", "7", "2"]]
    assert page.says("requests") == "30 requests in 1 run. The last one, run 1, sent 30 requests: article 30."


def test_what_a_source_missed_is_named(made):
    sources = {"sections": 8, "sitemap": 10, "rest": 3, "feed": 4}
    missed = {"sections": {"count": 2, "examples": [GOOD.url]}, "sitemap": {"count": 0, "examples": []}}
    found = {"articles": 10, "by_source": sources, "missed_by": missed, "unstored": {"rejected": 1}, "x_wp_total": 11}
    page = Page(made(runs=1, report={"reconciliation": found}))
    assert page.table("What each source ever named") == [
        ["sitemap", "10", "100 %", "0"],
        ["sections", "8", "80 %", "2"],
        ["feed", "4", "40 %", "not meant to have all"],
        ["rest", "3", "30 %", "not read whole"],
    ]
    (fold,) = page.folds("gaps").items()
    assert (fold[0], [one.get("href") for one in fold[1].iter("a")]) == (
        "2 articles that sections never named",
        [GOOD.url],
    )
    assert page.says("gaps").endswith("10 articles that are not gone. The site itself counts 11 articles (X-WP-Total).")
    assert page.table("Addresses that were named and are no article") == [["rejected", "1"]]


def test_the_largest_clusters_come_first_and_not_all_of_a_large_one_is_named():
    def member(number, day):
        url, headline = f"https://newsjournos.com/{number}/", f"Story {number}"
        return {"url": url, "headline": headline, "published_at": f"2025-05-0{day}T00:00:00+00:00", "similarity": 1.0}

    sizes = {"a": (2, 1), "b": (15, 1), "c": (2, 3), "d": (3, 1)}
    section = duplicates((name, [member(name, day)] * size) for name, (size, day) in sizes.items())
    assert [fold.summary.split(":")[0] for fold in section.parts] == [
        "15 articles",
        "3 articles",
        "2 articles",
        "2 articles",
    ]
    assert [fold.summary[-1] for fold in section.parts] == ["b", "d", "c", "a"]
    assert len(section.parts[0].lines) == 11
    assert section.parts[0].lines[-1] == "and 5 more articles"


def test_a_run_at_work_is_no_killed_one(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path}/news.db")) as store:
        store.start_run("newsjournos", {})
    assert Page(page_of(tmp_path / "news.db", at_work=True)).table("The last run")[0][3] == "at work"
    assert "was killed" in Page(page_of(tmp_path / "news.db")).table("The last run")[0][3]


# The document

PAGES = ("whole", "hostile", "empty", "one")


@pytest.fixture(params=PAGES)
def text(request, whole, made):
    """Pages of several stores."""
    make = {"whole": lambda: whole, "hostile": lambda: hostile_page(made), "empty": made, "one": lambda: made(GOOD)}
    return make[request.param]()


def test_it_is_valid(text):
    assert JustHTML(text, strict=True, sanitize=False).errors == []
    text.encode()


ALLOWED = re.compile(r"#[\w-]+|data:,|https?://[^\s<>\"']+")


def test_it_refers_to_nothing_outside_but_by_links_to_follow(text):
    tree = Page(text).tree
    for node in tree.iter():
        for name, value in node.attrib.items():
            assert not name.startswith("on"), (node.tag, name)
            if name in {"href", "src", "srcset", "action", "data", "poster", "xlink:href", "background", "formaction"}:
                assert ALLOWED.fullmatch(value), value
                assert not value.startswith("http") or (node.tag == "a" and name == "href"), (node.tag, value)
            if name == "style":
                assert re.fullmatch(r"width:[\d.]+%", value)
    forbidden = {"script", "iframe", "object", "embed", "img", "video", "audio", "base", "form", "use", "image"}
    assert not [node.tag for node in tree.iter() if node.tag in forbidden]
    assert [node.get("rel") for node in tree.iter("link")] == ["icon"]
    (style,) = tree.iter("style")
    assert not re.findall(r"url\(|@import|@font-face|expression|\\", style.text)
    policy = tree.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert policy.startswith("default-src 'none';")
    assert all(one.get("rel") == "noreferrer noopener" for one in tree.iter("a") if one.get("href").startswith("http"))


def test_it_can_be_walked_by_headings_tables_and_charts(text):
    tree = Page(text).tree
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    levels = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    links = {one.get("href") for one in tree.find(".//nav").iter("a")}
    assert links == {f"#{one.get('id')}" for one in tree.iter("h2")}
    for table in tree.iter("table"):
        assert words(table.find("caption"))
        assert {one.get("scope") for one in table.find("thead")[0]} == {"col"}
        columns = len(table.find("thead")[0])
        for row in table.find("tbody"):
            assert (row[0].tag, row[0].get("scope"), len(row)) == ("th", "row", columns)
    for chart in tree.iter("svg"):
        assert chart.get("role") == "img"
        for name, tag in (("aria-labelledby", "title"), ("aria-describedby", "desc")):
            (described,) = [one for one in chart if one.get("id") == chart.get(name)]
            assert (described.tag, bool(words(described))) == (tag, True)
        figure = next(chart.iterancestors("figure"))
        assert figure.find(".//details/div/table") is not None, "what a chart shows is in a table as well"


def test_hostile_texts_are_texts(made):
    page = Page(hostile_page(made))
    assert "<script" not in page.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ufffe\ud800-\udfff]", page.text)
    shown = EVIL.encode("ascii", "backslashreplace").decode().replace("\x00", "\\u0000").replace("\x1b", "\\u001b")
    assert page.table("Articles by section")[0][0] == shown
    assert page.table("Of all articles")[0][0] == shown
    assert page.table("What monitors found")[0][2] == f"{shown}\\ud800; look at javascript:alert(4)"
    (fold,) = page.folds("rewrites").values()
    assert "new" in " ".join(words(one) for one in fold.iter("ins"))
    assert not [one for one in fold.iter("del", "ins") if words(one) in {"gone", "come"}], "marks cannot be forged"
    assert {one.get("href") for one in page.tree.iter("a") if "://" in one.get("href")} == {GOOD.url}


# Colours, from the style sheet itself


def colours():
    """The palettes by name: light, dark, print."""
    style = (TEMPLATES / "report.css").read_text()
    blocks = re.findall(r"(?:@media ([^{]+)\{\s*)?:root \{(.*?)\}", style, flags=re.DOTALL)
    return {
        name.strip() or "light": dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6});", body)) for name, body in blocks
    }  # fmt: skip


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "(prefers-color-scheme: dark)", "print"])
def test_contrast_is_enough_to_read(scheme):
    palette = colours()[scheme]
    for ground in ("paper", "wash"):
        for ink in ("ink", "faint", "link", "went", "came"):
            assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
        for bar in (name for name in palette if re.fullmatch(r"c\d", name)):
            assert contrast(palette[bar], palette[ground]) >= 3, (bar, ground)
    assert {name for name in palette if re.fullmatch(r"c\d", name)} == {f"c{number}" for number in range(8)}
