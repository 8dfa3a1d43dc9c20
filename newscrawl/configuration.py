"""Every setting of our own as a row: name, default, check, meaning. The environment, -s and the README follow it."""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from newscrawl.exceptions import SettingError
from newscrawl.masking import without_secrets
from newscrawl.scrapy_settings import check_scrapy_settings

PREFIX = "NEWSCRAWL_"
NAME_OF_SPIDER = "%(name)s"
"""Stands for the spider's name in a setting, as in the names of Scrapy's feeds."""
_DATABASE_SCHEMES = ("sqlite:///", "postgresql://")  # those that newscrawl.storage.open_store opens
_PRINTABLE = re.compile(r"[!-~]+")
_MAIL = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_CONTACT = re.compile(r"(?:https?://|mailto:)\S+|[^@\s]+@[^@\s]+")


def _is_database_url(value: str) -> bool:
    return any(value.startswith(scheme) and value != scheme for scheme in _DATABASE_SCHEMES)


def _is_webhook(value: str) -> bool:
    is_address = bool(_PRINTABLE.fullmatch(value)) and _has_host(value, {"http", "https"})
    return not value or (is_address and "@" not in urlsplit(value).netloc)  # urllib would take them for the host


def _is_mail_server(value: str) -> bool:
    if not _PRINTABLE.fullmatch(value) or not _has_host(value, {"smtp", "smtps"}):
        return False
    parts = urlsplit(value)
    return parts.path in {"", "/"} and not parts.query and not parts.fragment


def _is_redis(value: str) -> bool:
    return not value or (bool(_PRINTABLE.fullmatch(value)) and _has_host(value, {"redis", "rediss"}))


def _has_host(value: str, schemes: set[str]) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that stands alone
        return False


def _is_mail_list(value: str) -> bool:
    return not value or all(_MAIL.fullmatch(one.strip(" ")) for one in value.split(","))


def _is_text(value: str) -> bool:
    return value.encode("utf-8", "ignore").decode() == value  # else it was no UTF-8 where it was given


def _is_path(value: str) -> bool:
    return "\0" not in value


def _is_day(value: str) -> bool:
    try:
        return not value or bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 9 and int(value) > 0


@dataclass(frozen=True, slots=True)
class Setting:
    """
    A setting ``name``; ``accepts`` tells good values, ``allowed`` in words. A ``secret`` value is never shown.

    ``of_site`` is the default of a site: ``{name}`` is that of its spider, ``{folder}`` the spider's folder.
    """

    name: str
    default: str
    accepts: Callable[[str], bool]
    allowed: str
    help: str
    secret: bool = False
    of_site: str | None = None


