"""Spider arguments (``-a``) as a table: each typed and checked before the first request."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.settings.default_settings import URLLENGTH_LIMIT

from newscrawl.exceptions import SpiderArgumentError
from newscrawl.masking import without_secrets

MODES = ("incremental", "full")
DISCOVERIES = ("sections", "sitemap", "feed", "rest")


_HOST = re.compile(r"[a-z0-9._-]+")


class NotAllowedError(ValueError):
    """A value is not what its argument allows; the text says why, where the table does not."""


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument ``name``; ``read`` turns its text into the value, ``allowed`` says in words what it may be."""

    name: str
    default: str | None
    read: Callable[[str], Any]
    allowed: str
    help: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """The values of one run."""

    base_url: str
    mode: str
    discover: tuple[str, ...]
    sections: tuple[str, ...] | None
    since: date | None
    until: date | None
    urls: tuple[str, ...] | None
    max_articles: int | None
    max_pages: int | None
    recheck: int
    from_archive: Path | None = None


def read_origin(value: str) -> str:
    """
    An http(s) origin with its final slash.

    >>> read_origin("HTTPS://NewsJournos.com:443")
    'https://newsjournos.com/'
    """
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(char.isspace() for char in value):
        raise NotAllowedError
    refuse_user(value)
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise NotAllowedError
    default_port = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    if ":" not in host and not _HOST.fullmatch(host):
        raise NotAllowedError("there can be no host of that name")
    port = "" if parts.port in {None, default_port} else f":{parts.port}"  # .port raises ValueError above 65535
    return f"{parts.scheme}://{host}{port}/"


def refuse_user(url: str) -> None:
    """
    Refuse an address with user or password: none is ever sent, and the run's row and report keep what was given.

    :raises NotAllowedError: it has one
    """
    if "@" in urlsplit(url).netloc:
        raise NotAllowedError("no user or password is sent to a site")


def refuse_long(url: str) -> None:
    """
    Refuse an address of ``urls`` that Scrapy would pass over in silence.

    :raises SpiderArgumentError: it is longer, as it is sent, with what is no ASCII escaped
    """
    length = len(Request(url).url)
    if length > URLLENGTH_LIMIT:
        raise SpiderArgumentError(
            f"urls={shown(url[:60])}...: allowed are addresses of up to {URLLENGTH_LIMIT} characters, this has {length}"
        )


def shown(text: str) -> str:
    """A value as a message may repeat it."""
    return repr(without_secrets(text) if "@" in text.removeprefix("@") else text)


