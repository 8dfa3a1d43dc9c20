"""
What a run costs that finds nothing new, beside an empty Scrapy project's crawl of one page: wall and CPU time.

    .venv/bin/python -m bench.bench_startup [ROUNDS]

The empty project is what ``scrapy startproject`` makes, with a spider that asks for the replica's home page. Ours reads
robots.txt, the home page, ten sections and the sitemap's index of a site that it knows already. Both without a delay,
one after the other in each round; medians.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.replica_process import served
from bench.running import FAST, ROOT, Run, options, run, scrapy, stored_in

ARTICLES = 120
ROUNDS = 9
SPIDER = """
import scrapy

class HomeSpider(scrapy.Spider):
    name = "home"
    start_urls = ["{address}"]

    def parse(self, response):
        yield {{"title": response.css("title::text").get()}}
"""


def empty_project(folder: Path, address: str) -> None:
    """What the first steps of Scrapy's tutorial leave."""
    subprocess.run(scrapy("startproject", "empty", "."), cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (folder / "empty" / "spiders" / "home.py").write_text(SPIDER.format(address=address), encoding="utf-8")


def rounds(number: int) -> tuple[list[Run], list[Run]]:
    """The runs of the empty project, and ours."""
    with served(ARTICLES) as address, tempfile.TemporaryDirectory() as name:
        theirs, ours = Path(name) / "theirs", Path(name) / "ours"
        theirs.mkdir()
        ours.mkdir()
        empty_project(theirs, address)
        bare = [*scrapy("crawl", "home"), *options(FAST)]
        known = [*scrapy("crawl", "newsjournos", "-a", f"base_url={address}"), *options((*FAST, *stored_in(ours)))]
        run(known, ROOT, ours / "first.log")  # from here on nothing is new
        pairs = [(run(bare, theirs, theirs / "log"), run(known, ROOT, ours / "log")) for _ in range(number)]
    return [one for one, _ in pairs], [one for _, one in pairs]


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    bare, ours = rounds(number)
    print(f"{number} rounds; pages: empty project {bare[0].pages}, ours {ours[0].pages}; median seconds")
    for what in ("wall", "cpu"):
        theirs, own = (statistics.median(getattr(one, what) for one in runs) for runs in (bare, ours))
        ratios = [getattr(a, what) / getattr(b, what) for a, b in zip(ours, bare, strict=True)]
        ratio = statistics.median(ratios)
        print(
            f"{what:5} empty {theirs:.3f}  ours {own:.3f}  ratio {ratio:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
