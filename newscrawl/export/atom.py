"""Atom: the full text as HTML content, each author with an address, the image as an enclosure."""

from mimetypes import guess_type
from typing import Any
from urllib.parse import urlsplit

from feedgenerator import Atom1Feed
from feedgenerator.django.utils.feedgenerator import iri_to_uri

from newscrawl.export.entry import Entry
from newscrawl.export.html import legal
from newscrawl.export.xml_feed import XmlFeedWriter


class _Atom(Atom1Feed):
    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        _add_author(handler, {"name": self.feed["title"], "url": self.feed["link"]})  # for entries without one

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        language = item["entry"].language
        return {"xml:lang": language} if language and language != self.feed["language"] else {}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        entry: Entry = item["entry"]
        for author in entry.authors:
            _add_author(handler, author)
        if entry.content:
            handler.addQuickElement("content", entry.content, {"type": "html"})
        if entry.image:
            url = legal(entry.image["url"])
            kind = guess_type(urlsplit(url).path)[0]
            kinds = {"type": kind} if kind else {}
            handler.addQuickElement("link", None, {"rel": "enclosure", "href": iri_to_uri(url), **kinds})


def _add_author(handler: Any, author: dict[str, str | None]) -> None:
    handler.startElement("author", {})
    handler.addQuickElement("name", author["name"])
    if author["url"]:
        handler.addQuickElement("uri", iri_to_uri(author["url"]))
    handler.endElement("author")


class AtomWriter(XmlFeedWriter):
    """Entries in the order in which they come."""

    kind = _Atom
    around = (("feed", "root_attributes"),)
    element = "entry"
