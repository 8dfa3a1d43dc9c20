"""What a theme is: a table of regions, of kinds of page, and of sources a field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from newscrawl.extraction.sources import Source

Axis = Literal["child", "descendant"]


@dataclass(frozen=True, slots=True)
class Region:
    """
    Where a part of the page is: in the first of the regions ``within`` that has it. There ``queries`` are tried in
    order; the first that finds anything wins.

    A ``child`` query is nearly free; the ``descendant`` one behind it serves pages that nest otherwise.
    """

    within: tuple[str, ...]
    queries: tuple[tuple[Axis, str], ...]
    single: bool = True


@dataclass(frozen=True, slots=True)
class AuthorBox:
    """Queries inside one author box."""

    name: str
    bio: str
    website: str


@dataclass(frozen=True, slots=True)
class FeaturedImage:
    """Queries inside the region that shows the featured image, and the class of posts that have one."""

    link: str
    image: str
    caption: str
    marker: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Queries for section pages and menus. ``next_page`` is a ladder; ``card_links`` is one inside a card."""

    menus: str
    loose_menus: str
    cards: str
    card_links: tuple[str, ...]
    other_links: str
    next_page: tuple[str, ...]
    endless: str


@dataclass(frozen=True, slots=True)
class Noise:
    """What stands in the content but is no part of the article, by class token, id, and tag."""

    classes: frozenset[str]
    class_prefixes: tuple[str, ...]
    ids: frozenset[str]
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unread:
    """
    A part of an article's page that no field is read from, told by its markup.

    It begins with the ``tag`` that has ``opens`` in it, and goes up to ``closes``: its end tag, or something in the tag
    that comes next. With one of the marks ``unless`` inside it is read all the same, as with structured data.
    """

    tag: bytes
    opens: bytes
    closes: bytes
    unless: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """
    A theme's table. ``article`` maps a field to its sources in order of trust.

    ``marker`` finds something on the pages of this layout only, where a site has had several, and not in what is
    ``unread``, parts in the order in which pages have them.
    """

    name: str
    page_kinds: tuple[tuple[str, frozenset[str]], ...]
    regions: Mapping[str, Region]
    article: Mapping[str, tuple["Source", ...]]
    author_box: AuthorBox
    featured: FeaturedImage
    listing: Listing
    noise: Noise
    password_form: str
    part_links: str
    current_part: str
    related: str
    marker: str | None = None
    unread: tuple[Unread, ...] = ()


Themes = Theme | tuple[Theme, ...]
"""A site's layout, or its layouts, newest first: a page has the first whose marker it shows, else the last."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site as a table: its own address, ``https://host/``, and the layout or layouts of its pages."""

    home: str
    layouts: Themes
