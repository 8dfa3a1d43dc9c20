"""Every format as a row: name, endings, what writes it, what it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from newscrawl.exceptions import UsageProblem
from newscrawl.export.fields import FIELDS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FEED_FIELDS = ("url", "post_id", "headline", "published_at", "modified_at", "first_seen_at", "changed_at", "language")
"""What a feed says of an entry whatever fields were asked for."""


@dataclass(frozen=True, slots=True)
class Options:
    """
    What a writer is told. ``fields`` are those to write, in order; ``bom`` is for CSV; the rest is for feeds.

    ``site`` is the address of the site, ``updated`` the last change of an entry, ``feed_id`` an IRI that stays the
    same, ``feed_url`` where the feed will be found.
    """

    fields: tuple[str, ...] = FIELDS
    bom: bool = False
    title: str = ""
    site: str = ""
    language: str | None = None
    updated: datetime = EPOCH
    feed_id: str = ""
    feed_url: str | None = None


class Writer(Protocol):
    """Writes articles to a binary file that it does not close; what is there after ``close`` is whole."""

    def __init__(self, file: BinaryIO, options: Options) -> None: ...

    def write(self, article: Mapping[str, Any]) -> None:
        """Add one article; it has at least the fields of the options, and what the format needs."""

    def close(self) -> None:
        """Write what ends the file."""


@dataclass(frozen=True, slots=True)
class Format:
    """
    A format ``name``, written by ``writer`` (module and class). ``needs`` names a package that is an extra.

    ``is_feed``: it is for feed readers, and has no articles that are gone.
    """

    name: str
    endings: tuple[str, ...]
    writer: str
    help: str
    is_binary: bool = False
    is_feed: bool = False
    needs: str | None = None
    reads: tuple[str, ...] = ()

    def load(self) -> Callable[[BinaryIO, Options], Writer]:
        """
        The writer's class, imported when it is wanted.

        :raises UsageProblem: a package that it needs is not installed
        """
        self.check()
        module, _, name = self.writer.rpartition(".")
        return cast("Callable[[BinaryIO, Options], Writer]", getattr(import_module(module), name))

    def check(self) -> None:
        """
        Refuse a format whose package is missing, or is there and does not load.

        :raises UsageProblem: it is so
        """
        if not self.needs:
            return
        try:
            import_module(self.needs)
        except ImportError as error:
            is_missing = isinstance(error, ModuleNotFoundError) and error.name == self.needs
            needed = self.needs if is_missing else f"{self.needs}, which does not load ({error})"
            raise UsageProblem(f"{self.name} needs {needed}: pip install -r requirements-extras.txt") from error


_HERE = "newscrawl.export"
_ALL = (
    Format("jsonl", (".jsonl", ".ndjson"), f"{_HERE}.jsonl.JsonLinesWriter", "JSON Lines, an object a line"),
    Format("json", (".json",), f"{_HERE}.json_array.JsonWriter", "one JSON array"),
    Format("csv", (".csv",), f"{_HERE}.csv_table.CsvWriter", "a row an article, lists and objects as JSON text"),
    Format(
        "parquet",
        (".parquet",),
        f"{_HERE}.parquet.ParquetWriter",
        "typed columns",
        is_binary=True,
        needs="pyarrow",
    ),
    Format("rss", (".rss",), f"{_HERE}.rss.RssWriter", "RSS 2.0 with the full text", is_feed=True, reads=FEED_FIELDS),
    Format("atom", (".atom",), f"{_HERE}.atom.AtomWriter", "Atom with the full text", is_feed=True, reads=FEED_FIELDS),
    Format(
        "jsonfeed",
        (".jsonfeed",),
        f"{_HERE}.jsonfeed.JsonFeedWriter",
        "JSON Feed 1.1 with the full text",
        is_feed=True,
        reads=FEED_FIELDS,
    ),
    Format(
        "schemaorg",
        (".jsonld",),
        f"{_HERE}.schemaorg.SchemaOrgWriter",
        "schema.org NewsArticle, a JSON-LD object a line",
    ),
)
FORMATS = {one.name: one for one in _ALL}


def format_of(name: str | None, path: str | None) -> Format:
    """
    The format of that name; without one, that of the file's ending.

    :raises UsageProblem: there is none
    """
    if name is not None:
        if name not in FORMATS:
            raise UsageProblem(f"--format {name!r}: allowed are {', '.join(FORMATS)}")
        return FORMATS[name]
    ending = Path((path or "").removesuffix(".gz")).suffix
    for one in _ALL:
        if ending in one.endings:
            return one
    raise UsageProblem(f"--format is missing: allowed are {', '.join(FORMATS)}")
