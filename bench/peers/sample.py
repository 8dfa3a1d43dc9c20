"""Pages to extract, with the articles that they show."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bench.filling import filled
from bench.peers.serving import INDEX
from fixtures.mutations.samples import replica_samples
from newscrawl import extract_article
from newscrawl.exceptions import UnusablePageError

COMBINATIONS = 108
"""Layouts, heads and breadcrumbs of the replica."""
_CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"')


@dataclass(frozen=True)
class Saved:
    """
    A page, its address, its article; None where nobody wrote that down.

    :param timed: the page on which time is taken: of the replica one that is as large as the site's are
    """

    html: bytes
    url: str
    truth: dict[str, Any] | None
    timed: bytes


def replica_pages(number: int, seed: int) -> list[Saved]:
    """Pages of the replica, of as many layouts, heads and breadcrumbs as the number lets be."""
    every, of_each = max(1, COMBINATIONS // number), -(-number // COMBINATIONS)
    found = replica_samples(seed, of_each, every)
    pages = [(one.html.encode(), one.url, one.truth) for one in islice(found, number)]
    return [Saved(*page, timed=filled(page[0])) for page in pages]


def folder_pages(folder: Path) -> Iterator[Saved]:
    """The articles of this theme in a folder, each with the JSON beside it, as in fixtures/pages."""
    index = folder / "pages.json"
    known = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    for path in sorted(folder.glob("*.html")):
        html, beside, about = path.read_bytes(), path.with_suffix(".json"), known.get(path.name, {})
        truth = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else None
        stated = _CANONICAL.search(html.decode(errors="replace"))
        url = about.get("url") or (truth or {}).get("url") or (stated[1] if stated else "https://newsjournos.com/")
        if "spider" not in about and is_article(html, url):
            yield Saved(html, url, truth, timed=html)


def is_article(html: bytes, url: str) -> bool:
    """Whether a page is the post of a site in this theme."""
    try:
        return extract_article(html, url) is not None
    except UnusablePageError:
        return True


def write(pages: list[Saved], folder: Path) -> None:
    """Lay the pages down for the peers."""
    for number, page in enumerate(pages):
        (folder / f"{number}.html").write_bytes(page.html)
        (folder / f"{number}-timed.html").write_bytes(page.timed)
    names = [(f"{number}.html", f"{number}-timed.html", page.url) for number, page in enumerate(pages)]
    (folder / INDEX).write_text(json.dumps(names), encoding="utf-8")
