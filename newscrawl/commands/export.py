"""``scrapy export newsjournos``: what is stored, in any format, to a file or standard output."""

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from scrapy.commands import ScrapyCommand
from scrapy.spiderloader import get_spider_loader

from newscrawl.commands._ending import FAILED, USAGE, check_text, drop_output, leave, one_spider, refusing, show
from newscrawl.configuration import check_settings
from newscrawl.exceptions import NewscrawlError, UsageProblem

if TYPE_CHECKING:
    from newscrawl.export.formats import Options
    from newscrawl.export.job import Job
    from newscrawl.storage.selecting import Chosen, Selection
    from newscrawl.storage.store import Store

STATES = ("new", "updated", "unchanged", "gone")
PRESENT = STATES[:-1]
NAMING = ("section", "tag", "author", "search")
"""Filters that make another feed; those of time and number only cut it."""


class Command(ScrapyCommand):
    """Reads the store and never writes to it; exits with 0 done, 1 failed, 2 usage."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] <spider>"

    def short_desc(self) -> str:
        return "Export what is stored: jsonl, json, csv, parquet, rss, atom, jsonfeed, schemaorg"

    def long_desc(self) -> str:
        return (
            "Export what is stored, newest first, to a file that is replaced only once it is whole, or to standard "
            "output. CSV: null is an empty cell, a list or object JSON text; a text that a spreadsheet would run has "
            "a ' put before it, as has one that begins with such a ' (to read: take it away before = + - @ tab or "
            "line end)."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from newscrawl.export.formats import FORMATS

        super().add_options(parser)
        parser.error = lambda message: leave("export", USAGE, message)  # type: ignore[method-assign]
        formats = "; ".join(f"{one.name} ({one.help})" for one in FORMATS.values())
        add = parser.add_argument_group("Export").add_argument
        add("-f", "--format", metavar="FORMAT", help=f"{formats}; default: by the ending of --output")
        add("-o", "--output", metavar="PATH", help="file, compressed if it ends in .gz (default: standard output)")
        add("--since", type=day, metavar="DATE", help="published on this day (UTC) or later")
        add("--until", type=day, metavar="DATE", help="published on this day or before")
        for name in ("section", "tag", "author"):
            what = f"of this {name}, by name or slug in any case; repeated or with commas between: any of them"
            add(f"--{name}", action="append", default=[], metavar="NAME", help=what)
        add("--search", metavar="QUERY", help="full text of headline, lead, body, summary and tags; FTS5 syntax")
        add("--state", action="append", default=[], metavar="STATE", help=f"{', '.join(STATES)} (default: all)")
        add("--limit", type=positive, metavar="N", help="only the newest N (default: no limit)")
        add(
            "--fields",
            metavar="NAMES",
            help="comma-separated, in this order; metadata: all without the publisher's text; all (default); also "
            "state, revision, first_seen_at, last_seen_at, last_fetched_at, changed_at",
        )
        add("--partition", choices=("month",), help="parquet: a folder with a part a month of publication")
        add("--manifest", action="store_true", help="write PATH.manifest.json: rows, dates, checksum, code version")
        add("--bom", action="store_true", help="csv: begin with a byte order mark, by which Excel knows UTF-8")
        add("--feed-url", metavar="URL", help="feeds: where the feed will be published")
        add("--schema", action="store_true", help="print the JSON Schema of an exported object, and nothing else")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        with refusing("export"):
            super().process_options(args, opts)
            check_settings(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from newscrawl.export.fields import choose_fields, schema_of

        assert self.settings is not None
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, stop)
        place = opts.output or "standard output"
        check_text("export", (opts.search or "", *opts.section, *opts.tag, *opts.author))
        try:
            fields = choose_fields(opts.fields)
            if opts.schema:
                show("export", [json.dumps(schema_of(fields), indent=2)])
                return
            spider = one_spider("export", self.settings, args)
            home = get_spider_loader(self.settings).load(spider).home  # type: ignore[attr-defined]
            self._export(opts, job_of(opts, fields), selection_of(opts), home)
        except UsageProblem as error:
            leave("export", USAGE, str(error))
        except NewscrawlError as error:
            leave("export", FAILED, str(error))
        except BrokenPipeError:  # the reader has seen enough
            drop_output()
        except OSError as error:
            if not opts.output:
                drop_output()
            leave("export", FAILED, f"{place}: {error.strerror or error}")
        except KeyboardInterrupt:
            if not opts.output:
                drop_output()
            leave("export", FAILED, f"stopped by a signal; {place} is {'as it was' if opts.output else 'not whole'}")

    def _export(self, opts: argparse.Namespace, job: "Job", selection: "Selection", home: str) -> None:
        from newscrawl.storage import open_store
        from newscrawl.storage.selecting import Chosen, snapshot

        assert self.settings is not None
        job.check(sys.stdout.isatty())
        with closing(open_store(self.settings["NEWSCRAWL_DATABASE_URL"], readonly=True)) as store, snapshot(store):
            chosen = Chosen(store, selection)
            options = options_of(opts, job, store, chosen, home)
            filters = {name: value for name, value in vars_of(selection).items() if value not in (None, ())}
            about = {"format": job.format.name, "site": options.site, "fields": job.fields, "filters": filters}
            is_shown = self.settings["NEWSCRAWL_PROGRESS"] != "off" and is_watched(opts.output)
            rows = chosen.rows(job.reads)
            number = job.run(watched(rows, chosen.count()) if is_shown else rows, options, about)
        if is_shown:
            sys.stderr.write(f"{number:,} article{'' if number == 1 else 's'} in {opts.output or 'standard output'}\n")


def stop(*_: Any) -> NoReturn:
    """End as Ctrl-C does, so that what is half written is taken away."""
    raise KeyboardInterrupt


def day(text: str) -> date:
    """A day in ISO form."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is an ISO date such as 2025-05-03") from None


