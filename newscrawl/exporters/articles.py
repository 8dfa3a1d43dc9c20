"""Item exporters that hand each article of a crawl to a writer of newscrawl.export."""

from typing import Any, BinaryIO

from itemadapter import ItemAdapter
from scrapy.crawler import Crawler
from scrapy.exporters import BaseItemExporter

from newscrawl import clock
from newscrawl.export.entry import feed_id, site_of
from newscrawl.export.fields import FIELDS
from newscrawl.export.formats import FORMATS, Options, Writer
from newscrawl.items import Article


class ArticleExporter(BaseItemExporter):
    """
    Writes the articles in the order in which they are scraped; other items are passed over.

    The writer begins with the first article, whose site and language are those of a feed.
    """

    format_name: str

    def __init__(self, file: BinaryIO, site: str, **kwargs: Any) -> None:
        super().__init__(dont_fail=True, **kwargs)
        self._make = FORMATS[self.format_name].load()
        self._file = file
        self._site = site
        self._writer: Writer | None = None
        chosen = tuple(self.fields_to_export or FIELDS)
        self._fields = tuple(name for name in chosen if name in FIELDS)

    @classmethod
    def from_crawler(cls, crawler: Crawler, file: BinaryIO, **kwargs: Any) -> "ArticleExporter":
        return cls(file, site=crawler.spider.origin.url, **kwargs)  # type: ignore[union-attr]

    def export_item(self, item: Any) -> None:
        if isinstance(item, Article):
            self._begun(item).write(ItemAdapter(item).asdict())

    def finish_exporting(self) -> None:
        self._begun(None).close()

    def _begun(self, first: Article | None) -> Writer:
        if self._writer is None:
            site = site_of(first.url) if first else self._site
            options = Options(
                self._fields,
                title=site.split("/")[2],
                site=site,
                language=first.language if first else None,
                updated=clock.now().replace(microsecond=0),
                feed_id=feed_id(site, {}),
            )
            self._writer = self._make(self._file, options)
        return self._writer


class ParquetExporter(ArticleExporter):
    """Typed columns; see newscrawl/export/parquet.py."""

    format_name = "parquet"


class RssExporter(ArticleExporter):
    """RSS 2.0; see newscrawl/export/rss.py."""

    format_name = "rss"


class AtomExporter(ArticleExporter):
    """Atom; see newscrawl/export/atom.py."""

    format_name = "atom"


class JsonFeedExporter(ArticleExporter):
    """JSON Feed; see newscrawl/export/jsonfeed.py."""

    format_name = "jsonfeed"
