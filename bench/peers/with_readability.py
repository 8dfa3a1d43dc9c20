"""readability-lxml: a title and the HTML of the text, which is turned to text outside the measured time."""

from typing import Any

import lxml.html
from readability import Document
from serving import serve


def extract(html: bytes, url: str) -> tuple[str, str]:
    document = Document(html.decode(), url=url)
    return document.short_title(), document.summary()


def values(found: tuple[str, str]) -> dict[str, Any]:
    """The text block by block."""
    title, summary = found
    blocks = lxml.html.fromstring(summary).iter("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "pre")
    texts = [text for block in blocks if (text := block.text_content().strip()) and block.find(".//p") is None]
    return {"headline": title, "body": "\n\n".join(texts)}


serve(extract, values, ["readability-lxml", "lxml"])
