"""A page that stops before its end is no page, however well it was carried."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from newscrawl.downloadermiddlewares.cut_answer import tried_again

END = b"</html"
TAIL = 1_000
"""Bytes at the end of a page where its end mostly is."""
OF_PAGES = frozenset({"parse_home", "parse_section", "parse_article", "parse_part"})
"""Callbacks that read a page; sitemaps and feeds may be sent as HTML too, and tell by themselves whether they end."""


class WholePageMiddleware:
    """
    Asks again for a page without ``</html>``, once the site has shown that its pages have one; counts
    ``newscrawl/cut/page``.

    So ends a page whose PHP has died, and one whose length the server tells wrong or not at all. HTML does not need
    the tag, and some sites leave it out of every page: there only an empty page, and one that ended with its
    connection, is known to be cut.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._is_usual = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "WholePageMiddleware":
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response | Request:
        is_page = getattr(request.callback, "__name__", "") in OF_PAGES and isinstance(response, HtmlResponse)
        if response.status != 200 or not is_page:
            return response
        body = response.body
        if END in body[-TAIL:].lower() or END in body.lower():
            self._is_usual = True
            return response
        if body.strip() and not self._is_usual and "partial" not in response.flags:
            return response
        self.crawler.stats.inc_value("newscrawl/cut/page")
        return tried_again(request, self.crawler, "the page stops before its end")
