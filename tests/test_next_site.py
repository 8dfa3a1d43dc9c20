"""docs/next_site.md: its commands make a site in a folder of spiders of its own, and what is no site gets one line."""

import json
import re
import shutil
import sys

import pytest

from fixtures.replica.http import Request
from fixtures.replica.server import running_replica

from .conftest import ROOT
from .local_server import serving
from .post_page import post_page
from .site_pages import site

GUIDE = (ROOT / "docs/next_site.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    scrapy (.+)$", GUIDE, re.MULTILINE)
URL = "https://island-post.example/a-story/"
OWN = ("-s", "NEWSPIDER_MODULE=islands", "-s", "SPIDER_MODULES=islands")
QUICK = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "LOG_LEVEL=ERROR")


@pytest.fixture
def islands(tmp_path, monkeypatch):
    (tmp_path / "islands").mkdir()
    (tmp_path / "islands/__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "islands"]:
        del sys.modules[name]


def test_the_guide_makes_a_site(scrapy, scrapy_here, islands):
    generate, record, extract, crawl, status = (command.split() for command in COMMANDS)
    assert scrapy_here(*generate, *OWN).code == 0
    spider = (islands / "islands/islandpost.py").read_text(encoding="utf-8")
    assert len(spider.splitlines()) < 30
    (islands / "page.html").write_text(post_page("<p>It rained.</p>", head=f'<link rel="canonical" href="{URL}">'))
    recorded = scrapy_here(*record, *OWN)
    assert (recorded.code, recorded.err) == (0, "")
    pages = islands / "fixtures/pages"
    assert (pages / "islandpost-a-story.html").read_bytes() == (islands / "page.html").read_bytes()
    expected = json.loads((pages / "islandpost-a-story.json").read_text())
    assert (expected["checked"], expected["url"], expected["body"]) == (False, URL, "It rained.")
    assert json.loads((pages / "pages.json").read_text())["islandpost-a-story.html"]["spider"] == "islandpost"
    assert "  * theme    Css(region='header', query='h1.post-title'" in scrapy_here(*extract, *OWN).out
    with serving(site("a", "b")) as server:
        crawled = scrapy(*crawl, *OWN, *QUICK, "-a", f"base_url={server.url}")
    assert (crawled.code, crawled.err) == (0, "")
    assert len((islands / "data/islandpost.jsonl").read_text().splitlines()) == 2
    assert list((islands / "data/islandpost/archive").glob("islandpost-*.warc.gz"))
    assert (islands / "data/islandpost/reports/latest.md").exists()
    told = scrapy_here(*status, *OWN)
    assert (told.code, "data/islandpost.db" in told.out) == (0, True)
    assert not (islands / "data/newsjournos.db").exists()
    shutil.rmtree(pages)
    archived = ("--archive", "data/islandpost/archive")
    again = scrapy_here("record", "islandpost", f"{server.url}a/", *archived, *OWN)
    assert (again.code, [path.name for path in pages.glob("*.html")]) == (0, ["islandpost-a.html"])


def test_addresses_are_recorded_as_a_crawl_would_fetch_them(scrapy_here, tmp_path):
    with running_replica(articles=5, robots="User-agent: *\nDisallow: /tag/\n", theme="twentytwentyone") as replica:
        truth = json.loads(replica.site.control.lines()[0])
        done = scrapy_here("record", "harbourherald", f"{replica.url}?p={truth['post_id']}")
        refused = scrapy_here("record", "harbourherald", truth["url"], f"{replica.url}tag/")
        html = replica.site.untouched(Request.of("GET", truth["url"], {"host": replica.url.split("/")[2]})).body
    ((name, entry),) = json.loads((tmp_path / "fixtures/pages/pages.json").read_text()).items()
    page = tmp_path / "fixtures/pages" / name
    expected = json.loads(page.with_suffix(".json").read_text())
    assert (done.code, entry["url"], page.read_bytes()) == (0, truth["url"], html)
    assert {field: expected[field] for field in truth} == truth
    assert (refused.code, refused.err) == (1, f"scrapy record: robots.txt forbids {replica.url}tag/\n")
    assert "/tag/" not in replica.paths


REFUSED = {
    "name": (("genspider", "Two-Words", "https://a.example"), "scrapy genspider: 'Two-Words': allowed is a name"),
    "known": (("genspider", "newsjournos", "a.example"), "scrapy genspider: newsjournos: is a spider already"),
    "no file": (("record", "newsjournos", "no.html"), "scrapy record: no.html: No such file or directory"),
    "no archive": (("record", "newsjournos", URL, "--archive", "no"), "scrapy record: no: holds no answer"),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_nonsense_gets_one_line(scrapy_here, tmp_path, words, said):
    done = scrapy_here(*words)
    assert done.code in {1, 2}
    assert done.err.startswith(said)
    assert len(done.lines) == 1
    assert not list(tmp_path.rglob("*.html"))
