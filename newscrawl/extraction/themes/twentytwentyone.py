"""Twenty Twenty-One, a theme that comes with WordPress: its date, author, sections and tags stand below the text."""

from newscrawl.extraction.sources import Css, Links, NamedLink
from newscrawl.extraction.theme import AuthorBox, FeaturedImage, Listing, Noise, Region, Theme
from newscrawl.extraction.themes import wordpress
from newscrawl.extraction.themes.wordpress import STATED

TWENTYTWENTYONE = Theme(
    name="twentytwentyone",
    page_kinds=wordpress.PAGE_KINDS,
    regions={
        "html": Region(("page",), (("child", "body"),)),
        "main": Region(("html",), (("descendant", "main#main, main"),)),
        "article": Region(("main", "html"), (("child", "article[id^=post-]"), ("descendant", "article[id^=post-]"))),
        "header": Region(("article",), (("child", "header.entry-header"),)),
        "featured": Region(("header",), (("child", "figure.post-thumbnail"),)),
        "content": Region(("article",), (("child", ".entry-content"), ("descendant", ".entry-content"))),
        "footer": Region(("article",), (("child", "footer.entry-footer"),)),
        "author_boxes": Region(("article",), (("child", ".author-bio"),), single=False),
        "related": Region(("main",), (("child", ".related-posts"),)),
        "listing": Region(("html",), (("descendant", "main#main, main"),)),
    },
    article={
        **STATED,
        "headline": (Css("header", "h1.entry-title"), Css("header", "h1")),
        "section": (Links("footer", ".cat-links a[rel~=category]"), *STATED["section"]),
        "authors": (
            Links("footer", ".byline a[rel~=author]"),
            NamedLink("author_boxes", ".author-title", "a.author-link"),  # who has a biography has no byline
            *STATED["authors"],
        ),
        "published_at": (Css("footer", ".posted-on time[datetime]", "datetime"), *STATED["published_at"]),
        "tags": (Css("footer", ".tags-links a[rel~=tag]", origin="rel"), *STATED["tags"]),
    },
    author_box=AuthorBox(name="a.author-link", bio=".author-description", website="a[title=Website]"),
    featured=FeaturedImage(
        link="a[href*='/wp-content/uploads/']",
        image="img.wp-post-image",
        caption="figcaption",
        marker="has-post-thumbnail",
    ),
    listing=Listing(
        menus="#site-navigation li.menu-item-object-category > a, .footer-navigation li.menu-item-object-category > a",
        loose_menus="#site-navigation li > a, .footer-navigation li > a",
        cards="article[id^=post-]",
        card_links=(".entry-title a[href]", "a.post-thumbnail-inner[href]", "a.more-link[href]"),
        other_links=".entry-title a, .post-navigation a, .wp-block-latest-posts a, .widget_recent_entries a",
        next_page=("a.next.page-numbers",),
        endless="a.load-button",
    ),
    noise=Noise(
        classes=frozenset((*wordpress.NOISE_CLASSES, "page-links", "post-password-message")),
        class_prefixes=wordpress.NOISE_PREFIXES,
        ids=wordpress.NOISE_IDS,
        tags=wordpress.NOISE_TAGS,
    ),
    password_form=wordpress.PASSWORD_FORM,
    part_links="a.post-page-numbers",
    current_part=".post-page-numbers.current",
    related=":is(h2, h3) a",
)
