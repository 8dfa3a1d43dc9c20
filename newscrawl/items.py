"""The item class. Its fields and their docstrings are the data dictionary: schema, columns and README follow it."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypedDict

SCHEMA_ID = "https://newsjournos.com/newscrawl/article.schema.json"


class Crumb(TypedDict):
    name: str
    url: str


class Author(TypedDict):
    name: str
    url: str | None
    bio: str | None
    website: str | None


class Image(TypedDict):
    url: str
    alt: str | None
    caption: str | None
    width: int | None
    height: int | None


class Embed(TypedDict):
    kind: str
    url: str


class Link(TypedDict):
    text: str
    url: str


class BodySection(TypedDict):
    heading: str
    level: int | None
    paragraphs: list[str]


class Faq(TypedDict):
    question: str
    answer: str


class Related(TypedDict):
    headline: str
    url: str


JSON_TYPES: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    str | None: {"type": ["null", "string"]},
    int | None: {"type": ["null", "integer"]},
    list[str]: {"type": "array", "items": {"type": "string"}},
}


def _object(shape: type) -> dict[str, Any]:
    """The JSON Schema of a TypedDict: every key present, no other allowed."""
    properties = {name: JSON_TYPES[kind] for name, kind in shape.__annotations__.items()}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _text(**extra: Any) -> Any:
    return field(default=None, metadata={"json_schema_extra": {"type": ["null", "string"], **extra}})


def _required(**extra: Any) -> Any:
    return field(default="", metadata={"json_schema_extra": {"type": "string", "minLength": 1, **extra}})


def _number() -> Any:
    return field(default=None, metadata={"json_schema_extra": {"type": ["null", "integer"], "minimum": 0}})


def _list_of(shape: type) -> Any:
    items = {"type": "string"} if shape is str else _object(shape)
    return field(default_factory=list, metadata={"json_schema_extra": {"type": "array", "items": items}})


UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$"


@dataclass(slots=True)
class Article:
    """
    One news article as its page states it.

    Values are JSON-native. Missing text is ``None``, a missing list is ``[]``. Times are ISO 8601 in UTC with offset.
    """

    __json_schema_extra__: ClassVar[dict[str, Any]] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Article",
        "required": ["url", "headline", "published_at", "body"],
    }

    url: str = _required(pattern="^https?://")
    """Canonical URL, the identity of the article."""
    post_id: int | None = _number()
    """WordPress post id."""
    headline: str = _required()
    """The heading of the page (h1)."""
    subtitle: str | None = _text()
    """The standfirst under the headline."""
    section: str | None = _text()
    """Primary section, as shown ("World")."""
    section_url: str | None = _text()
    """Address of that section's page."""
    breadcrumbs: list[Crumb] = _list_of(Crumb)
    """The linked steps of the breadcrumb trail as shown, home first."""
    authors: list[Author] = _list_of(Author)
    """Authors in order; bio and website come from the author box."""
    published_at: str | None = field(default=None, metadata={"json_schema_extra": {"type": "string", "pattern": UTC}})
    """Time of publication, in UTC; required: an item without it is rejected."""
    published_raw: str | None = _text()
    """The date as the page states it, before conversion."""
    published_precision: Literal["second", "day"] | None = field(
        default=None, metadata={"json_schema_extra": {"type": "string", "enum": ["second", "day"]}}
    )
    """"day" where only a date without a time was found; the time is then 00:00:00."""
    modified_at: str | None = _text(pattern=UTC)
    """Time of the last edit, in UTC; null if unknown, or not later than published_at."""
    language: str | None = _text()
    """Language tag of the page ("en-US")."""
    reading_minutes: int | None = _number()
    """Reading time as shown; null where the page shows none."""
    image: Image | None = field(
        default=None, metadata={"json_schema_extra": {"anyOf": [{"type": "null"}, _object(Image)]}}
    )
    """Featured image: the original upload, with that file's width and height in pixels where stated."""
    images: list[Image] = _list_of(Image)
    """Images inside the body."""
    embeds: list[Embed] = _list_of(Embed)
    """Things from elsewhere in the body; kind is video, audio, social or iframe."""
    links: list[Link] = _list_of(Link)
    """Links in the body, absolute."""
    lead: str | None = _text()
    """What stands before the first block or heading; null in an article that has neither."""
    outline: list[str] = _list_of(str)
    """The "Article Subheadings" entries, without their numbers."""
    body_sections: list[BodySection] = _list_of(BodySection)
    """Headed parts in order; level is 1 to 6, or null for a bold line that serves as heading."""
    key_points: list[str] = _list_of(str)
    """The "Key Points" rows, without their numbers."""
    summary: str | None = _text()
    """The "Summary" block."""
    faq: list[Faq] = _list_of(Faq)
    """"Frequently Asked Questions", without the word "Question:"."""
    tags: list[str] = _list_of(str)
    """Tags as shown, in order."""
    body: str = _required()
    """The running text in reading order, a blank line between paragraphs; not the blocks that have fields."""
    word_count: int = field(default=0, metadata={"json_schema_extra": {"type": "integer", "minimum": 0}})
    """Whitespace-separated words of body."""
    related: list[Related] = _list_of(Related)
    """The "Keep Reading" cards."""
    description: str | None = _text()
    """Meta description."""
    sources: dict[str, str] = field(
        default_factory=dict,
        metadata={"json_schema_extra": {"type": "object", "additionalProperties": {"type": "string"}}},
    )
    """Which source gave each field: theme, rel, json-ld, meta, text, page, computed, crawl."""
    content_hash: str = _required()
    """SHA-256 of what an editor can change: same content, same hash, on any machine and at any address."""
    extractor_version: str = _required()
    """Version of the extraction rules."""
    crawled_at: str | None = _text(pattern=UTC)
    """When the page was fetched, in UTC; null outside a crawl."""
    discovered_by: str | None = _text()
    """How the address was learnt: section:World, home, sitemap, feed, rest, urls."""


EDITABLE = (
    "headline", "subtitle", "section", "authors", "published_at", "image", "images", "embeds", "links", "outline",
    "key_points", "summary", "faq", "tags", "body", "description",
)  # fmt: skip
"""
Fields that make a new version. Not among them: the address; what follows from other fields (lead, body_sections,
word_count); what the theme or the site decides (breadcrumbs, related, reading_minutes, language, heading levels);
``modified_at``, which moves when nothing else does; an author's bio, which would change every article at once.
"""


@dataclass(slots=True)
class Rejection:
    """A post that no article can be made of. ``reason`` is a short fixed word, ``detail`` says more."""

    url: str
    reason: str
    detail: str


@dataclass(slots=True)
class Alias:
    """
    Another address of an article: an old slug, ``?p=ID``, a further part.

    ``replaced``: the site leads from it to the article's address for good. It comes before its article then, which
    may be known under the old address.
    """

    url: str
    article_url: str
    replaced: bool = False


@dataclass(slots=True)
class Visit:
    """
    What became of a page that was asked for an article. It comes after the article.

    ``outcome``: article; unchanged (the server says so, and sent no page); moved (it leads to ``article_url``); gone;
    rejected, skipped (a page of another kind) and failed, each with a ``reason``; out_of_range (of since and until).
    ``etag`` and ``last_modified`` are the page's, where it is the whole article; ``parts`` are its further pages.
    """

    url: str
    outcome: Literal["article", "unchanged", "moved", "gone", "rejected", "skipped", "failed", "out_of_range"]
    reason: str | None = None
    article_url: str | None = None
    published_at: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    parts: tuple[str, ...] = ()
