"""A site in another theme: its own spider and table, the same crawl."""

import json
import re

from scrapy.crawler import Crawler
from scrapy.spiderloader import SpiderLoader

from newscrawl.spiders.harbourherald import HarbourheraldSpider

from .conftest import ROOT, project_settings
from .local_server import serving
from .test_golden import INDEX

HOME = HarbourheraldSpider.home
PAGES = {name: one["url"] for name, one in INDEX.items() if one.get("spider") == "harbourherald"}
OLDER = '<a class="next page-numbers" href="/category/port/page/2/"><span class="nav-next-text">Older</span></a>'


def saved(name: str) -> str:
    return (ROOT / "fixtures/pages" / name).read_text(encoding="utf-8")


def listing(body_class: str, *urls: str, paging: str = "") -> str:
    """A page that lists posts, inside the head and foot of a saved page."""
    before, _, rest = saved("harbourherald-parts.html").partition('<main id="main" class="site-main">')
    _, main, after = rest.partition("</main>")
    cards = "".join(
        f'<article id="post-{number}" class="post type-post entry"><header class="entry-header">'
        f'<h2 class="entry-title default-max-width"><a href="{url}">A story</a></h2></header>'
        '<div class="entry-content"><p>It was begun&hellip;</p></div></article>'
        for number, url in enumerate(urls)
    )
    nav = f'<nav class="navigation pagination" aria-label="Posts"><div class="nav-links">{paging}</div></nav>'
    text = f'{before}<main id="main" class="site-main">{cards}{nav}{main}{after}'
    text = re.sub(r'<body class="[^"]*"', f'<body class="{body_class} wp-theme-twentytwentyone"', text)
    return re.sub(r"<link rel=.(?:canonical|shortlink)[^>]*>", "", text)


def second_part() -> str:
    text = saved("harbourherald-parts.html").replace("single-format-standard", "single-paged-2 single-format-standard")
    return re.sub(r"<p>It was begun.*?</p>", "<p>It is finished.</p>", text).replace("-breakwater/2/", "-breakwater/")


def mirrored(text: str, url: str) -> str:
    """The page as a mirror serves it: its links lead to the mirror, its canonical link to the original."""
    return re.sub(f'(<a (?:class="[^"]*" )?href="){HOME}', rf"\g<1>{url}", text)


async def test_a_crawl_in_another_theme(tmp_path):
    byline, biography, parts = (PAGES[f"harbourherald-{name}.html"] for name in ("byline", "biography", "parts"))
    script = {
        "/": listing("home blog hfeed", byline),
        "/category/port/": listing("archive category category-port", byline, paging=OLDER),
        "/category/port/page/2/": listing("archive paged category", biography),
        "/category/weather/": listing("archive category", parts),
        f"/{parts.removeprefix(HOME)}2/": second_part(),
        **{url.removeprefix(HOME[:-1]): saved(name) for name, url in PAGES.items()},
    }
    with serving({}) as server:
        server.script.update((path, [mirrored(text, server.url)]) for path, text in script.items())
        settings = project_settings(
            NEWSCRAWL_DATABASE_URL=f"sqlite:///{tmp_path}/store.db",
            NEWSCRAWL_JSONL_PATH=str(tmp_path / "store.jsonl"),
            LOG_LEVEL="ERROR",
        )
        crawler = Crawler(SpiderLoader.from_settings(settings).load("harbourherald"), settings)
        await crawler.crawl_async(base_url=server.url)
    lines = [json.loads(line) for line in (tmp_path / "store.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["url"]: line["discovered_by"] for line in lines} == {
        byline: "section:Port",
        biography: "section:Port",
        parts: "section:Weather",
    }
    for name, url in PAGES.items():
        (found,) = [line for line in lines if line["url"] == url]
        expected = json.loads(saved(name.replace(".html", ".json")))
        more = "\n\nIt is finished." if url == parts else ""
        assert (found["headline"], found["body"]) == (expected["headline"], expected["body"] + more)
        assert [one["name"] for one in found["authors"]] == [one["name"] for one in expected["authors"]]