def read_choice(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A reader of one word among ``choices``, in any case."""

    def read(value: str) -> str:
        if value.lower() not in choices:
            raise NotAllowedError
        return value.lower()

    return read


def read_list(value: str) -> tuple[str, ...]:
    """
    The comma-separated parts, each once, without spaces around.

    >>> read_list("World, tech ,World")
    ('World', 'tech')
    """
    parts = tuple(dict.fromkeys(part.strip() for part in value.split(",")))
    if "" in parts:
        raise NotAllowedError
    return parts


def read_discoveries(value: str) -> tuple[str, ...]:
    """Some of DISCOVERIES, comma-separated, in the order of the table."""
    chosen = {part.lower() for part in read_list(value)}
    if not chosen <= set(DISCOVERIES):
        raise NotAllowedError
    return tuple(name for name in DISCOVERIES if name in chosen)


def read_date(value: str) -> date:
    """A day in ISO form."""
    return date.fromisoformat(value)


def read_urls(value: str) -> tuple[str, ...]:
    """Comma-separated addresses, or those of ``@FILE``: one a line, ``#`` begins a comment line."""
    if not value.startswith("@"):
        return _without_users(read_list(value))
    try:
        lines = Path(value[1:]).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise NotAllowedError(f"cannot read the file: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NotAllowedError("the file is no UTF-8 text") from None
    urls = tuple(dict.fromkeys(line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")))
    if not urls:
        raise NotAllowedError("the file names no address")
    return _without_users(urls)


def _without_users(urls: tuple[str, ...]) -> tuple[str, ...]:
    for url in urls:
        refuse_user(url)
    return urls


def read_count(least: int) -> Callable[[str], int]:
    """A reader of whole numbers from ``least`` up."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit()) or len(value) > 9 or int(value) < least:
            raise NotAllowedError
        return int(value)

    return read


def read_path(value: str) -> Path:
    """A file or folder that is there."""
    path = Path(value)
    if not value or "\0" in value or not path.exists():
        raise NotAllowedError("there is none of that name")
    return path


ARGUMENTS = (
    Argument(
        "base_url",
        "https://newsjournos.com/",
        read_origin,
        "an http(s) origin without a path, such as http://127.0.0.1:8000/",
        "Where the site is; no request leaves this scheme, host and port.",
    ),
    Argument(
        "mode",
        "incremental",
        read_choice(MODES),
        "incremental or full",
        "incremental: what is new and what changed. full: walk everything, never stop early.",
    ),
    Argument(
        "discover",
        "sections,sitemap",
        read_discoveries,
        "some of sections,sitemap,feed,rest",
        "Where addresses are learnt from; what the site does not offer is reported.",
    ),
    Argument(
        "sections",
        None,
        read_list,
        "comma-separated section names or slugs",
        "Walk only these sections of the site's menus; default: all.",
    ),
    Argument(
        "since", None, read_date, "an ISO date such as 2025-05-03", "Keep articles published on this day or later."
    ),
    Argument(
        "until", None, read_date, "an ISO date such as 2025-05-03", "Keep articles published on this day or before."
    ),
    Argument(
        "urls",
        None,
        read_urls,
        "comma-separated article addresses on the host of base_url, or @FILE with one a line",
        "Crawl just these.",
    ),
    Argument("max_articles", None, read_count(1), "a whole number from 1 up", "Articles a run."),
    Argument("max_pages", None, read_count(1), "a whole number from 1 up", "Section pages a section."),
    Argument(
        "recheck",
        "50",
        read_count(0),
        "a whole number from 0 up",
        "Known articles a run may fetch again because their age says so.",
    ),
    Argument(
        "from_archive",
        None,
        read_path,
        "a WARC file, or a folder of them",
        "Answer every request from these files and none from the network.",
    ),
)

_BY_NAME = {argument.name: argument for argument in ARGUMENTS}

SCRAPYD_NAMES = frozenset({"_job", "_version"})
"""What Scrapyd tells every spider of its job; kept with the run, so that its row leads to that job's log."""


def read_arguments(given: Mapping[str, str]) -> Arguments:
    """
    The values of a run from what ``-a`` gave.

    :raises SpiderArgumentError: an unknown name, a value that is not allowed, or values that exclude each other
    """
    for name in given:
        if name not in _BY_NAME and name not in SCRAPYD_NAMES:
            nearest = next(iter(difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0)))
            raise SpiderArgumentError(f"{name} is no argument; the nearest is {nearest}, all are {', '.join(_BY_NAME)}")
    values = {argument.name: _read(argument, given.get(argument.name, argument.default)) for argument in ARGUMENTS}
    arguments = Arguments(**values)
    if arguments.since and arguments.until and arguments.since > arguments.until:
        raise SpiderArgumentError(f"since={arguments.since}: allowed is a day not after until={arguments.until}")
    if arguments.urls and arguments.sections:
        raise SpiderArgumentError(f"urls={shown(given['urls'])}: allowed is either urls or sections, not both")
    return arguments


def _read(argument: Argument, text: str | None) -> Any:
    if text is None:
        return None
    try:
        text.encode()  # a word of the command line that is no UTF-8 has half characters in it
        return argument.read(text.strip())
    except ValueError as error:  # NotAllowedError is one; so is what text.encode, date.fromisoformat and .port raise
        why = f" ({error})" if isinstance(error, NotAllowedError) and str(error) else ""
        raise SpiderArgumentError(f"{argument.name}={shown(text)}: allowed is {argument.allowed}{why}") from None
