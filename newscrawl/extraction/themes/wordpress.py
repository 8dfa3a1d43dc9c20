"""What WordPress and its SEO plugins say of a post whatever the theme; a theme's own rows come before these."""

from collections.abc import Mapping

from newscrawl.extraction.sources import Attribute, BodyClass, HeadLink, JsonLdPath, JsonLdPersons, Meta, Source

WEB_PAGE = frozenset({"WebPage", "ItemPage"})

# The first row that meets the body's classes tells the kind of page. og:type says "article" on archives too.
PAGE_KINDS = (
    ("error404", frozenset({"error404"})),
    ("home", frozenset({"home", "blog"})),
    ("archive", frozenset({"archive", "search", "category", "tag", "author", "date"})),
    ("page", frozenset({"page", "attachment", "single-attachment", "single-page"})),
    ("post", frozenset({"single", "single-post"})),
)

STATED: Mapping[str, tuple[Source, ...]] = {
    "post_id": (BodyClass(r"postid-(\d+)"), Attribute("article", "id"), HeadLink("shortlink")),
    "section": (JsonLdPath("articleSection"), Meta("article:section")),
    "authors": (JsonLdPersons(), Meta("author")),
    "published_at": (
        JsonLdPath("datePublished"),
        JsonLdPath("datePublished", WEB_PAGE),
        Meta("article:published_time"),
    ),
    "modified_at": (
        JsonLdPath("dateModified"),
        JsonLdPath("dateModified", WEB_PAGE),
        Meta("article:modified_time"),
        Meta("og:updated_time"),
    ),
    "language": (Attribute("page", "lang"), JsonLdPath("inLanguage"), Meta("og:locale")),
    "tags": (JsonLdPath("keywords", separator=","), Meta("article:tag")),
    "description": (Meta("description"),),
}

NOISE_IDS = frozenset(("toc_container", "ez-toc-container", "rank-math-toc", "comments", "respond"))
NOISE_TAGS = frozenset(
    ("script", "style", "noscript", "template", "form", "button", "nav", "svg", "select", "textarea")
)
NOISE_CLASSES = (
    *("adsbygoogle", "jp-relatedposts", "yarpp-related"),  # advertisements, other posts between paragraphs
    *("lwptoc", "post-password-form", "screen-reader-text"),
)
NOISE_PREFIXES = (
    *("code-block", "sharedaddy", "sd-"),
    *("ez-toc", "toc_", "wp-block-rank-math-toc", "wp-block-yoast-seo-table", "simpletoc"),
)
PASSWORD_FORM = "form.post-password-form, input[name=post_password]"
