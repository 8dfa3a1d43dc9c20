"""``scrapy replica``: serve the bundled stand-in for the site on loopback."""

import argparse
import signal
from pathlib import Path
from typing import Any, NoReturn

from scrapy.commands import ScrapyCommand

from newscrawl.commands._ending import USAGE, leave


def fail(why: str) -> NoReturn:
    """Leave with one line that says why; exit code 2."""
    leave("replica", USAGE, why)


class Command(ScrapyCommand):
    """Wires the replica's server to the command line."""

    requires_project = False
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        return "Serve the bundled replica of the site on loopback"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        from fixtures.replica import model

        super().add_options(parser)
        parser.error = fail  # type: ignore[assignment,method-assign]
        site = parser.add_argument_group("Replica")
        site.add_argument("--articles", type=int, default=120, metavar="N", help="posts on day 0 (default: 120)")
        site.add_argument(
            "--port", type=int, default=8000, metavar="P", help="port of 127.0.0.1; 0 takes a free one (default: 8000)"
        )
        site.add_argument("--seed", type=int, default=1, metavar="S", help="another number, other news (default: 1)")
        site.add_argument("--day", type=int, default=0, metavar="K", help="day of the site's life (default: 0)")
        heads = (*model.HEADS, "aioseo")
        choices = {"theme": model.THEMES, "head": heads, "crumbs": model.CRUMBS, "listing": model.LISTINGS,
                   "paging": model.PAGINGS, "sitemap": model.SITEMAPS}  # fmt: skip
        for name, allowed in choices.items():
            site.add_argument(
                f"--{name}", choices=allowed, default=allowed[0], help=f"{', '.join(allowed)} (default: {allowed[0]})"
            )
        site.add_argument("--layout", choices=model.LAYOUTS, help="one layout for all posts (default: each post's own)")
        site.add_argument("--per-page", type=int, default=10, metavar="N", help="posts a section page (default: 10)")
        site.add_argument("--no-rest", action="store_true", help="close the REST interface")
        site.add_argument(
            "--host-header-free", action="store_true", help="serve any Host header instead of redirecting it"
        )
        site.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a finer option, see fixtures/replica/switches.py",
        )
        site.add_argument("--truth", metavar="FILE", help="write what the articles hold as JSON Lines to FILE, and end")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from fixtures.replica.server import ReplicaServer
        from fixtures.replica.switches import site_options

        if args:
            fail(f"takes no arguments, got {' '.join(args)!r}")
        self._check(opts)
        try:
            options = site_options(**self._site(opts), **self._finer(opts.set))
            server = ReplicaServer(opts.port, opts.articles, opts.seed, opts.day, options)
        except ValueError as error:
            fail(str(error))
        except OSError as error:
            fail(f"--port: {opts.port}: {error.strerror}")
        if opts.truth:
            self._write(server.site.control.lines(), opts.truth)
            server.server_close()
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)  # a shell's background job starts with Ctrl-C ignored
        print(f"The replica serves {opts.articles} articles at {server.url} -- Ctrl-C stops it", flush=True)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()

    def _check(self, opts: argparse.Namespace) -> None:
        """Numbers within their ranges."""
        for name, low, high in (
            ("articles", 1, 50_000),
            ("port", 0, 65_535),
            ("day", 0, 10_000),
            ("per_page", 1, 1_000),
        ):
            value = getattr(opts, name)
            if not low <= value <= high:
                fail(f"--{name.replace('_', '-')}: {value} is not within {low} to {high}")

    def _site(self, opts: argparse.Namespace) -> dict[str, Any]:
        names = ("theme", "head", "crumbs", "listing", "paging", "sitemap", "layout", "per_page")
        values = {name: getattr(opts, name) for name in names}
        return {**values, "rest": not opts.no_rest, "any_host": opts.host_header_free}

    def _finer(self, pairs: list[str]) -> dict[str, Any]:
        """``--set`` pairs: true, false, numbers and text."""
        words: dict[str, Any] = {"true": True, "false": False}
        result: dict[str, Any] = {}
        for pair in pairs:
            name, equals, value = pair.partition("=")
            if not equals:
                fail(f"--set: {pair!r} is not NAME=VALUE")
            result[name] = int(value) if value.isdigit() else words.get(value, value)
        return result

    def _write(self, lines: list[str], name: str) -> None:
        try:
            Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        except OSError as error:
            fail(f"--truth: {name}: {error.strerror}")
