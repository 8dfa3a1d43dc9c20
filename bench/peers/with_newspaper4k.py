"""newspaper4k, without fetching images."""

from typing import Any

from newspaper import Article, ArticleException, Config
from serving import serve

configuration = Config()
configuration.fetch_images = False


def extract(html: bytes, url: str) -> Article:
    article = Article(url, config=configuration)
    article.download(input_html=html.decode())
    article.parse()
    return article


def values(found: Article) -> dict[str, Any]:
    """Its article by our names."""
    return {
        "headline": found.title,
        "published_at": found.publish_date.isoformat() if found.publish_date else None,
        "authors": found.authors,
        "tags": sorted(found.tags or ()),
        "image": found.top_image,
        "description": found.meta_description,
        "language": found.meta_lang,
        "body": found.text,
    }


serve(extract, values, ["newspaper4k", "lxml"], (ArticleException,))
