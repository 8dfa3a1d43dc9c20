"""Where a full crawl that was cut short is taken up again: by the rows of ``runs``, which survive any kill."""

from collections.abc import Mapping

from newscrawl.base_spiders.arguments import Arguments, read_arguments
from newscrawl.exceptions import SpiderArgumentError
from newscrawl.frontier.frontier import Frontier

LIMITS = ("urls", "sections", "since", "until", "max_articles", "max_pages", "from_archive")


def is_whole(arguments: Arguments) -> bool:
    """Whether a run is about all of the site."""
    return all(getattr(arguments, name) is None for name in LIMITS)


def taken_up(frontier: Frontier, spider: str, arguments: Arguments) -> Frontier:
    """
    The frontier of a run, told which run began its full crawl: itself, or the first of those before it that did not
    finish.

    A full run that finished ends the row, and so does an incremental one of the same site. Runs of another
    ``base_url``, of some addresses, and full ones about a part of the site are passed over.
    """
    if arguments.mode != "full" or not is_whole(arguments):
        return frontier
    for given, number, finish_reason in frontier.runs_before(spider):
        earlier = _read(given)
        if earlier is None or earlier.base_url != arguments.base_url or earlier.urls:
            continue
        if earlier.mode != "full":
            break
        if is_whole(earlier):
            if finish_reason == "finished":
                break
            frontier.full_since = number
    return frontier


def _read(given: Mapping[str, str]) -> Arguments | None:
    try:
        return read_arguments(given)
    except SpiderArgumentError:  # such as a file of addresses that is no longer there
        return None
