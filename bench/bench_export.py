"""
What an export costs beside a bare dump of the same rows with sqlite3 and json, and a search beside a LIKE scan.

    .venv/bin/python -m bench.bench_export [ARTICLES]

Ratios hold from machine to machine, times do not.
"""

import csv
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.bench_store import articles
from newscrawl.export.fields import FIELDS
from newscrawl.export.formats import FORMATS, Options
from newscrawl.export.job import Job
from newscrawl.items import Article
from newscrawl.storage import open_store
from newscrawl.storage.schema import JSON_FIELDS
from newscrawl.storage.selecting import Chosen, Selection, count, snapshot

ROUNDS = 3
DISTINCT = 1_000
"""Articles drawn at random; more of them are these again, under other addresses."""
RARE, EVERY = "zyzzyva", 100
"""A word that one article in so many has."""


def corpus(number: int) -> Iterator[Article]:
    drawn = articles(min(number, DISTINCT))
    for index in range(number):
        one = drawn[index % len(drawn)]
        body = f"{one.body}\n\nThe {RARE} was seen." if index % EVERY == 0 else one.body
        day = f"2025-{index % 12 + 1:02}-{index % 28 + 1:02}T14:15:00+00:00"
        address = f"https://newsjournos.com/{index}-a-story/"
        yield replace(one, url=address, post_id=index, body=body, published_at=day, content_hash=f"{index:064x}")


def bare_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Every article as plain sqlite3 and json read it, newest first."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        sql = f"SELECT {', '.join(FIELDS)} FROM articles ORDER BY published_at DESC, id DESC"
        for row in db.execute(sql):
            yield {
                name: json.loads(row[name]) if name in JSON_FIELDS and row[name] is not None else row[name]
                for name in FIELDS
            }


def bare_jsonl(store: Path, target: Path) -> None:
    with target.open("w", encoding="utf-8") as file:
        for article in bare_rows(store):
            file.write(json.dumps(article, ensure_ascii=False) + "\n")


def bare_csv(store: Path, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(FIELDS)
        for article in bare_rows(store):
            rows.writerow(
                json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
                for value in article.values()
            )


def export(name: str, store: Path, target: Path) -> None:
    """What ``scrapy export`` does, from the open store to the file that is safe on disk."""
    with closing(open_store(f"sqlite:///{store}", readonly=True)) as opened, snapshot(opened):
        job = Job(FORMATS[name], FIELDS, target)
        options = Options(title="news", site="https://newsjournos.com/", feed_id="urn:x")
        job.run(Chosen(opened, Selection()).rows(job.reads), options, {})


def like(store: Path) -> int:
    with closing(sqlite3.connect(store)) as db:
        searched = " OR ".join(f"{name} LIKE ?" for name in ("headline", "lead", "body", "summary", "tags"))
        return int(db.execute(f"SELECT count(*) FROM articles WHERE {searched}", [f"%{RARE}%"] * 5).fetchone()[0])


def search(store: Path) -> int:
    with closing(open_store(f"sqlite:///{store}", readonly=True)) as opened:
        return count(opened, Selection(search=RARE))


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def one_round(store: Path, folder: Path) -> dict[str, float]:
    """Seconds by step. Both sides of a ratio see their files on disk."""

    def bare(work: Callable[[Path, Path], None], name: str) -> float:
        began = time.perf_counter()
        work(store, folder / name)
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())
        return time.perf_counter() - began

    taken = {"bare jsonl": bare(bare_jsonl, "bare.jsonl"), "bare csv": bare(bare_csv, "bare.csv")}
    for name in FORMATS:
        taken[name] = seconds(lambda name=name: export(name, store, folder / name))  # type: ignore[misc]
    return taken | {"LIKE scan": seconds(lambda: like(store)), "search": seconds(lambda: search(store))}


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as name:
        store = Path(name, "news.db")
        with closing(open_store(f"sqlite:///{store}")) as opened:
            for article in corpus(number):
                opened.save(article)
        assert like(store) == search(store) == -(-number // EVERY)
        rounds = [one_round(store, Path(name)) for _ in range(ROUNDS)]
        assert (Path(name) / "jsonl").read_bytes() == (Path(name) / "bare.jsonl").read_bytes()
        size = (Path(name) / "jsonl").stat().st_size
    print(f"{number} articles, {size / 1e6:.0f} MB of JSON Lines; median of {ROUNDS}")
    middle = {step: statistics.median(one[step] for one in rounds) for step in rounds[0]}
    against = {"csv": "bare csv", "search": "LIKE scan", "bare csv": "bare csv", "LIKE scan": "LIKE scan"}
    for step, spent in middle.items():
        base = against.get(step, "bare jsonl")
        print(f"{step:12} {spent * 1000:9.1f} ms  {spent / middle[base]:7.3f} x {base}")


if __name__ == "__main__":
    main()
