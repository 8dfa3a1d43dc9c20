"""
Broken inputs by the thousand: what raises something foreign, leaves a script in a text, leads off the site, or is slow.

Run: ``python -m bench.bench_fuzz [--inputs N] [--seed S] [TARGET ...]``. Exits with 1 where there is a finding; target,
seed and number make an input again.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from protego import Protego

from newscrawl import extract_article
from newscrawl.base_spiders.origin import Origin
from newscrawl.discovery.feed import parse_feed
from newscrawl.discovery.rest import parse_posts
from newscrawl.discovery.sitemap import parse_sitemap, robots_sitemaps
from newscrawl.exceptions import NewscrawlError
from newscrawl.extraction.listing import article_links, next_page
from newscrawl.extraction.page import Page
from newscrawl.extraction.themes.smartmag import LAYOUTS
from newscrawl.pipelines.validate import has_no_markup
from tests.fuzzing import BASE, HOST, mutated

SLOW = 5.0
"""Seconds of the processor from which on an input is a finding."""
PAGES = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "fixtures/pages").rglob("*.html"))]
TIMES = "2025-05-03T10:00:00"
URLS = "".join(f"<url><loc>{BASE}a{n}/</loc><lastmod>{TIMES}Z</lastmod></url>" for n in range(40))
ITEMS = "".join(f"<item><link>{BASE}a{n}/</link><guid>{BASE}?p={n}</guid></item>" for n in range(40))
POSTS = ",".join(f'{{"id":{n},"link":"{BASE}a{n}/","date_gmt":"{TIMES}","modified_gmt":"{TIMES}"}}' for n in range(40))
PIECES = [
    "http:",
    "//",
    "/",
    "\\",
    "@",
    ":",
    "user:pw@",
    HOST,
    ":22",
    "evil.test",
    "[",
    "]",
    "%2f",
    "\r\n",
    "\0",
    "?",
    "#",
    "..",
]


def extract(chance: random.Random) -> None:
    page = mutated(chance.choice(PAGES), chance.getrandbits(32))
    article = extract_article(page, f"{BASE}a-story/")
    # Markup that a page shows as text is text; then it is for validation to judge.
    assert article is None or b"&lt;" in page or b"<plaintext" in page or has_no_markup(article), "markup in a text"


def listing(chance: random.Random) -> None:
    page = Page.from_html(mutated(chance.choice(PAGES), chance.getrandbits(32)), BASE, LAYOUTS)
    article_links(page)
    next_page(page)


def source(parse: Callable[[bytes, str], object], whole: str) -> Callable[[random.Random], None]:
    def once(chance: random.Random) -> None:
        parse(mutated(whole.encode(), chance.getrandbits(32)), f"{BASE}x.xml")

    return once


def urls(chance: random.Random) -> None:
    found = Origin(BASE).mirrored("".join(chance.choices(PIECES, k=chance.randint(0, 9))))
    assert found is None or urlsplit(found).netloc == HOST


def robots(chance: random.Random) -> None:
    pattern = "/" + "".join(chance.choices(["*", "a", "a*", "$", "%2f"], k=chance.randint(1, 60)))
    text = f"User-agent: *\nDisallow: {pattern}\nSitemap: {''.join(chance.choices(PIECES, k=4))}\n"
    robots_sitemaps(text.encode(), f"{BASE}robots.txt")
    Protego.parse(text).can_fetch(f"{BASE}{'a' * 60}/b/", "newscrawl")


TARGETS: dict[str, Callable[[random.Random], None]] = {
    "extract": extract,
    "listing": listing,
    "sitemap": source(parse_sitemap, f"<urlset>{URLS}</urlset>"),
    "feed": source(parse_feed, f"<rss><channel>{ITEMS}</channel></rss>"),
    "rest": source(parse_posts, f"[{POSTS}]"),
    "urls": urls,
    "robots": robots,
}


def tried(target: str, seed: str) -> tuple[float, str]:
    """Seconds of the processor that one input took, and what is wrong with it."""
    start, wrong = time.process_time(), ""
    try:
        TARGETS[target](random.Random(seed))
    except NewscrawlError:
        pass  # what a broken input should end with
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        wrong = f"{type(error).__name__}: {error}"
    took = time.process_time() - start
    return took, wrong or (f"took {took:.1f} s" if took > SLOW else "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--inputs", type=int, default=2_000, help="of each target")
    parser.add_argument("--seed", default="0")
    given = parser.parse_args()
    findings = 0
    for target in given.targets or TARGETS:
        slowest, began, found = 0.0, time.perf_counter(), 0
        for number in range(given.inputs):
            took, wrong = tried(target, f"{target} {given.seed} {number}")
            slowest = max(slowest, took)
            if wrong:
                found += 1
                print(f"{target} --seed {given.seed}, input {number}: {' '.join(wrong.split())[:160]}", flush=True)
        took = time.perf_counter() - began
        print(
            f"{target:8} {given.inputs} inputs, {found} findings, slowest {slowest * 1_000:.0f} ms, {took:.0f} s",
            flush=True,
        )
        findings += found
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
