"""A small site that changes between runs: its posts, and every list that names them."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from newscrawl.discovery.rest import posts_url
from tests.conftest import StoringCrawl
from tests.local_server import Answer, LocalServer, serving
from tests.post_page import post_page
from tests.site_pages import TEXT, home, section

DATED = "2025-05-03T14:15:00+00:00"
"""When posts came out; what a list says of their last change unless a test says otherwise."""
LATER = "2025-05-09T08:00:00+00:00"
XML = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass(slots=True)
class Post:
    """One post; ``number`` is its WordPress id, ``page`` an answer in place of its page."""

    slug: str
    number: int
    lastmod: str = DATED
    text: str = TEXT
    headline: str = ""
    tags: str = ""
    page: Any = None

    def answer(self) -> Any:
        if self.page is not None:
            return self.page
        return post_page(
            self.text,
            headline=self.headline,
            head=f'<link rel="canonical" href="/{self.slug}/">',
            body_class=f"single single-post postid-{self.number}",
            tags=self.tags,
        )


@dataclass(slots=True)
class LivingSite:
    """
    Posts, newest first, in one section "World" of ``per_page`` cards a page. ``offers``: the lists it has besides.

    ``replace`` holds answers that stand in for what the site would say, by path; ``hidden`` the slugs that a list
    leaves out, by list. Call ``show`` after a change.
    """

    slugs: tuple[str, ...] = ()
    per_page: int = 10
    offers: tuple[str, ...] = ("sitemap",)
    replace: dict[str, Any] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    hidden: dict[str, set[str]] = field(default_factory=dict)
    has_etags: bool = False
    server: LocalServer = None  # type: ignore[assignment]
    _last: int = 100

    def __post_init__(self) -> None:
        for slug in reversed(self.slugs):
            self.publish(slug)

    def publish(self, slug: str, place: int = 0, **more: Any) -> Post:
        """A new post, at the top of the section unless ``place`` says how far down."""
        self._last += 1
        own = {"headline": f"Story {slug}", "text": f"{TEXT}<p>It was about {slug}, they said.</p>"}
        post = Post(slug, self._last, **{**own, **more})
        self.posts.insert(place, post)
        return post

    def post(self, slug: str) -> Post:
        return next(post for post in self.posts if post.slug == slug)

    def edit(self, slug: str, lastmod: str = LATER, **changes: Any) -> None:
        """An edited post: its text, or what ``changes`` says."""
        post = self.post(slug)
        for name, value in {"text": f"{TEXT}<p>Edited at {lastmod}.</p>", "lastmod": lastmod, **changes}.items():
            setattr(post, name, value)

    def remove(self, slug: str) -> None:
        self.posts.remove(self.post(slug))

    def rename(self, slug: str, new: str, status: int = 301) -> None:
        """Another slug; the old one leads there."""
        post = self.post(slug)
        post.slug, post.lastmod = new, LATER
        self.replace[f"/{slug}/"] = Answer(status, headers={"Location": f"/{new}/"})

    @contextmanager
    def serving(self) -> Iterator["LivingSite"]:
        """The site on a server of its own."""
        with serving({}) as self.server:
            self.show()
            yield self

    @property
    def url(self) -> str:
        return self.server.url

    def show(self) -> None:
        """Serve the site as it is now, and forget the requests so far."""
        script: dict[str, Any] = {"/": home({"World": "world"}), **self._sections()}
        script |= {f"/{post.slug}/": self._page(post) for post in self.posts}
        for name in self.offers:
            script |= getattr(self, f"_{name}")()
        script |= self.replace
        self.server.script = {
            path: [one] if isinstance(one, Answer | str) else list(one) for path, one in script.items()
        }
        self.server.seen.clear()

    def _page(self, post: Post) -> Any:
        page = post.answer()
        if not self.has_etags or not isinstance(page, str):
            return page
        return Answer(200, page, {"ETag": etag(page)})

    def _named_by(self, source: str) -> list[Post]:
        return [post for post in self.posts if post.slug not in self.hidden.get(source, ())]

    def _sections(self) -> dict[str, Any]:
        slugs = [post.slug for post in self._named_by("sections")]
        pages = [slugs[start : start + self.per_page] for start in range(0, max(len(slugs), 1), self.per_page)]
        return {
            section_page(number): section(page, section_page(number + 1) if number < len(pages) else None)
            for number, page in enumerate(pages, 1)
        }

    def _sitemap(self) -> dict[str, Any]:
        posts = self._named_by("sitemap")
        newest = max((post.lastmod for post in posts), default=DATED)
        entries = [(f"{self.url}{post.slug}/", post.lastmod) for post in posts]
        return {
            "/robots.txt": f"User-agent: *\nDisallow: /wp-admin/\nSitemap: {self.url}sitemap_index.xml\n",
            "/sitemap_index.xml": Answer(200, sitemap([(f"{self.url}post-sitemap.xml", newest)], "sitemapindex"), XML),
            "/post-sitemap.xml": Answer(200, sitemap(entries), XML),
        }

    def _feed(self) -> dict[str, Any]:
        posts = self._named_by("feed")
        pages = [posts[start : start + 10] for start in range(0, max(len(posts), 1), 10)]
        found = {}
        for number, page in enumerate(pages, 1):
            body = feed([f"{self.url}{post.slug}/" for post in page])
            path = "/feed/" if number == 1 else f"/feed/?paged={number}"
            found[path] = Answer(200, body, {**XML, "ETag": etag(body)})
        return found

    def _rest(self) -> dict[str, Any]:
        posts = sorted(self._named_by("rest"), key=lambda post: post.lastmod, reverse=True)
        body = rest(self.url, posts)
        headers = {"Content-Type": "application/json", "X-WP-Total": str(len(posts)), "X-WP-TotalPages": "1"}
        return {"/" + posts_url(f"{self.url}wp-json/").removeprefix(self.url): Answer(200, body, headers)}

    @property
    def statuses(self) -> dict[str, list[int]]:
        """What each path was answered since ``show``."""
        found: dict[str, list[int]] = {}
        for one in self.server.seen:
            found.setdefault(one.path, []).append(one.status)
        return found

    @property
    def asked(self) -> list[str]:
        """The paths asked for since ``show``, those of every run (robots.txt, home, first section page) left out."""
        usual = {"/robots.txt", "/", section_page(1), "/sitemap_index.xml"}
        return sorted(path for path in self.server.paths if path not in usual)


def etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def section_page(number: int) -> str:
    return "/category/world/" if number == 1 else f"/category/world/page/{number}/"


def sitemap(entries: list[tuple[str, str | None]], root: str = "urlset") -> str:
    """A sitemap or an index of (address, lastmod)."""
    name = "sitemap" if root == "sitemapindex" else "url"
    rows = "".join(
        f"<{name}><loc>{url}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</{name}>"
        for url, lastmod in entries
    )
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{root}>'


def feed(urls: list[str], self_link: str = "") -> str:
    items = "".join(
        f"<item><link>{url}</link><pubDate>Sat, 03 May 2025 14:15:00 +0000</pubDate></item>" for url in urls
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><link>{self_link}</link>{items}</channel></rss>'


def rest(url: str, posts: list[Post]) -> str:
    """An answer of the REST interface."""
    return json.dumps(
        [
            {
                "id": post.number,
                "link": f"{url}{post.slug}/",
                "date_gmt": DATED.removesuffix("+00:00"),
                "modified_gmt": post.lastmod.removesuffix("+00:00"),
            }
            for post in posts
        ]
    )


def states(storing_crawl: StoringCrawl) -> dict[str, str]:
    """State of each stored article by its slug."""
    return {url.split("/")[3]: state for url, state in storing_crawl.rows("SELECT url, state FROM articles")}


def others(storing_crawl: StoringCrawl) -> dict[str, str]:
    """Other addresses, by slug, and the slug of the article that each leads to."""
    sql = "SELECT article_urls.url, articles.url FROM article_urls JOIN articles ON articles.id = article_id"
    return {url.split("/")[3]: own.split("/")[3] for url, own in storing_crawl.rows(sql)}


def ids(storing_crawl: StoringCrawl) -> dict[str, int]:
    """Row of each stored article by its slug."""
    return {url.split("/")[3]: number for url, number in storing_crawl.rows("SELECT url, id FROM articles")}
