"""What a page that was asked for as an article's turns out to be: plain values, that can go from process to process."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scrapy.http import Response, TextResponse

from newscrawl.exceptions import UnusablePageError
from newscrawl.extraction.address import article_url, part_links
from newscrawl.extraction.article import load_article
from newscrawl.extraction.page import Page
from newscrawl.extraction.theme import Site
from newscrawl.items import Article


class Captured(NamedTuple):
    """A page as it came: bytes without their compression, the address that answered, its Content-Type."""

    body: bytes
    url: str
    content_type: str | None = None

    @classmethod
    def of(cls, response: Response) -> "Captured":
        """The page of a response; one that is no text is an empty page."""
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        return cls(response.body if isinstance(response, TextResponse) else b"", response.url, content_type)

    def page(self, site: Site) -> Page:
        """The page, parsed."""
        return Page.from_html(self.body, self.url, site, self.content_type)


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What was read of a page, or of the pages of one article.

    ``own`` is the address of its post, ``parts`` are those of further pages; ``kind`` as ``Page.kind``. Of a post that
    has further parts which are not among the pages there is no ``article`` yet; where ``problem`` says why, there is
    none.
    """

    url: str
    kind: str
    canonical: str | None = None
    own: str = ""
    parts: tuple[str, ...] = ()
    article: Article | None = None
    problem: tuple[str, str] | None = None
    """Why there is no article: the ``reason`` of an UnusablePageError, and its words."""


def read_post(captured: Sequence[Captured], site: Site, moment: datetime, discovered_by: str) -> Reading:
    """
    Read a page, or all pages of an article in their order.

    :param moment: when they were fetched, an aware datetime
    :param discovered_by: what led to the first
    """
    pages = [one.page(site) for one in captured]
    page = pages[0]
    if page.kind not in {"post", "amp"}:
        return Reading(page.url, page.kind)
    parts = tuple(part_links(page)) if page.kind == "post" else ()
    article, problem = None, None
    if page.kind == "post" and (len(pages) > 1 or not parts):
        try:
            article = load_article(pages, moment, discovered_by)
        except UnusablePageError as error:
            problem = error.reason, str(error)
    return Reading(page.url, page.kind, page.canonical, article_url(page), parts, article, problem)
