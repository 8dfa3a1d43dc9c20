"""What a feed says of an article, whatever kind of feed it is."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from newscrawl.export.html import full_text, legal


@dataclass(frozen=True, slots=True)
class Entry:
    """
    An article as an entry: plain titles, ``content`` as HTML, times in UTC.

    ``id`` is WordPress's own, which outlives a change of address; else the address.
    """

    id: str
    url: str
    title: str
    published: datetime
    updated: datetime
    language: str | None
    summary: str | None
    content: str | None
    authors: list[dict[str, str | None]]
    categories: list[str]
    image: dict[str, Any] | None
    words: int | None


def site_of(url: str) -> str:
    """
    The home page of the site that an address is on.

    >>> site_of("https://newsjournos.com/a-story/")
    'https://newsjournos.com/'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def feed_id(site: str, filters: Mapping[str, Any]) -> str:
    """An IRI for the feed of a site, or of those of its articles that pass some filters; always the same one."""
    said = "&".join(f"{name}={filters[name]}" for name in sorted(filters))
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{site}#{said}").urn


def entry_of(article: Mapping[str, Any]) -> Entry:
    """The entry of an article, of which only the fields of FEED_FIELDS have to be there."""
    url, post_id = article["url"], article["post_id"]
    published = datetime.fromisoformat(article["published_at"])
    section, tags = article.get("section"), article.get("tags") or []
    return Entry(
        id=f"{site_of(url)}?p={post_id}" if post_id else url,
        url=legal(url),
        title=_line(article["headline"]),
        published=published,
        updated=_updated(article, published),
        language=article["language"],
        summary=_line(article.get("description") or article.get("subtitle") or "") or None,
        content=full_text(article),
        authors=[_author(one) for one in article.get("authors") or () if _line(one["name"])],
        categories=[name for name in dict.fromkeys(_line(name or "") for name in (section, *tags)) if name],
        image=article.get("image"),
        words=article.get("word_count"),
    )


def _updated(article: Mapping[str, Any], published: datetime) -> datetime:
    """The last change: by the page, or an edit seen by us. A version that other rules of extraction made is none."""
    first, changed = article.get("first_seen_at"), article.get("changed_at")
    moments = [article["modified_at"], changed if first and changed and changed > first else None]
    return max([published, *(datetime.fromisoformat(one) for one in moments if one)])


def _author(author: Mapping[str, Any]) -> dict[str, str | None]:
    return {"name": _line(author["name"]), "url": legal(author["url"]) if author["url"] else None}


def _line(text: str) -> str:
    return " ".join(legal(text).split())
