"""The feeds of a crawl, ``-o``, ``-O`` and FEEDS: what they may be, before anything is fetched for them."""

import importlib.util
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings, default_settings
from w3lib.url import file_uri_to_path

from newscrawl.exceptions import UsageProblem
from newscrawl.masking import without_secrets
from newscrawl.outputs import refuse_database

PACKED = ".gz"
GIVEN = {"time": "", "batch_time": "", "batch_id": 1}
"""What Scrapy puts into the name of a feed beside the attributes of the spider, as far as it is known before."""
NEEDED = {"s3": "boto3", "gs": "google.cloud.storage"}
"""What Scrapy loads for a feed that is elsewhere, and does not bring along."""


def prepare_feeds(settings: BaseSettings) -> None:
    """
    Check every feed, and have it hold articles, compressed where its name says so.

    :raises UsageProblem: one cannot be written, or is nothing that this project or Scrapy writes
    """
    feeds = settings.getdict("FEEDS")
    for uri, options in feeds.items():
        check_storage(str(uri), settings)
        check_feed_path(str(uri))
        check_feed_format(str(uri), options)
        pack_feed(str(uri), options)
        options.setdefault("item_classes", ["newscrawl.items.Article"])
    if feeds:  # they may have come as JSON
        settings.set("FEEDS", feeds, settings.getpriority("FEEDS") or 0)


def check_storage(uri: str, settings: BaseSettings) -> None:
    """
    Refuse a feed that would be stored by what is not there; Scrapy leaves it out and goes on.

    :raises UsageProblem: no such storage, or what it needs is not installed
    """
    try:
        scheme = urlsplit(uri).scheme
    except ValueError as error:
        raise UsageProblem(f"-o {shown(uri)}: {error}") from None
    storages = settings.getwithbase("FEED_STORAGES")
    if storages.get(scheme) is None:
        raise UsageProblem(f"-o {shown(uri)}: {scheme}:// is no storage that Scrapy has")
    needed = NEEDED.get(scheme)
    if needed and not _is_installed(needed):
        raise UsageProblem(f"-o {shown(uri)}: needs {needed}, which is not installed")


def shown(uri: str) -> str:
    """A feed as a message may name it: its address may hold a password."""
    return without_secrets(uri) if "@" in uri else uri


def _is_installed(module: str) -> bool:
    """Whether a module is there, without loading more than the packages around it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def check_targets(settings: BaseSettings, known: Mapping[str, str]) -> None:
    """
    Refuse a feed whose name has a placeholder that nothing fills, ``%(section)s``, or that cannot be written, or whose
    file is in use.

    :param known: what the spider has, by its name
    :raises UsageProblem: there is one
    """
    own = settings["NEWSCRAWL_JSONL_PATH"]
    for uri, options in settings.getdict("FEEDS").items():
        has_more = options.get("uri_params") or settings["FEED_URI_PARAMS"]  # a function that may fill in more
        target = str(uri) if has_more else _filled(str(uri), known)
        check_feed_path(target)
        path = local_path(target)
        if own and path and os.path.realpath(path) == os.path.realpath(own):
            raise UsageProblem(f"-o {uri}: is the file of the store's own lines; name another file")


def _filled(uri: str, known: Mapping[str, str]) -> str:
    from scrapy.extensions.feedexport import apply_uri_params  # a run without feeds does not load it

    try:
        return apply_uri_params(uri, {**known, **GIVEN})
    except KeyError as error:
        raise UsageProblem(f"-o {shown(uri)}: %({error.args[0]})s is nothing that a crawl fills in") from None
    except (TypeError, ValueError) as error:
        raise UsageProblem(f"-o {shown(uri)}: cannot be filled in: {error}") from None


def with_format(output: str) -> str:
    """
    A value of -o or -O, which names the format of a compressed file as Scrapy wants it named.

    >>> [with_format(output) for output in ("new.rss.gz", "new.gz:rss", "new.rss")]
    ['new.rss.gz:rss', 'new.gz:rss', 'new.rss']
    """
    ending = Path(output.removesuffix(PACKED)).suffix
    return f"{output}:{ending[1:]}" if output.endswith(PACKED) and ending else output


def pack_feed(uri: str, options: dict[str, Any]) -> None:
    """Have a feed compressed whose name says so; neither name nor time inside, as ``scrapy export`` does it."""
    if uri.endswith(PACKED) and "postprocessing" not in options:
        options["postprocessing"] = ["scrapy.extensions.postprocessing.GzipPlugin"]
        options |= {"gzip_compresslevel": 6, "gzip_mtime": 0, "gzip_filename": ""}


def local_path(uri: str) -> Path | None:
    """The file of a feed; None where it is elsewhere, or has placeholders in its name."""
    scheme = urlsplit(uri).scheme
    path = file_uri_to_path(uri) if scheme == "file" else uri
    return Path(path) if scheme in {"", "file"} and "%(" not in path else None


def check_feed_path(uri: str) -> None:
    """
    Refuse a feed that cannot be written, before anything is fetched for it.

    :raises UsageProblem: the local path is a directory, a database, or not writable
    """
    path = local_path(uri)
    if path is None:
        return
    if path.is_dir():
        raise UsageProblem(f"-o {uri}: is a directory")
    nearest = next(one for one in (path, *path.absolute().parents) if one.exists())
    if nearest != path and not nearest.is_dir():
        raise UsageProblem(f"-o {uri}: {nearest} is no directory")
    if not os.access(nearest, os.W_OK):
        raise UsageProblem(f"-o {uri}: {nearest} is not writable")
    refuse_database(path, f"-o {uri}")


def check_feed_format(uri: str, options: Any) -> None:
    """
    Refuse a format that needs what is not installed, and to add to a file that would be no feed any more.

    :raises UsageProblem: either of them
    """
    from newscrawl.export.formats import FORMATS

    if not isinstance(options, dict) or not isinstance(options.get("format"), str):  # as JSON may say
        raise UsageProblem(f"FEEDS: {shown(uri)} has no format")
    chosen = FORMATS.get(options["format"])
    if chosen is None or options["format"] in default_settings.FEED_EXPORTERS_BASE:
        return
    chosen.check()
    if chosen.is_binary and uri.endswith(PACKED):
        raise UsageProblem(f"-o {shown(uri)}: {chosen.name} is compressed inside; leave out {PACKED}")
    path = Path(uri)
    if not options.get("overwrite") and path.is_file() and path.stat().st_size:
        raise UsageProblem(f"-o {uri}: is there already, and {chosen.name} cannot be added to; -O writes it anew")
