"""Requests answered from WARC files, for experiments: nothing reaches the network."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from newscrawl.archive.replaying import Replay
from newscrawl.exceptions import UnreadableRecordError


class NotArchivedError(IgnoreRequest):
    """A request that the archive cannot answer. It is not sent either; counts as failed."""


class FromArchiveMiddleware:
    """
    Answers each request of a run with ``-a from_archive=`` by the last record of its address, or not at all.

    Stands next to the downloader: compressed bodies, redirects and refusals take the way that they always take.
    """

    def __init__(self, replay: Replay) -> None:
        self.replay = replay

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "FromArchiveMiddleware":
        replay = getattr(crawler.spider, "replay", None)
        if replay is None:
            raise NotConfigured
        return cls(replay)

    def process_request(self, request: Request) -> Response:
        try:
            answer = self.replay.answer(request.url)
        except UnreadableRecordError as error:
            raise NotArchivedError(str(error)) from error
        headers = Headers()
        for name, value in answer.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=answer.body)
        return kind(request.url, status=answer.status, headers=headers, body=answer.body)
