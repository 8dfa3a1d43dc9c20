"""Spider arguments and settings: what each may be, and the one line that a wrong one gets."""

from datetime import date

import pytest
from scrapy.settings import Settings

from newscrawl.base_spiders.arguments import ARGUMENTS, Arguments, read_arguments
from newscrawl.base_spiders.origin import Origin
from newscrawl.configuration import SETTINGS, check_settings, from_environment
from newscrawl.exceptions import SettingError, SpiderArgumentError
from newscrawl.spiders.newsjournos import NewsjournosSpider
from tests.conftest import project_settings


def test_defaults_are_those_of_the_contract():
    assert read_arguments({}) == Arguments(
        base_url="https://newsjournos.com/",
        mode="incremental",
        discover=("sections", "sitemap"),
        sections=None,
        since=None,
        until=None,
        urls=None,
        max_articles=None,
        max_pages=None,
        recheck=50,
    )


GOOD = [
    ("base_url", "http://127.0.0.1:8000", "http://127.0.0.1:8000/"),
    ("base_url", "https://NEWSJOURNOS.com:443/", "https://newsjournos.com/"),
    ("base_url", "http://[::1]:80/", "http://[::1]/"),
    ("base_url", "https://m\u00fcnchen.example/", "https://xn--mnchen-3ya.example/"),
    ("mode", "Full", "full"),
    ("discover", "feed, sections,feed", ("sections", "feed")),
    ("sections", "World, u-s-news", ("World", "u-s-news")),
    ("since", "2025-05-03", date(2025, 5, 3)),
    ("until", "2024-02-29", date(2024, 2, 29)),
    ("urls", "/a/, /b/,/a/", ("/a/", "/b/")),
    ("max_articles", "1", 1),
    ("max_pages", "020", 20),
    ("recheck", "0", 0),
]


@pytest.mark.parametrize(("name", "text", "value"), GOOD)
def test_what_is_allowed_is_read(name, text, value):
    assert getattr(read_arguments({name: text}), name) == value


BAD = [
    ("base_url", ""),
    ("base_url", "newsjournos.com"),
    ("base_url", "ftp://newsjournos.com/"),
    ("base_url", "file:///etc/passwd"),
    ("base_url", "https://newsjournos.com/news/"),
    ("base_url", "https://newsjournos.com/?a=1"),
    ("base_url", "http://127.0.0.1:99999/"),
    ("base_url", "http://[::1/"),
    ("base_url", "http://two words/"),
    ("base_url", "http://localhost%00/"),
    ("base_url", "http://*/"),
    ("base_url", f"http://{'m' * 70}\u00fc/"),
    ("sections", "\udcff"),
    ("urls", "/\udcff/"),
    ("mode", "fast"),
    ("mode", ""),
    ("discover", "sections,sitemaps"),
    ("discover", ","),
    ("sections", "World,"),
    ("since", "yesterday"),
    ("since", "2025-02-30"),
    ("until", "03/04/2026"),
    ("urls", ""),
    ("urls", "@/no/such/file"),
    ("max_articles", "0"),
    ("max_articles", "-1"),
    ("max_articles", "1.5"),
    ("max_articles", "²"),
    ("max_pages", "many"),
    ("recheck", "-1"),
    ("recheck", "9" * 5000),
]


@pytest.mark.parametrize(("name", "text"), BAD)
def test_what_is_not_allowed_is_named_with_its_value_and_what_is(name, text):
    with pytest.raises(SpiderArgumentError) as caught:
        read_arguments({name: text})
    allowed = next(argument.allowed for argument in ARGUMENTS if argument.name == name)
    assert str(caught.value).startswith(f"{name}={text!r}: allowed is {allowed}")
    assert "\n" not in str(caught.value)


TOGETHER = [
    ({"since": "2025-05-03", "until": "2025-05-02"}, "since=2025-05-03"),
    ({"urls": "/a/", "sections": "World"}, "urls='/a/'"),
    ({"section": "World"}, "section is no argument; the nearest is sections"),
    ({"name": "other"}, "name is no argument"),
    ({"job": "1"}, "job is no argument"),
    ({"_jobs": "1"}, "_jobs is no argument"),
]


@pytest.mark.parametrize(("given", "said"), TOGETHER)
def test_what_does_not_go_together(given, said):
    with pytest.raises(SpiderArgumentError, match=f"^{said}"):
        read_arguments(given)


def test_what_scrapyd_adds_changes_nothing():
    assert read_arguments({"_job": "7f3a", "_version": "1700000000"}) == read_arguments({})


def test_urls_from_a_file(tmp_path):
    file = tmp_path / "urls.txt"
    file.write_text("# from the desk\n/a/\n\n  /b/?x=1,2 \n/a/\n", encoding="utf-8")
    assert read_arguments({"urls": f"@{file}"}).urls == ("/a/", "/b/?x=1,2")


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe/a/"])
def test_a_file_without_urls_is_refused(tmp_path, content):
    file = tmp_path / "urls.txt"
    file.write_bytes(content)
    with pytest.raises(SpiderArgumentError, match=r"^urls="):
        read_arguments({"urls": f"@{file}"})


