"""
What storing an article costs, step by step, beside bare SQLite in the same run.

    .venv/bin/python -m bench.bench_store [ARTICLES]

Ratios hold from machine to machine, times do not.
"""

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from newscrawl.items import Article
from newscrawl.pipelines.validate import judge
from newscrawl.storage import open_store
from newscrawl.storage.database import BATCH
from newscrawl.storage.rows import as_dict, to_json, to_row
from newscrawl.storage.schema import FIELDS

ROUNDS = 5
LETTERS = "aaabcdeeefghiiijklmnnoooprsttuvyçğışöü"


def vocabulary(dice: random.Random, size: int = 12_000) -> list[str]:
    """Invented words, of the lengths of English ones."""
    return ["".join(dice.choices(LETTERS, k=max(2, round(dice.gauss(6, 2))))) for _ in range(size)]


def articles(number: int, seed: int = 1) -> list[Article]:
    """Articles with bodies of 5 to 8 kB; word frequencies fall as in a language."""
    dice = random.Random(seed)
    words = vocabulary(dice)
    weights = [1 / rank for rank in range(1, len(words) + 1)]

    def text(length: int) -> str:
        return " ".join(dice.choices(words, weights, k=length)).capitalize() + "."

    return [_article(dice, text, index) for index in range(number)]


def _article(dice: random.Random, text: Callable[[int], str], index: int) -> Article:
    paragraphs = [text(50) for _ in range(dice.randint(12, 19))]
    sections = [
        {"heading": text(6), "level": 2, "paragraphs": paragraphs[at : at + 4]} for at in range(3, len(paragraphs), 4)
    ]
    return Article(
        url=f"https://newsjournos.com/{index}-a-story/",
        post_id=index,
        headline=text(10),
        section="World",
        published_at="2025-05-03T14:15:00+00:00",
        published_precision="second",
        lead="\n\n".join(paragraphs[:3]),
        body="\n\n".join(paragraphs),
        body_sections=sections,  # type: ignore[arg-type]
        word_count=50 * len(paragraphs),
        outline=[text(6) for _ in range(5)],
        key_points=[text(15) for _ in range(5)],
        summary=text(60),
        faq=[{"question": text(10), "answer": text(40)} for _ in range(4)],
        tags=[text(2) for _ in range(6)],
        links=[{"text": text(3), "url": f"https://example.org/{at}/"} for at in range(6)],
        related=[{"headline": text(10), "url": f"https://newsjournos.com/{at}/"} for at in range(4)],
        sources=dict.fromkeys(FIELDS[:20], "theme"),
        content_hash=f"{index:064x}",
        extractor_version="1.0.0",
        crawled_at="2025-05-04T00:00:00+00:00",
    )


def batches(all_of_them: Sequence[Article]) -> Iterator[Sequence[Article]]:
    for start in range(0, len(all_of_them), BATCH):
        yield all_of_them[start : start + BATCH]


def bare(folder: Path, given: Sequence[Article]) -> float:
    """The least that keeps an article: its row in a table without indexes, with the store's journal and batches."""
    marks = ", ".join("?" * len(FIELDS))
    rows = [to_row(as_dict(article)) for article in given]
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"CREATE TABLE articles (id INTEGER PRIMARY KEY, {', '.join(FIELDS)})")
        began = time.perf_counter()
        for start in range(0, len(rows), BATCH):
            db.execute("BEGIN IMMEDIATE")
            db.executemany(f"INSERT INTO articles ({', '.join(FIELDS)}) VALUES ({marks})", rows[start : start + BATCH])
            db.execute("COMMIT")
        return time.perf_counter() - began


def saving(folder: Path, given: Sequence[Article], fts: bool = True, lines: bool = True) -> dict[str, float]:
    """All of the store: row, version, tags, with or without search index and JSON line; then again, then changed."""
    name = f"store-{fts}-{lines}"
    jsonl = str(folder / f"{name}.jsonl") if lines else None
    with closing(open_store(f"sqlite:///{folder}/{name}.db", jsonl)) as store:
        if not fts:
            for trigger in ("insert", "update", "delete"):
                store.db.execute(f"DROP TRIGGER articles_fts_{trigger}")
        changed = [replace(one, body=f"{one.body} More.", content_hash=f"{one.content_hash}x") for one in given]
        return {"new": timed(store, given), "unchanged": timed(store, given), "updated": timed(store, changed)}


def timed(store: Any, given: Sequence[Article]) -> float:
    began = time.perf_counter()
    for article in given:
        store.save(article)
    store.commit()
    return time.perf_counter() - began


def each(work: Callable[[Article], Any], given: Sequence[Article]) -> float:
    began = time.perf_counter()
    for article in given:
        work(article)
    return time.perf_counter() - began


def one_round(given: Sequence[Article]) -> dict[str, float]:
    """Seconds for all articles, by step."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, without_fts = saving(folder, given), saving(folder, given, fts=False)
        return {
            "bare SQLite insert": bare(folder, given),
            "validate: schema and rules": each(judge, given),
            "JSON text of the line": each(lambda article: to_json(as_dict(article)), given),
            "new: row, version, tags": saving(folder, given, fts=False, lines=False)["new"],
            "new: the same and the JSON line": without_fts["new"],
            "new: the same and the search index": whole["new"],
            "unchanged": whole["unchanged"],
            "updated, without the search index": without_fts["updated"],
            "updated": whole["updated"],
        }


def main() -> None:
    given = articles(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    rounds = [one_round(given) for _ in range(ROUNDS)]
    size = statistics.mean(len(to_json(as_dict(article)).encode()) for article in given)
    body = statistics.mean(len(article.body.encode()) for article in given)
    print(f"{len(given)} articles, body {body / 1000:.1f} kB, JSON {size / 1000:.1f} kB; median of {ROUNDS}; ms each")
    base = statistics.median(one["bare SQLite insert"] for one in rounds)
    for step in rounds[0]:
        middle = statistics.median(one[step] for one in rounds)
        print(f"{step:36} {middle * 1000 / len(given):7.3f}  {middle / base:5.1f} x bare")


if __name__ == "__main__":
    main()
