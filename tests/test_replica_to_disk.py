"""From the engine to disk: what SQLite and JSON Lines hold of the replica is what was meant, field by field."""

import json
import sqlite3
from pathlib import Path

from scrapy.settings import Settings

from fixtures.replica.server import running_replica

PIPELINES = Settings()
PIPELINES.setmodule("newscrawl.settings")


def settings(folder: Path) -> dict:
    return {
        "ITEM_PIPELINES": PIPELINES.getdict("ITEM_PIPELINES"),
        "NEWSCRAWL_DATABASE_URL": f"sqlite:///{folder}/news.db",
        "NEWSCRAWL_JSONL_PATH": f"{folder}/news.jsonl",
    }


async def test_every_field_reaches_the_disk(crawl, tmp_path):
    with running_replica(articles=110) as replica:
        run = await crawl(replica.url, settings=settings(tmp_path), mode="full")
        meant = {one["url"]: one for one in map(json.loads, replica.site.control.lines())}
        asked = set(replica.paths)
    assert run.failure is None
    assert run.stat("log_count/ERROR") == 0
    lines = [json.loads(line) for line in (tmp_path / "news.jsonl").read_text(encoding="utf-8").splitlines()]
    with sqlite3.connect(tmp_path / "news.db") as db:
        db.row_factory = sqlite3.Row
        rows = {row["url"]: dict(row) for row in db.execute("SELECT * FROM articles")}
        others = {row[0] for row in db.execute("SELECT url FROM article_urls")}
        pages = db.execute("SELECT url, kind, status FROM pages").fetchall()
        (ran,) = db.execute("SELECT * FROM runs").fetchall()
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    # Two slugs with one story are one article; its other address is remembered.
    twins = set(meant) - set(rows)
    assert twins <= others
    assert len(twins) == run.stat("newscrawl/duplicates/content_hash")
    assert sorted(line["url"] for line in lines) == sorted(rows)
    for line in lines:
        expected = meant[line["url"]]
        assert {name: line[name] for name in expected} == expected
        stored = rows[line["url"]]
        assert {
            name: value if isinstance(value, (list, dict)) else stored[name] for name, value in line.items()
        } == line
        assert all(json.loads(stored[name]) == value for name, value in line.items() if isinstance(value, (list, dict)))
    assert {f"/{page['url'].split('/', 3)[3]}" for page in pages} == asked - {"/robots.txt"}
    assert {page["kind"] for page in pages} == {"home", "section", "sitemap", "article", "part"}
    assert (ran["new"], ran["rejected"], ran["finish_reason"]) == (len(rows), 2, "finished")


async def test_a_second_crawl_changes_nothing(crawl, tmp_path):
    with running_replica(articles=30) as replica:
        first = await crawl(replica.url, settings=settings(tmp_path), mode="full")
        before = (tmp_path / "news.jsonl").read_bytes()
        again = await crawl(replica.url, settings=settings(tmp_path), mode="full")
    assert again.stat("newscrawl/stored/unchanged") == first.stat("newscrawl/stored/new") > 0
    assert again.stat("newscrawl/stored/updated") == 0
    assert (tmp_path / "news.jsonl").read_bytes() == before
