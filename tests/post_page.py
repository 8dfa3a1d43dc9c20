"""A minimal post page in the theme's markup, for tests that turn on one thing each."""

HEADER = """
<div class="post-wrap"><section class="the-post-header post-cover"><div class="featured"></div>
<div class="post-meta"><h1 class="is-title post-title">{headline}</h1>
<div class="post-meta-items meta-below"><span class="meta-item post-author"><span class="by">By</span>
<a href="/author/desk/" rel="author">Harbour Desk</a></span>
<span class="meta-item date"><time class="post-date" datetime="2025-05-03T10:15:00-04:00">May 3, 2025</time></span>
<span class="meta-item cat-labels"><a href="/category/world/" class="category" rel="category">World</a></span>
</div></div></section></div>
"""
PAGE = """<!DOCTYPE html><html lang="en-US"><head><title>{headline} - Site</title>{head}</head>
<body class="{body_class}"><div class="main-wrap">
<nav class="breadcrumbs"><a href="/">Home</a> <a href="/category/world/">World</a> <span>{headline}</span></nav>
<div class="main ts-contain">{header}<div class="ts-row"><div class="col-8 main-content"><div class="the-post">
<article id="post-7" class="post-7 post type-post"><div class="post-content-wrap">
<div class="post-content cf entry-content content-spacious">{content}</div></div>{tags}</article>
{after}</div></div></div></div></div>{end}</body></html>"""
URL = "https://newsjournos.com/a-story/"


def post_page(
    content: str,
    headline: str = "A story",
    head: str = f'<link rel="canonical" href="{URL}">',
    body_class: str = "single single-post postid-7",
    header: str = HEADER,
    tags: str = "",
    after: str = "",
    end: str = "",
) -> str:
    """The page's HTML; every part can be replaced."""
    header = header.replace("{headline}", headline)
    return PAGE.format(
        content=content,
        headline=headline,
        head=head,
        body_class=body_class,
        header=header,
        tags=tags,
        after=after,
        end=end,
    )
