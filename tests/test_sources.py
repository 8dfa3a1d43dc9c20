"""Sources of discovery in whole runs: what each costs, and that a broken one costs nothing else."""

import gzip

import pytest

from fixtures.replica.server import running_replica
from newscrawl.discovery.rest import FAR_FUTURE, posts_url
from tests.living_site import DATED, LATER, XML, LivingSite, feed, rest, sitemap, states
from tests.local_server import Answer
from tests.site_pages import home

SLUGS = ("e", "d", "c", "b", "a")
INDEX, CHILD = "/sitemap_index.xml", "/post-sitemap.xml"
ALL = {"discover": "sections,sitemap,feed,rest"}
HTML_PAGE = "<html><body class='home'>Welcome</body></html>"


def report(run, name: str):
    return run.crawler.spider.source_reports[name]


# --- what an unchanged site costs, by who makes its sitemaps

COSTS = {
    "rankmath": 1,  # the index, whose dates have not moved
    "yoast": 1,
    "aioseo": 1,
    "core": 2,  # WordPress's own index states no dates: the newest child is read each time
    "off": 0,  # found out once, not asked again for a day
}


@pytest.mark.parametrize(("kind", "cost"), COSTS.items())
async def test_an_unchanged_site_of_each_kind(storing_crawl, kind, cost):
    with running_replica(articles=12, sitemap=kind) as replica:
        sections = len(replica.corpus.sections)
        await storing_crawl(replica.url, **ALL)
        lists = {"sections,sitemap": 0, "sections,sitemap,feed": 1, "sections,sitemap,feed,rest": 2}
        for discover, more in lists.items():
            replica.site.control.reset_log()
            run = await storing_crawl(replica.url, discover=discover)
            paths = replica.paths
            assert len([path for path in paths if path.endswith((".xml", ".gz"))]) == cost
            assert len([path for path in paths if path.startswith("/category/")]) <= sections
            assert len(paths) == 2 + report_count(run, "section:") + cost + more, paths
            assert run.failure is None


def report_count(run, prefix: str) -> int:
    return sum(name.startswith(prefix) for name in run.crawler.spider.source_reports)


# --- sitemaps

ROBOTS_WITHOUT = "User-agent: *\nDisallow: /wp-admin/\n"


def named_elsewhere(site):
    site.replace["/robots.txt"] = f"Sitemap: {site.url}maps/all.xml\n"
    site.replace["/maps/all.xml"] = Answer(200, sitemap([(f"{site.url}post-sitemap.xml", DATED)], "sitemapindex"), XML)


def in_the_second_place(site):
    site.replace["/robots.txt"] = ROBOTS_WITHOUT
    site.replace[INDEX] = Answer(404)
    site.replace["/wp-sitemap.xml"] = Answer(
        200, sitemap([(f"{site.url}post-sitemap.xml", DATED)], "sitemapindex"), XML
    )


def in_a_usual_place(site):
    site.replace["/robots.txt"] = ROBOTS_WITHOUT


def moved(site):
    site.replace["/robots.txt"] = ROBOTS_WITHOUT
    site.replace["/maps.xml"] = Answer(200, sitemap([(f"{site.url}post-sitemap.xml", DATED)], "sitemapindex"), XML)
    site.replace[INDEX] = Answer(301, headers={"Location": "/maps.xml"})


def a_urlset(site):
    entries = [(f"{site.url}{post.slug}/", post.lastmod) for post in site.posts]
    site.replace[INDEX] = Answer(200, sitemap(entries), XML)


def zipped(site):
    entries = [(f"{site.url}{post.slug}/", post.lastmod) for post in site.posts]
    site.replace[INDEX] = Answer(200, sitemap([(f"{site.url}posts.xml.gz", DATED)], "sitemapindex"), XML)
    body = gzip.compress(sitemap(entries).encode())
    site.replace["/posts.xml.gz"] = Answer(200, body, {"Content-Type": "application/x-gzip"})


