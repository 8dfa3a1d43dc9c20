"""
What storing an article costs as the store grows: CPU time and bytes, per tenth of the articles.

    .venv/bin/python -m bench.bench_growth [ARTICLES]

All of the store: row, version, tags, search index, JSON line, and what the frontier notes of the page. The last column
is the median of the batches, so that a merge of the search index, which some batch pays for many, is seen in the first
only.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bench.bench_clusters import turned
from bench.bench_store import articles
from newscrawl.items import Article
from newscrawl.storage import open_store
from newscrawl.storage.database import BATCH

ARTICLES, DISTINCT = 20_000, 500
STEPS = 10


def growing(number: int) -> Iterator[Article]:
    """Articles that differ, made of a few whose words are turned."""
    drawn = articles(min(number, DISTINCT))
    for index in range(number):
        one = drawn[index % DISTINCT]
        body = " ".join(turned(one.body.split(), index // DISTINCT))
        address = f"https://newsjournos.com/{index}-a-story/"
        yield replace(one, url=address, post_id=index, body=body, content_hash=f"{index:064x}")


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else ARTICLES
    step = number // STEPS
    means = []
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "news.db"
        given = growing(number)
        with closing(open_store(f"sqlite:///{path}", str(Path(name) / "news.jsonl"))) as store:
            for part in range(STEPS):
                spent = []
                for _ in range(step // BATCH):
                    batch = [next(given) for _ in range(BATCH)]
                    began = time.process_time()
                    for article in batch:
                        store.save(article)
                        store.set_page(article.url, "article", status=200, outcome="article")
                    store.commit()
                    spent.append((time.process_time() - began) / BATCH * 1000)
                means.append(statistics.mean(spent))
                size = path.stat().st_size / (part + 1) / step
                told = f"{means[-1]:.2f} ms an article, median {statistics.median(spent):.2f}"
                print(f"up to {(part + 1) * step:7}: {told}; {size:,.0f} bytes of database each", flush=True)
    print(f"last tenth / first tenth: {means[-1] / means[0]:.2f}")


if __name__ == "__main__":
    main()
