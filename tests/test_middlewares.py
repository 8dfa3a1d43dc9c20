"""Manners towards the site's server, each over loopback."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import Settings

from newscrawl import clock
from newscrawl.downloadermiddlewares.retry_after import A_DAY, seconds_to_wait, server_time
from newscrawl.spiders.newsjournos import NewsjournosSpider
from tests.conftest import project_settings
from tests.local_server import Answer, serving
from tests.site_pages import post, site

NOW = datetime(2025, 5, 3, 12, 0, 0, tzinfo=UTC)
MANY = [f"s{number}" for number in range(12)]
MANY_URLS = ",".join(f"/{slug}/" for slug in MANY)
AGENT = {"NEWSCRAWL_CONTACT": "https://harbour.example/crawl"}


async def test_no_request_passes_while_robots_txt_is_fetched(crawl):
    """Scrapy 2.19 lets through what waits for the file."""
    script = {**site(*MANY), "/robots.txt": Answer(200, "User-agent: *\nDisallow: /s", wait_for=2)}
    with serving(script) as server:
        run = await crawl(server.url, {"CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16}, urls=MANY_URLS)
    assert server.paths == ["/robots.txt"]
    assert run.stat("newscrawl/failed/RobotsForbiddenError") == len(MANY)
    assert run.failure is None


ROBOTS = {
    "404 allows": (Answer(404), True),
    "403 allows": (Answer(403), True),
    "empty allows": (Answer(200, ""), True),
    "rules for others": (Answer(200, "User-agent: other\nDisallow: /"), True),
    "rules for us": (Answer(200, "User-agent: newscrawl\nDisallow: /a/"), False),
    "500 forbids": (Answer(500), False),
    "429 forbids": (Answer(429), False),
    "a second try may do": ([Answer(503), Answer(200, "")], True),
}


@pytest.mark.parametrize(("answer", "allowed"), ROBOTS.values(), ids=ROBOTS)
async def test_what_an_answer_for_robots_txt_means(crawl, answer, allowed):
    with serving({**site("a"), "/robots.txt": answer}) as server:
        run = await crawl(server.url, urls="/a/")
    assert ("/a/" in server.paths) is allowed
    assert (run.slugs == ["a"]) is allowed


async def test_robots_txt_that_stays_away_ends_the_run_as_failed(crawl):
    with serving({**site(*MANY), "/robots.txt": Answer(500)}) as server:
        run = await crawl(server.url, urls=MANY_URLS)
    assert set(server.paths) == {"/robots.txt"}
    assert run.failure is not None
    assert "robots.txt answered 500" in str(run.failure)
    assert run.stat("finish_reason") == "robots_unreachable"


@pytest.mark.parametrize("throttle", [True, False])
async def test_crawl_delay_holds_every_request(crawl, throttle):
    script = {**site("a", "b"), "/robots.txt": "User-agent: *\nCrawl-delay: 0.2"}
    with serving(script) as server:
        await crawl(
            server.url, {"AUTOTHROTTLE_ENABLED": throttle, "AUTOTHROTTLE_START_DELAY": 0.01}, discover="sections"
        )
    times = [one.at for one in server.seen]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) == 4
    assert min(gaps) >= 0.15  # the clock of a busy machine


async def test_crawl_delay_below_ours_changes_nothing(crawl):
    script = {**site("a"), "/robots.txt": "User-agent: *\nCrawl-delay: 0.01"}
    with serving(script) as server:
        run = await crawl(server.url, {"DOWNLOAD_DELAY": 0.02})
    assert run.crawler.engine.downloader.per_slot_settings == {}


@pytest.mark.parametrize("delay", [0, 0.01])
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_holds_the_retry_and_all_others(crawl, status, delay):
    busy = Answer(status, headers={"Retry-After": "1"})
    script = {**site("a", "b", "c"), "/a/": [busy, post("a")]}
    with serving(script) as server:
        run = await crawl(server.url, {"DOWNLOAD_DELAY": delay, "CONCURRENT_REQUESTS": 1}, urls="/a/,/b/,/c/")
    refused = server.times("/a/")[0]
    assert run.slugs == ["a", "b", "c"]
    assert all(one.at - refused >= 0.95 for one in server.seen if one.at > refused)


async def test_retry_after_of_robots_txt_is_honoured(crawl):
    busy = Answer(503, headers={"Retry-After": "1"})
    with serving({**site("a"), "/robots.txt": [busy, ""]}) as server:
        run = await crawl(server.url)
    first, second = server.times("/robots.txt")
    assert second - first >= 0.95
    assert run.slugs == ["a"]


WAITS = [
    ("0", 0),
    ("120", 120),
    (" 7 ", 7),
    ("999999999999", A_DAY),
    (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
    ("Sat, 03 May 2025 12:00:30 -0000", 30),
    (format_datetime(NOW - timedelta(minutes=5), usegmt=True), 0),
    (format_datetime(NOW + timedelta(days=400), usegmt=True), A_DAY),
    ("soon", 0),
    ("-5", 0),
    ("1.5", 0),
    ("²", 0),
    ("", 0),
]


@pytest.mark.parametrize(("header", "seconds"), WAITS)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(header, seconds):
    assert seconds_to_wait(header, NOW) == seconds


CLOCKS = {
    "of the server": ("Sat, 03 May 2025 11:00:00 GMT", NOW - timedelta(hours=1)),
    "nothing said": (None, NOW),
    "no date": ("today", NOW),
}


@pytest.mark.parametrize(("date", "moment"), CLOCKS.values(), ids=CLOCKS)
def test_a_date_to_come_back_is_of_the_clock_of_the_server(monkeypatch, date, moment):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert server_time(Response("http://127.0.0.1:9/", headers={"Date": date} if date else {})) == moment


async def test_a_clock_that_is_ahead_does_not_shorten_the_wait(crawl):
    """The server's own clock is a year behind; ten seconds would be long gone by ours."""
    busy = Answer(
        503, headers={"Date": format_datetime(NOW), "Retry-After": format_datetime(NOW + timedelta(seconds=1))}
    )
    with serving({**site("a"), "/a/": [busy, post("a")]}) as server:
        run = await crawl(server.url, urls="/a/")
    first, second = server.times("/a/")
    assert second - first >= 0.95
    assert run.slugs == ["a"]


