"""What a page that was asked for as an article's turns out to be: plain values, that can go from process to process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newscrawl.exceptions import UnusablePageError
from newscrawl.extraction.address import article_url, part_links
from newscrawl.extraction.article import load_article
from newscrawl.extraction.page import Captured, Page
from newscrawl.extraction.theme import Site
from newscrawl.items import Article


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What was read of a page, or of the pages of one article.

    ``own`` is the address of its post, ``parts`` are those of further pages, read or not; ``kind`` as ``Page.kind``. A
    post has an ``article``, of the pages that were read, or a ``problem``.
    """

    url: str
    kind: str
    canonical: str | None = None
    own: str = ""
    parts: tuple[str, ...] = ()
    article: Article | None = None
    problem: tuple[str, str] | None = None
    """Why there is no article: the ``reason`` of an UnusablePageError, and its words."""
    signature: bytes | None = field(default=None, compare=False, repr=False)
    """The signature of the article's text, where it was made at once; see newscrawl/similarity."""


def read_post(captured: Sequence[Captured], site: Site, moment: datetime, discovered_by: str) -> Reading:
    """
    Read a page, or all pages of an article in their order.

    :param moment: when they were fetched, an aware datetime
    :param discovered_by: what led to the first
    """
    pages = [Page.from_captured(one, site, only_article=True) for one in captured]
    page = pages[0]
    if page.kind not in {"post", "amp"}:
        return Reading(page.url, page.kind)
    own = article_url(page)
    if page.kind == "amp":
        return Reading(page.url, page.kind, page.canonical, own)
    parts = tuple(part_links(page))  # before the page numbers go, as noise
    article, problem = None, None
    try:
        article = load_article(pages, moment, discovered_by)
    except UnusablePageError as error:
        problem = error.reason, str(error)
    return Reading(page.url, page.kind, page.canonical, own, parts, article, problem)
