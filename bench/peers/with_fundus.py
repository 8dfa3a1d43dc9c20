"""Fundus, with a parser for this theme that is written by its guide for new publishers."""

from datetime import datetime
from typing import Any

from fundus.parser import ArticleBody, BaseParser, ParserProxy, attribute
from fundus.parser.utility import (
    extract_article_body_with_selector,
    generic_author_parsing,
    generic_date_parsing,
    generic_nodes_to_text,
    generic_topic_parsing,
)
from lxml.etree import XPath
from serving import serve

TEXT = "//article[starts-with(@id, 'post-')]//div[contains(@class, 'entry-content')]"
HEADER = "[ancestor::*[contains(@class, 'the-post-header')]]"
PICTURED = "[ancestor::*[contains(@class, 'the-post-header') or @class='single-featured']]"
BLOCKS = "self::p or self::li or self::td or self::th or self::pre or self::blockquote"


class SmartMagParser(ParserProxy):
    """The theme as it is now."""

    class V1(BaseParser):
        """Structured data for the date, the page for what it shows."""

        _paragraphs = XPath(f"{TEXT}//*[{BLOCKS}][not(.//p)]")
        _headings = XPath(f"{TEXT}//*[self::h2 or self::h3 or self::h4 or self::h5 or self::h6]")
        _title = XPath(f"//h1{HEADER}")
        _authors = XPath(f"//a[@rel='author'][normalize-space()]{HEADER}")
        _boxes = XPath("//a[@rel='author'][normalize-space()][ancestor::*[contains(@class, 'author-box')]]")
        _time = XPath(f"string(//time{HEADER}/@datetime)")
        _section = XPath(f"//a[contains(@rel, 'category')]{HEADER}")
        _tags = XPath("//div[contains(@class, 'the-post-tags')]/a[@rel='tag']")
        _cover = XPath(f"//a[contains(@class, 'image-link')]{PICTURED}/@href")

        def _texts(self, selector: XPath) -> list[str]:
            return generic_nodes_to_text(selector(self.precomputed.doc), normalize=True)

        @attribute
        def title(self) -> str | None:
            return next(iter(self._texts(self._title)), None)

        @attribute
        def body(self) -> ArticleBody:
            return extract_article_body_with_selector(
                self.precomputed.doc, paragraph_selector=self._paragraphs, subheadline_selector=self._headings
            )

        @attribute
        def authors(self) -> list[str]:
            shown = self._texts(self._authors) or self._texts(self._boxes)
            return generic_author_parsing(list(dict.fromkeys(shown)))

        @attribute
        def publishing_date(self) -> datetime | None:
            stated = self.precomputed.ld.bf_search("datePublished") or self._time(self.precomputed.doc)
            return generic_date_parsing(stated or None)

        @attribute
        def topics(self) -> list[str]:
            return generic_topic_parsing(self._texts(self._tags))

        @attribute(validate=False)
        def section(self) -> str | None:
            return next(iter(self._texts(self._section)), None)

        @attribute(validate=False)
        def description(self) -> str | None:
            return self.precomputed.meta.get("description")

        @attribute(validate=False)
        def cover(self) -> str | None:
            return next(iter(self._cover(self.precomputed.doc)), self.precomputed.meta.get("og:image"))


parser = SmartMagParser()()


def values(found: dict[str, Any]) -> dict[str, Any]:
    """Its attributes by our names."""
    at = found["publishing_date"]
    return {
        "headline": found["title"],
        "published_at": at.isoformat() if at else None,
        "authors": found["authors"],
        "section": found["section"],
        "tags": found["topics"],
        "image": found["cover"],
        "description": found["description"],
        "body": str(found["body"]),
    }


serve(lambda html, url: parser.parse(html.decode(), error_handling="suppress"), values, ["fundus", "lxml"])