REDIRECTS = ["http://localhost:{port}/a/", "http://127.0.0.1:{other}/a/", "//127.0.0.1:{other}/a/", "file:///a/"]


@pytest.mark.parametrize("target", REDIRECTS)
async def test_no_redirect_leaves_the_origin(crawl, target):
    with serving(site("a")) as other, serving(site("a", "b")) as server:
        place = target.format(port=urlsplit(server.url).port, other=urlsplit(other.url).port)
        server.script["/a/"] = [Answer(301, headers={"Location": place})]
        run = await crawl(server.url)
    assert run.slugs == ["b"]
    assert other.seen == []
    assert len(server.times("/robots.txt")) == 1, "localhost is another host, even at the same port"
    assert run.stat("log_count/ERROR") == 0


async def test_links_to_other_places_are_not_followed(crawl):
    with serving(site("a")) as other, serving({}) as server:
        server.script |= {path: [page.replace('href="/', f'href="{other.url}')] for path, page in site("a").items()}
        await crawl(server.url)
    assert other.seen == []


LIMITS = [("CONCURRENT_REQUESTS=16", "CONCURRENT_REQUESTS_PER_DOMAIN=1"), ("CONCURRENT_REQUESTS=1", "LOG_LEVEL=ERROR")]


@pytest.mark.parametrize("limits", LIMITS)
def test_concurrency_is_held_without_a_delay(scrapy, limits):
    """Scrapy 2.19 does not hold the limit a domain on its reactor when there is no delay; so in its own process."""
    script = {path: Answer(200, page, wait_for=2) for path, page in site(*MANY[:6]).items()}
    quick = ("LOG_LEVEL=ERROR", "DOWNLOAD_DELAY=0", "AUTOTHROTTLE_ENABLED=False", *limits)
    with serving(script) as server:
        words = [word for setting in quick for word in ("-s", setting)]
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", "-a", "discover=sections", *words)
    assert (done.code, done.err) == (0, "")
    assert len(server.seen) == 9
    assert server.most_open == 1


async def test_the_user_agent_names_the_project_and_a_contact(crawl):
    with serving(site("a")) as server:
        await crawl(server.url, AGENT)
    assert {one.headers["User-Agent"] for one in server.seen} == {"newscrawl (+https://harbour.example/crawl)"}
    assert not any("Cookie" in one.headers for one in server.seen)


async def test_a_user_agent_given_by_hand_wins(crawl):
    with serving(site("a")) as server:
        await crawl(server.url, {"USER_AGENT": "harbour/1.0"})
    assert {one.headers["User-Agent"] for one in server.seen} == {"harbour/1.0"}


async def test_no_port_is_opened_for_others(crawl):
    with serving(site("a")) as server:
        run = await crawl(server.url)
    names = {type(extension).__name__ for extension in run.crawler.extensions.middlewares}
    assert names.isdisjoint({"RemoteControl", "TelnetConsole"})


MANNERS = {
    "ROBOTSTXT_OBEY": lambda value: value is True,
    "DOWNLOAD_DELAY": lambda seconds: seconds == 1,
    "AUTOTHROTTLE_ENABLED": lambda value: value is True,
    "AUTOTHROTTLE_TARGET_CONCURRENCY": lambda value: value <= 1,
    "CONCURRENT_REQUESTS": lambda value: value <= 2,
    "CONCURRENT_REQUESTS_PER_DOMAIN": lambda value: value <= 2,
    "DOWNLOAD_VERIFY_CERTIFICATES": lambda value: value is True,
    "DOWNLOAD_TIMEOUT": lambda seconds: seconds <= 30,
    "DOWNLOAD_MAXSIZE": lambda size: 2 * 2**20 <= size <= 16 * 2**20,
    "COOKIES_ENABLED": lambda value: value is False,
    "HTTPCACHE_ENABLED": lambda value: value is False,
    "LOG_LEVEL": lambda level: level == "INFO",
}


@pytest.mark.parametrize(("name", "kept"), MANNERS.items(), ids=MANNERS)
def test_the_live_site_is_treated_gently_by_default(name, kept):
    settings = Settings()
    settings.setmodule("newscrawl.settings")
    assert kept(settings[name])


@pytest.mark.parametrize(
    ("url", "contact", "warned"),
    [
        ("https://newsjournos.com/", None, True),
        ("https://newsjournos.com/", "desk@example.org", False),
        ("http://127.0.0.1:8000/", None, False),
    ],
)
def test_a_crawl_of_the_live_site_without_a_contact_is_warned(caplog, url, contact, warned):
    settings = project_settings(**({"NEWSCRAWL_CONTACT": contact} if contact else {}))
    NewsjournosSpider.from_crawler(Crawler(NewsjournosSpider, settings), base_url=url)
    assert ("NEWSCRAWL_CONTACT is not set" in caplog.text) is warned
