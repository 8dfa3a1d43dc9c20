"""Trafilatura, with metadata."""

from typing import Any

from serving import serve
from trafilatura import bare_extraction


def values(found: Any) -> dict[str, Any]:
    """Its document by our names; it joins authors with a semicolon, and section and tags with commas."""
    return {
        "headline": found.title,
        "published_at": found.date,
        "authors": found.author.split("; ") if found.author else [],
        "section": found.categories[0].split(",")[0] if found.categories else None,
        "tags": found.tags or [],
        "image": found.image,
        "description": found.description,
        "body": found.text,
    }


serve(
    lambda html, url: bare_extraction(html, url=url, with_metadata=True),
    values,
    ["trafilatura", "lxml"],
)
