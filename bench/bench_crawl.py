"""
Whole crawls of the replica, growing: pages a second and peak memory of the crawling process.

Run: ``python -m bench.bench_crawl [ARTICLES ...]`` (default 500 5000)
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FAST = ("DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", "CONCURRENT_REQUESTS=8", "CONCURRENT_REQUESTS_PER_DOMAIN=8")


def scrapy(*words: str) -> list[str]:
    return [sys.executable, "-m", "scrapy", *words]


def crawl(articles: int, folder: Path) -> None:
    """Serve, crawl, and print one line."""
    replica = subprocess.Popen(
        scrapy("replica", "--articles", str(articles), "--port", "0"), cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert replica.stdout
        address = re.search(r"http://\S+", replica.stdout.readline())
        assert address
        log = folder / "crawl.log"
        settings = (
            *FAST,
            f"NEWSCRAWL_DATABASE_URL=sqlite:///{folder}/news.db",
            f"NEWSCRAWL_JSONL_PATH={folder}/news.jsonl",
            "NEWSCRAWL_ARCHIVE_DIR=",
        )
        options = [word for setting in settings for word in ("-s", setting)]
        command = scrapy("crawl", "newsjournos", "-a", f"base_url={address[0].rstrip('/')}/", "--logfile", str(log))
        start = time.perf_counter()
        child = subprocess.Popen([*command, *options], cwd=ROOT)
        _, status, usage = os.wait4(child.pid, 0)
        elapsed = time.perf_counter() - start
    finally:
        replica.terminate()
        replica.wait()
    pages = re.search(r"'response_received_count': (\d+)", log.read_text())
    count = int(pages[1]) if pages else 0
    print(
        f"{articles:6} articles: {count} pages in {elapsed:.0f} s, {count / elapsed:.0f} pages/s, "
        f"peak {usage.ru_maxrss / 1024:.0f} MB, exit {os.waitstatus_to_exitcode(status)}",
        flush=True,
    )


def main() -> None:
    for articles in [int(word) for word in sys.argv[1:]] or [500, 5_000]:
        with tempfile.TemporaryDirectory() as folder:
            crawl(articles, Path(folder))


if __name__ == "__main__":
    main()
