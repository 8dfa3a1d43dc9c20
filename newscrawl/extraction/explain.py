"""What each source of each field finds on a page: for whoever adds a field, or asks why a value is what it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newscrawl.extraction.article import read_source
from newscrawl.extraction.dates import Moment
from newscrawl.extraction.page import Page
from newscrawl.extraction.sources import Source


@dataclass(frozen=True, slots=True)
class Answer:
    """One source's clean value for a field, None where it has none; ``chosen`` marks the one that was taken."""

    field: str
    source: Source
    value: Any
    chosen: bool


def explain(page: Page, origins: dict[str, str]) -> Iterator[Answer]:
    """
    Every source of every field of the page's theme, in order of trust.

    :param origins: ``Article.sources`` of the article that the page gave
    """
    for field, sources in page.theme.article.items():
        open_ = field in origins
        for source in sources:
            value = read_source(field, source, page)
            chosen = open_ and value is not None and source.origin == origins[field]
            open_ = open_ and not chosen
            yield Answer(field, source, value.at if isinstance(value, Moment) else value, chosen)
