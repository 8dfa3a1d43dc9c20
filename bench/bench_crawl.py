"""
Whole crawls beside a bare Scrapy spider that only downloads the same pages and parses them: pages a second.

    .venv/bin/python -m bench.bench_crawl [ARTICLES [ROUNDS]]

Both read from nginx, which has every page on disk, without a delay and with the same settings, one after the other in
each round. Ours walks the sections and the sitemap into a store that is empty, with extraction, validation, SQLite,
JSON Lines and the archive; the bare one is given the addresses, and makes ``response.selector`` of each answer. Twice:
on pages as the replica renders them, and on article pages filled up to the size of the site's own.
"""

import sqlite3
import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from bench.nginx import behind_nginx
from bench.running import CONCURRENCY, FAST, ROOT, Run, options, run, scrapy, stored_in
from newscrawl.settings import CONCURRENT_ITEMS, DEFAULT_REQUEST_HEADERS

ARTICLES, ROUNDS = 1_000, 5
SPIDER = f"""
import scrapy

class BareSpider(scrapy.Spider):
    name = "bare"
    custom_settings = {{"CONCURRENT_ITEMS": {CONCURRENT_ITEMS}, "DEFAULT_REQUEST_HEADERS": {DEFAULT_REQUEST_HEADERS},
        "COOKIES_ENABLED": False, "LOG_LEVEL": "INFO", "HTTPERROR_ALLOW_ALL": True}}

    async def start(self):
        for url in open("addresses", encoding="utf-8"):
            yield scrapy.Request(url.strip(), dont_filter=True)

    def parse(self, response):
        response.selector
"""


def whole(address: str, folder: Path, *words: str) -> Run:
    """A full crawl into a store in a folder."""
    arguments = ["-a", f"base_url={address}", "-a", "mode=full"]
    return run(
        [*scrapy("crawl", "newsjournos", *arguments, *words), *options((*FAST, *stored_in(folder)))],
        ROOT,
        folder / "log",
    )


def bare(folder: Path) -> Run:
    """The same pages, downloaded and parsed."""
    return run([*scrapy("runspider", "bare.py"), *options(FAST)], folder, folder / "log")


def prepare(address: str, folder: Path) -> int:
    """Write the bare spider with the addresses that a whole crawl asked for; nginx has them all from here on."""
    first = folder / "first"
    first.mkdir()
    whole(address, first)
    with closing(sqlite3.connect(first / "news.db")) as db:
        addresses = [url for (url,) in db.execute("SELECT url FROM pages WHERE status IS NOT NULL")]
    (folder / "addresses").write_text("\n".join(addresses), encoding="utf-8")
    (folder / "bare.py").write_text(SPIDER, encoding="utf-8")
    bare(folder)
    return len(addresses)


def rounds(articles: int, number: int, is_filled: bool) -> list[tuple[Run, Run]]:
    """The bare run and the whole one of each round."""
    found = []
    with behind_nginx(articles, is_filled) as address, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(address, folder)
        for _ in range(number):
            with tempfile.TemporaryDirectory() as store:
                found.append((bare(folder), whole(address, Path(store))))
    return found


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    articles, number = (*given, *(ARTICLES, ROUNDS)[len(given) :])
    print(f"{articles} articles, {CONCURRENCY} requests at once, {number} rounds; medians")
    for is_filled in (False, True):
        pages = "of the site's size" if is_filled else "as rendered"
        print(f"\npages {pages}")
        show(rounds(articles, number, is_filled), pages)


def show(found: list[tuple[Run, Run]], pages: str) -> None:
    for kind, runs in zip(("bare", "whole"), zip(*found, strict=True), strict=True):
        rate = statistics.median(one.pages / one.wall for one in runs)
        cpu = statistics.median(one.cpu / one.pages for one in runs)
        memory = statistics.median(one.memory for one in runs)
        print(
            f"{kind:6} {runs[0].pages} pages  {rate:6.1f} pages/s  {cpu * 1000:5.2f} ms of CPU a page  {memory:4.0f} MB"
        )
    wall = [(whole.pages / whole.wall) / (bare.pages / bare.wall) for bare, whole in found]
    cpu = [(bare.cpu / bare.pages) / (whole.cpu / whole.pages) for bare, whole in found]
    for what, ratios in (("pages a second", wall), ("pages a second of CPU time", cpu)):
        print(
            f"{what}, {pages}, whole / bare: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
