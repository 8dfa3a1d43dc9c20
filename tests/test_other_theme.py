"""A site in another theme: its own spider and table, the same crawl; what comes is what the replica meant."""

import json

import pytest
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.spiderloader import SpiderLoader

from fixtures.replica.corpus import Corpus
from fixtures.replica.server import running_replica
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options
from newscrawl import extract_article
from newscrawl.items import Article, Rejection
from newscrawl.spiders.harbourherald import HarbourheraldSpider

from .conftest import ROOT, project_settings
from .replica_site import ORIGIN, get, has, plain, tree

THEME = "twentytwentyone"


def differences(articles: dict[str, Article], truth: list[dict]) -> list[str]:
    return [
        f"{meant['url']} {field}: {getattr(articles[meant['url']], field)!r} for {value!r}"[:500]
        for meant in truth
        for field, value in meant.items()
        if getattr(articles[meant["url"]], field) != value
    ]


async def test_every_article_is_what_was_meant():
    settings = project_settings(ITEM_PIPELINES={}, NEWSCRAWL_DATABASE_URL="sqlite:///:memory:", LOG_LEVEL="ERROR")
    crawler = Crawler(SpiderLoader.from_settings(settings).load("harbourherald"), settings)
    items = []
    crawler.signals.connect(lambda item: items.append(item), signal=signals.item_scraped, weak=False)
    with running_replica(articles=40, per_page=2, head="none", theme=THEME, comments=True) as replica:
        await crawler.crawl_async(base_url=replica.url, mode="full", discover="sections")
        truth = [json.loads(line) for line in replica.site.control.lines()]
    articles = {item.url: item for item in items if isinstance(item, Article)}
    assert articles.keys() == {meant["url"] for meant in truth}
    assert differences(articles, truth) == []
    assert {item.reason for item in items if isinstance(item, Rejection)} <= {"no_text", "password_protected"}
    assert {one.discovered_by.partition(":")[0] for one in articles.values()} <= {"section", "home"}
    assert len(replica.paths) == len(set(replica.paths)), "no page is fetched twice"
    assert any(path.startswith("/category/") and path.endswith("/page/2/") for path in replica.paths)


def site(**options: str) -> Site:
    return Site(Corpus(30, seed=5, base_url=ORIGIN), site_options(theme=THEME, **options))


@pytest.mark.parametrize("head", ["rankmath", "yoast", "aioseo"])
def test_every_seo_plugin_agrees_with_the_theme(head):
    shown = site(head=head)
    truth = [json.loads(line) for line in shown.control.lines()]
    single = [meant for meant in truth if len(shown.corpus.post(meant["post_id"]).content.parts) == 1]
    pages = {one["url"]: get(shown, one["url"]).body for one in single}
    found = {url: extract_article(html, url, HarbourheraldSpider.site()) for url, html in pages.items()}
    assert len(found) > 20
    assert differences(found, single) == []


def test_the_theme_shows_each_part_where_it_has_it():
    shown = site()
    post = next(post for post in shown.corpus if plain(post) and post.authors[0].bio and post.tags)
    page = tree(get(shown, shown.where.post(post)))
    article = "//main/article"
    assert page.xpath(f"{article}/header/h1/@class") == ["entry-title"]
    assert page.xpath(f"{article}/footer//time/@datetime") == [shown.lists.engine.clock.iso(post.published)]
    assert page.xpath(f"{article}/footer//a[@rel='tag']/text()") == [tag.name for tag in post.tags]
    assert page.xpath(f"{article}/div[{has('author-bio')}]//a[@rel='author']/@href") == [
        shown.where.author(post.authors[0])
    ]
    assert not page.xpath(f"{article}/footer//*[{has('byline')}]"), "who has a biography has no byline"
    lost = tree(get(shown, "/no-such-story/"))
    assert (get(shown, "/no-such-story/").status, lost.xpath("//h1/text()")) == (404, ["Nothing here"])
    front, second = tree(get(shown, "/")), tree(get(shown, "/page/2/"))
    assert (front.xpath("//body/@class")[0].split()[0], len(front.xpath("//main/article"))) == ("home", 10)
    assert second.xpath(f"//a[{has('prev')}]/@href") == [f"{ORIGIN}/"]
    assert not page.xpath(f"//*[{has('the-post')} or {has('breadcrumbs')}]"), "nothing of SmartMag"


def test_table_and_spider_stay_short():
    places = ("newscrawl/extraction/themes/twentytwentyone.py", "newscrawl/spiders/harbourherald.py")
    assert sum(len((ROOT / place).read_text(encoding="utf-8").splitlines()) for place in places) < 80
