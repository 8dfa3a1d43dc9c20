"""A crawl that an archive answers: what the site is then, and where such a crawl begins."""

from pathlib import Path

from newscrawl.archive.replaying import Replay, hosts
from newscrawl.base_spiders.origin import Origin
from newscrawl.exceptions import SpiderArgumentError, UnreadableRecordError


def open_replay(path: Path, origin: Origin) -> Replay:
    """
    The answers of an archive.

    :raises SpiderArgumentError: it holds none, or none of ``origin``
    """
    try:
        replay = Replay(path)
    except UnreadableRecordError as error:
        raise SpiderArgumentError(
            f"from_archive={str(path)!r}: allowed is a WARC file or a folder of them ({error})"
        ) from None
    if not any(origin.covers(url) for url in replay.answers):
        others = ", ".join(hosts(replay.answers))
        raise SpiderArgumentError(
            f"from_archive={str(path)!r}: holds nothing of {origin.url}; base_url may be {others}"
        )
    return replay


def addresses(replay: Replay, origin: Origin) -> list[str]:
    """Where a crawl begins: nowhere in particular if the home page is archived, else at every page that is."""
    return [] if origin.url in replay else [url for url in replay.pages() if origin.own(url) == url]
