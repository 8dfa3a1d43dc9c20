"""The report of a run: what it says of stats, sources, findings and the store, as JSON and for people."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newscrawl import clock
from newscrawl.discovery.reports import SourceReport
from newscrawl.monitors.findings import Finding
from newscrawl.reporting.markdown import escape, link, to_markdown
from newscrawl.reporting.report_files import KEPT, write_report
from newscrawl.reporting.run_report import build_report
from newscrawl.storage import open_store
from tests.stored import GOOD

STATS = {
    "newscrawl/stored/new": 2,
    "newscrawl/stored/updated": 1,
    "newscrawl/rejected/no_text": 2,
    "newscrawl/rejected/empty_page": 3,
    "newscrawl/failed/status_500": 1,
    "newscrawl/requests/article": 9,
    "downloader/request_count": 12,
    "downloader/response_status_count/200": 11,
    "downloader/response_status_count/500": 1,
    "finish_reason": "finished",
}
QUIET = Finding("quiet", "quiet", False, "nothing new for two days")
FAILED = Finding("fields", "layout_changed", True, "lead: filled in 2 of 20", "lead", "https://newsjournos.com/a/")


def article(slug, **values):
    """An article of an address of its own."""
    number = sum(ord(letter) << 8 * place for place, letter in enumerate(slug))
    mine = {"url": f"https://newsjournos.com/{slug}/", "post_id": number, "content_hash": f"{number:064x}"}
    return replace(GOOD, **{**mine, "headline": f"Ferry {slug}", **values})


@pytest.fixture
def store(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path}/news.db")) as store:
        yield store


def report_of(store, stats=STATS, sources=(), findings=(), run_id=None, started_at="2026-01-01T00:00:00+00:00"):
    number = run_id or store.start_run("newsjournos", {"mode": "full"})
    row = {"id": number, "spider": "newsjournos", "started_at": started_at, "arguments": {"mode": "full"}}
    return build_report(row | {"finish_reason": "finished"}, stats, sources, findings, {"fields": {}}, store)


def test_counts_come_from_the_stats_and_times_from_the_clock(store, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 1, 1, 0, 5, tzinfo=UTC))
    report = report_of(store)
    assert report["run"] == {
        "id": 1,
        "spider": "newsjournos",
        "started_at": "2026-01-01T00:00:00+00:00",
        "finished_at": "2026-01-01T01:00:05+00:00",
        "seconds": 3605,
        "arguments": {"mode": "full"},
        "finish_reason": "finished",
        "exit_code": None,
        "why": None,
    }
    assert report["articles"] == {
        "new": 2, "updated": 1, "unchanged": 0, "gone": 0, "held": 0, "rejected": 5, "failed": 1,
    }  # fmt: skip
    assert list(report["rejected"].items()) == [("empty_page", 3), ("no_text", 2)]
    assert report["failed"] == {"status_500": 1}
    assert report["requests"] == {"total": 12, "by_kind": {"article": 9}, "by_status": {"200": 11, "500": 1}}
    assert report["measures"] == {"fields": {}}
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize(
    ("findings", "health"),
    [([], "ok"), ([QUIET], "quiet"), ([QUIET, FAILED], "unhealthy"), ([replace(FAILED, failed=False)], "ok")],
)
def test_health_follows_the_findings(store, findings, health):
    report = report_of(store, findings=findings)
    assert (report["health"], len(report["findings"])) == (health, len(findings))


def test_changes_are_those_of_this_run(store):
    for slug in ("old", "edited", "vanished", "moved"):
        store.save(article(slug), "2025-12-01T00:00:00+00:00")
    run = store.start_run("newsjournos", {})
    moment = "2026-01-01T00:00:01+00:00"
    store.save(article("one"), moment)
    store.save(article("edited", headline="Ferry, late", content_hash="e" * 64), moment)
    store.save(replace(article("moved"), url="https://newsjournos.com/moved-on/"), moment)
    store.remember_url("https://newsjournos.com/?p=1", article("old").url)
    store.save(article("two"), moment)
    store.save(replace(article("two"), url="https://newsjournos.com/two-2/"), moment)  # it was never known elsewhere
    number = store.article_id(article("vanished").url)
    store.set_page(article("vanished").url, "article", outcome="gone", asked_run=run, article_id=number, failures=1)
    stats = {"newscrawl/stored/new": 2, "newscrawl/stored/updated": 1, "newscrawl/stored/gone": 1}
    assert report_of(store, stats, run_id=run)["changes"] == {
        "new": [
            {"url": "https://newsjournos.com/two-2/", "headline": "Ferry two"},
            {"url": article("one").url, "headline": "Ferry one"},
        ],
        "updated": [{"url": article("edited").url, "headline": "Ferry, late", "fields": ["headline"]}],
        "gone": [{"url": article("vanished").url, "headline": "Ferry vanished"}],
        "renamed": [{"old": article("moved").url, "new": "https://newsjournos.com/moved-on/"}],
    }


def test_no_more_than_twenty_examples(store):
    for number in range(30):
        store.save(article(f"n{number}"))
    report = report_of(store, {"newscrawl/stored/new": 30})
    assert len(report["changes"]["new"]) == 20
    assert report["changes"]["new"][0]["url"] == article("n29").url
    assert "\n- 10 more new\n" in to_markdown(report)


FOUND = {
    "a": "sections,sitemap",
    "b": "sections",
    "c": "sections,sitemap,rest",
    "d": "home",
}


WHOLE = [SourceReport("section:World", "read", complete=True), SourceReport("sitemap", "unchanged", complete=True)]
NOT_BLAMED = {
    "all are whole": (WHOLE, {"sections", "sitemap"}),
    "one section is not": ([*WHOLE, SourceReport("section:Tech", "read")], {"sitemap"}),
    "the sitemap is not": ([WHOLE[0], SourceReport("sitemap", "read")], {"sections"}),
    "the sitemap was not asked for": ([WHOLE[0]], {"sections"}),
    "a feed holds the latest only": ([*WHOLE, SourceReport("feed", "read", complete=True)], {"sections", "sitemap"}),
    "nothing was read": ([], set()),
}


@pytest.mark.parametrize(("sources", "blamed"), NOT_BLAMED.values(), ids=NOT_BLAMED)
def test_only_what_was_read_whole_can_have_missed_something(store, sources, blamed):
    for slug, found_by in {**FOUND, "e": "feed"}.items():
        store.save(article(slug))
        number = store.article_id(article(slug).url)
        store.set_page(article(slug).url, "article", article_id=number, found_by=found_by)
    assert report_of(store, sources=sources)["reconciliation"]["missed_by"].keys() == blamed


def test_sources_are_held_against_each_other(store):
    for slug, sources in FOUND.items():
        store.save(article(slug))
        store.set_page(article(slug).url, "article", article_id=store.article_id(article(slug).url), found_by=sources)
    # The same article under another address, which the sitemap names: it is not missed.
    store.set_page(
        f"{article('b').url}2/", "article", article_id=store.article_id(article("b").url), found_by="sitemap"
    )
    store.set_page("https://newsjournos.com/lost/", "article", found_by="sitemap", outcome="rejected")
    rest = SourceReport("rest", "read", total=5, complete=True)
    assert report_of(store, sources=[*WHOLE, rest])["reconciliation"] == {
        "articles": 4,
        "by_source": {"home": 1, "rest": 1, "sections": 3, "sitemap": 3},
        "missed_by": {
            "sections": {"count": 1, "examples": [article("d").url]},
            "sitemap": {"count": 1, "examples": [article("d").url]},
            "rest": {"count": 3, "examples": [article(slug).url for slug in "dba"]},
        },
        "unstored": {"rejected": 1},
        "x_wp_total": 5,
    }


def test_what_is_gone_is_missed_by_nobody(store):
    for slug, sources in {"a": "sections,sitemap", "b": "sections"}.items():
        store.save(article(slug))
        store.set_page(article(slug).url, "article", article_id=store.article_id(article(slug).url), found_by=sources)
    store.set_page(article("b").url, "article", outcome="gone")
    assert report_of(store)["reconciliation"]["articles"] == 2  # the address is gone, the article lives elsewhere
    store.mark_gone(article("b").url)
    known = report_of(store, sources=WHOLE)["reconciliation"]
    assert (known["articles"], known["missed_by"]["sitemap"]) == (1, {"count": 0, "examples": []})


def test_pages_that_failed_are_told_with_their_reason(store):
    for number in range(25):
        store.set_page(f"https://newsjournos.com/{number}/", "article", outcome="failed", reason="status_500",
                       failures=number + 1, retry_run=9, status=500)  # fmt: skip
    store.set_page("https://newsjournos.com/gone/", "article", outcome="gone", failures=99, retry_run=9)
    report = report_of(store)
    assert (report["retrying_count"], len(report["retrying"])) == (25, 20)
    assert report["retrying"][0] == {
        "url": "https://newsjournos.com/24/", "reason": "status_500", "status": 500, "failures": 25,
        "next_check_at": None, "retry_run": 9,
    }  # fmt: skip


HOSTILE = "a](javascript:x) <script> | `x`\n# **b** \x1b[31m &amp;"


def test_markdown_says_all_and_lets_nothing_through(store):
    store.save(article("a", headline=HOSTILE))
    source = SourceReport("section:<b>", "read", 3, 2, 20, 1, 0, 7, False, ["|https://newsjournos.com/x|\n# boo"])
    finding = replace(FAILED, message=HOSTILE, url="https://newsjournos.com/a|b<c")
    report = report_of(store, STATS | {"newscrawl/stored/new": 1}, [source], [finding])
    report["run"] |= {"exit_code": 3, "why": HOSTILE}
    text = to_markdown(report)
    assert text.startswith("# newsjournos: run 1 UNHEALTHY: a\\](javascript:x) \\<script\\>")
    assert "| 1 | 1 | 0 | 0 | 0 | 5 | 1 |" in text
    assert "- Rejected: empty_page 3, no_text 2" in text
    assert "look at <https://newsjournos.com/a%7Cb%3Cc>" in text
    assert "counts 7 articles itself; \\|https://newsjournos.com/x\\| # boo" in text
    assert "12 requests: article 9; answers 200 11, 500 1" in text
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        text.splitlines()[0], "## Articles", "## Findings", "## Changes", "## Sources", "## Requests",
    ]  # fmt: skip


def test_a_page_to_look_at_is_named_once(store):
    url = "https://newsjournos.com/a/"
    finding = replace(FAILED, message=f"layout changed: lead: 2 of 20; look at {url}", url=url)
    assert f"\n- **failed**, layout changed: lead: 2 of 20; look at <{url}>\n" in to_markdown(
        report_of(store, findings=[finding])
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://newsjournos.com/%C5%9F/?p=1", "<https://newsjournos.com/%C5%9F/?p=1>"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://newsjournos.com/a b", "https://newsjournos.com/a b"),
        (None, "None"),
    ],
)
def test_only_an_address_is_a_link(url, shown):
    assert link(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- _a_ status_500", "\\- \\_a\\_ status_500"),
        ("# a - b", "\\# a - b"),
        ("[a](b) *c* `d` e|f", "\\[a\\](b) \\*c\\* \\`d\\` e\\|f"),
        ("a\n\n# b", "a # b"),
        ("&lt; $1 \\", "\\&lt; \\$1 \\\\"),
    ],
)
def test_markup_is_told_as_it_is(text, shown):
    assert escape(text) == shown


def test_files_are_whole_named_by_run_and_the_oldest_go(store, tmp_path):
    report = report_of(store)
    for number in range(1, KEPT + 3):
        write_report(tmp_path / "reports", report | {"run": report["run"] | {"id": number}})
    names = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert names[0] == "latest.json"
    assert names[2:4] == ["run-000003.json", "run-000003.md"]
    assert len(names) == 2 * KEPT + 2
    assert json.loads((tmp_path / "reports" / "latest.json").read_text())["run"]["id"] == KEPT + 2
    write_report(tmp_path / "reports", report)  # of a new database, which counts from 1 again
    assert (tmp_path / "reports" / "run-000001.json").exists()
