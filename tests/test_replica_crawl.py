"""Whole crawls of the replica: every article of the site, once, whichever way its owner shows them."""

import json

import pytest

from fixtures.replica.server import running_replica

SITES = {
    "numbers, grid": {"paging": "numbers", "listing": "grid"},
    "load more, list": {"paging": "load-more", "listing": "list", "head": "yoast"},
    "infinite, overlay, bare head": {"paging": "infinite", "listing": "overlay", "head": "none"},
    "numbers by script, timeline": {"paging": "numbers-ajax", "listing": "timeline", "crumbs": "theme"},
    "dead buttons, classic": {"paging": "load-more", "listing": "classic", "dead_buttons": True, "head": "none"},
    "featured grid": {"featured": True},
    "canonical links of the original": {"canonical_origin": "https://newsjournos.com"},
}


@pytest.mark.parametrize("options", SITES.values(), ids=SITES)
async def test_every_article_once(crawl, options):
    with running_replica(articles=60, per_page=3, **options) as replica:
        run = await crawl(replica.url, mode="full")
        truth = [json.loads(line) for line in replica.site.control.lines()]
    assert {article.url for article in run.articles} == {article["url"] for article in truth}
    assert len(run.articles) == len(truth)
    assert len(replica.paths) == len(set(replica.paths)), "no page is fetched twice"
    assert {one.reason for one in run.rejections} <= {"no_text", "password_protected"}
    assert run.stat("log_count/ERROR") == 0
    assert run.failure is None


async def test_a_mirrored_article_has_no_alias_of_its_own(crawl):
    with running_replica(articles=10, canonical_origin="https://newsjournos.com") as replica:
        run = await crawl(replica.url)
    assert run.aliases == []


async def test_the_addresses_of_one_article(crawl):
    with running_replica(articles=40) as replica:
        post = next(post for post in replica.corpus if not post.password and not post.empty)
        asked = f"/?p={post.id},/{post.slug}/?amp=1,/{post.slug}/?noamp=mobile#respond,/{post.slug}"
        run = await crawl(replica.url, urls=asked)
    own = f"{replica.url}{post.slug}/"
    assert {article.url for article in run.articles} == {own}
    assert {alias.article_url for alias in run.aliases} == {own}
    assert f"{replica.url}?p={post.id}" in {alias.url for alias in run.aliases}
