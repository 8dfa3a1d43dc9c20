"""JSON Feed 1.1 (jsonfeed.org): an item a line of one JSON object."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from newscrawl.export.entry import Entry, entry_of
from newscrawl.export.formats import Options
from newscrawl.export.jsonl import encoded

VERSION = "https://jsonfeed.org/version/1.1"


class JsonFeedWriter:
    """The head of the feed, then items in the order in which they come."""

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self._file = file
        self._language = options.language
        head = {
            "version": VERSION,
            "title": options.title,
            "home_page_url": options.site,
            "feed_url": options.feed_url,
            "description": f"Articles of {options.site}",
            "language": options.language,
        }
        self._file.write(encoded(_without_nulls(head))[:-1] + b', "items": [')
        self._before = b"\n"

    def write(self, article: Mapping[str, Any]) -> None:
        self._file.write(self._before + encoded(item_of(entry_of(article))))
        self._before = b",\n"

    def close(self) -> None:
        self._file.write(b"\n]}\n")


def item_of(entry: Entry) -> dict[str, Any]:
    """The item of an entry; an item has to have a content, be it empty."""
    return _without_nulls(
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "content_html": entry.content or "",
            "summary": entry.summary,
            "image": entry.image["url"] if entry.image else None,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": [_without_nulls(author) for author in entry.authors] or None,
            "tags": entry.categories or None,
            "language": entry.language,
        }
    )


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