def positive(text: str) -> int:
    """A whole number from 1 up."""
    if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is a whole number from 1 up")
    return int(text)


def job_of(opts: argparse.Namespace, fields: tuple[str, ...]) -> "Job":
    """What the options ask for; UsageProblem where there is no such format or address."""
    from newscrawl.export.formats import format_of
    from newscrawl.export.job import Job

    if opts.feed_url is not None and not re.fullmatch(r"https?://[^\s/?#]+\S*", opts.feed_url):
        raise UsageProblem(f"--feed-url {opts.feed_url!r}: allowed is an http(s) address")
    if opts.output == "":
        raise UsageProblem("--output: is empty")
    opts.output = None if opts.output == "-" else opts.output
    output = Path(opts.output) if opts.output is not None else None
    chosen = format_of(opts.format, opts.output)
    if opts.feed_url is not None and not chosen.is_feed:
        raise UsageProblem(f"--feed-url: allowed with a feed, not {chosen.name}")
    return Job(chosen, fields, output, opts.partition is not None, opts.manifest, opts.bom)


def selection_of(opts: argparse.Namespace) -> "Selection":
    """The filters; UsageProblem where they cannot be meant."""
    from newscrawl.export.formats import format_of
    from newscrawl.storage.selecting import Selection

    if opts.since and opts.until and opts.since > opts.until:
        raise UsageProblem(f"--since {opts.since}: allowed is a day not after --until {opts.until}")
    if opts.search is not None and not opts.search.strip():
        raise UsageProblem("--search: is empty")
    states = tuple(dict.fromkeys(part.strip().lower() for text in opts.state for part in text.split(",")))
    if wrong := set(states) - set(STATES):
        raise UsageProblem(f"--state {min(wrong)!r}: allowed are {', '.join(STATES)}")
    if format_of(opts.format, opts.output).is_feed:
        if "gone" in states:
            raise UsageProblem("--state gone: a feed has no removed articles; export them in another format")
        states = states or PRESENT
    names = {name: tuple(getattr(opts, name)) for name in ("section", "tag", "author")}
    return Selection(since=opts.since, until=opts.until, search=opts.search, state=states, limit=opts.limit, **names)


def vars_of(selection: "Selection") -> dict[str, Any]:
    """The filters by name, as JSON has them."""
    from dataclasses import asdict

    return {name: str(value) if isinstance(value, date) else value for name, value in asdict(selection).items()}


def options_of(opts: argparse.Namespace, job: "Job", store: "Store", chosen: "Chosen", home: str) -> "Options":
    """What the writer is told; the head of a feed follows from its newest article, and without any is ``home``'s."""
    from newscrawl.export.entry import feed_id, site_of
    from newscrawl.export.formats import EPOCH, Options
    from newscrawl.storage.selecting import Selection, select

    nothing: dict[str, Any] = {"url": home, "language": None}
    elsewhere = select(store, Selection(limit=1), ("url", "language"))
    newest = next(chosen.rows(("url", "language")), None) or next(elsewhere, nothing)
    site = site_of(newest["url"])
    if not job.format.is_feed:
        return Options(job.fields, job.bom, site=site)
    changed = chosen.last_change()
    naming = {name: getattr(opts, name) for name in NAMING if getattr(opts, name)}
    said = [", ".join(value) if isinstance(value, list) else value for value in naming.values()]
    host = site.split("/")[2]
    return Options(
        job.fields,
        title=f"{host}: {'; '.join(said)}" if said else host,
        site=site,
        language=newest["language"],
        updated=datetime.fromisoformat(changed) if changed else EPOCH,
        feed_id=feed_id(site, naming),
        feed_url=opts.feed_url,
    )


def is_watched(output: str | None) -> bool:
    """Whether a person at a terminal can be shown how far it is, without the output between."""
    if os.environ.get("TERM") == "dumb" or not sys.stderr.isatty():
        return False
    return output is not None or not sys.stdout.isatty()


def watched(articles: Iterable[dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    """The articles, with a line on the terminal that tells how many went by."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own
    yield from tqdm(articles, total=total, unit=" articles", file=sys.stderr, leave=False)
