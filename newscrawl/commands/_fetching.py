"""How a command fetches a few pages: through Scrapy's downloader, with the project's manners."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

from newscrawl.exceptions import NewscrawlError


def fetch(process: Any, urls: Sequence[str]) -> list[Response]:
    """
    The pages at some addresses, in their order; nothing is stored.

    :param process: the command's crawler process, which can do this once
    :raises NewscrawlError: one of them could not be fetched, or did not answer 200
    """
    fetched: dict[str, Response] = {}

    class FewPagesSpider(Spider):
        """Fetches some addresses; the pipelines are off."""

        name = "few_pages"
        custom_settings = {"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "FEEDS": {}}

        async def start(self) -> AsyncIterator[Request]:
            for url in urls:
                yield Request(url, meta={"handle_httpstatus_all": True}, cb_kwargs={"url": url}, dont_filter=True)

        def parse(self, response: Response, url: str) -> None:
            fetched[url] = response

    process.crawl(FewPagesSpider)
    process.start()
    for url in urls:
        if url not in fetched:
            raise NewscrawlError(f"{url} could not be fetched")
        if fetched[url].status != 200:
            raise NewscrawlError(f"{url} answered {fetched[url].status}")
    return [fetched[url] for url in urls]
