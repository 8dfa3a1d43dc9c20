"""What an article leads to is done under its lease: it is not settled before its last part has come."""

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from newscrawl.workers.entry import LEASE, is_plain


class LeaseMiddleware:
    """Hands the lease of a response on to the requests that stay with this worker."""

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        lease = response.request.meta.get(LEASE) if response.request else None
        async for one in result:
            if lease and isinstance(one, Request) and not is_plain(one):
                one.meta[LEASE] = lease
            yield one
