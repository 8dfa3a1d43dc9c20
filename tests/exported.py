"""Articles to export, a store that holds them, and the export command in this process."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from typing import Any

import psycopg
from psycopg.rows import dict_row
from scrapy.cmdline import ScrapyArgumentParser

from newscrawl.commands.export import Command
from newscrawl.export.formats import FORMATS, Options
from newscrawl.items import Article
from newscrawl.storage import open_store
from newscrawl.storage.rows import as_dict

from .conftest import project_settings

SITE = "https://newsjournos.com/"
PLAIN = Article(
    url=f"{SITE}a-story/",
    post_id=7,
    headline="Ferries of Özgür",
    subtitle="They are back",
    section="World",
    section_url=f"{SITE}category/world/",
    breadcrumbs=[{"name": "Home", "url": SITE}],
    authors=[
        {"name": "Şule Akdoru", "url": f"{SITE}author/sule/", "bio": "Writes.", "website": "https://example.org/"},
        {"name": "Harbour Desk", "url": None, "bio": None, "website": None},
    ],
    published_at="2025-05-03T14:15:00+00:00",
    published_raw="2025-05-03T10:15:00-04:00",
    published_precision="second",
    modified_at="2025-05-04T00:00:00+00:00",
    language="en-US",
    reading_minutes=7,
    image={"url": f"{SITE}up/ferry.jpg", "alt": "A ferry", "caption": "The <ferry>", "width": 1600, "height": 900},
    images=[{"url": f"{SITE}up/pier.png", "alt": None, "caption": None, "width": None, "height": None}],
    embeds=[{"kind": "video", "url": "https://video.example/1"}],
    links=[{"text": "the port", "url": "https://port.example/"}],
    lead="The ferry came back.\n\nNobody had asked.",
    outline=["What now", "Costs"],
    body_sections=[
        {"heading": "What now", "level": 2, "paragraphs": ["It stays.\nFor good.", "What now"]},
        {"heading": "Costs", "level": None, "paragraphs": []},
    ],
    key_points=["Back <b>again</b>", "Cheap & quick"],
    summary="It is back.\n\nAnd stays.",
    faq=[{"question": "Who asked?", "answer": "Nobody & \"no one\"."}],
    tags=["Ferries", "U.S"],
    body="The ferry came back.\n\nNobody had asked.\n\nWhat now\n\nIt stays.\nFor good.\n\nWhat now\n\nCosts",
    word_count=19,
    related=[{"headline": "Trams", "url": f"{SITE}trams/"}],
    description="Ferries & more",
    sources={"url": "theme", "body": "theme"},
    content_hash="a" * 64,
    extractor_version="1.0.0",
    crawled_at="2025-05-05T00:00:00+00:00",
    discovered_by="section:World",
)  # fmt: skip
BARE = Article(
    url=f"{SITE}bare/",
    headline="Bare",
    published_at="2025-05-02T00:00:00+00:00",
    published_precision="day",
    body="Text.",
    word_count=1,
    content_hash="b" * 64,
    extractor_version="1.0.0",
)
HOSTILE = (
    "=HYPERLINK(\"http://x.example\")", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "＋1", "－1", "＠a", "'=1", "''=1", "'Tis",
    " =1", "\r=1", "\n=1", "a,b;c", 'say "no"', "line\nline\r\nline\rline", "]]>", "<script>alert(1)</script>", "&amp; &",
    "é e\u0301 🏳️‍🌈 👩‍🚀", "עברית \u202eevil", "a\x0bb\x1fc\x7f\x85d", "\\ud800", "NULL", "", "0012", "1e5", "\u2028 \ufffe",
)  # fmt: skip
"""Texts that break something somewhere."""


def hostile() -> list[Article]:
    """An article for each hostile text, which stands in every kind of field."""
    return [
        replace(
            PLAIN,
            url=f"{SITE}{number}/",
            post_id=100 + number,
            headline=f"{text}.",
            subtitle=text or None,
            tags=[text, "x"],
            key_points=[text],
            body=text or "-",
            body_sections=[],
            lead=None,
            summary=text or None,
            faq=[{"question": text, "answer": text}],
            authors=[{"name": text or "x", "url": None, "bio": text, "website": None}],
            sources={"url": text},
            content_hash=f"{number:064x}",
        )
        for number, text in enumerate(HOSTILE)
    ]


def written(format_name: str, articles: Iterable[Article], **options: Any) -> bytes:
    """What a writer makes of articles, as they would come from a crawl."""
    file = BytesIO()
    head = {"title": "newsjournos.com", "site": SITE, "feed_id": "urn:uuid:1936d96d-f118-5aaf-8536-476678309a6e"}
    writer = FORMATS[format_name].load()(file, Options(**head | options))
    for article in articles:
        writer.write(as_dict(article))
    writer.close()
    return file.getvalue()


def stored(folder: Any, articles: Iterable[Article], url: str | None = None) -> str:
    """The address of a store that holds the articles; a file in the folder, or an empty store that is there."""
    url = url or f"sqlite:///{folder}/news.db"
    with closing(open_store(url)) as store:
        for article in articles:
            store.save(article)
    return url


def _plainly(url: str) -> list[dict[str, Any]]:
    if url.startswith("postgresql:"):
        with psycopg.connect(url, row_factory=dict_row) as server:
            return server.execute("SELECT * FROM articles").fetchall()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute("SELECT * FROM articles")]


def rows(url: str) -> list[dict[str, Any]]:
    """The articles of a store as the plain driver and json read them, newest first."""
    found = _plainly(url)
    for row in found:
        for name, value in row.items():
            if isinstance(value, str) and (name == "image" or isinstance(getattr(PLAIN, name, None), (list, dict))):
                row[name] = json.loads(value)
    return sorted(found, key=lambda row: (row["published_at"], row["id"]), reverse=True)


def export(url: str, *words: str) -> int:
    """``scrapy export newsjournos WORDS`` in this process; its exit code."""
    command = Command()
    command.settings = project_settings(NEWSCRAWL_DATABASE_URL=url)
    parser = ScrapyArgumentParser(conflict_handler="resolve")
    try:
        command.add_options(parser)
        opts, args = parser.parse_known_args([*words])
        command.process_options(args, opts)
        command.run(args, opts)
    except SystemExit as ended:
        return int(ended.code or 0)
    return command.exitcode
