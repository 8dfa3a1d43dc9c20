"""How right an extractor's values are: exact matches a field, and F1 of the words of the text."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Values = Mapping[str, Any]
NOT_OF_THE_PAGE = {"sources", "content_hash", "extractor_version", "crawled_at", "discovered_by"}


def folded(text: str | None) -> str | None:
    """Text with each run of white space as one space; None for nothing."""
    return " ".join(text.split()) or None if text else None


def instant(value: str | None) -> datetime | None:
    """A moment in UTC; None for a date without a time. One without an offset counts as UTC."""
    if not value or len(value) <= len("2025-01-01"):
        return None
    at = datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def same_day(found: str | None, article: Values) -> bool:
    """Whether a date is that of the publication, by UTC or by the site's own clock."""
    days = {str(article[name] or "")[:10] for name in ("published_at", "published_raw")}
    return bool(found) and str(found)[:10] in days


def language(tag: str | None) -> str | None:
    """What is told by all: en of en-US."""
    return re.split("[-_]", tag)[0].lower() if tag else None


CHECKS: dict[str, Callable[[Values, Values], bool]] = {
    "headline": lambda found, true: folded(found["headline"]) == folded(true["headline"]),
    "published_at": lambda found, true: instant(found["published_at"]) == instant(true["published_at"]),
    "day": lambda found, true: same_day(found["published_at"], true),
    "authors": lambda found, true: found["authors"] == [one["name"] for one in true["authors"]],
    "section": lambda found, true: folded(found["section"]) == true["section"],
    "tags": lambda found, true: sorted(found["tags"]) == sorted(true["tags"]),
    "image": lambda found, true: (found["image"] or None) == (true["image"] or {}).get("url"),
    "description": lambda found, true: folded(found["description"]) == true["description"],
    "language": lambda found, true: language(found["language"]) == language(true["language"]),
    "body": lambda found, true: folded(found["body"]) == folded(true["body"]),
}
"""Whether a value that was found is that of the true article, by column."""
NEEDS = {"day": "published_at"}
"""The value that a column looks at, where it has another name."""


def f1(found: str | None, true: str) -> float:
    """F1 of the words of a text, as multisets."""
    ours, theirs = Counter((found or "").split()), Counter(true.split())
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def whole_text(article: Values) -> str:
    """The body with the blocks that have fields of their own, which peers leave in the text."""
    asked = [text for pair in article["faq"] for text in (pair["question"], pair["answer"])]
    blocks = [*article["outline"], *article["key_points"], article["summary"] or "", *asked]
    return "\n\n".join([article["body"], *blocks])


def scores(found: list[Values | None], truths: list[Values]) -> dict[str, float]:
    """Shares from 0 to 1 by column, of the columns that an extractor has values for; a page without any is wrong."""
    given = set().union(*(values for values in found if values))
    told = {}
    for column, is_right in CHECKS.items():
        if NEEDS.get(column, column) in given:
            pairs = zip(found, truths, strict=True)
            told[column] = mean(bool(values) and is_right(values, true) for values, true in pairs)
    if "body" in given:
        pairs = [(values or {"body": None}, true) for values, true in zip(found, truths, strict=True)]
        told["F1 of body"] = mean(f1(values["body"], true["body"]) for values, true in pairs)
        told["F1 of text"] = mean(f1(_text_of(values), whole_text(true)) for values, true in pairs)
    return told


def _text_of(values: Values) -> str | None:
    return whole_text(values["article"]) if "article" in values else values["body"]


def by_field(articles: list[Values | None], truths: list[Values]) -> dict[str, float]:
    """Exact shares of each field of ours that is the page's."""
    names = [name for name in truths[0] if name not in NOT_OF_THE_PAGE]
    pairs = list(zip(articles, truths, strict=True))
    return {name: mean(bool(article) and article[name] == true[name] for article, true in pairs) for name in names}


def mean(values: Any) -> float:
    """The mean of some numbers or truth values, at least one."""
    listed = [float(value) for value in values]
    return sum(listed) / len(listed)
