"""The feeds of a crawl, ``-o``, ``-O`` and FEEDS: what they may be, before anything is fetched for them."""

import importlib.util
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings, default_settings

from newscrawl.exceptions import UsageProblem
from newscrawl.masking import without_secrets
from newscrawl.outputs import refuse_database

PACKED = ".gz"
GIVEN = frozenset({"time", "batch_time", "batch_id"})
"""What Scrapy puts into the name of a feed beside the attributes of the spider."""
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
    scheme = urlsplit(uri).scheme
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


def check_names(settings: BaseSettings, known: Collection[str]) -> None:
    """
    Refuse a feed whose name has a placeholder that nothing fills, ``%(section)s``.

    :param known: what the spider has
    :raises UsageProblem: there is one
    """
    feeds = settings.getdict("FEEDS")
    if not feeds:
        return
    from scrapy.extensions.feedexport import apply_uri_params  # a run without feeds does not load it

    values = dict.fromkeys((*GIVEN, *known), 0)
    for uri, options in feeds.items():
        if options.get("uri_params") or settings["FEED_URI_PARAMS"]:  # a function may fill in more
            continue
        try:
            apply_uri_params(str(uri), values)
        except KeyError as error:
            raise UsageProblem(f"-o {shown(str(uri))}: %({error.args[0]})s is nothing that a crawl fills in") from None


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
    """The file of a feed; None where it is elsewhere, or is named when the crawl runs."""
    parts = urlsplit(uri)
    path = parts.path if parts.scheme else uri
    return Path(path) if parts.scheme in {"", "file"} and "%(" not in path else None


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


def check_feed_format(uri: str, options: dict[str, Any]) -> None:
    """
    Refuse a format that needs what is not installed, and to add to a file that would be no feed any more.

    :raises UsageProblem: either of them
    """
    from newscrawl.export.formats import FORMATS

    if "format" not in options:
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


def check_own_lines(settings: BaseSettings) -> None:
    """
    Refuse a feed in the file that the store keeps its lines in.

    :raises UsageProblem: there is one
    """
    own = settings["NEWSCRAWL_JSONL_PATH"]
    for uri in settings.getdict("FEEDS") if own else ():
        path = local_path(str(uri))
        if path and os.path.realpath(path) == os.path.realpath(own):
            raise UsageProblem(f"-o {uri}: is the file of the store's own lines; name another file")
