"""Today's extraction over the archived pages of what is stored: what would change, and the change itself."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newscrawl.archive.articles import extract_again
from newscrawl.exceptions import UnreadableRecordError, UnusablePageError
from newscrawl.extraction.article import EXTRACTOR_VERSION
from newscrawl.extraction.theme import Site, Themes
from newscrawl.pipelines.validate import judge
from newscrawl.revisions.fields import Operation, changes
from newscrawl.storage.rows import changed_fields
from newscrawl.storage.store import OF_THE_PAGE, Store

EXAMPLES = 3
"""Articles that are shown for each field."""


@dataclass(frozen=True, slots=True)
class Example:
    """An article whose field changes, with the operations of that change; see revisions.fields."""

    url: str
    headline: str
    changes: list[Operation]


@dataclass(slots=True)
class Reextraction:
    """
    What was found: counts of articles, for each field how many change and some of them.

    ``no_article`` are those whose pages give no article any more, with the reason; ``unreadable`` those whose record
    is missing or damaged; both stay as they are.
    """

    extractor_version: str = EXTRACTOR_VERSION
    applied: bool = False
    archived: int = 0
    not_archived: int = 0
    same: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    no_article: list[dict[str, str]] = field(default_factory=list)
    unreadable: list[dict[str, str]] = field(default_factory=list)


def reextract(store: Store, folder: Path, theme: Themes | Site, numbers: Iterable[int], apply: bool) -> Reextraction:
    """
    Extract articles again from the pages that their present versions came from.

    :param folder: of the archive
    :param numbers: rows of the articles
    :param apply: store what differs, as the work of other rules and never as an edit; goes on where it was killed,
        since what is stored already does not differ
    :raises StoreError: the store cannot be read or written
    """
    result = Reextraction(applied=apply)
    for number in numbers:
        captures = store.captures(number)
        if not captures:
            result.not_archived += 1
            continue
        result.archived += 1
        before = store.stored(number)
        try:
            article = extract_again(folder, captures, theme)
        except UnreadableRecordError as error:
            result.unreadable.append({"url": before["url"], "why": str(error)})
            continue
        except UnusablePageError as error:
            result.no_article.append({"url": before["url"], "reason": error.reason})
            continue
        reason, _ = judge(article)
        if reason:
            result.no_article.append({"url": before["url"], "reason": reason})
            continue
        _compare(result, before, store.restated(number, article))
        if apply:
            store.restate(number, article)
    return result


def _compare(result: Reextraction, before: dict[str, Any], after: dict[str, Any]) -> None:
    fields = changed_fields(before, after, OF_THE_PAGE)
    result.changed += bool(fields)
    result.same += not fields
    result.fields.update(fields)
    for name in fields:
        examples = result.examples.setdefault(name, [])
        if len(examples) < EXAMPLES:
            operations = changes(name, before[name], after[name])
            examples.append(Example(before["url"], before["headline"], operations))
