"""Validation: an article that breaks a rule is kept as a reject, with the reason, and goes no further."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import fastjsonschema
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl import clock
from newscrawl.items import Article, Rejection
from newscrawl.storage.rows import as_dict
from newscrawl.storage.runtime import RUN_ID, storing

logger = logging.getLogger(__name__)

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No news site is older; essays on this one are back-dated by years, not decades."""
SLACK = timedelta(days=2)
"""How far in the future a date may lie: time zones, and clocks that are wrong."""
LONGEST_HEADLINE = 500
LARGEST_NUMBER = 2**63 - 1

# What extraction did not take apart: a script, a closing tag, a tag with attributes. A story may well name "<div>".
_MARKUP = re.compile(r"<(?:script|style|iframe)\b|</[a-z][a-z0-9]*\s*>|<[a-z][a-z0-9]*\s+[a-z-]+\s*=", re.IGNORECASE)
# Control characters but tab and newline, and lone surrogates, which no UTF-8 file can hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def strings(values: Iterable[Any]) -> Iterator[str]:
    """Every text inside values, however deep."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from strings(value.values())
        elif isinstance(value, list):
            yield from strings(value)


def has_plausible_date(article: Article) -> bool:
    try:
        published = datetime.fromisoformat(article.published_at or "")
    except ValueError:  # the 31st of June
        return False
    return EARLIEST <= published <= clock.now() + SLACK


def has_no_markup(article: Article) -> bool:
    told = (article.headline, article.subtitle, article.body, article.summary)
    return not any("<" in text and _MARKUP.search(text) for text in strings((*told, article.faq, article.tags)))


def has_no_control_character(article: Article) -> bool:
    text = "\n".join(strings(as_dict(article).values()))
    return text.replace("\n", "").isprintable() or not _CONTROL.search(text)  # the first is fast, and mostly true


def has_storable_numbers(article: Article) -> bool:
    return max(article.post_id or 0, article.reading_minutes or 0, article.word_count) <= LARGEST_NUMBER


# reason: what a good article holds; the first that does not hold is the reason
RULES: dict[str, Callable[[Article], bool]] = {
    "implausible_date": has_plausible_date,
    "no_words": lambda article: any(map(str.isalpha, article.body)),
    "headline_too_long": lambda article: len(article.headline) <= LONGEST_HEADLINE,
    "number_too_large": has_storable_numbers,
    "markup_in_text": has_no_markup,
    "control_character": has_no_control_character,
}


def rules() -> dict[str, Any]:
    """
    The item class's JSON Schema as far as it judges.

    ``ItemAdapter.get_json_schema`` has the docstrings as well, for which it reads the source of the class once a field.
    """
    return {
        **Article.__json_schema_extra__,
        "type": "object",
        "properties": {one.name: one.metadata["json_schema_extra"] for one in fields(Article)},
        "additionalProperties": False,
    }


@cache
def checker() -> Any:
    """What checks an article's values against its JSON Schema; made once, with the first article."""
    return fastjsonschema.compile(rules(), use_default=False)


def judge(article: Article) -> tuple[str | None, str | None]:
    """The reason to reject an article, with detail; None where it is good."""
    try:
        checker()(as_dict(article))
    except fastjsonschema.JsonSchemaValueException as error:
        name = str(error.path[1]) if len(error.path) > 1 else "item"
        return f"{'schema' if getattr(article, name, None) else 'missing'}_{name}", error.message[:300]
    return next((reason for reason, holds in RULES.items() if not holds(article)), None), None


class ValidatePipeline:
    """
    Drops what breaks the JSON Schema of the item class or one of RULES, and what the spider itself rejects.

    Each is kept in the table ``rejects`` and counted as ``newscrawl/rejected/<reason>``. Reasons from the schema are
    ``missing_<field>`` and ``schema_<field>``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ValidatePipeline":
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Rejection):
            self._reject(item.url, item.reason, item.detail)
        elif isinstance(item, Article):
            reason, detail = judge(item)
            if reason:
                logger.warning("Rejected (%s): %s", reason, item.url)
                self._reject(item.url, reason, detail, item)
        return item

    def _reject(self, url: str, reason: str, detail: str | None, item: Article | None = None) -> None:
        assert self.crawler.stats
        with storing(self.crawler) as store:
            store.reject(url, reason, detail, item, self.crawler.stats.get_value(RUN_ID))
        self.crawler.stats.inc_value(f"newscrawl/rejected/{reason}")
        raise DropItem(f"{reason}: {url}", log_level="DEBUG")
