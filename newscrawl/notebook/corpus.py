"""``newscrawl.open_store()``: what is stored, as data frames."""

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from newscrawl.configuration import from_environment
from newscrawl.exceptions import UsageProblem
from newscrawl.notebook.columns import Column, field, listed, of_article, plain
from newscrawl.storage import open_store, tables
from newscrawl.storage.schema import FIELDS
from newscrawl.storage.selecting import BOOKKEEPING, Selection, select
from newscrawl.storage.tables import Rows

if TYPE_CHECKING:
    from newscrawl.storage.store import Store

LIBRARIES = {"pandas": "pip install -r requirements-extras.txt", "polars": "pip install polars"}
STATES = ("new", "updated", "unchanged", "gone")
Names = str | Sequence[str]


class Corpus:
    """
    A store that is only read. It is opened anew for each frame, so a crawl may write meanwhile.

    Moments are timestamps in UTC, lists are lists, missing values are missing. Every method raises StoreError where
    the database cannot be read.
    """

    def __init__(self, url: str | None = None, library: str = "pandas") -> None:
        """
        :param url: as NEWSCRAWL_DATABASE_URL, which it is by default, or a path
        :param library: whose frames these are, pandas or polars
        :raises UsageProblem: no such library, or it is not installed or does not load
        :raises NewscrawlError: there is no database of today's schema
        """
        if library not in LIBRARIES:
            raise UsageProblem(f"library={library!r}: allowed is {' or '.join(LIBRARIES)}")
        try:
            import_module(library)
        except ImportError as error:
            is_missing = isinstance(error, ModuleNotFoundError) and error.name == library
            needed = library if is_missing else f"{library}, which does not load ({error})"
            raise UsageProblem(f"data frames need {needed}: {LIBRARIES[library]}") from error
        given = from_environment("NEWSCRAWL_DATABASE_URL") if url is None else str(url)
        self.url = given if "://" in given else f"sqlite:///{given}"
        self.library = library
        self._open().close()

    def articles(
        self,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        section: Names = (),
        tag: Names = (),
        author: Names = (),
        search: str | None = None,
        state: Names = (),
        limit: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> Any:
        """
        A row an article, newest first: every field and the row's bookkeeping, or ``fields``.

        The filters are those of ``scrapy export`` and combine: days of publication in UTC, both included; names or
        slugs in any case; ``search`` in FTS5's syntax.

        :raises UsageProblem: a filter or field that is not known
        """
        names = _known("fields", (*FIELDS, *BOOKKEEPING) if fields is None else fields, (*FIELDS, *BOOKKEEPING))
        selection = Selection(
            since=_day("since", since),
            until=_day("until", until),
            section=_several(section),
            tag=_several(tag),
            author=_several(author),
            search=search,
            state=_known("state", _several(state), STATES),
            limit=_limit(limit),
        )
        with closing(self._open()) as store:
            columns = of_article(names, select(store, selection, names))
        return self._frame(columns)

    def revisions(self, fields: Sequence[str] = ()) -> Any:
        """
        A row a version of an article, in the order in which they were seen; the first versions are among them.

        ``url`` is the address that the article has now, ``changed_fields`` a list, ``cause`` edit or extraction;
        ``fields`` are added as they were in that version.
        """
        names = [name for name in _known("fields", fields, FIELDS) if name != "url"]
        return self._table(lambda store: tables.versions(store, names))

    def tags(self) -> Any:
        """A row a tag of an article, the newest articles first."""
        return self._table(tables.tags)

    def view(self, name: str) -> Any:
        """A view for analysis: paragraphs, questions, headline_rewrites and so on; see ``make browse``."""
        (known,) = _known("view", (name,), tables.VIEW_NAMES)
        return self._table(lambda store: tables.view(store, known))

    def query(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> Any:
        """
        What one SELECT of your own answers; a column whose name ends with ``_at`` is one of moments.

        :raises StoreError: SQLite does not understand it
        """
        return self._table(lambda store: tables.query(store, sql, values))

    def _open(self) -> "Store":
        return open_store(self.url, readonly=True)

    def _table(self, read: "Callable[[Store], Rows]") -> Any:
        with closing(self._open()) as store:
            found = read(store)
        values = [list(column) for column in zip(*found.rows, strict=True)] or [[] for _ in found.names]
        return self._frame(
            [_column(name, column, name in found.nested) for name, column in zip(found.names, values, strict=True)]
        )

    def _frame(self, columns: list[Column]) -> Any:
        return import_module(f"newscrawl.notebook.{self.library}_frame").to_frame(columns)


def _column(name: str, values: list[Any], is_nested: bool) -> Column:
    if not is_nested:
        return plain(name, values)
    decoded = [None if value is None else json.loads(value) for value in values]
    return field(name, decoded) if name in FIELDS else listed(name, decoded)


def _several(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _known(what: str, names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The names, if all of them are known."""
    names = _several(names)
    for name in names:
        if name not in known:
            (nearest,) = difflib.get_close_matches(str(name), known, n=1, cutoff=0)
            raise UsageProblem(f"{what}={name!r}: is not known; the nearest is {nearest}")
    return names


def _day(what: str, given: date | str | None) -> date | None:
    if not isinstance(given, str):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise UsageProblem(f"{what}={given!r}: allowed is an ISO date such as 2025-05-03") from error


def _limit(given: int | None) -> int | None:
    if given is not None and given < 1:
        raise UsageProblem(f"limit={given}: allowed is a whole number from 1 up")
    return given