SETTINGS = (
    Setting(
        "NEWSCRAWL_DATABASE_URL",
        "sqlite:///data/newsjournos.db",
        _is_database_url,
        "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME",
        "The database that keeps everything: an SQLite file, or a database of a PostgreSQL server; see PostgreSQL.",
        of_site="sqlite:///data/{name}.db",
    ),
    Setting(
        "NEWSCRAWL_JSONL_PATH",
        "data/newsjournos.jsonl",
        lambda value: _is_path(value) and _is_text(value),
        "a path, or nothing for off",
        "JSON Lines file that gets one line for each new or changed article; empty: off.",
        of_site="data/{name}.jsonl",
    ),
    Setting(
        "NEWSCRAWL_ARCHIVE_DIR",
        "data/archive",
        _is_path,
        "a path, or nothing for off",
        "Directory for the pages of articles as they were received, in WARC files; empty: off.",
        of_site="{folder}/archive",
    ),
    Setting(
        "NEWSCRAWL_ARCHIVE_PAGES",
        "articles",
        lambda value: value in {"articles", "all"},
        "articles or all",
        "What is archived: pages of articles, or all that is fetched: articles or all.",
    ),
    Setting(
        "NEWSCRAWL_ARCHIVE_SIZE",
        "512",
        _is_count,
        "a whole number from 1 up",
        "Megabytes after which a file of the archive is closed and the next begun.",
    ),
    Setting(
        "NEWSCRAWL_CONTACT",
        "https://example.org/newscrawl",
        lambda value: _is_text(value) and bool(_CONTACT.fullmatch(value)),
        "an http(s) URL or a mail address",
        "Who runs this crawl: part of the User-Agent.",
    ),
    Setting(
        "NEWSCRAWL_MAX_REQUESTS",
        "100000",
        _is_count,
        "a whole number from 1 up",
        "Requests a run, tries again, redirects and robots.txt included; one more ends the run with 3.",
    ),
    Setting(
        "NEWSCRAWL_NORMAL_SINCE",
        "",
        _is_day,
        "an ISO date such as 2025-05-03, or nothing",
        "The day from which on the site is as it is meant to be: monitors compare with nothing older. Set it once "
        "the site has changed for good.",
    ),
    Setting(
        "NEWSCRAWL_PROGRESS",
        "auto",
        lambda value: value in {"auto", "off"},
        "auto or off",
        "Whether a crawl that is started in a terminal shows there how far it is: auto or off.",
    ),
    Setting(
        "NEWSCRAWL_REPORTS_DIR",
        "data/reports",
        _is_path,
        "a path, or nothing for off",
        "Directory for the report of each run, the last 100 as JSON and Markdown; empty: off.",
        of_site="{folder}/reports",
    ),
    Setting(
        "NEWSCRAWL_ALERT_WEBHOOK",
        "",
        _is_webhook,
        "an http(s) URL without user and password, or nothing for off",
        "Where a run that ended with 1 or 3, and the first good one after it, is told as JSON with a `text`.",
        secret=True,
    ),
    Setting(
        "NEWSCRAWL_ALERT_MAIL",
        "",
        _is_mail_list,
        "comma-separated mail addresses, or nothing for off",
        "Comma-separated mail addresses that are told the same.",
    ),
    Setting(
        "NEWSCRAWL_SMTP_URL",
        "smtp://localhost:25",
        _is_mail_server,
        "smtp://[user:password@]host[:port], or smtps://",
        "The server that takes those mails.",
        secret=True,
    ),
    Setting(
        "NEWSCRAWL_REDIS_URL",
        "",
        _is_redis,
        "redis://[user:password@]host[:port][/number], rediss:// for TLS, or nothing for off",
        "Redis by which several processes, on one machine or many, share one run; see `docs/workers.md`. Empty: off.",
        secret=True,
    ),
    Setting(
        "NEWSCRAWL_REDIS_WAIT",
        "30",
        _is_count,
        "a whole number of seconds from 1 up",
        "Seconds that a Redis which went away is waited for; then the run ends with 1.",
    ),
    Setting(
        "NEWSCRAWL_LEASE_SECONDS",
        "60",
        _is_count,
        "a whole number of seconds from 1 up",
        "Seconds without a sign of life after which the others take over what a worker had in hand.",
    ),
    Setting(
        "NEWSCRAWL_PROMETHEUS_FILE",
        "",
        _is_path,
        "a path, or nothing for off",
        "File for the textfile collector of Prometheus' node exporter, written after each run; empty: off.",
    ),
    Setting(
        "NEWSCRAWL_READER_PROCESS",
        "auto",
        lambda value: value in {"auto", "1", "0"},
        "auto, 1 or 0",
        "Second process that reads article pages: 1, 0, or auto, for crawls without a delay on two cores or more.",
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


def from_environment(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """The value that the environment gives a setting of the table, else its default."""
    return environment.get(name, _BY_NAME[name].default)


def use_own_places(settings: BaseSettings, name: str, folder: str, environment: Mapping[str, str] = os.environ) -> None:
    """
    Let a site keep its data apart: its own default where nobody has set anything, and its name for ``%(name)s``.

    :param name: of its spider
    :param folder: of its spider
    """
    for setting in SETTINGS:
        value, priority = settings[setting.name], settings.getpriority(setting.name)
        is_default = value == setting.default and setting.name not in environment
        if setting.of_site and is_default and priority == SETTINGS_PRIORITIES["project"]:
            settings.set(setting.name, setting.of_site.format(name=name, folder=folder), "spider")
        elif isinstance(value, str) and NAME_OF_SPIDER in value:
            # One higher than it was: Scrapy merges what the command line gave once more.
            higher = max(priority or 0, SETTINGS_PRIORITIES["spider"]) + 1
            settings.set(setting.name, value.replace(NAME_OF_SPIDER, name), higher)


def user_agent(settings: BaseSettings) -> str:
    """How the project introduces itself to a site."""
    return f"newscrawl (+{settings['NEWSCRAWL_CONTACT']})"


def check_settings(settings: BaseSettings, environment: Mapping[str, str] = os.environ) -> None:
    """
    Refuse settings that cannot be meant.

    :raises SettingError: a value is not allowed, or a name with our prefix is unknown
    """
    for name in settings:
        if str(name).startswith(PREFIX) and name not in _BY_NAME:
            raise SettingError(_unknown(str(name)))
    for name in environment:
        # Only a near miss: the prefix may also serve whoever deploys this, a misspelt setting serves nobody.
        if name.startswith(PREFIX) and name not in _BY_NAME and _nearest(name):
            raise SettingError(f"{_unknown(name)} (from the environment)")
    for setting in SETTINGS:
        value = settings[setting.name]
        if not isinstance(value, str) or not setting.accepts(value):
            raise SettingError(f"{setting.name}={_shown(setting, value)}: allowed is {setting.allowed}")
    if settings["JOBDIR"]:  # after a kill, a run resumed from it does nothing and says that it finished
        raise SettingError(
            f"JOBDIR={settings['JOBDIR']!r}: allowed is nothing; what is stored stays, so just run again"
        )
    check_scrapy_settings(settings)


def _shown(setting: Setting, value: Any) -> str:
    if setting.secret:
        return "***"
    has_secret = isinstance(value, str) and ("@" in value or "password" in value.lower())
    return repr(without_secrets(value) if has_secret else value)


def _nearest(name: str) -> str | None:
    return next(iter(difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0.8)), None)


def _unknown(name: str) -> str:
    nearest = next(iter(difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0)))
    return f"{name} is no setting; the nearest is {nearest}"
