"""
What storing and finding articles costs in PostgreSQL, beside SQLite in the same run, and what several writers store.

    .venv/bin/python -m bench.bench_postgres [ARTICLES]

The server is started for it, on this machine, without fsync; SQLite syncs its file. Ratios hold from machine to
machine, times do not.
"""

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.bench_store import articles
from newscrawl.items import Article
from newscrawl.storage import open_store
from newscrawl.storage.selecting import Selection, count, select
from tests.postgres_server import shared

WRITERS = (1, 2, 4)


def main(number: int) -> None:
    """Print the table."""
    stored = articles(number)
    with tempfile.TemporaryDirectory() as folder, shared(Path(folder)) as server:
        found = {
            "SQLite": costs(f"sqlite:///{folder}/news.db", stored),
            "PostgreSQL": costs(server.url(server.new_database()), stored),
        }
        print(f"{number} articles; ms each; ratio to SQLite")
        for name, ours in found["SQLite"].items():
            theirs = found["PostgreSQL"][name]
            print(f"{name:32}{ours:8.2f}{theirs:8.2f}{theirs / ours:6.1f} x")
        for writers in WRITERS:
            a_second = rate(server.url(server.new_database()), stored, writers)
            print(f"{writers} writers: {a_second:.0f} new articles a second")


def costs(url: str, stored: list[Article]) -> dict[str, float]:
    """Milliseconds an article of each step."""
    with closing(open_store(url)) as store:

        def save() -> None:
            for article in stored:
                store.save(article)
            store.commit()

        return {
            "new, with the search index": timed(save, len(stored)),
            "unchanged": timed(save, len(stored)),
            "read": timed(lambda: sum(1 for _ in select(store, Selection())), len(stored)),
            "found by a prefix, all": timed(lambda: count(store, Selection(search="a*")), len(stored)),
        }


def timed(deed: Callable[[], object], number: int) -> float:
    """Milliseconds that a deed takes for each of a number of things."""
    begun = time.perf_counter()
    deed()
    return (time.perf_counter() - begun) / number * 1000


def rate(url: str, stored: list[Article], writers: int) -> float:
    """Articles a second that processes store together, each its own share."""
    open_store(url).close()
    shares = [stored[at::writers] for at in range(writers)]
    begun = time.perf_counter()
    with multiprocessing.Pool(writers) as pool:
        pool.starmap(_save, [(url, share) for share in shares])
    return len(stored) / (time.perf_counter() - begun)


def _save(url: str, share: list[Article]) -> None:
    with closing(open_store(url)) as store:
        for article in share:
            store.save(article)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
