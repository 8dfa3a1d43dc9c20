"""goose3, without fetching images."""

from typing import Any

from goose3 import Configuration, Goose
from serving import serve

configuration = Configuration()
configuration.enable_image_fetching = False
configuration.parse_lists = True
goose = Goose(configuration)


def values(found: Any) -> dict[str, Any]:
    """Its article by our names; without fetching images it names that of Open Graph at most."""
    return {
        "headline": found.title,
        "published_at": found.publish_datetime_utc or found.publish_date,
        "authors": found.authors,
        "tags": found.tags,
        "image": found.opengraph.get("image"),
        "description": found.meta_description,
        "language": found.meta_lang,
        "body": found.cleaned_text,
    }


serve(lambda html, url: goose.extract(url=None, raw_html=html.decode()), values, ["goose3", "lxml"])
