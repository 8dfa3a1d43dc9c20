"""Redirects, so that every address of an article is learnt."""

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response


class RememberingRedirectMiddleware(RedirectMiddleware):
    """
    Follows redirects even to an address this run has asked before.

    Scrapy drops such a request as a duplicate, without a word; then the old address would never be joined to its
    article. Loops end at REDIRECT_MAX_TIMES.
    """

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        result = super().process_response(request, response)
        return result.replace(dont_filter=True) if isinstance(result, Request) else result