URLS = [
    ("https://newsjournos.com/a/?amp=1", "https://newsjournos.com/a/"),
    ("http://newsjournos.com/a/", "https://newsjournos.com/a/"),
    ("a/", "https://newsjournos.com/a/"),
    ("/?p=7", "https://newsjournos.com/?p=7"),
    ("https://www.newsjournos.com/a/", None),
    ("https://newsjournos.com:8443/a/", None),
    ("https://newsjournos.com.example/a/", None),
    ("//example.org/a/", None),
    ("https://newsjournos.com@example.org/", None),
    ("file:///etc/passwd", None),
    ("javascript:alert(1)", None),
    ("http://[", None),
    (f"/{'a' * (2_083 - 25)}/", f"https://newsjournos.com/{'a' * (2_083 - 25)}/"),
    (f"/{'a' * (2_084 - 25)}/", None),
    (f"/{'é' * 400}/", None),
]


@pytest.mark.parametrize(("url", "asked"), URLS)
def test_urls_stay_on_the_site(url, asked):
    if asked:
        assert NewsjournosSpider(read_arguments({"urls": url})).urls == [asked]
    else:
        with pytest.raises(SpiderArgumentError, match=r"^urls="):
            NewsjournosSpider(read_arguments({"urls": url}))


COVERED = [
    ("http://127.0.0.1:8000/a/", True),
    ("http://127.0.0.1:8001/a/", False),
    ("http://127.0.0.1/a/", False),
    ("https://127.0.0.1:8000/a/", False),
    ("http://localhost:8000/a/", False),
    ("file:///a/", False),
    ("data:text/html,a", False),
]


@pytest.mark.parametrize(("url", "covered"), COVERED)
def test_an_origin_is_scheme_host_and_port(url, covered):
    assert Origin("http://127.0.0.1:8000/").covers(url) is covered


WRONG_SETTINGS = [
    ("NEWSCRAWL_DATABASE_URL", "mysql://localhost/news"),
    ("NEWSCRAWL_DATABASE_URL", ""),
    ("NEWSCRAWL_DATABASE_URL", "sqlite:///"),
    ("NEWSCRAWL_CONTACT", "me"),
    ("NEWSCRAWL_CONTACT", "https://example.org/\nX-Injected: 1"),
    ("NEWSCRAWL_JSONL_PATH", "a\0b"),
    ("JOBDIR", "job"),
    ("LOG_LEVEL", "LOUD"),
    ("LOG_FILE", "/no/such/folder/crawl.log"),
    ("LOG_FILE", "/tmp"),
    ("DOWNLOAD_DELAY", "fast"),
    ("DOWNLOAD_DELAY", "nan"),
    ("DOWNLOAD_TIMEOUT", ""),
    ("CONCURRENT_REQUESTS", "1.5"),
    ("ROBOTSTXT_OBEY", "maybe"),
    ("AUTOTHROTTLE_ENABLED", "yes"),
]


@pytest.mark.parametrize(("name", "value"), WRONG_SETTINGS)
def test_a_wrong_setting_is_named_with_its_value(name, value):
    with pytest.raises(SettingError) as caught:
        check_settings(project_settings(**{name: value}), {})
    assert str(caught.value).startswith(f"{name}={value!r}: allowed")


RIGHT_SETTINGS = [
    ("NEWSCRAWL_DATABASE_URL", "sqlite:////srv/news.db"),
    ("NEWSCRAWL_JSONL_PATH", ""),
    ("NEWSCRAWL_ARCHIVE_DIR", ""),
    ("NEWSCRAWL_CONTACT", "desk@example.org"),
    ("LOG_LEVEL", "ERROR"),
    ("LOG_LEVEL", "10"),
    ("LOG_FILE", "crawl.log"),
    ("DOWNLOAD_DELAY", "0.25"),
    ("AUTOTHROTTLE_TARGET_CONCURRENCY", "0.5"),
    ("CONCURRENT_REQUESTS", "8"),
    ("ROBOTSTXT_OBEY", "0"),
    ("SOME_OTHER_SETTING", "anything"),
]


@pytest.mark.parametrize(("name", "value"), RIGHT_SETTINGS)
def test_a_right_setting_passes(name, value):
    check_settings(project_settings(**{name: value}), {})


def test_an_unknown_setting_is_named_with_the_nearest():
    with pytest.raises(SettingError, match=r"^NEWSCRAWL_JSON_PATH is no setting; the nearest is NEWSCRAWL_JSONL_PATH$"):
        check_settings(project_settings(NEWSCRAWL_JSON_PATH="x"), {})


@pytest.mark.parametrize(("name", "refused"), [("NEWSCRAWL_DATABSE_URL", True), ("NEWSCRAWL_IMAGE_TAG", False)])
def test_the_environment_may_hold_names_that_are_not_misspelt_settings(name, refused):
    settings = project_settings()
    if refused:
        with pytest.raises(SettingError, match="from the environment"):
            check_settings(settings, {name: "x"})
    else:
        check_settings(settings, {name: "x"})


def test_the_environment_gives_a_setting_and_its_absence_the_default():
    assert from_environment("NEWSCRAWL_JSONL_PATH", {"NEWSCRAWL_JSONL_PATH": "x.jsonl"}) == "x.jsonl"
    assert from_environment("NEWSCRAWL_JSONL_PATH", {"NEWSCRAWL_JSONL_PATH": ""}) == ""
    assert from_environment("NEWSCRAWL_JSONL_PATH", {}) == "data/newsjournos.jsonl"


def test_every_setting_of_the_table_is_in_the_settings_file():
    settings = Settings()
    settings.setmodule("newscrawl.settings")
    assert {name for name in settings if str(name).startswith("NEWSCRAWL_")} == {row.name for row in SETTINGS}
