"""Validation: an article that breaks a rule is kept as a reject, with the reason, and goes no further."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from itemadapter import ItemAdapter
from jsonschema import Draft202012Validator
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from newscrawl.items import Alias, Article, Rejection
from newscrawl.storage.rows import as_dict
from newscrawl.storage.runtime import store_of

EARLIEST = "1990-01-01"
"""No news site is older; essays on this one are back-dated by years, not decades."""
_MARKUP = re.compile(r"</?(?:script|style|iframe|div|span|table|svg)\b[^>]*>|\bjavascript:", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def _latest() -> str:
    return (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="seconds")


def _texts(article: Article) -> Iterator[str]:
    yield from (article.headline, article.body, article.lead or "", article.summary or "", article.subtitle or "")
    yield from article.tags


# reason: what a good article holds; the first that does not hold is the reason
RULES: dict[str, Callable[[Article], bool]] = {
    "no_date": lambda article: bool(article.published_at),
    "implausible_date": lambda article: EARLIEST <= (article.published_at or "") <= _latest(),
    "no_text": lambda article: len(article.body.split()) >= 3,
    "headline_too_long": lambda article: len(article.headline) <= 500,
    "markup_in_text": lambda article: not any(_MARKUP.search(text) for text in _texts(article)),
    "control_character": lambda article: not any(_CONTROL.search(text) for text in _texts(article)),
}


class ValidatePipeline:
    """Judges articles by the JSON Schema of the item class and by RULES; counts ``newscrawl/rejected/<reason>``."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.validator = Draft202012Validator(ItemAdapter.get_json_schema(Article))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ValidatePipeline":
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Rejection):
            self._reject(item.url, item.reason, item.detail, None)
        if isinstance(item, Alias):
            return item
        reason, detail = self.judge(item)
        if reason:
            self._reject(item.url, reason, detail, item)
        return item

    def judge(self, article: Article) -> tuple[str | None, str | None]:
        """The reason to reject an article, with detail; None where it is good."""
        broken = next((reason for reason, holds in RULES.items() if not holds(article)), None)
        if broken:
            return broken, None
        error = next(self.validator.iter_errors(as_dict(article)), None)
        return (f"schema_{error.path[0] if error.path else 'item'}", error.message[:300]) if error else (None, None)

    def _reject(self, url: str, reason: str, detail: str | None, item: Article | None) -> None:
        self.crawler.stats.inc_value(f"newscrawl/rejected/{reason}")
        run_id = self.crawler.stats.get_value("newscrawl/run_id")
        store_of(self.crawler).reject(url, reason, detail, item, run_id)
        raise DropItem(f"{reason}: {url}", log_level="DEBUG")