def nested(site):
    inner = Answer(200, sitemap([(f"{site.url}post-sitemap.xml", DATED)], "sitemapindex"), XML)
    site.replace[INDEX] = Answer(200, sitemap([(f"{site.url}inner.xml", DATED)], "sitemapindex"), XML)
    site.replace["/inner.xml"] = inner


def of_the_original(site):
    """A mirror whose sitemap names the original's addresses."""
    entries = [(f"https://newsjournos.com/{post.slug}/", post.lastmod) for post in site.posts]
    site.replace[INDEX] = Answer(
        200, sitemap([("https://newsjournos.com/post-sitemap.xml", DATED)], "sitemapindex"), XML
    )
    site.replace[CHILD] = Answer(200, sitemap(entries), XML)


def with_other_hosts(site):
    entries = [(f"{site.url}{post.slug}/", post.lastmod) for post in site.posts]
    entries += [("https://example.org/x/", DATED), ("http://127.0.0.1:1/y/", DATED)]
    site.replace[CHILD] = Answer(200, sitemap(entries), XML)


def with_other_kinds(site):
    names = ("post", "page", "category", "post_tag", "author")
    rows = [(f"{site.url}{name}-sitemap.xml", DATED) for name in names]
    site.replace[INDEX] = Answer(200, sitemap(rows, "sitemapindex"), XML)


GOOD_SITEMAPS = {
    "named by robots.txt": (named_elsewhere, ["/maps/all.xml"]),
    "in a usual place": (in_a_usual_place, [INDEX]),
    "in the second place": (in_the_second_place, ["/wp-sitemap.xml"]),
    "moved": (moved, ["/maps.xml", INDEX]),
    "no index": (a_urlset, [INDEX]),
    "zipped": (zipped, [INDEX]),
    "nested": (nested, [INDEX]),
    "of the original": (of_the_original, [INDEX]),
    "with other hosts": (with_other_hosts, [INDEX]),
    "with pages, terms and users": (with_other_kinds, [INDEX]),
}


@pytest.mark.parametrize(("make", "again"), GOOD_SITEMAPS.values(), ids=GOOD_SITEMAPS)
async def test_a_sitemap_is_read_and_then_costs_one_request(storing_crawl, make, again):
    with LivingSite(SLUGS, hidden={"sections": {"a", "b"}}).serving() as site:
        make(site)
        site.show()
        run = await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcde")
        assert (report(run, "sitemap").state, report(run, "sitemap").complete) == ("read", True)
        assert report(run, "sitemap").named == 5
        assert report(run, "sitemap").problems == []
        site.show()
        run = await storing_crawl(site.url)
        assert sorted(set(site.server.paths) - {"/", "/robots.txt", "/category/world/"}) == again
        assert report(run, "sitemap").complete


BROKEN_SITEMAPS = {
    "404": (INDEX, Answer(404), "missing"),
    "500": (INDEX, Answer(500), "broken"),
    "403": (INDEX, Answer(403), "closed"),
    "an HTML page": (INDEX, HTML_PAGE, "broken"),
    "empty": (INDEX, Answer(200, "", XML), "broken"),
    "truncated": (INDEX, Answer(200, '<?xml version="1.0"?><sitemapindex><sitemap><loc>http', XML), "broken"),
    "off the site": (INDEX, Answer(301, headers={"Location": "http://localhost:1/s.xml"}), "broken"),
    "a child that is 404": (CHILD, Answer(404), "missing"),
    "a child that is 500": (CHILD, Answer(500), "broken"),
    "a child that is HTML": (CHILD, HTML_PAGE, "broken"),
    "in circles": (INDEX, "self", "unchanged"),
}


@pytest.mark.parametrize(("path", "answer", "state"), BROKEN_SITEMAPS.values(), ids=BROKEN_SITEMAPS)
async def test_a_broken_sitemap_costs_itself_only(storing_crawl, path, answer, state):
    quick = {"RETRY_TIMES": 0}
    with LivingSite(SLUGS).serving() as site:
        if answer == "self":
            answer = Answer(200, sitemap([(f"{site.url}sitemap_index.xml", None)], "sitemapindex"), XML)
        site.replace[path] = answer
        site.show()
        run = await storing_crawl(site.url, quick)
        assert states(storing_crawl).keys() == set("abcde")
        assert run.failure is None
        assert report(run, "sitemap").state == state
        assert len(report(run, "sitemap").problems) == 1 or state == "unchanged"
        assert len(site.server.paths) < 20
        site.replace.clear()
        site.publish("n", place=5, lastmod=LATER)
        site.hidden = {"sections": {"n"}}
        site.show()
        run = await storing_crawl(site.url, quick)
        assert "n" in states(storing_crawl), "once it works again, it is read"
        assert report(run, "sitemap").complete


