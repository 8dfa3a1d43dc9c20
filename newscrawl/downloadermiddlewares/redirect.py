"""Redirects, so that every address of an article is learnt."""

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

VALIDATORS = ("If-None-Match", "If-Modified-Since")


class RememberingRedirectMiddleware(RedirectMiddleware):
    """
    Follows redirects even to an address this run has asked before.

    Scrapy drops such a request as a duplicate, without a word; then the old address would never be joined to its
    article. Loops end at REDIRECT_MAX_TIMES. Validators stay behind: they are of the page that was asked for.
    """

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        result = super().process_response(request, response)
        if not isinstance(result, Request):
            return result
        for name in VALIDATORS:
            result.headers.pop(name, None)
        return result.replace(dont_filter=True)
