"""Ours. Runs in the project's own environment, with the project's folder on the path."""

from dataclasses import asdict
from typing import Any

from serving import serve

from newscrawl import extract_article
from newscrawl.exceptions import UnusablePageError
from newscrawl.items import Article


def values(article: Article) -> dict[str, Any]:
    """What can be compared with the peers', and the whole article."""
    whole = asdict(article)
    named = {"image": (whole["image"] or {}).get("url"), "authors": [one["name"] for one in whole["authors"]]}
    return {**whole, **named, "article": whole}


serve(extract_article, values, ["lxml"], (UnusablePageError,))
