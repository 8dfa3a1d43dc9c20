"""Every page of an article, and on request every page, kept as it was received, in step with the store."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.http import Headers, Response

from newscrawl import clock
from newscrawl.archive.places import Place
from newscrawl.archive.reading import date_at
from newscrawl.archive.records import Exchange, Original, digest
from newscrawl.archive.recovery import close_leftovers
from newscrawl.archive.writing import ArchiveWriter
from newscrawl.exceptions import StoreError
from newscrawl.extensions.page_log import KINDS
from newscrawl.storage.archived import columns_of
from newscrawl.storage.runtime import RUN_ID, blame, is_storing, store_of, storing

logger = logging.getLogger(__name__)

ARTICLES = frozenset({"article", "part"})
MEGABYTE = 1024 * 1024


def is_kept(status: int) -> bool:
    """Whether an answer says what the site holds: a page, another address, or that it is gone. A 304 brings nothing."""
    return (status < 400 and status != 304) or status in {404, 410}


class PageArchiveExtension:
    """
    Writes WARC records under ``NEWSCRAWL_ARCHIVE_DIR`` and notes in ``pages`` where each page lies.

    It hears of an answer before anything is decompressed. The file is seen on disk before the rows that speak of it
    are committed, and what a killed run left open is closed before the first request. A page that comes again as it
    was is noted as seen again, not kept again. Counts ``newscrawl/archived/<response|revisit>``.

    :raises ArchiveError: the folder cannot be written
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.folder = Path(settings["NEWSCRAWL_ARCHIVE_DIR"])
        self.is_for_all = settings["NEWSCRAWL_ARCHIVE_PAGES"] == "all"
        most = settings.getint("NEWSCRAWL_ARCHIVE_SIZE") * MEGABYTE
        self.facts: dict[str, str] = {}  # known once the spider is: the User-Agent is among them
        self.writer = ArchiveWriter(self.folder, self.facts, most, crawler.spidercls.name)
        for path in close_leftovers(self.folder):
            logger.warning("%s was left open by a run that was killed; closed, up to its last whole record", path)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PageArchiveExtension":
        if not crawler.settings["NEWSCRAWL_ARCHIVE_DIR"] or not is_storing(crawler):
            raise NotConfigured
        if getattr(crawler.spider, "replay", None) is not None:
            raise NotConfigured  # it may be this very archive that answers
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.response_downloaded, signal=signals.response_downloaded)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self) -> None:
        settings, spider = self.crawler.settings, self.crawler.spider
        assert spider
        self.facts |= {
            "software": f"newscrawl, Scrapy/{scrapy.__version__} (+https://scrapy.org)",
            "isPartOf": spider.name,
            "http-header-user-agent": settings["USER_AGENT"],
            "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        }
        with self._blaming():
            store_of(self.crawler).before_commit.append(self.writer.sync)

    def response_downloaded(self, response: Response, request: Request) -> None:
        kind = KINDS.get(getattr(request.callback, "__name__", ""))
        if not is_kept(response.status) or not (self.is_for_all or kind in ARTICLES):
            return
        try:
            with storing(self.crawler) as store:
                exchange = _exchange(request, response)
                known = store.place_of(request.url) if response.status == 200 and kind else None
                original = self._original(request.url, known, response.body)
                place = self.writer.write(exchange, clock.now(), original)
                if response.status == 200 and kind:
                    kept = known if original and known else place
                    store.set_page(request.url, kind, **columns_of(kept, self._run))
        except (DropItem, StoreError):
            return  # the run has been told, and is ending
        self.crawler.stats.inc_value(f"newscrawl/archived/{'revisit' if original else 'response'}")

    @property
    def _run(self) -> int | None:
        number: int | None = self.crawler.stats.get_value(RUN_ID)
        return number

    def _original(self, url: str, known: Place | None, body: bytes) -> Original | None:
        """The record that holds the page already, if it is the same page and the record is there."""
        if known is None or known.digest != digest(body):
            return None
        date = date_at(self.folder, known)
        return Original(url, date) if date else None

    def spider_closed(self) -> None:
        with self._blaming():
            self.writer.close()

    @contextmanager
    def _blaming(self) -> Iterator[None]:
        """A StoreError becomes the failure of the run, in one line."""
        try:
            yield
        except StoreError as error:
            blame(self.crawler, error)


def _exchange(request: Request, response: Response) -> Exchange:
    address: Any = response.ip_address
    return Exchange(
        url=request.url,
        method=request.method,
        sent=_listed(request.headers),
        status=response.status,
        received=_listed(response.headers),
        body=response.body,
        protocol=response.protocol or "HTTP/1.1",
        ip_address=str(address) if address else None,
    )


def _listed(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Headers in their order, one entry a value."""
    return [(name, value) for name, values in headers.items() for value in values]
