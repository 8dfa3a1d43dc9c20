"""Nothing leaves the origin, nothing is remembered, and nobody is believed who cannot prove who he is."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.statscollectors import MemoryStatsCollector

from newscrawl.downloadermiddlewares.same_origin import OffOriginError, SameOriginMiddleware
from newscrawl.spiders.newsjournos import NewsjournosSpider
from tests.conftest import project_settings
from tests.local_server import Answer, serving
from tests.site_pages import post, site

OFF = [
    "http://harbour.example/a/",
    "https://www.harbour.example/a/",
    "https://harbour.example.org/a/",
    "https://harbour.example:8443/a/",
    "https://harbour.example:80/a/",
    "https://harbour.example@evil.example/a/",
    "https://me:secret@harbour.example/a/",
    "https://me@harbour.example/a/",
    "https://evil.example\\@harbour.example/a/",
    "ftp://harbour.example/a/",
    "file:///etc/hostname",
    "data:text/html,a",
]
ON = ["https://harbour.example/a/", "https://HARBOUR.example:443/a/?b=@c#d", "https://harbour.example/@desk/"]


@pytest.mark.parametrize(("url", "passes"), [*((url, False) for url in OFF), *((url, True) for url in ON)])
@pytest.mark.parametrize("unfiltered", [True, False])
def test_a_request_stays_on_scheme_host_and_port(url, passes, unfiltered):
    crawler = Crawler(NewsjournosSpider, project_settings())
    crawler.stats = MemoryStatsCollector(crawler)
    crawler.spider = NewsjournosSpider.from_crawler(crawler, base_url="https://harbour.example/")
    middleware = SameOriginMiddleware.from_crawler(crawler)
    request = Request(url, dont_filter=unfiltered)
    if passes:
        middleware.process_request(request)
    else:
        with pytest.raises(OffOriginError):
            middleware.process_request(request)


TARGETS = ["https://127.0.0.1:{port}/c/", "http://me:secret@127.0.0.1:{port}/c/", "//me@127.0.0.1:{port}/c/"]


@pytest.mark.parametrize("target", TARGETS)
async def test_no_redirect_changes_scheme_or_carries_a_name(crawl, target):
    with serving({**site("a", "b"), "/c/": post("c")}) as server:
        server.script["/a/"] = [Answer(301, headers={"Location": target.format(port=urlsplit(server.url).port)})]
        run = await crawl(server.url)
    assert run.slugs == ["b"]
    assert run.stat("newscrawl/failed/OffOriginError") == 1
    assert "/c/" not in server.paths


async def test_a_meta_refresh_leads_nowhere(crawl):
    refresh = '<html><head><meta http-equiv="refresh" content="0;url=/c/"></head></html>'
    with serving({**site("a", "b"), "/a/": refresh, "/c/": post("c")}) as server:
        run = await crawl(server.url)
    assert run.slugs == ["b"]
    assert "/c/" not in server.paths


async def test_a_redirect_is_asked_of_robots_txt_too(crawl):
    script = {
        **site("a", "b"),
        "/robots.txt": "User-agent: *\nDisallow: /private/",
        "/a/": Answer(301, headers={"Location": "/private/a/"}),
        "/private/a/": post("a"),
    }
    with serving(script) as server:
        run = await crawl(server.url)
    assert run.slugs == ["b"]
    assert "/private/a/" not in server.paths


async def test_cookies_are_not_sent_back(crawl):
    cookie = {"Set-Cookie": "reader=7; Path=/"}
    script = {path: Answer(200, page, headers=cookie) for path, page in site("a", "b").items()}
    with serving(script) as server:
        run = await crawl(server.url)
    assert run.slugs == ["a", "b"]
    assert not any("Cookie" in one.headers for one in server.seen)


def self_signed(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody has signed, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "server.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(("verify", "asked"), [(None, False), ("False", True)], ids=["default", "switched off"])
def test_a_server_that_cannot_prove_who_it_is_gets_no_request(scrapy, tmp_path, verify, asked):
    words = ("-s", f"DOWNLOAD_VERIFY_CERTIFICATES={verify}") if verify else ()
    with serving(site("a"), self_signed(tmp_path)) as server:
        quick = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "LOG_LEVEL=ERROR")
        done = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *quick, *words)
    assert bool(server.seen) is asked
    assert done.code == (0 if asked else 1)
    assert asked or "certificate" in done.lines[-1]


KEPT = {
    "REMOTE_CONTROL_ENABLED": lambda value: value is False,
    "TELNETCONSOLE_ENABLED": lambda value: value is False,
    "METAREFRESH_ENABLED": lambda value: value is False,
    "REDIRECT_MAX_TIMES": lambda times: times <= 5,
    "RETRY_TIMES": lambda times: times <= 2,
    "CONCURRENT_ITEMS": lambda tasks: tasks <= 4,
    "DOWNLOAD_SLOTS": lambda slots: not slots,
    "AUTOTHROTTLE_START_DELAY": lambda seconds: seconds >= 1,
    "DOWNLOAD_DELAY_JITTER": lambda share: share <= 0.5,
}


@pytest.mark.parametrize(("name", "kept"), KEPT.items(), ids=KEPT)
def test_what_a_default_of_scrapy_would_break(name, kept):
    settings = Settings()
    settings.setmodule("newscrawl.settings")
    assert kept(settings[name])


def test_both_limits_of_requests_at_once_are_equal():
    """Unequal, and without a delay, Scrapy 2.19 holds the larger one only."""
    settings = Settings()
    settings.setmodule("newscrawl.settings")
    assert settings["CONCURRENT_REQUESTS"] == settings["CONCURRENT_REQUESTS_PER_DOMAIN"]
