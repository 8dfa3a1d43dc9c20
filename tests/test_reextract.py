"""Today's extraction over archived pages: what it changes is shown, is stored when told, and is never called an edit."""

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from newscrawl.commands._reextraction import reextract
from newscrawl.export.entry import entry_of
from newscrawl.export.formats import FEED_FIELDS
from newscrawl.extraction import article as extraction
from newscrawl.extraction.sources import Css
from newscrawl.extraction.themes.smartmag import SMARTMAG
from newscrawl.spiders.newsjournos import NewsjournosSpider
from newscrawl.storage import open_store
from newscrawl.storage.lock import RunLock
from newscrawl.storage.selecting import Chosen, Selection

from .conftest import ROOT, environment
from .local_server import Answer, serving
from .site_pages import TEXT, post

TAGS = '<div class="the-post-foot"><div class="the-post-tags"><a href="/tag/x/" rel="tag">Ferries</a></div></div>'
OLDER = replace(SMARTMAG, article={**SMARTMAG.article, "tags": (), "headline": (Css("page", "title"),)})
"""Rules that knew no tags, and took the headline from the title, which names the site."""
PAGES = {f"/{slug}/": post(slug, tags=TAGS) for slug in "abc"} | {"/d/": post("d", header="<h1 class='x'>Story d</h1>")}


@pytest.fixture
def archiving(storing_crawl, tmp_path):
    storing_crawl.settings["NEWSCRAWL_ARCHIVE_DIR"] = str(tmp_path / "archive")
    return storing_crawl


@pytest.fixture
def by_older_rules(monkeypatch):
    """While it holds, a crawl extracts as an older release did."""
    monkeypatch.setattr(NewsjournosSpider, "theme", OLDER)
    monkeypatch.setattr(extraction, "EXTRACTOR_VERSION", "0.9.0")
    return monkeypatch


@pytest.fixture
async def stored(archiving, by_older_rules):
    """A store of three articles by older rules; the rules are today's again."""
    with serving({path: page for path, page in PAGES.items() if path != "/d/"}) as site:
        await archiving(site.url, {"CONCURRENT_REQUESTS": 1}, urls="/a/,/b/,/c/")  # rows in this order
        archiving.base = site.url
    by_older_rules.undo()
    return archiving


def again(crawl, folder=None, theme=SMARTMAG, apply=False, numbers=None):
    with closing(open_store(*place(crawl), readonly=not apply)) as store:
        return reextract(store, folder or crawl.database.parent / "archive", theme, numbers or store.numbers(), apply)


def place(crawl) -> tuple[str, str]:
    return crawl.settings["NEWSCRAWL_DATABASE_URL"], crawl.settings["NEWSCRAWL_JSONL_PATH"]


def dump(crawl) -> list:
    """All that the store holds of articles."""
    return [crawl.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in ("articles", "revisions", "article_tags")]


