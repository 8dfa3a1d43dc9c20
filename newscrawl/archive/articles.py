"""Archived pages become an article again, by today's rules."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from newscrawl.archive.places import Capture
from newscrawl.archive.reading import decoded, read_place
from newscrawl.exceptions import UnreadableRecordError, UnusablePageError
from newscrawl.extraction.address import part_links
from newscrawl.extraction.article import load_article
from newscrawl.extraction.page import Page
from newscrawl.extraction.theme import Site, Themes
from newscrawl.items import Article

MOST_BYTES = 16 * 1024 * 1024
"""Of a page; no larger one is fetched."""


class NoPostError(UnusablePageError):
    """An archived page is no post to today's rules. Raised when it is extracted again."""

    reason = "no_post"


def extract_again(folder: Path, captures: Sequence[Capture], theme: Themes | Site) -> Article:
    """
    The article of archived pages.

    :param captures: its first page, then further parts as far as they are archived
    :raises UnreadableRecordError: a record is missing or damaged
    :raises UnusablePageError: today's rules make no article of the page
    """
    if not captures:
        raise UnreadableRecordError("no page of it is archived")
    page, fetched_at = _page(folder, captures[0], theme)
    if page.kind != "post":
        raise NoPostError(f"a page of the kind {page.kind!r}: {page.url}")
    parts = {_place_on_site(capture.url): capture for capture in captures[1:]}
    wanted = [parts[key] for link in part_links(page) if (key := _place_on_site(link)) in parts]
    return load_article([page, *(_page(folder, part, theme)[0] for part in wanted)], fetched_at)


def _page(folder: Path, capture: Capture, theme: Themes | Site) -> tuple[Page, datetime]:
    answer = read_place(folder, capture.place)
    html = decoded(answer, MOST_BYTES)
    page = Page.from_html(html, capture.url, theme, answer.header("Content-Type"), only_article=True)
    return page, datetime.fromisoformat(answer.date)


def _place_on_site(url: str) -> tuple[str, str]:
    """What tells addresses of one site apart, whichever host serves it."""
    parts = urlsplit(url)
    return parts.path.rstrip("/"), parts.query
