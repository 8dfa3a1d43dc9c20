"""RSS 2.0: the full text as ``content:encoded``, authors as ``dc:creator``, the last edit as ``atom:updated``."""

from typing import Any

from feedgenerator import Rss201rev2Feed
from feedgenerator.django.utils.feedgenerator import iri_to_uri, rfc3339_date

from newscrawl.export.entry import Entry
from newscrawl.export.html import legal
from newscrawl.export.xml_feed import XmlFeedWriter

_NAMESPACES = {
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:media": "http://search.yahoo.com/mrss/",
}


class _Rss(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), **_NAMESPACES}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        entry: Entry = item["entry"]
        for author in entry.authors:
            handler.addQuickElement("dc:creator", author["name"])
        handler.addQuickElement("atom:updated", rfc3339_date(entry.updated))
        if entry.content:
            handler.addQuickElement("content:encoded", entry.content)
        if entry.image:
            _add_image(handler, entry.image)


def _add_image(handler: Any, image: dict[str, Any]) -> None:
    """RSS's own enclosure wants a length in bytes, which is not known."""
    sizes = {name: str(image[name]) for name in ("width", "height") if image[name]}
    handler.startElement("media:content", {"url": iri_to_uri(legal(image["url"])), "medium": "image", **sizes})
    if caption := image["caption"] or image["alt"]:
        handler.addQuickElement("media:description", legal(caption), {"type": "plain"})
    handler.endElement("media:content")


class RssWriter(XmlFeedWriter):
    """Entries in the order in which they come."""

    kind = _Rss
    around = (("rss", "rss_attributes"), ("channel", "root_attributes"))
    element = "item"
