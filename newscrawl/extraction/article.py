"""A post's page, or its pages, become an Article."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lxml import etree

from newscrawl.exceptions import EmptyPostError, NoTextError, PasswordProtectedError, TooLargePageError
from newscrawl.extraction import media
from newscrawl.extraction.address import article_url
from newscrawl.extraction.content import Break, Token, flatten
from newscrawl.extraction.dates import Moment
from newscrawl.extraction.featured import featured_image
from newscrawl.extraction.hashing import content_hash
from newscrawl.extraction.identity import normalise_url
from newscrawl.extraction.loaders import processors_of
from newscrawl.extraction.noise import remove_noise
from newscrawl.extraction.page import Page
from newscrawl.extraction.query import first, select
from newscrawl.extraction.running_text import read_text
from newscrawl.extraction.sources import Source, text_of
from newscrawl.extraction.text import clean
from newscrawl.items import Article, Author, Related

EXTRACTOR_VERSION = "1.2.1"
"""Raised whenever the same page would give another article."""


def load_article(
    pages: Sequence[Page], crawled_at: datetime | None = None, discovered_by: str | None = None
) -> Article:
    """
    The article of a post. ``pages`` are its parts in order; the first one gives every field but the text.

    :param crawled_at: when the page was fetched, an aware datetime
    :raises UnusablePageError: for a post that cannot be used: empty, no text, a password form, too large
    """
    page = pages[0]
    contents = [_content(one) for one in pages]
    article = Article(url=article_url(page), extractor_version=EXTRACTOR_VERSION, discovered_by=discovered_by)
    if crawled_at:
        article.crawled_at = crawled_at.isoformat(timespec="seconds")
    _fill_from_table(article, page)
    if not article.headline:
        raise EmptyPostError(f"no headline: {page.url}")
    _fill_text(article, contents)
    if not article.body:
        raise NoTextError(f"no text: {page.url}")
    _fill_media(article, pages, contents)
    _fill_box_fields(article, page)
    article.content_hash = content_hash(article)
    article.sources = {name: source for name, source in article.sources.items() if getattr(article, name)}
    return article


_COMES_WITH = {"section_url": "section", "published_raw": "published_at", "published_precision": "published_at"}
_MOST_BOXES = 30
_COMPUTED = ("word_count", "content_hash", "extractor_version")


def _content(page: Page) -> etree._Element:
    """The content element of a page, its noise removed."""
    if page.is_too_large:
        raise TooLargePageError(f"too large: {page.url}")
    found = page.region("content")
    if not found:
        raise EmptyPostError(f"no content: {page.url}")
    if first(found[0], page.theme.password_form) is not None:
        raise PasswordProtectedError(f"behind a password: {page.url}")
    remove_noise(found[0], page.theme.noise)
    return found[0]


def _fill_from_table(article: Article, page: Page) -> None:
    """Each field from the first of its sources that yields a usable value."""
    for name, sources in page.theme.article.items():
        for source in sources:
            value = read_source(name, source, page)
            if value is not None and _accept(article, name, value):
                article.sources[name] = source.origin
                break


def read_source(name: str, source: Source, page: Page) -> Any:
    """The clean value that a source has for a field; None where it has none."""
    values = source(page)
    if not values:
        return None
    clean_each, choose = processors_of(name)
    return choose(clean_each(values)) or None


def _accept(article: Article, name: str, value: Any) -> bool:
    """Set a field, and those that come with it; False where the value does not do."""
    if isinstance(value, Moment):
        if name == "modified_at" and not _is_later(value.at, article.published_at):
            return False
        if name == "published_at":
            article.published_raw = value.raw
            article.published_precision = value.precision
        value = value.at
    elif name == "section":
        article.section_url = value["url"]
        value = value["name"]
    elif name == "authors":
        value = [{"name": one["name"], "url": one["url"], "bio": None, "website": None} for one in value]
    setattr(article, name, value)
    return True


def _is_later(time: str, than: str | None) -> bool:
    return than is not None and datetime.fromisoformat(time) > datetime.fromisoformat(than)


def _fill_text(article: Article, contents: Sequence[etree._Element]) -> None:
    tokens: list[Token] = []
    for content in contents:
        if tokens:
            tokens.append(Break(page=True))
        tokens += flatten(content)
    text = read_text(tokens)
    for name in ("lead", "outline", "body_sections", "key_points", "summary", "faq", "body"):
        setattr(article, name, getattr(text, name))
        article.sources[name] = "text"
    article.word_count = _words(text.body)


def _words(clean: str) -> int:
    """How many words clean text has: one space or newline between two, and two newlines between paragraphs."""
    return 1 + clean.count(" ") + clean.count("\n") - clean.count("\n\n") if clean else 0


def _fill_media(article: Article, pages: Sequence[Page], contents: Sequence[etree._Element]) -> None:
    for page, content in zip(pages, contents, strict=True):
        article.images += media.images_of(page, content)
        article.embeds += media.embeds_of(page, content)
        article.links += media.links_of(page, content)
    if found := featured_image(pages[0]):
        article.image, article.sources["image"] = found
    article.sources |= dict.fromkeys(("images", "embeds", "links"), "theme")


def _fill_box_fields(article: Article, page: Page) -> None:
    """What comes from the boxes behind the article, and where the fields without a table row came from."""
    _describe_authors(article.authors, page)
    article.related = _related(page)
    given = article.sources
    given["url"] = "rel" if page.canonical and article.url == normalise_url(page.canonical) else "page"
    given["related"] = "theme"
    given |= dict.fromkeys(_COMPUTED, "computed")
    for name, of in _COMES_WITH.items():
        if of in given:
            given[name] = given[of]
    for name in ("crawled_at", "discovered_by"):
        given[name] = "crawl"


def _describe_authors(authors: list[Author], page: Page) -> None:
    """Give each author the bio and website of the box that names the same person."""
    queries = page.theme.author_box
    for box in page.region("author_boxes")[:_MOST_BOXES]:
        name = first(box, queries.name)
        if name is None:
            continue
        url, text = page.absolute(name.get("href")), clean(text_of(name))
        for author in authors:
            if author["name"] == text or (url and author["url"] == url):
                bio, site = first(box, queries.bio), first(box, queries.website)
                author["bio"] = (clean(text_of(bio)) or None) if bio is not None else None
                author["website"] = page.absolute(site.get("href")) if site is not None else None


def _related(page: Page) -> list[Related]:
    found: list[Related] = []
    for region in page.region("related"):
        for link in select(region, page.theme.related):
            headline, url = clean(text_of(link)), page.absolute(link.get("href"))
            if headline and url:
                found.append({"headline": headline, "url": url})
    return found