async def test_a_truncated_child_gives_what_it_has_and_is_read_again(storing_crawl):
    with LivingSite(SLUGS, hidden={"sections": set("abcde")}).serving() as site:
        site.publish("x", lastmod=LATER)
        whole = sitemap([(f"{site.url}{slug}/", DATED) for slug in "abcdex"])
        site.replace[CHILD] = Answer(200, whole[: whole.index(f"{site.url}d/") + 10], XML)
        site.show()
        run = await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcx")
        assert not report(run, "sitemap").complete
        assert "ends before its end" in report(run, "sitemap").problems[0]
        site.replace.clear()
        site.show()
        run = await storing_crawl(site.url)
        assert states(storing_crawl).keys() == set("abcdex")
        assert not storing_crawl.rows("SELECT url FROM articles WHERE state = 'gone'")


async def test_a_truncated_child_makes_nothing_gone(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        site.edit("a")
        site.show()
        whole = site.server.script[CHILD][0].body
        site.server.script[CHILD] = [Answer(200, whole[: len(whole) // 2], XML)]
        await storing_crawl(site.url)
        assert not {"/d/", "/c/", "/b/"} & set(site.server.paths)


async def test_a_site_without_sitemap_is_not_asked_for_one_each_time(storing_crawl):
    with LivingSite(SLUGS, offers=()).serving() as site:
        run = await storing_crawl(site.url)
        assert site.statuses["/sitemap.xml"] == [404]
        assert report(run, "sitemap").state == "missing"
        site.show()
        run = await storing_crawl(site.url)
        assert sorted(site.server.paths) == ["/", "/category/world/", "/robots.txt"]
        assert (report(run, "sitemap").state, run.failure) == ("missing", None)
        site.show()
        await storing_crawl(site.url, mode="full")
        assert "/sitemap_index.xml" in site.server.paths


async def test_only_the_child_that_moved_is_read(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        dates = {"one": DATED, "two": DATED}

        def show():
            rows = [(f"{site.url}{name}.xml", when) for name, when in dates.items()]
            site.replace[INDEX] = Answer(200, sitemap(rows, "sitemapindex"), XML)
            for name, slugs in (("one", "abc"), ("two", "de")):
                entries = [(f"{site.url}{slug}/", site.post(slug).lastmod) for slug in slugs]
                site.replace[f"/{name}.xml"] = Answer(200, sitemap(entries), XML)
            site.show()

        show()
        await storing_crawl(site.url)
        site.edit("d")
        dates["two"] = LATER
        show()
        await storing_crawl(site.url)
        assert site.asked == ["/d/", "/two.xml"]


async def test_a_post_that_moves_from_one_child_to_the_next_is_not_missed(storing_crawl):
    """Plugins with the newest first push every post on."""
    with LivingSite(SLUGS).serving() as site:
        chunks = ["edc", "ba"]

        def show():
            rows = [(f"{site.url}post-sitemap{number}.xml", LATER) for number in range(len(chunks))]
            if chunks[0][0] == "n":
                rows = [(url, "2025-05-10T00:00:00+00:00") for url, _ in rows]
            site.replace[INDEX] = Answer(200, sitemap(rows, "sitemapindex"), XML)
            for number, slugs in enumerate(chunks):
                entries = [(f"{site.url}{slug}/", DATED) for slug in slugs]
                site.replace[f"/post-sitemap{number}.xml"] = Answer(200, sitemap(entries), XML)
            site.show()

        show()
        await storing_crawl(site.url)
        site.publish("n", lastmod=DATED)
        chunks[:] = ["ned", "cba"]
        show()
        await storing_crawl(site.url)
        assert site.asked == ["/n/", "/post-sitemap0.xml", "/post-sitemap1.xml"]


@pytest.mark.parametrize("step", [1, -1], ids=["news last", "news first"])
async def test_a_news_sitemap_that_drops_what_is_two_days_old_costs_nothing(storing_crawl, step):
    with LivingSite(SLUGS).serving() as site:

        def show(news: str, when: str):
            rows = [(f"{site.url}post-sitemap.xml", DATED), (f"{site.url}news-sitemap.xml", when)]
            site.replace[INDEX] = Answer(200, sitemap(rows[::step], "sitemapindex"), XML)
            entries = [(f"{site.url}{slug}/", None) for slug in news]
            site.replace["/news-sitemap.xml"] = Answer(200, sitemap(entries), XML)
            site.show()

        show("ed", DATED)
        await storing_crawl(site.url)
        show("", LATER)
        await storing_crawl(site.url)
        assert site.asked == ["/news-sitemap.xml"]


async def test_an_address_that_the_sitemap_names_no_more_is_looked_at_once(storing_crawl):
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        site.hidden = {"sitemap": {"c"}, "sections": {"c"}}  # a card would do as well
        site.edit("a")
        site.show()
        await storing_crawl(site.url)
        assert site.asked == ["/a/", "/c/", CHILD]
        assert states(storing_crawl)["c"] == "unchanged"
        site.edit("b", "2025-05-11T00:00:00+00:00")
        site.show()
        await storing_crawl(site.url)
        assert site.asked == ["/b/", CHILD]


async def test_an_empty_sitemap_does_not_make_a_site_gone(storing_crawl):
    """A plugin that has lost its posts: each is looked at, and lives."""
    with LivingSite(SLUGS).serving() as site:
        await storing_crawl(site.url)
        site.replace[INDEX] = Answer(200, sitemap([(f"{site.url}post-sitemap.xml", LATER)], "sitemapindex"), XML)
        site.replace[CHILD] = Answer(200, sitemap([]), XML)
        site.hidden = {"sections": set("abcd")}  # what a card names is not missing
        site.show()
        await storing_crawl(site.url)
        assert {states(storing_crawl)[slug] for slug in "abcd"} == {"unchanged"}


# --- feeds


async def test_a_feed_costs_a_304_until_it_changes(storing_crawl):
    with LivingSite(SLUGS, offers=("feed",)).serving() as site:
        only = {"discover": "feed"}
        run = await storing_crawl(site.url, **only)
        assert states(storing_crawl).keys() == set("abcde")
        site.show()
        run = await storing_crawl(site.url, **only)
        assert site.statuses["/feed/"] == [304]
        assert (report(run, "feed").state, report(run, "feed").complete) == ("unchanged", True)
        site.publish("n")
        site.show()
        run = await storing_crawl(site.url, **only)
        assert (site.statuses["/feed/"], site.statuses["/n/"]) == ([200], [200])
        assert (report(run, "feed").state, report(run, "feed").new) == ("read", 1)


async def test_more_new_posts_than_a_feed_page_holds(storing_crawl):
    with LivingSite(SLUGS, offers=("feed",)).serving() as site:
        await storing_crawl(site.url, discover="feed")
        for number in range(23):
            site.publish(f"n{number}")
        site.show()
        run = await storing_crawl(site.url, discover="feed")
        assert len(states(storing_crawl)) == 28
        assert report(run, "feed").requests == 3


async def test_a_feed_that_was_cut_short_is_read_again(storing_crawl):
    with LivingSite(SLUGS, offers=("feed",)).serving() as site:
        await storing_crawl(site.url, discover="feed")
        for number in range(13):
            site.publish(f"n{number}")
        site.replace["/feed/?paged=2"] = Answer(500)
        site.show()
        run = await storing_crawl(site.url, {"RETRY_TIMES": 0}, discover="feed")
        assert len(states(storing_crawl)) == 15
        assert not report(run, "feed").complete
        site.replace.clear()
        site.show()
        run = await storing_crawl(site.url, discover="feed")
        assert len(states(storing_crawl)) == 18
        assert report(run, "feed").complete


async def test_a_feed_that_names_itself_wrongly_is_known_by_its_address(storing_crawl):
    with LivingSite(SLUGS, offers=("feed",)).serving() as site:
        body = feed([f"{site.url}{slug}/" for slug in SLUGS], f"{site.url}category/world/feed/")
        link = f'<link rel="alternate" type="application/rss+xml" href="{site.url}main/feed/">'
        site.replace["/"] = home({"World": "world"}).replace("</head>", f"{link}</head>")
        site.replace["/main/feed/"] = Answer(200, body, {**XML, "ETag": '"x"'})
        site.show()
        await storing_crawl(site.url, discover="feed")
        site.show()
        await storing_crawl(site.url, discover="feed")
        assert site.statuses == {"/robots.txt": [404], "/": [200], "/main/feed/": [304]}


BROKEN_FEEDS = {
    "404": (Answer(404), "missing"),
    "500": (Answer(500), "broken"),
    "403": (Answer(403), "closed"),
    "an HTML page": (HTML_PAGE, "broken"),
    "truncated": (Answer(200, "<rss><channel><item><link>http", XML), "broken"),
    "empty": (Answer(200, "", XML), "broken"),
}


@pytest.mark.parametrize("name", ["feed", "rest"])
@pytest.mark.parametrize(("answer", "state"), BROKEN_FEEDS.values(), ids=BROKEN_FEEDS)
async def test_a_broken_feed_or_interface_costs_itself_only(storing_crawl, name, answer, state):
    with LivingSite(SLUGS).serving() as site:
        site.replace["/feed/"] = answer
        for root in ("wp-json/", "?rest_route=/"):
            site.replace["/" + posts_url(f"{site.url}{root}").removeprefix(site.url)] = answer
        site.show()
        run = await storing_crawl(site.url, {"RETRY_TIMES": 0}, discover=f"sections,{name}")
        assert states(storing_crawl).keys() == set("abcde")
        assert run.failure is None
        assert report(run, name).state == state
        assert report(run, name).problems
        alone = await storing_crawl(site.url, {"RETRY_TIMES": 0}, discover=name)
        assert (alone.failure is None) is (answer != Answer(500)), "not offered is no failure, not answered is one"


# --- REST


def rest_path(site, page: int = 1, root: str = "wp-json/", **more) -> str:
    return "/" + posts_url(f"{site.url}{root}", page, **more).removeprefix(site.url)


def answer_of(posts, pages: int = 1, total: int = 5) -> Answer:
    headers = {"Content-Type": "application/json", "X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    return Answer(200, posts, headers)


async def test_rest_is_read_by_its_other_address_where_the_first_is_closed(storing_crawl):
    with LivingSite(SLUGS, offers=()).serving() as site:
        site.replace[rest_path(site)] = Answer(401, '{"code":"rest_not_logged_in","message":"No."}')
        site.replace[rest_path(site, root="?rest_route=/")] = answer_of(rest(site.url, site.posts))
        site.show()
        run = await storing_crawl(site.url, discover="rest")
        assert states(storing_crawl).keys() == set("abcde")
        assert (report(run, "rest").state, report(run, "rest").total) == ("read", 5)


async def test_rest_in_order_stops_at_what_is_known(storing_crawl):
    with LivingSite(SLUGS, offers=()).serving() as site:

        def show(pages):
            for number, slugs in enumerate(pages, 1):
                body = rest(site.url, [site.post(slug) for slug in slugs])
                site.replace[rest_path(site, number)] = answer_of(body, len(pages))
            site.show()

        for day, slug in enumerate("abcde", 1):
            site.post(slug).lastmod = f"2025-05-0{day}T00:00:00+00:00"
        show(["edc", "ba"])
        run = await storing_crawl(site.url, discover="rest")
        assert report(run, "rest").requests == 2
        site.edit("b")
        show(["bed", "ca"])
        run = await storing_crawl(site.url, discover="rest")
        assert site.asked == ["/b/", rest_path(site)]
        assert (report(run, "rest").requests, report(run, "rest").changed) == (1, 1)
        assert states(storing_crawl)["b"] == "updated"


async def test_rest_reads_on_among_changes_of_one_second(storing_crawl):
    with LivingSite(SLUGS, offers=()).serving() as site:

        def show(pages):
            for number, slugs in enumerate(pages, 1):
                body = rest(site.url, [site.post(slug) for slug in slugs])
                site.replace[rest_path(site, number)] = answer_of(body, len(pages))
            site.show()

        show(["ed", "cba"])
        await storing_crawl(site.url, discover="rest")
        site.publish("n")
        show(["ed", "ncba"])
        await storing_crawl(site.url, discover="rest")
        assert "n" in states(storing_crawl)


async def test_rest_that_was_cut_short_is_read_again_from_the_start(storing_crawl):
    with LivingSite(SLUGS, offers=()).serving() as site:
        for number, slugs in enumerate(("ed", "cb", "a"), 1):
            site.replace[rest_path(site, number)] = answer_of(rest(site.url, [site.post(slug) for slug in slugs]), 3)
        good = site.replace[rest_path(site, 2)]
        site.replace[rest_path(site, 2)] = Answer(500)
        site.show()
        run = await storing_crawl(site.url, {"RETRY_TIMES": 0}, discover="rest")
        assert states(storing_crawl).keys() == set("de")
        assert not report(run, "rest").complete
        site.replace[rest_path(site, 2)] = good
        site.show()
        run = await storing_crawl(site.url, discover="rest")
        assert states(storing_crawl).keys() == set("abcde")
        assert report(run, "rest").complete


@pytest.mark.parametrize("is_obeyed", [True, False])
async def test_rest_that_knows_no_order_by_change(storing_crawl, is_obeyed):
    """By date instead: an edit of an old post would stand on the last page."""
    with LivingSite(SLUGS, offers=()).serving() as site:
        for day, slug in enumerate("abcde", 1):
            site.post(slug).lastmod = f"2025-05-0{day}T00:00:00+00:00"

        def show():
            for number, slugs in enumerate(("ed", "cb", "a"), 1):
                body = rest(site.url, [site.post(slug) for slug in slugs])
                site.replace[rest_path(site, number)] = answer_of(body, 3)
            since = rest_path(site, modified_after="2025-05-05T00:00:00+00:00")
            proof = rest_path(site, per_page=1, modified_after=FAR_FUTURE)
            if is_obeyed:
                site.replace[proof] = answer_of("[]", 0, 0)
                changed = [post for post in site.posts if post.lastmod > "2025-05-05T00:00:00+00:00"]
                site.replace[since] = answer_of(rest(site.url, changed), 1, len(changed))
            else:
                site.replace[proof] = answer_of(rest(site.url, [site.post("e")]), 3)
            site.show()

        show()
        run = await storing_crawl(site.url, discover="rest")
        site.edit("d", "2025-05-08T00:00:00+00:00")
        site.edit("a", "2025-05-09T00:00:00+00:00")
        show()
        run = await storing_crawl(site.url, discover="rest")
        found = states(storing_crawl)
        assert {slug for slug, state in found.items() if state == "updated"} == {"a", "d"}
        assert report(run, "rest").requests == (3 if is_obeyed else 5)
        assert report(run, "rest").total == 5
        assert report(run, "rest").complete


async def test_rest_without_counts_ends_with_a_400(storing_crawl):
    with LivingSite(SLUGS, offers=()).serving() as site:
        for number, slugs in enumerate(("ed", "cb", "a"), 1):
            body = rest(site.url, [site.post(slug) for slug in slugs])
            site.replace[rest_path(site, number)] = Answer(200, body, {"Content-Type": "application/json"})
        site.replace[rest_path(site, 4)] = Answer(400, '{"code":"rest_post_invalid_page_number","message":"No."}')
        site.show()
        run = await storing_crawl(site.url, discover="rest")
        assert states(storing_crawl).keys() == set("abcde")
        assert report(run, "rest").complete
        assert report(run, "rest").problems == []
