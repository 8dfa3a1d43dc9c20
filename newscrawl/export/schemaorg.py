"""schema.org: a NewsArticle a line, as JSON-LD. What is unknown is left out."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from newscrawl.export.formats import Options
from newscrawl.export.jsonl import encoded


class SchemaOrgWriter:
    """One object a line, each with its context, so that every line stands for itself."""

    def __init__(self, file: BinaryIO, options: Options) -> None:
        self._file = file
        self._fields = options.fields

    def write(self, article: Mapping[str, Any]) -> None:
        known = {name: article[name] for name in self._fields}
        self._file.write(encoded(news_article(known)) + b"\n")

    def close(self) -> None:
        """Nothing: each line ends itself."""


def news_article(article: Mapping[str, Any]) -> dict[str, Any]:
    """The NewsArticle of an article, of those of its fields that are there."""
    get = article.get
    url, minutes = get("url"), get("reading_minutes")
    pictures = [one for one in (get("image"), *(get("images") or ())) if one]
    return _filled(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "@id": url,
            "url": url,
            "mainEntityOfPage": {"@type": "WebPage", "@id": url} if url else None,
            "identifier": str(get("post_id")) if get("post_id") else None,
            "headline": get("headline"),
            "alternativeHeadline": get("subtitle"),
            "articleSection": get("section"),
            "author": [_person(one) for one in get("authors") or ()],
            "datePublished": get("published_at"),
            "dateModified": get("modified_at"),
            "inLanguage": get("language"),
            "timeRequired": f"PT{minutes}M" if minutes else None,
            "image": [_image(one) for one in pictures],
            "keywords": get("tags"),
            "description": get("description"),
            "abstract": get("summary"),
            "articleBody": get("body"),
            "wordCount": get("word_count"),
            "hasPart": _questions(get("faq")),
            "sdDatePublished": get("crawled_at"),
        }
    )


def _person(author: Mapping[str, Any]) -> dict[str, Any]:
    return _filled(
        {
            "@type": "Person",
            "name": author["name"],
            "url": author["url"],
            "description": author["bio"],
            "sameAs": author["website"],
        }
    )


def _image(image: Mapping[str, Any]) -> dict[str, Any]:
    return _filled(
        {
            "@type": "ImageObject",
            "url": image["url"],
            "caption": image["caption"],
            "description": image["alt"],
            "width": image["width"],
            "height": image["height"],
        }
    )


def _questions(faq: Any) -> dict[str, Any] | None:
    if not faq:
        return None
    asked = [
        {
            "@type": "Question",
            "name": one["question"],
            "acceptedAnswer": {"@type": "Answer", "text": one["answer"]},
        }
        for one in faq
    ]
    return {"@type": "FAQPage", "mainEntity": asked}


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value != []}
