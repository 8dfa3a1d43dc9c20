"""How a command fetches a few pages: through Scrapy's downloader, with the project's manners."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from newscrawl.configuration import user_agent
from newscrawl.exceptions import NewscrawlError


def fetch(process: Any, urls: Sequence[str]) -> list[Response]:
    """
    The pages at some addresses, in their order; nothing is stored.

    :param process: the command's crawler process, which can do this once
    :raises NewscrawlError: one of them could not or must not be fetched, or did not answer 200
    """
    fetched: dict[str, Response] = {}
    failed: dict[str, str] = {}

    class FewPagesSpider(Spider):
        """Fetches some addresses; the pipelines are off."""

        name = "few_pages"
        custom_settings = {
            "ITEM_PIPELINES": {},
            "EXTENSIONS": {},
            "FEEDS": {},
            "USER_AGENT": user_agent(process.settings),
        }

        async def start(self) -> AsyncIterator[Request]:
            for url in urls:
                yield Request(url, errback=self.note, cb_kwargs={"url": url}, dont_filter=True)

        def parse(self, response: Response, url: str) -> None:
            fetched[url] = response

        def note(self, failure: Failure) -> None:
            url, error = failure.request.cb_kwargs["url"], failure.value  # type: ignore[attr-defined]
            if isinstance(error, HttpError):
                failed[url] = f"{url} answered {error.response.status}"
            else:
                refused = isinstance(error, IgnoreRequest)  # by robots.txt, which the error names
                failed[url] = str(error) if refused else f"{url} could not be fetched: {error}"

    process.crawl(FewPagesSpider)
    process.start()
    for url in urls:
        if url not in fetched:
            raise NewscrawlError(failed.get(url, f"{url} could not be fetched"))
        if fetched[url].status != 200:
            raise NewscrawlError(f"{url} answered {fetched[url].status}")
    return [fetched[url] for url in urls]
