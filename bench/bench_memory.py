"""
Whole crawls of a small and of a large replica: peak memory of the crawling process, and bytes kept an article.

    .venv/bin/python -m bench.bench_memory [SMALL LARGE]
"""

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from bench.bench_crawl import whole
from bench.replica_process import served
from bench.running import Run

SIZES = (2_000, 50_000)


def kept(folder: Path) -> str:
    """Bytes an article of what a crawl left."""
    with closing(sqlite3.connect(folder / "news.db")) as db:
        number = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    sizes = {
        "database": (folder / "news.db").stat().st_size,
        "JSON Lines": (folder / "news.jsonl").stat().st_size,
        "archive": sum(path.stat().st_size for path in (folder / "archive").iterdir()),
    }
    told = ", ".join(f"{name} {size / number:,.0f}" for name, size in sizes.items())
    return f"{number} stored; bytes an article: {told}"


def crawl(articles: int) -> Run:
    """Serve, crawl, and print two lines."""
    with served(articles) as address, tempfile.TemporaryDirectory() as name:
        run = whole(address, Path(name))
        print(f"{articles:6} articles: {run.pages} pages, {run.cpu / run.pages * 1000:.1f} ms of CPU a page, "
              f"peak {run.memory:.0f} MB")  # fmt: skip
        print(f"       {kept(Path(name))}", flush=True)
    return run


def main() -> None:
    small, large = [crawl(int(size)) for size in sys.argv[1:3] or SIZES]
    print(f"peak memory, large / small: {large.memory / small.memory:.2f}")


if __name__ == "__main__":
    main()
