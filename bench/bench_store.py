"""
What storing costs an article: row, version, tags, search index and JSON line, beside a bare sqlite3 insert.

Run: ``python -m bench.bench_store``
"""

import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from newscrawl.items import Article
from newscrawl.pipelines.validate import ValidatePipeline
from newscrawl.storage import open_store
from newscrawl.storage.rows import as_dict

ARTICLES = 2_000
ROUNDS = 5


def article(number: int) -> Article:
    """An article of about 7 kB of text with 29 tags."""
    dice = random.Random(number)
    words = [f"w{dice.randrange(8_000)}" for _ in range(1_100)]
    return Article(
        url=f"https://newsjournos.com/{number}/",
        post_id=number,
        headline=" ".join(words[:9]),
        published_at="2025-05-03T14:15:00+00:00",
        body=" ".join(words),
        lead=" ".join(words[:90]),
        tags=[f"Tag {dice.randrange(3_000)}" for _ in range(29)],
        content_hash=f"{number}",
        extractor_version="1",
    )


def bare(folder: Path, articles: list[Article]) -> None:
    """The floor: the same JSON in one column, 50 a transaction."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.executescript("PRAGMA journal_mode = WAL; CREATE TABLE a (url TEXT PRIMARY KEY, body TEXT)")
    for start in range(0, len(articles), 50):
        db.execute("BEGIN")
        for one in articles[start : start + 50]:
            db.execute("INSERT INTO a VALUES (?, ?)", (one.url, json.dumps(as_dict(one), ensure_ascii=False)))
        db.execute("COMMIT")
    db.close()


def whole(folder: Path, articles: list[Article]) -> None:
    store = open_store(f"sqlite:///{folder}/news.db", f"{folder}/news.jsonl")
    for one in articles:
        store.save(one)
    store.close()


def without_search(folder: Path, articles: list[Article]) -> None:
    store = open_store(f"sqlite:///{folder}/news.db", f"{folder}/news.jsonl")
    store.db.execute("DROP TRIGGER articles_fts_insert")
    for one in articles:
        store.save(one)
    store.close()


def validate(_: Path, articles: list[Article]) -> None:
    pipeline = ValidatePipeline(None)  # type: ignore[arg-type]
    for one in articles:
        pipeline.judge(one)


def milliseconds(job: Callable[[Path, list[Article]], None], articles: list[Article]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        job(Path(folder), articles)
        return (time.perf_counter() - start) * 1_000 / len(articles)


def main() -> None:
    articles = [article(number) for number in range(ARTICLES)]
    jobs = (bare, without_search, whole, validate)
    times: dict[str, list[float]] = {job.__name__: [] for job in jobs}
    for _ in range(ROUNDS):
        for job in jobs:
            times[job.__name__].append(milliseconds(job, articles))
    for name, values in times.items():
        middle = statistics.median(values)
        print(f"{name:16} {middle:6.3f} ms an article ({min(values):.3f} to {max(values):.3f})")


if __name__ == "__main__":
    main()