def lines(crawl) -> list[dict]:
    with open(crawl.settings["NEWSCRAWL_JSONL_PATH"], encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def updated(crawl) -> dict[str, tuple]:
    """What a feed says of each article's last change, and when the whole corpus changed last."""
    with closing(open_store(*place(crawl), readonly=True)) as store:
        chosen = Chosen(store, Selection())
        return {row["url"]: (entry_of(row).updated, chosen.last_change()) for row in chosen.rows(FEED_FIELDS)}


def test_what_would_change_is_shown_and_nothing_is_written(stored):
    before = dump(stored)
    result = again(stored)
    assert (result.archived, result.changed, result.same, result.applied) == (3, 3, 0, False)
    assert result.fields == {"headline": 3, "tags": 3}
    assert result.no_article == result.unreadable == []
    example = result.examples["tags"][0]
    assert (example.url, example.headline) == (f"{stored.base}c/", "Story c - Site")
    assert example.changes == [{"op": "insert", "at": 0, "entry": "Ferries"}]
    assert result.examples["headline"][0].changes == [
        {"op": "equal", "text": "Story c"}, {"op": "delete", "text": " - Site"},
    ]  # fmt: skip
    assert dump(stored) == before


def test_what_is_applied_is_no_edit(stored):
    kept = "state, changed_at, first_seen_at, last_seen_at, last_fetched_at, crawled_at, discovered_by, url, post_id"
    before, written, feed = stored.rows(f"SELECT {kept} FROM articles"), lines(stored), updated(stored)
    assert again(stored, apply=True).changed == 3
    assert updated(stored) == feed
    assert stored.rows(f"SELECT {kept} FROM articles") == before
    assert stored.rows("SELECT headline, extractor_version, revision FROM articles ORDER BY url") == [
        (f"Story {slug}", extraction.EXTRACTOR_VERSION, 2) for slug in "abc"
    ]
    assert stored.rows("SELECT DISTINCT revision, cause, changed_fields FROM revisions ORDER BY 1") == [
        (1, "edit", "[]"), (2, "extraction", '["headline", "tags"]'),
    ]  # fmt: skip
    assert stored.rows("SELECT count(*) FROM article_tags") == [(3,)]
    assert stored.rows("SELECT count(*) FROM revisions_changed") == [(0,)]
    assert stored.rows("SELECT count(*) FROM headline_rewrites") == [(0,)]
    found = stored.rows("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH 'tags:ferries'")
    assert found == [(3,)]
    assert lines(stored)[:3] == written
    assert [(one["headline"], one["tags"]) for one in lines(stored)[3:]] == [
        (f"Story {slug}", ["Ferries"]) for slug in "cba"
    ]


def test_it_is_done_once(stored):
    again(stored, apply=True)
    done = dump(stored), lines(stored)
    result = again(stored, apply=True)
    assert (result.changed, result.same) == (0, 3)
    assert (dump(stored), lines(stored)) == done


def test_what_was_done_before_a_kill_is_not_done_again(stored):
    with closing(open_store(*place(stored))) as store:
        numbers = store.numbers()
    assert again(stored, apply=True, numbers=numbers[:1]).changed == 1
    assert again(stored, apply=True).changed == 2
    assert stored.rows("SELECT count(*) FROM revisions WHERE cause = 'extraction'") == [(3,)]


def test_the_same_rules_change_nothing(stored):
    again(stored, apply=True)
    before = dump(stored)
    assert again(stored, apply=True).fields == {}
    assert dump(stored) == before


def test_only_where_a_value_comes_from_is_no_version(stored, monkeypatch):
    again(stored, apply=True)
    monkeypatch.setattr(extraction, "EXTRACTOR_VERSION", "9.9.9")
    result = again(stored, apply=True)
    assert (result.changed, result.same) == (0, 3)
    assert stored.rows("SELECT DISTINCT extractor_version, revision FROM articles") == [("9.9.9", 2)]
    assert len(lines(stored)) == 6


@pytest.mark.parametrize(
    ("theme", "reason"),
    [
        (replace(SMARTMAG, article={**SMARTMAG.article, "headline": ()}), "empty_page"),
        (replace(SMARTMAG, article={**SMARTMAG.article, "published_at": ()}), "missing_published_at"),
        (replace(SMARTMAG, page_kinds=(("page", frozenset({"single"})),)), "no_post"),
    ],
    ids=["no headline", "a rule is broken", "another kind"],
)
def test_what_gives_no_article_any_more_is_listed_and_stays(stored, theme, reason):
    before = dump(stored)
    result = again(stored, theme=theme, apply=True)
    assert result.no_article == [{"url": f"{stored.base}{slug}/", "reason": reason} for slug in "cba"]
    assert result.changed == result.same == 0
    assert dump(stored) == before


def test_what_cannot_be_read_is_listed_and_stays(stored, tmp_path):
    (path,) = (tmp_path / "archive").iterdir()
    path.rename(tmp_path / path.name)
    before = dump(stored)
    result = again(stored, apply=True)
    assert [one["url"] for one in result.unreadable] == [f"{stored.base}{slug}/" for slug in "cba"]
    assert all(path.name in one["why"] for one in result.unreadable)
    assert dump(stored) == before


async def test_what_was_never_archived_is_counted(storing_crawl, tmp_path):
    with serving(PAGES) as site:
        await storing_crawl(site.url, urls="/a/")
    result = again(storing_crawl, folder=tmp_path)
    assert (result.archived, result.not_archived) == (0, 1)


MORE = f"{TEXT}<p>Trams came too.</p>"
EDITED = {path: page.replace(TEXT, MORE) for path, page in PAGES.items()}
DATED = '<meta property="article:modified_time" content="2025-06-0{}T12:00:00+00:00">'


async def recrawl(crawl, archive: bool, first: str, second: str, by_older_rules) -> list[tuple]:
    """Versions of an article crawled by older rules, and later, with or without an archive, by today's."""
    settings = {} if archive else {"NEWSCRAWL_ARCHIVE_DIR": ""}
    with serving({"/a/": [first, second]}) as site:
        await crawl(site.url, settings, urls="/a/")
        by_older_rules.undo()
        await crawl(site.url, settings, urls="/a/")
    state = "SELECT state, changed_at > first_seen_at FROM articles"
    return [*crawl.rows("SELECT revision, cause, changed_fields FROM revisions"), *crawl.rows(state)]


EXTRACTION = (2, "extraction", '["headline", "tags"]')
RECRAWLS = {
    "archived, the same page": (True, PAGES["/a/"], PAGES["/a/"], [EXTRACTION], "unchanged"),
    "archived, an edited page": (True, PAGES["/a/"], EDITED["/a/"], [EXTRACTION, (3, "edit", '["body"]')], "updated"),
    "not archived, no word of an edit": (False, PAGES["/a/"], PAGES["/a/"], [EXTRACTION], "unchanged"),
    "not archived, edited by its own word": (
        False, PAGES["/a/"].replace("<head>", f"<head>{DATED.format(1)}"), EDITED["/a/"].replace("<head>", f"<head>{DATED.format(2)}"),
        [(2, "edit", '["headline", "tags", "body"]')], "updated",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("archive", "first", "second", "versions", "state"), RECRAWLS.values(), ids=RECRAWLS)
async def test_a_crawl_tells_other_rules_from_an_edit(
    archiving, by_older_rules, archive, first, second, versions, state
):
    found = await recrawl(archiving, archive, first, second, by_older_rules)
    assert found[:-1] == [(1, "edit", "[]"), *versions]
    assert found[-1][0] == state


def run(crawl, scrapy, *words, **more):
    url, jsonl = place(crawl)
    settings = {
        "NEWSCRAWL_DATABASE_URL": url,
        "NEWSCRAWL_JSONL_PATH": jsonl,
        "NEWSCRAWL_ARCHIVE_DIR": crawl.settings["NEWSCRAWL_ARCHIVE_DIR"],
    }
    return scrapy("reextract", "newsjournos", *words, **{**settings, **more})


def test_the_command_shows_and_applies(stored, scrapy):
    shown = run(stored, scrapy)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines()[:3] == [
        f"Extraction {extraction.EXTRACTOR_VERSION} over 3 archived articles: 3 would change, 0 stay as they are",
        "  headline                    3",
        "  tags                        3",
    ]
    assert "    Story c [-- Site-]" in shown.out.splitlines()
    assert "    + Ferries" in shown.out.splitlines()
    assert "Nothing was written" in shown.out
    data = json.loads(run(stored, scrapy, "--json", "--limit", "1").out)
    assert (data["archived"], data["fields"], data["applied"]) == (1, {"headline": 1, "tags": 1}, False)
    done = run(stored, scrapy, "--apply")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Extraction {extraction.EXTRACTOR_VERSION} over 3 archived articles: 3 change, 0 stay")
    assert "3 archived articles: 0 change, 3 stay" in run(stored, scrapy, "--apply").out
    url = f"{stored.base}a/"
    diff = scrapy("diff", "newsjournos", url, NEWSCRAWL_DATABASE_URL=place(stored)[0])
    assert "Revision 2, no edit, other rules of extraction, " in diff.out


def test_a_run_that_is_at_work_is_let_be(stored, scrapy):
    lock = RunLock(stored.database.with_name("store.db.lock"))
    before = dump(stored)
    done = run(stored, scrapy, "--apply")
    assert (done.code, done.lines) == (
        4, [f"scrapy reextract: another run holds {stored.database}.lock; nothing was done"],
    )  # fmt: skip
    assert run(stored, scrapy).code == 0, "to look disturbs nobody"
    lock.release()
    assert dump(stored) == before


def test_pages_that_cannot_be_read_are_a_failure(stored, scrapy, tmp_path):
    done = run(stored, scrapy, NEWSCRAWL_ARCHIVE_DIR=str(tmp_path / "elsewhere"))
    assert done.code == 1
    assert done.lines == ["scrapy reextract: 3 articles: their pages cannot be read; see above"]
    assert "3 cannot be read, and stay as they are:" in done.out


USAGE = {
    "--since 2025-13-01": "--since 2025-13-01: allowed is an ISO date such as 2025-05-03",
    "--since 2025-05-03 --until 2025-05-01": "--since 2025-05-03: allowed is a day not after --until 2025-05-01",
    "--limit x": "argument --limit: 'x': allowed is a whole number from 1 up",
    "-s NEWSCRAWL_ARCHIVE_DIR=": "NEWSCRAWL_ARCHIVE_DIR='': allowed is the folder of an archive",
    "--aply": "--aply: is no option; --help lists those that there are",
}


@pytest.mark.parametrize(("words", "said"), USAGE.items(), ids=USAGE)
def test_wrong_use(scrapy, words, said):
    done = scrapy("reextract", "newsjournos", *words.split())
    assert (done.code, done.lines) == (2, [f"scrapy reextract: {said}"])


def test_without_a_store(scrapy, tmp_path):
    for words in ((), ("--apply",)):
        done = scrapy("reextract", "newsjournos", *words)
        assert (done.code, len(done.lines)) == (1, 1)
        assert "does not exist yet" in done.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("words", "slugs"), [(("--since", "2025-05-03"), 3), (("--until", "2025-05-02"), 0)])
def test_days(stored, scrapy, words, slugs):
    assert json.loads(run(stored, scrapy, "--json", *words).out)["archived"] == slugs


KILLED = """
import os, sys
from pathlib import Path
from newscrawl.commands import _reextraction
from newscrawl.extraction.themes.smartmag import SMARTMAG
from newscrawl.storage import database, open_store
database.BATCH = 1
store = open_store(sys.argv[1], sys.argv[2])
numbers = iter(store.numbers())
def some():
    yield next(numbers)
    yield next(numbers)
    os.kill(os.getpid(), 9)
_reextraction.reextract(store, Path(sys.argv[3]), SMARTMAG, some(), True)
"""


def test_killed_while_it_applies_it_goes_on(stored, tmp_path):
    words = [sys.executable, "-c", KILLED, *place(stored), str(tmp_path / "archive")]
    assert subprocess.run(words, cwd=ROOT, env=environment(), check=False).returncode == -9
    assert stored.rows("SELECT count(*) FROM revisions WHERE cause = 'extraction'") == [(2,)]
    assert again(stored, apply=True).changed == 1
    assert stored.rows("SELECT count(*), count(DISTINCT article_id) FROM revisions WHERE cause = 'extraction'") == [
        (3, 3)
    ]
    assert [one["headline"] for one in lines(stored)] == [f"Story {s} - Site" for s in "abc"] + [
        f"Story {s}" for s in "cba"
    ]


async def test_a_gone_article_is_extracted_again(archiving, by_older_rules):
    with serving({"/a/": [PAGES["/a/"], Answer(410)]}) as site:
        for _ in range(2):
            await archiving(site.url, urls="/a/")
    by_older_rules.undo()
    assert again(archiving, apply=True).changed == 1
    assert archiving.rows("SELECT state, headline FROM articles") == [("gone", "Story a")]
