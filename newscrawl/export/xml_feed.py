"""What RSS and Atom share: feedgenerator's elements, written as the articles come."""

import codecs
import html
from collections.abc import Mapping
from typing import Any, BinaryIO

from feedgenerator import Atom1Feed, Rss201rev2Feed
from feedgenerator.django.utils.xmlutils import SimplerXMLGenerator

from newscrawl.export.entry import Entry, entry_of
from newscrawl.export.formats import Options

Kind = type[Rss201rev2Feed] | type[Atom1Feed]


def channel_of(kind: Kind, options: Options) -> Any:
    """The feed without its entries; feedgenerator would keep them all in memory."""
    feed = kind(
        title=options.title,
        link=options.site,
        description=f"Articles of {options.site}",
        language=options.language,
        feed_url=options.feed_url,
        feed_guid=options.feed_id,
    )
    feed.latest_post_date = lambda: options.updated
    return feed


class XmlFeedWriter:
    """A feed that begins with the first article and ends when it is closed."""

    kind: Kind
    around: tuple[tuple[str, str], ...]
    """The elements around the entries, and the method of the feed that gives the attributes of each."""
    element: str

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self._feed = channel_of(self.kind, options)
        self._xml = SimplerXMLGenerator(codecs.getwriter("utf-8")(file), "utf-8", short_empty_elements=True)
        self._xml.startDocument()
        for name, attributes in self.around:
            self._xml.startElement(name, getattr(self._feed, attributes)())
        self._feed.add_root_elements(self._xml)

    def write(self, article: Mapping[str, Any]) -> None:
        item = self._item(entry_of(article))
        self._xml.characters("\n")
        self._xml.startElement(self.element, self._feed.item_attributes(item))
        self._feed.add_item_elements(self._xml, item)
        self._xml.endElement(self.element)

    def _item(self, entry: Entry) -> dict[str, Any]:
        """The entry as feedgenerator keeps it, and whole beside that."""
        self._feed.add_item(
            title=entry.title,
            link=entry.url,
            description=html.escape(entry.summary, quote=False) if entry.summary else None,  # it is read as HTML
            pubdate=entry.published,
            updateddate=entry.updated,
            unique_id=entry.id,
            unique_id_is_permalink=entry.id == entry.url,
            categories=entry.categories,
            entry=entry,
        )
        item: dict[str, Any] = self._feed.items.pop()
        return item

    def close(self) -> None:
        self._xml.characters("\n")
        for name, _ in reversed(self.around):
            self._xml.endElement(name)
        self._xml.endDocument()
        self._xml.characters("\n")
