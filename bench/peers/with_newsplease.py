"""news-please, without fetching images."""

from typing import Any

from newsplease import NewsPlease
from serving import serve


def values(found: Any) -> dict[str, Any]:
    """Its article by our names."""
    return {
        "headline": found.title,
        "published_at": found.date_publish.isoformat() if found.date_publish else None,
        "authors": found.authors,
        "image": found.image_url,
        "description": found.description,
        "language": found.language,
        "body": found.maintext,
    }


serve(
    lambda html, url: NewsPlease.from_html(html, url=url, fetch_images=False),
    values,
    ["news-please", "lxml"],
)
