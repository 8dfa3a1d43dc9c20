"""``scrapy diff newsjournos URL``: how one article changed, version by version."""

import argparse
import difflib
import json
import os
import re
import sys
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from newscrawl.commands._ending import FAILED, USAGE, check_text, leave, one_spider, refusing, show
from newscrawl.configuration import check_settings
from newscrawl.exceptions import NewscrawlError

if TYPE_CHECKING:
    from newscrawl.revisions.history import Step
    from newscrawl.storage.store import Store

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Command(ScrapyCommand):
    """Reads, and never writes; exits with 0 done, 1 failed (no such article, no store), 2 usage."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] <spider> <URL or path>"

    def short_desc(self) -> str:
        return "Show how one article changed, version by version"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("diff", USAGE, message)  # type: ignore[method-assign]
        parser.add_argument("--json", action="store_true", help="the same as one JSON object")
        parser.add_argument("--revision", type=int, metavar="N", help="only the step that made version N")
        parser.add_argument(
            "--field", action="append", default=[], metavar="NAME", help="only this field (may be repeated)"
        )
        parser.add_argument(
            "--color",
            choices=("auto", "always", "never"),
            default="auto",
            help="colours (default: auto, on a terminal and without NO_COLOR)",
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        from newscrawl.revisions.history import ALL_FIELDS

        assert self.settings is not None
        with refusing("diff"):
            super().process_options(args, opts)
            check_settings(self.settings)
        for name in opts.field:
            if name not in ALL_FIELDS:
                nearest = difflib.get_close_matches(name, ALL_FIELDS, n=1, cutoff=0)[0]
                leave("diff", USAGE, f"--field {name}: is no field; the nearest is {nearest}")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        one_spider("diff", self.settings, args[:1])
        if len(args) != 2:
            leave("diff", USAGE, f"{' '.join(args[1:]) or 'no address'}: allowed is one address or path of an article")
        check_text("diff", args)
        try:
            url, versions = self._read(args[1])
        except NewscrawlError as error:
            leave("diff", FAILED, str(error))
        from newscrawl.revisions.history import history

        steps = history(versions, opts.field)
        if opts.revision is not None:
            steps = [step for step in steps if step.revision == opts.revision]
            if not steps:
                leave("diff", FAILED, f"{url}: has versions 1 to {versions[-1]['revision']}, no {opts.revision}")
        headline: str = json.loads(versions[-1]["article"])["headline"]
        if opts.json:
            show("diff", [to_json(url, headline, steps)])
        else:
            show("diff", to_lines(url, headline, steps, is_coloured(opts.color), len(versions), opts.field))

    def _read(self, given: str) -> tuple[str, list[dict[str, Any]]]:
        """The article's own address and its versions, oldest first; NewscrawlError where there is none."""
        from newscrawl.storage import open_store

        assert self.settings is not None
        with closing(open_store(self.settings["NEWSCRAWL_DATABASE_URL"], readonly=True)) as store:
            url = find(store, given)
            return url, store.versions(url)


def find(store: "Store", given: str) -> str:
    """
    The own address of the article that an address, path or slug names.

    :raises NewscrawlError: the store has none, or several
    """
    from newscrawl.extraction.identity import is_http
    from newscrawl.revisions.addresses import spellings
    from newscrawl.storage.addresses import article_at, articles_with_path

    for spelling in spellings(given):
        if is_http(spelling):
            urls = [url] if (url := article_at(store, spelling)) else []
        else:
            urls = articles_with_path(store, spelling)
        if len(urls) > 1:
            raise NewscrawlError(f"{given}: names {len(urls)} articles, {', '.join(urls)}; give the whole address")
        if urls:
            return urls[0]
    raise NewscrawlError(f"{given}: no article of the store has this address")


def to_json(url: str, headline: str, steps: "list[Step]") -> str:
    """The history as a JSON object; its shape is documented in the README."""
    return harmless_json({"url": url, "headline": headline, "revisions": [*map(asdict, steps)]})


def harmless_json(value: dict[str, Any]) -> str:
    """JSON for a terminal: what could command it stands as its escape, which is the same JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def to_lines(
    url: str, headline: str, steps: "list[Step]", coloured: bool, versions: int, names: list[str]
) -> list[str]:
    """The history for people; steps that changed none of the named fields are left out."""
    from newscrawl.revisions.rendering import COLOURED, PLAIN, render

    if names:
        steps = [step for step in steps if step.changes]
    lines = [*render(url, headline, steps, COLOURED if coloured else PLAIN)]
    if versions == 1:
        lines.append("Only one version of this article was seen: nothing has changed.")
    elif names and not steps:
        lines.append(f"No version that was asked for changed {', '.join(names)}; there are {versions}.")
    return lines


def is_coloured(choice: str) -> bool:
    """Whether to colour: as told, else on a terminal whose user has not asked for none (no-color.org)."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return choice == "always"
