"""
Processor time of ``extract_article`` over that of ``lxml.html.fromstring`` on the same page, median over many pages.

Run: ``python -m bench.bench_extract``
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import lxml.html

from fixtures.replica.corpus import Corpus
from fixtures.replica.model import SiteOptions
from fixtures.replica.site import Site
from fixtures.replica.truth import outcome
from newscrawl import extract_article

PAGES = 60
ROUNDS = 15


def pages() -> list[tuple[bytes, str]]:
    """Pages of articles of many variants and all layouts, with their addresses."""
    site = Site(Corpus(articles=PAGES + 20, seed=11, base_url="http://127.0.0.1:8000"), SiteOptions())
    posts = [site.corpus.post(number) for number in site.corpus.ids()]
    usable = [post for post in posts if post and outcome(post, site.pages) == "article"][:PAGES]
    return [(site.pages.render(post).encode(), site.where.post(post)) for post in usable]


def seconds(job: Callable[..., Any], *values: Any) -> float:
    start = time.process_time()
    job(*values)
    return time.process_time() - start


def main() -> None:
    ratios, parses, wholes = [], [], []
    sample = pages()
    for html, url in sample:
        pairs = [(seconds(lxml.html.fromstring, html), seconds(extract_article, html, url)) for _ in range(ROUNDS)]
        parse, whole = (statistics.median(column) for column in zip(*pairs, strict=True))
        parses.append(parse * 1_000)
        wholes.append(whole * 1_000)
        ratios.append(whole / parse)
    size = statistics.median(len(html) for html, _ in sample) / 1_000
    print(f"{len(sample)} pages of {size:.0f} kB (median)")
    print(f"lxml.html.fromstring  {statistics.median(parses):.2f} ms a page")
    print(f"extract_article       {statistics.median(wholes):.2f} ms a page")
    print(f"ratio                 {statistics.median(ratios):.2f} (pages from {min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
