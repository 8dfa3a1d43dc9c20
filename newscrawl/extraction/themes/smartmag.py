"""SmartMag 5 to 10 on WordPress, the theme of newsjournos.com: every selector of the project, in order of trust."""

from collections.abc import Mapping

from newscrawl.extraction.sources import Css, LinkOfClass, Links, Source
from newscrawl.extraction.theme import AuthorBox, FeaturedImage, Listing, Noise, Region, Theme, Themes, Unread
from newscrawl.extraction.themes.wordpress import (
    NOISE_CLASSES,
    NOISE_IDS,
    NOISE_PREFIXES,
    NOISE_TAGS,
    PAGE_KINDS,
    PASSWORD_FORM,
    STATED,
)

REGIONS = {
    "html": Region(("page",), (("child", "body"),)),
    "main": Region(
        ("html",),
        (
            ("child", ".main-wrap > .main"),
            ("descendant", "div.main"),
            ("descendant", "main, .main"),
            ("child", ".main-wrap"),
            ("child", "*"),
        ),
    ),
    "breadcrumbs": Region(
        ("html",), (("child", "div.main-wrap > nav.breadcrumbs"), ("descendant", ".breadcrumbs, #breadcrumb"))
    ),
    "header": Region(
        ("main", "html"),
        (
            ("child", ".post-wrap > .the-post-header, .the-post-header"),
            ("child", ".ts-row > .main-content > .the-post-header"),
            ("descendant", ".the-post-header"),
            ("descendant", ".the-post article > header, .post-header, .s-head-modern, .post-cover"),
        ),
    ),
    "featured": Region(
        ("main", "html"),
        (
            ("child", ".ts-row > .main-content > .single-featured:has(img)"),
            ("descendant", ".single-featured:has(img), .main-content .featured:has(img)"),
            ("descendant", ".single-featured, .the-post-header .featured, .post-cover .featured"),
        ),
    ),
    "post": Region(
        ("main", "html"),
        (
            ("child", ".ts-row > .main-content > .the-post"),
            ("descendant", ".the-post"),
            ("descendant", ".main-content"),
        ),
    ),
    "article": Region(
        ("main", "html"),
        (
            ("child", ".ts-row > .main-content > .the-post > article[id^=post-]"),
            ("descendant", "article[id^=post-]"),
            ("descendant", ".the-post > article, .type-post[id^=post-]"),
        ),
    ),
    "content": Region(
        ("article", "post"),
        (
            ("child", ".post-content-wrap > .entry-content"),
            ("descendant", ".entry-content"),
            ("descendant", ".post-content"),
            ("child", ".post-content-wrap > div:not(.post-share-float)"),
        ),
    ),
    "tags": Region(
        ("article", "post"),
        (("child", ".the-post-tags"), ("descendant", ".the-post-tags"), ("child", "div:has(> a[rel=tag])")),
    ),
    "author_boxes": Region(
        ("post", "main"),
        (("child", ".author-box:has(a)"), ("descendant", ".author-box:has(a), .author-info:has(a)")),
        single=False,
    ),
    "related": Region(
        ("post", "main"),
        (
            ("child", "section.related-posts"),
            ("descendant", ".related-posts"),
            ("child", "section:has(article.l-post)"),
        ),
    ),
    "listing": Region(
        ("html",),
        (
            ("descendant", ".main .main-content, .main-featured"),
            ("descendant", ".main, .main-featured"),
        ),
        single=False,
    ),
}

