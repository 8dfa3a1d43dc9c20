"""
Processor time of ``extract_article`` over that of ``lxml.html.fromstring`` on the same page, median over many pages.

Each page's time is its least of many rounds, parse and extraction by turns: what is more is the machine's other work.
The pages are measured as the replica renders them, and filled up to the size of the site's own with their footer.

Run: ``python -m bench.bench_extract``
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import lxml.html

from bench.filling import filled
from fixtures.replica.corpus import Corpus
from fixtures.replica.model import SiteOptions
from fixtures.replica.site import Site
from fixtures.replica.truth import outcome
from newscrawl import extract_article

PAGES = 60
ROUNDS = 20


def pages() -> list[tuple[bytes, str]]:
    """Pages of articles of many variants and all layouts, with their addresses."""
    site = Site(Corpus(articles=PAGES + 20, seed=11, base_url="http://127.0.0.1:8000"), SiteOptions())
    posts = [site.corpus.post(number) for number in site.corpus.ids()]
    usable = [post for post in posts if post and outcome(post, site.pages) == "article"][:PAGES]
    return [(site.pages.render(post).encode(), site.where.post(post)) for post in usable]


def milliseconds(job: Callable[..., Any], *values: Any) -> float:
    start = time.process_time_ns()
    job(*values)
    return (time.process_time_ns() - start) / 1e6


def measure(sample: list[tuple[bytes, str]]) -> None:
    parses, wholes, ratios = [], [], []
    for html, url in sample:
        pairs = [
            (milliseconds(lxml.html.fromstring, html), milliseconds(extract_article, html, url)) for _ in range(ROUNDS)
        ]
        parse, whole = map(min, zip(*pairs, strict=True))
        parses.append(parse)
        wholes.append(whole)
        ratios.append(whole / parse)
    size = statistics.median(len(html) for html, _ in sample) / 1_000
    print(f"{len(sample)} pages of {size:.0f} kB (median)")
    print(f"lxml.html.fromstring  {statistics.median(parses):.2f} ms a page")
    print(f"extract_article       {statistics.median(wholes):.2f} ms a page")
    print(f"ratio                 {statistics.median(ratios):.2f} (pages from {min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    rendered = pages()
    measure(rendered)
    measure([(filled(html), url) for html, url in rendered])


if __name__ == "__main__":
    main()
