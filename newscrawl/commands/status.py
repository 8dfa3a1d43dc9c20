"""``scrapy status newsjournos``: how the store and its runs stand, for people and for monitoring."""

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand

from newscrawl.commands._ending import FAILED, USAGE, leave, one_spider, refusing, show
from newscrawl.configuration import check_settings
from newscrawl.exceptions import NewscrawlError


class Command(ScrapyCommand):
    """Reads, and never writes; exits with 0 healthy, 1 failed, 2 usage, 3 unhealthy, as ``crawl`` does."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] <spider>"

    def short_desc(self) -> str:
        return "Show counts, freshness, the last runs and health; the exit code is for monitoring"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("status", USAGE, message)  # type: ignore[method-assign]
        parser.add_argument("--json", action="store_true", help="the same as one JSON object")
        parser.add_argument(
            "--max-age", type=float, metavar="HOURS", help="unhealthy where no run ended with 0 for so long"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        with refusing("status"):
            super().process_options(args, opts)
            check_settings(self.settings)
        if opts.max_age is not None and not 0 < opts.max_age < 1_000_000:
            leave(
                "status", USAGE, f"--max-age {opts.max_age}: allowed is a number of hours above 0 and below 1,000,000"
            )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from newscrawl.reporting.standing_text import to_lines

        assert self.settings is not None
        spider = one_spider("status", self.settings, args)
        try:
            state = self._state(spider, opts.max_age)
        except NewscrawlError as error:
            leave("status", FAILED, str(error))
        except OSError as error:
            leave("status", FAILED, f"{error.filename}: {error.strerror}")
        show("status", [json.dumps(state, indent=2)] if opts.json else to_lines(state))
        self.exitcode = state["exit_code"]

    def _state(self, spider: str, hours: float | None) -> dict[str, Any]:
        """What ``standing`` says, and where it lies."""
        from newscrawl.reporting.standing import standing
        from newscrawl.storage import open_store

        assert self.settings is not None
        url = self.settings["NEWSCRAWL_DATABASE_URL"]
        jsonl = self.settings["NEWSCRAWL_JSONL_PATH"]
        with closing(open_store(url, jsonl, readonly=True)) as store:
            oldest = None if hours is None else hours * 3_600
            state = standing(store, spider, store.engine.is_at_work(), oldest)
            places = [(str(store.engine.path or store.engine.name), store.engine.size(store.db))]
        if jsonl and Path(jsonl).is_file():
            places.append((jsonl, Path(jsonl).stat().st_size))
        return state | {"places": [{"path": path, "bytes": size} for path, size in places]}
