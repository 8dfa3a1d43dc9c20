"""
What marking near-duplicates costs an article, beside what storing it costs in the same run.

    .venv/bin/python -m bench.bench_clusters [ARTICLES ...]

Every tenth article is a copy of another one with its first fifth written anew. Ratios hold from machine to machine,
times do not.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.bench_store import articles
from newscrawl.items import Article
from newscrawl.similarity.minhash import bands, signature, similarity
from newscrawl.storage import open_store
from newscrawl.storage.clusters import clusters, update_clusters
from newscrawl.storage.store import Store

SIZES = (1_000, 20_000)
DISTINCT = 1_000
"""Articles drawn at random; more of them are these with their words turned, which no run of five words survives."""
CHANGED = 200
SAMPLE = 300


def corpus(number: int) -> list[Article]:
    """Articles of which every tenth repeats the one before."""
    drawn = articles(min(number, DISTINCT))
    given: list[Article] = []
    for index in range(number):
        one = drawn[index % DISTINCT]
        if index % 10 == 9:
            words = given[-1].body.split()
            fifth = len(words) // 5
            body = " ".join([*(f"{word}{index}" for word in words[:fifth]), *words[fifth:]])
        else:
            body = " ".join(turned(one.body.split(), index // DISTINCT))
        address = f"https://newsjournos.com/{index}-a-story/"
        given.append(replace(one, url=address, post_id=index, body=body, content_hash=f"{index:064x}"))
    return given


def turned(words: list[str], times: int) -> list[str]:
    """The words in another order: each ``times`` further on than it was, but every third."""
    kept, moved = words[::3], [word for place, word in enumerate(words) if place % 3]
    start = times * 17 % len(moved)
    moved = moved[start:] + moved[:start]
    return [word for triple in zip(kept, moved[::2], moved[1::2], strict=False) for word in triple]


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def save_all(store: Store, given: Sequence[Article]) -> None:
    for article in given:
        store.save(article)
    store.commit()


def steps(given: Sequence[Article], folder: Path) -> dict[str, tuple[float, int]]:
    """Seconds and articles of each step."""
    sample = [article.body for article in given[:SAMPLE]]
    made = [one for body in sample if (one := signature(body))]
    edited = [replace(one, body=f"More. {one.body}", content_hash=f"{one.content_hash}x") for one in given[-CHANGED:]]
    with closing(open_store(f"sqlite:///{folder}/news.db", str(folder / "news.jsonl"))) as store:
        saving = seconds(lambda: save_all(store, given))
        first = seconds(lambda: update_clusters(store))
        unchanged = seconds(lambda: update_clusters(store))
        save_all(store, edited)
        later = seconds(lambda: update_clusters(store))
        found = sum(len(members) for _, members in clusters(store))
        print(f"{len(given)} articles, of which {found} have a near-duplicate")
    return {
        "store: save a new article": (saving, len(given)),
        "signature of a text": (seconds(lambda: [signature(body) for body in sample]), len(sample)),
        "bands of a signature": (seconds(lambda: [bands(one) for one in made]), len(made)),
        "compare two signatures": (seconds(lambda: [similarity(one, made[0]) for one in made]), len(made)),
        "clusters of all articles at once": (first, len(given)),
        f"clusters of {CHANGED} changed articles": (later, CHANGED),
        "nothing has changed (whole store)": (unchanged, 1),
    }


def main() -> None:
    for size in [int(word) for word in sys.argv[1:]] or SIZES:
        given = corpus(size)
        with tempfile.TemporaryDirectory() as name:
            taken = steps(given, Path(name))
        saving = taken["store: save a new article"][0] / size
        for step, (spent, number) in taken.items():
            print(f"  {step:36} {spent * 1000 / number:8.3f} ms  {spent / number / saving:6.2f} x save")


if __name__ == "__main__":
    main()
