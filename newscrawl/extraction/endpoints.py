"""Where the site offers its articles to programs, as a page's head says."""

from typing import cast

from lxml import etree

from newscrawl.extraction.page import Page

_FEEDS = etree.XPath("/html/head/link[@rel='alternate' and @type='application/rss+xml']/@href", smart_strings=False)
_REST = "https://api.w.org/"


def feed_url(page: Page) -> str | None:
    """The site's feed; the first that the head names, since those of comments and sections come after it."""
    for href in cast("list[str]", _FEEDS(page.tree)):
        if url := page.absolute(href):
            return url
    return None


def rest_root(page: Page) -> str | None:
    """The root of WordPress's REST interface."""
    return page.head_link(_REST)
