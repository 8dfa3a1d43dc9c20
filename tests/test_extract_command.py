"""``scrapy extract`` as its user runs it."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from fixtures.replica.server import running_replica

from .conftest import ROOT
from .post_page import post_page

PAGE = ROOT / "fixtures" / "pages" / "cover-rankmath.html"


def test_a_reader_that_has_seen_enough_gets_no_complaint(scrapy_here, monkeypatch):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        done = scrapy_here("extract", "newsjournos", str(PAGE), "--sources")
        monkeypatch.undo()
    assert (done.code, done.err) == (0, "")


def test_a_saved_page_becomes_json(scrapy):
    done = scrapy("extract", "newsjournos", str(PAGE))
    expected = json.loads(PAGE.with_suffix(".json").read_text(encoding="utf-8"))
    article = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert {field: article[field] for field in expected} == expected
    assert (article["crawled_at"], article["discovered_by"]) == (None, None)


def test_sources_show_who_answered_and_what_others_said(scrapy_here):
    lines = scrapy_here("extract", "newsjournos", str(PAGE), "--sources").out.splitlines()
    start = lines.index("published_at")
    assert lines[start + 1].startswith("  * theme    Css(region='header', query='.meta-item.date time[datetime]'")
    assert any(line.startswith("    json-ld  JsonLdPath(path='datePublished'") for line in lines[start:])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["newsjournos"], 2, "takes a spider and a file or URL"),
        (["nobody", str(PAGE)], 2, "no spider 'nobody'"),
        (["newsjournos", "missing.html"], 2, "missing.html: No such file"),
        (["newsjournos", str(PAGE), "--url", "ftp://x/"], 2, "'ftp://x/' is no http(s) address"),
        (["newsjournos", "EMPTY"], 1, "no text"),
        (["newsjournos", "ARCHIVE"], 1, "no article"),
    ],
    ids=["too few", "spider", "file", "url", "empty post", "section page"],
)
def test_what_cannot_be_extracted_is_one_line(scrapy_here, tmp_path, words, code, said):
    Path(tmp_path, "EMPTY").write_text(post_page(""))
    Path(tmp_path, "ARCHIVE").write_text(post_page("x", body_class="archive category"))
    done = scrapy_here("extract", *words)
    assert done.code == code
    (line,) = done.err.splitlines()
    assert said in line


class TestAnAddress:
    def test_is_fetched_as_a_crawl_would(self, scrapy_here):
        with running_replica(articles=5) as replica:
            truth = json.loads(replica.site.control.lines()[0])
            done = scrapy_here("extract", "newsjournos", truth["url"], NEWSCRAWL_CONTACT="mailto:desk@example.org")
            asked = [(entry["path"], entry["user_agent"]) for entry in replica.log]
        article = json.loads(done.out)
        assert (done.code, {field: article[field] for field in truth}) == (0, truth)
        agent = "newscrawl (+mailto:desk@example.org)"
        assert asked == [("/robots.txt", agent), (truth["url"].removeprefix(replica.url[:-1]), agent)]

    def test_that_robots_txt_forbids_is_left_alone(self, scrapy_here):
        with running_replica(articles=5, robots="User-agent: *\nDisallow: /private/\n") as replica:
            done = scrapy_here("extract", "newsjournos", f"{replica.url}private/")
        assert (done.code, done.err) == (1, f"scrapy extract: robots.txt forbids {replica.url}private/\n")
        assert replica.paths == ["/robots.txt"]

    def test_without_a_page_is_told(self, scrapy_here):
        with running_replica(articles=5) as replica:
            done = scrapy_here("extract", "newsjournos", f"{replica.url}nothing/")
        assert (done.code, done.err) == (1, f"scrapy extract: {replica.url}nothing/ answered 404\n")

    def test_that_nobody_answers_is_told(self, scrapy_here):
        with running_replica(articles=5) as replica:
            url = replica.url
        done = scrapy_here("extract", "newsjournos", url, RETRY_ENABLED=False)
        assert done.code == 1
        assert re.fullmatch(rf"scrapy extract: {url}robots\.txt could not be read: .+\n", done.err)
