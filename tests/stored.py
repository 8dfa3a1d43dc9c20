"""Articles to store, and what lies on the disk afterwards; for the tests of the store."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import psycopg

from newscrawl.items import Article

GOOD = Article(
    url="https://newsjournos.com/a/",
    post_id=7,
    headline="Ferries of \u00d6zg\u00fcr",
    published_at="2025-05-03T14:15:00+00:00",
    published_precision="second",
    body="The ferry came back.",
    tags=["Ferries", "U.S"],
    faq=[{"question": "Who?", "answer": "Nobody."}],
    content_hash="a" * 64,
    extractor_version="1.0.0",
    crawled_at="2025-05-04T00:00:00+00:00",
)
EDITED = replace(GOOD, headline="Ferries", tags=["Ferries"], content_hash="b" * 64)
OTHER_POST = replace(GOOD, post_id=8, headline="Another story", content_hash="c" * 64)
A, B = GOOD.url, "https://newsjournos.com/b/"


def lines(place) -> list[dict]:
    """The objects of the JSON Lines file."""
    with open(place[1], encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def rows(place, sql: str) -> list[tuple]:
    """What a query answers, asked with the plain driver of the database."""
    if place[0].startswith("postgresql:"):
        with psycopg.connect(place[0]) as db:
            return db.execute(sql).fetchall()
    with closing(sqlite3.connect(place[0].removeprefix("sqlite:///"))) as db:
        return db.execute(sql).fetchall()
