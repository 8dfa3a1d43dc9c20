"""``scrapy reextract newsjournos``: run today's extraction over the archived pages, show what changes, and apply it."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.spiderloader import get_spider_loader

from newscrawl.commands._ending import FAILED, USAGE, leave, one_spider, refusing, show
from newscrawl.commands.diff import harmless_json, is_coloured
from newscrawl.commands.export import positive
from newscrawl.configuration import check_settings
from newscrawl.exceptions import NewscrawlError

if TYPE_CHECKING:
    from newscrawl.commands._reextraction import Reextraction

SHOWN = 20
"""Articles that are listed one by one."""


class Command(ScrapyCommand):
    """Shows, and writes with ``--apply`` alone; exits with 0 done, 1 failed, 2 usage, 4 a run is at work."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] <spider>"

    def short_desc(self) -> str:
        return "Run today's extraction over the archived pages and show what would change"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("reextract", USAGE, message)  # type: ignore[method-assign]
        parser.add_argument("--apply", action="store_true", help="store what changes; it is no edit by the publisher")
        parser.add_argument("--since", metavar="DATE", help="only articles published on this day or later")
        parser.add_argument("--until", metavar="DATE", help="only articles published on this day or before")
        parser.add_argument("--limit", type=positive, metavar="N", help="only the latest N articles")
        parser.add_argument("--json", action="store_true", help="the same as one JSON object")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        with refusing("reextract"):
            super().process_options(args, opts)
            check_settings(self.settings)
        for name in ("since", "until"):
            if not _is_day(given := getattr(opts, name)):
                leave("reextract", USAGE, f"--{name} {given}: allowed is an ISO date such as 2025-05-03")
        if opts.since and opts.until and opts.since > opts.until:
            leave("reextract", USAGE, f"--since {opts.since}: allowed is a day not after --until {opts.until}")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        spider = one_spider("reextract", self.settings, args)
        if not self.settings["NEWSCRAWL_ARCHIVE_DIR"]:
            leave("reextract", USAGE, "NEWSCRAWL_ARCHIVE_DIR='': allowed is the folder of an archive")
        try:
            result = self._reextract(spider, opts)
        except NewscrawlError as error:
            leave("reextract", error.exit_code, str(error))
        show("reextract", [harmless_json(_as_dict(result))] if opts.json else [*to_lines(result, is_coloured("auto"))])
        if result.unreadable:
            leave("reextract", FAILED, f"{len(result.unreadable)} articles: their pages cannot be read; see above")

    def _reextract(self, spider: str, opts: argparse.Namespace) -> "Reextraction":
        """What ``reextract`` finds; with ``--apply`` under the lock of a run. NewscrawlError where it cannot."""
        from newscrawl.commands._reextraction import reextract
        from newscrawl.storage import engine_of, open_store
        from newscrawl.storage.clusters import update_clusters

        assert self.settings is not None
        theme = get_spider_loader(self.settings).load(spider).site()  # type: ignore[attr-defined]
        folder = Path(self.settings["NEWSCRAWL_ARCHIVE_DIR"])
        url, jsonl = self.settings["NEWSCRAWL_DATABASE_URL"], self.settings["NEWSCRAWL_JSONL_PATH"]
        days = (opts.since or "", opts.until or "9999")
        with closing(open_store(url, jsonl, readonly=True)) as store:  # nothing is made where nothing is
            if not opts.apply:
                return reextract(store, folder, theme, store.numbers(*days, opts.limit), apply=False)
        lock = engine_of(url).hold_run()
        try:
            with closing(open_store(url, jsonl)) as store:
                result = reextract(store, folder, theme, store.numbers(*days, opts.limit), apply=True)
                update_clusters(store)
        finally:
            lock.release()
        return result


def _is_day(text: str | None) -> bool:
    try:
        return text is None or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _as_dict(result: "Reextraction") -> dict[str, Any]:
    return asdict(result) | {"fields": dict(result.fields.most_common())}


def to_lines(result: "Reextraction", coloured: bool) -> Iterator[str]:
    """The result for people."""
    from newscrawl.revisions.rendering import COLOURED, PLAIN, render_changes, visible

    style = COLOURED if coloured else PLAIN
    would = "" if result.applied else " would"
    yield style.mark(
        "title",
        f"Extraction {result.extractor_version} over {result.archived} archived articles: "
        f"{result.changed}{would} change, {result.same} stay as they are",
    )
    yield from (f"  {name:<22}{count:>7}" for name, count in result.fields.most_common())
    for name, examples in result.examples.items():
        for example in examples:
            yield ""
            yield f"{style.mark('title', visible(example.headline))}  {visible(example.url)}"
            yield from render_changes({name: example.changes}, style, "  ")
    for title, found, word in (
        ("give no article any more, and stay as they are", result.no_article, "reason"),
        ("cannot be read, and stay as they are", result.unreadable, "why"),
    ):
        if found:
            yield ""
            yield style.mark("title", f"{len(found)} {title}:")
            yield from (f"  {visible(one['url'])}  {visible(one[word])}" for one in found[:SHOWN])
            if len(found) > SHOWN:
                yield f"  and {len(found) - SHOWN} more; --json names all"
    if result.not_archived:
        yield ""
        yield f"{result.not_archived} articles are not archived in their present version."
    if result.changed and not result.applied:
        yield ""
        yield "Nothing was written; --apply stores it, as the work of the extraction and no edit by the publisher."
