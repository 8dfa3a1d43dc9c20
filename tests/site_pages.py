"""The pages of a tiny site in the theme's markup: a home page with menus, section pages, posts."""

from collections.abc import Iterable, Mapping

from tests.post_page import post_page

TEXT = "<p>The ferry came back on Tuesday.</p><p>Nobody had asked it to.</p>"


def cards(slugs: Iterable[str]) -> str:
    """Cards as a section page shows them."""
    return "".join(
        f'<article class="l-post grid-post"><div class="content"><h2 class="is-title post-title">'
        f'<a href="/{slug}/">{slug}</a></h2></div></article>'
        for slug in slugs
    )


def home(sections: Mapping[str, str], more: str = "") -> str:
    """A home page whose menu names ``sections``: name to slug. ``more`` stands in its body."""
    menu = "".join(
        f'<li class="menu-item menu-item-object-category"><a href="/category/{slug}/">{name}</a></li>'
        for name, slug in sections.items()
    )
    return (
        '<html lang="en-US"><head><title>Harbour Post</title></head><body class="home page"><div class="main-wrap">'
        f'<div id="smart-head"><nav class="navigation-main"><ul class="menu">{menu}</ul></nav></div>'
        f'<div class="main">{more}</div></div></body></html>'
    )


def section(slugs: Iterable[str], older: str | None = None, aside: Iterable[str] = ()) -> str:
    """One page of a section; ``older`` is the address of its next page."""
    paging = f'<nav class="main-pagination"><a class="next page-numbers" href="{older}">Next</a></nav>' if older else ""
    return (
        '<html lang="en-US"><body class="archive category category-world"><div class="main-wrap">'
        '<div class="main ts-contain"><div class="ts-row"><div class="col-8 main-content">'
        '<section class="block-wrap block-grid"><div class="block-content"><div class="loop loop-grid">'
        f"{cards(slugs)}</div>{paging}</div></section></div>"
        f'<aside class="main-sidebar"><div class="widget">{cards(aside)}</div></aside></div></div></div></body></html>'
    )


def post(slug: str, content: str = TEXT, canonical: str | None = None, **parts: str) -> str:
    """A post; ``canonical`` is its own address unless said otherwise."""
    head = f'<link rel="canonical" href="{canonical or f"/{slug}/"}">'
    number = int.from_bytes(slug.encode()[-6:], "big")  # every post has an id of its own
    parts.setdefault("body_class", f"single single-post postid-{number}")
    return post_page(content, headline=f"Story {slug}", head=head, **parts)


def site(*slugs: str) -> dict[str, str]:
    """The script of a sound site: one section "World" that shows these posts on one page."""
    return {
        "/": home({"World": "world"}),
        "/category/world/": section(slugs),
        **{f"/{slug}/": post(slug) for slug in slugs},
    }
