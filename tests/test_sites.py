"""Several sites in one checkout: each keeps its data apart, by its name, unless a setting says otherwise."""

import pytest

from newscrawl.commands._ending import one_spider
from newscrawl.configuration import use_own_places
from newscrawl.exceptions import SettingError

from .conftest import project_settings

PLACES = ("NEWSCRAWL_DATABASE_URL", "NEWSCRAWL_JSONL_PATH", "NEWSCRAWL_ARCHIVE_DIR", "NEWSCRAWL_REPORTS_DIR")
DEFAULTS = ["sqlite:///data/newsjournos.db", "data/newsjournos.jsonl", "data/archive", "data/reports"]
OTHERS = ["sqlite:///data/other.db", "data/other.jsonl", "data/other/archive", "data/other/reports"]


def places(settings) -> list[str]:
    return [settings[name] for name in PLACES]


@pytest.fixture
def settings(monkeypatch):
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    made = project_settings()
    made.delete("NEWSCRAWL_ARCHIVE_DIR", "cmdline")  # off in tests
    made.set("NEWSCRAWL_ARCHIVE_DIR", "data/archive", "project")
    return made


@pytest.mark.parametrize(
    ("name", "folder", "expected"), [("newsjournos", "data", DEFAULTS), ("other", "data/other", OTHERS)]
)
def test_places_carry_the_name_of_the_site(settings, name, folder, expected):
    use_own_places(settings, name, folder, {})
    assert places(settings) == expected


def test_what_the_command_line_or_the_environment_says_stays(settings):
    settings.set("NEWSCRAWL_JSONL_PATH", DEFAULTS[1], "cmdline")
    use_own_places(settings, "other", "data/other", {"NEWSCRAWL_DATABASE_URL": DEFAULTS[0]})
    assert places(settings) == [*DEFAULTS[:2], *OTHERS[2:]]


def test_the_name_may_stand_in_any_setting(settings):
    settings.set("NEWSCRAWL_PROMETHEUS_FILE", "metrics/%(name)s.prom", "project")
    use_own_places(settings, "other", "data/other", {})
    assert settings["NEWSCRAWL_PROMETHEUS_FILE"] == "metrics/other.prom"


def test_the_name_stays_when_scrapy_merges_the_command_line_once_more(settings):
    settings.set("NEWSCRAWL_JSONL_PATH", "lines/%(name)s.jsonl", "cmdline")
    given = settings.copy()
    use_own_places(settings, "other", "data/other", {})
    settings.update(given)
    assert settings["NEWSCRAWL_JSONL_PATH"] == "lines/other.jsonl"


def test_commands_read_where_the_crawl_of_their_site_writes(settings):
    assert one_spider("status", settings, ["newsjournos"]) == "newsjournos"
    assert places(settings) == DEFAULTS


def test_settings_of_a_site_are_checked_too(settings, monkeypatch, capsys):
    from newscrawl.spiders.newsjournos import NewsjournosSpider

    monkeypatch.setattr(NewsjournosSpider, "custom_settings", {"NEWSCRAWL_ARCHIVE_SIZE": "much"})
    with pytest.raises(SystemExit) as ended:
        one_spider("status", settings, ["newsjournos"])
    assert ended.value.code == SettingError.exit_code
    assert "NEWSCRAWL_ARCHIVE_SIZE='much': allowed is a whole number from 1 up" in capsys.readouterr().err
