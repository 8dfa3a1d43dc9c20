"""What happens to an answer that was cut short: it has failed, and is tried again as any failed request is."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import IgnoreRequest


class CutAnswerError(IgnoreRequest):
    """An answer came in part only, each time that it was asked for. Raised in place of the answer."""


def tried_again(request: Request, crawler: Crawler, why: str) -> Request:
    """
    The request that asks once more.

    :param why: what is missing, in words
    :raises CutAnswerError: it was asked for often enough
    """
    assert crawler.spider
    again = get_retry_request(request, spider=crawler.spider, reason="cut_short")
    if again is None:
        raise CutAnswerError(f"{request.url}: {why}")
    return again