ARTICLE: Mapping[str, tuple[Source, ...]] = {
    **STATED,
    "headline": (
        Css("header", "h1.post-title"),
        Css("header", "h1"),
        Css("header", ".post-title"),
        Css("main", ".main-content > h1, .the-post > h1, article > h1, h1.post-title"),
    ),
    "subtitle": (Css("header", ".sub-title"), Css("header", "h1 + :is(div, p, h2):not(:has(*))")),
    "section": (
        LinkOfClass("header", "a[rel~=category]", r"post-cat-(\d+)", "term-color-{}"),
        Links("header", "a[rel~=category]"),
        Links("breadcrumbs", "a", origin="theme", skip=1, last=True),
        *STATED["section"],
    ),
    "breadcrumbs": (Links("breadcrumbs", "a", origin="theme"),),
    "authors": (
        Links("header", "a[rel~=author]"),
        Links("header", ".post-author a, .posted-by a", origin="theme"),
        Links("author_boxes", "a[rel~=author]"),
        Links("author_boxes", ".description > a", origin="theme"),
        *STATED["authors"],
        Css("header", ".post-author, .posted-by"),
    ),
    "published_at": (  # no other time of the header: it may be that of the last edit
        Css("header", ".meta-item.date time[datetime]", "datetime"),
        Css("header", ".posted-on time[datetime]", "datetime"),
        *STATED["published_at"],
        Css("header", ".meta-item.date time, .meta-item.date, .posted-on time", origin="text"),
    ),
    "modified_at": (Css("header", ".date-modified time[datetime]", "datetime"), *STATED["modified_at"]),
    "reading_minutes": (
        Css("header", ".read-time"),
        Css("header", ".meta-item:contains('Mins Read'), .meta-item:contains('Min Read')"),
    ),
    "tags": (
        Css("tags", "a[rel~=tag]", origin="rel"),
        Css("tags", "a"),
        *STATED["tags"],
    ),
}

NOISE = Noise(
    classes=frozenset(
        (
            *NOISE_CLASSES,
            *("main-pagination", "post-pagination", "post-pagination-large"),  # pages of a multi-page post
            *("l-post", "widget", "review-box", "spc-social-follow-inline"),
            *("the-post-tags", "author-box", "related-posts", "navigate-posts"),  # stand behind it; once nested deeper
            "visuallyhidden",  # words that repeat an icon
        )
    ),
    class_prefixes=(*NOISE_PREFIXES, "a-wrap", "block-wrap", "block-head", "post-share"),  # its advertisements, cards
    ids=NOISE_IDS,
    tags=NOISE_TAGS,
)

_READ = (b"application/ld+json", b"</h1>", b"entry-content", b"breadcrumb")
UNREAD = (  # most of a page's elements
    Unread(b"<div", b'id="off-canvas"', b'id="smart-head"', unless=_READ),
    Unread(b"<div", b'id="smart-head"', b'id="smart-head-mobile"', unless=_READ),
    Unread(
        b"<aside",
        b'class="col-4 main-sidebar',
        b"</aside>",
        unless=(*_READ, b"author-box", b"author-info", b"related-posts"),
    ),
    Unread(b"<footer", b'class="main-footer', b"</footer>", unless=_READ),
)

SMARTMAG = Theme(
    name="smartmag",
    page_kinds=PAGE_KINDS,
    regions=REGIONS,
    article=ARTICLE,
    author_box=AuthorBox(
        name="a[rel~=author], .description > a",
        bio=".bio, p",
        website="a.tsi-home, a[title=Website]",
    ),
    featured=FeaturedImage(
        link="a.image-link",
        image=(  # no other image of the header: a cover has the author's face in it too
            "a.image-link img, .image-link img, img.wp-post-image, .featured > img, .featured > :is(a, figure) img"
        ),
        caption=".caption, .wp-caption-text, .image-link + div:not(:has(a, h1, .post-title))",
        marker="has-post-thumbnail",
    ),
    listing=Listing(
        menus=(
            "#smart-head li.menu-item-object-category > a, #off-canvas li.menu-item-object-category > a,"
            "#smart-head-mobile li.menu-item-object-category > a, footer li.menu-item-object-category > a,"
            ".ts-footer li.menu-item-object-category > a"
        ),
        loose_menus="#smart-head .menu a, #off-canvas .mobile-menu a, footer li a, .ts-footer li a",
        cards="article",
        card_links=(".is-title.post-title a[href]", ".post-title a[href]", "a.post-title[href]", "a.image-link[href]"),
        other_links=".trending-ticker a.post-link, article.l-post .post-title a, article.l-post a.post-title",
        next_page=(
            ".main-pagination a.next.page-numbers",
            ".main-pagination a.load-button, a.load-button",
        ),
        endless=".main-pagination[data-type=infinite], .main-pagination[data-type=load-more], a.load-button",
    ),
    noise=NOISE,
    password_form=PASSWORD_FORM,
    part_links="a.post-page-numbers, .post-pagination-large .links a, .post-pagination a",
    current_part=".post-page-numbers.current",
    related=":is(article, .l-post) :is(.post-title, h2, h3, h4) a",
    unread=UNREAD,
)

LAYOUTS: Themes = (SMARTMAG,)
"""The layouts that the site has had, newest first. How to add one: docs/redesign.md."""
