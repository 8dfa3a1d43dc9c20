"""Passwords and the addresses of webhooks are told to whom they are for, and stand nowhere else."""

import gzip
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newscrawl.archive.records import Exchange, exchange_records
from newscrawl.base_spiders.arguments import read_arguments
from newscrawl.configuration import SETTINGS, check_settings
from newscrawl.exceptions import SettingError, SpiderArgumentError, StoreError
from newscrawl.masking import without_secrets
from newscrawl.reporting.finish import finish
from newscrawl.spiders.newsjournos import NewsjournosSpider
from newscrawl.storage import open_store
from newscrawl.storage.dialects.postgresql import PostgresEngine
from newscrawl.storage.runtime import RUN_ID
from tests.alert_servers import mail_server, webhook
from tests.conftest import StoringCrawl, project_settings
from tests.local_server import serving
from tests.site_pages import site

# As people write them, also where they should have encoded them; "hush" stands at the start, in the middle and at the end.
PASSWORDS = [
    "hush",
    "hush@hush",
    "hush/hush@hush",
    "hush:hush",
    "12/hush",
    "hush?hush",
    "hush#hush",
    "hush%40hush",
    "hush hush",
    "",
]
PLACES = [
    "me:{}@db.example.org:5432/news",
    "{}@db.example.org/news",
    "db.example.org/news?password={}",
    "db.example.org?a=1&sslpassword={}",
]
SCHEMES = ["postgresql", "mysql", "redis", "https"]


def unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


@pytest.mark.parametrize("password", PASSWORDS)
def test_an_address_is_shown_without_them(password):
    for place in PLACES:
        for scheme in SCHEMES:
            address = f"{scheme}://{place.format(password)}"
            shown = without_secrets(address)
            assert "hush" not in shown
            assert "me:" not in shown
            assert shown.startswith(f"{scheme}://")


def test_what_is_no_secret_of_an_address_is_shown():
    assert without_secrets("redis://:hush@cache.example.org:6380/1?a=b") == "redis://cache.example.org:6380/1"
    assert without_secrets("sqlite:////srv/news.db") == "sqlite:////srv/news.db"


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("name", [one.name for one in SETTINGS if one.secret or "PASSWORD" in one.allowed])
def test_a_setting_that_is_refused(name, password):
    for place in PLACES:
        with pytest.raises(SettingError, match=f"^{name}=.*: allowed is ") as caught:
            check_settings(project_settings(**{name: f"gopher://{place.format(password)}"}), {})
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("place", ["me:{}@", "{}@", "@{}@"])
def test_a_site_is_given_no_password(tmp_path, place, password):
    """Refused rather than hidden: the row of a run and its report keep what was given."""
    address = f"https://{place.format(password)}newsjournos.com/"
    file = tmp_path / "urls.txt"
    file.write_text(f"/a/\n{address}a/\n", encoding="utf-8")
    for given in ({"base_url": address}, {"urls": f"/a/,{address}a/"}, {"urls": f"@{file}"}):
        with pytest.raises(SpiderArgumentError, match=f"^{next(iter(given))}=.*: allowed is ") as caught:
            NewsjournosSpider(read_arguments(given))
        assert "hush" not in str(caught.value)


def test_at_signs_in_a_path_are_no_password():
    assert read_arguments({"urls": "/@desk/a/,https://newsjournos.com/@desk/b/"}).urls == (
        "/@desk/a/",
        "https://newsjournos.com/@desk/b/",
    )


@pytest.mark.parametrize("place", ["me:12/hush@127.0.0.1:1/news", "me:hush@127.0.0.1:1/news?sslpassword=hush"])
def test_a_database_is_named_without_it(place):
    assert "hush" not in PostgresEngine(f"postgresql://{place}").name


def test_a_database_that_does_not_answer():
    with pytest.raises(StoreError, match=r"^database postgresql://127\.0\.0\.1:1/news: ") as caught:
        open_store("postgresql://me:hush@127.0.0.1:1/news?sslpassword=hush")
    assert "hush" not in str(caught.value)


def test_no_password_of_a_proxy_or_site_is_archived():
    sent = [
        (b"Accept", b"*/*"),
        (b"Proxy-Authorization", b"Basic hush"),
        (b"authorization", b"hush"),
        (b"Cookie", b"a=hush"),
    ]
    exchange = Exchange("https://newsjournos.com/a/", "GET", sent, 200, [], b"<p>Text.</p>")
    records = b"".join(exchange_records(exchange, datetime(2025, 5, 3, tzinfo=UTC)))
    assert b"Accept: */*" in gzip.decompress(records)
    assert b"hush" not in gzip.decompress(records)


async def test_a_run_and_what_it_leaves(tmp_path, caplog, capfd):
    """A run with secrets in every setting that takes one, at DEBUG; its alerts reach a hook that takes none of them."""
    caplog.set_level(logging.DEBUG)
    with webhook(500) as hook, mail_server({"AUTH": "535 hush is wrong"}) as mail, serving(site("a", "b")) as server:
        settings = {
            "NEWSCRAWL_ALERT_WEBHOOK": f"http://127.0.0.1:{hook.port}/hush?hush",
            "NEWSCRAWL_ALERT_MAIL": "desk@example.org",
            "NEWSCRAWL_SMTP_URL": f"smtp://me:hush@127.0.0.1:{mail.port}",
            "NEWSCRAWL_ARCHIVE_DIR": str(tmp_path / "archive"),
            "NEWSCRAWL_ARCHIVE_PAGES": "all",
            "NEWSCRAWL_REPORTS_DIR": str(tmp_path / "reports"),
            "NEWSCRAWL_PROMETHEUS_FILE": str(tmp_path / "news.prom"),
            "LOG_LEVEL": "DEBUG",
        }
        run = await StoringCrawl(tmp_path)(server.url, settings=settings)
        finish(run.crawler.settings, "newsjournos", run.crawler.stats.get_value(RUN_ID), 1, "it failed")
    assert hook.commands or hook.messages
    assert any("No alert: the webhook" in one.message for one in caplog.records)
    assert any("No alert: the mail server" in one.message for one in caplog.records)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"store.db", "store.jsonl", "latest.json", "latest.md", "news.prom"} <= {path.name for path in files}
    assert any(path.name.endswith(".warc.gz") for path in files)
    told = [*(one.getMessage() for one in caplog.records), caplog.text, *capfd.readouterr()]
    assert any("Overridden settings" in text for text in told)
    assert not [text for text in told if "hush" in text]
    assert not [path for path in files if b"hush" in unpacked(path)]
