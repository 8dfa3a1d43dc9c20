"""``scrapy report newsjournos``: what is stored as one page of pictures and tables."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.spiderloader import get_spider_loader

from newscrawl.commands._ending import FAILED, USAGE, drop_output, leave, one_spider, refusing
from newscrawl.configuration import check_settings
from newscrawl.exceptions import NewscrawlError, UsageProblem

DEFAULT = "report.html"
"""In the folder of the site."""
STDOUT = "-"


class Command(ScrapyCommand):
    """Reads the store and never writes to it; exits with 0 done, 1 failed, 2 usage."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options] <spider>"

    def short_desc(self) -> str:
        return "Make one HTML page of pictures and tables of what is stored"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("report", USAGE, message)  # type: ignore[method-assign]
        told = f"the page, replaced once it is whole; - for standard output (default: {DEFAULT} in the site's folder)"
        parser.add_argument("-o", "--output", metavar="PATH", help=told)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        with refusing("report"):
            super().process_options(args, opts)
            check_settings(self.settings)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from newscrawl.export.output import check_target, new_file, standard_output

        assert self.settings is not None
        spider = one_spider("report", self.settings, args)
        output = self._own_place(spider) if opts.output is None else opts.output
        place = "standard output" if output == STDOUT else output
        try:
            if not output:
                raise UsageProblem("--output: is empty")
            if output != STDOUT:
                check_target(Path(output))
            page = self._page(spider).encode(errors="backslashreplace")
            with standard_output() if output == STDOUT else new_file(Path(output)) as file:
                file.write(page)
        except UsageProblem as error:
            leave("report", USAGE, str(error))
        except NewscrawlError as error:
            leave("report", FAILED, str(error))
        except BrokenPipeError:  # the reader has seen enough
            drop_output()
        except OSError as error:
            leave("report", FAILED, f"{place}: {error.strerror or error}")
        else:
            if sys.stderr.isatty():  # cron would mail it
                sys.stderr.write(f"{len(page) / 1000:,.0f} kB in {place}\n")

    def _own_place(self, spider: str) -> str:
        folder: str = get_spider_loader(self.settings).load(spider).own_folder()  # type: ignore[arg-type,attr-defined]
        return str(Path(folder, DEFAULT))

    def _page(self, spider: str) -> str:
        from newscrawl.picturing.page import make_page
        from newscrawl.storage import open_store
        from newscrawl.storage.selecting import snapshot

        assert self.settings is not None
        with closing(open_store(self.settings["NEWSCRAWL_DATABASE_URL"], readonly=True)) as store, snapshot(store):
            return make_page(store, spider, store.engine.is_at_work())
