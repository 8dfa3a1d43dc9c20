"""``scrapy genspider -t section NAME URL``: a spider for another site of the same theme."""

import argparse
import keyword
import re
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.commands import genspider
from scrapy.spiderloader import get_spider_loader

from newscrawl.commands._ending import USAGE, leave

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_ORIGIN = re.compile(r"https?://[^\s/?#@:]+(?::[0-9]{1,5})?/?", re.ASCII)


class Command(genspider.Command):
    """Scrapy's own ``genspider`` with the project's template; what cannot be a spider is refused in one line."""

    def syntax(self) -> str:
        return "[options] <name> <URL of the site>"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.set_defaults(template="section")
        parser.error = lambda message: leave("genspider", USAGE, message)  # type: ignore[method-assign]

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not opts.list and not opts.dump:
            args = self._checked(args, opts)
        super().run(args, opts)

    def _checked(self, args: list[str], opts: argparse.Namespace) -> list[str]:
        """Name and address; leaves with USAGE where no spider can be made of them."""
        assert self.settings is not None
        if len(args) != 2:
            leave("genspider", USAGE, f"{' '.join(args) or 'nothing'}: takes a name and the address of the site")
        name, url = args
        if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name == self.settings["BOT_NAME"]:
            leave("genspider", USAGE, f"{name!r}: allowed is a name of small letters, digits and _, not the project's")
        url = url if "://" in url else f"https://{url}"
        if not _ORIGIN.fullmatch(url) or "." not in (urlsplit(url).hostname or ""):
            leave("genspider", USAGE, f"{args[1]!r}: allowed is the address of a site, such as https://example.org/")
        if name in get_spider_loader(self.settings).list() and not opts.force:
            leave("genspider", USAGE, f"{name}: is a spider already; --force writes it anew")
        if not any(Path(folder, f"{opts.template}.tmpl").exists() for folder in ("", self.templates_dir)):
            leave("genspider", USAGE, f"{opts.template}: is no template; --list names those that there are")
        return [name, f"{url.rstrip('/').lower()}/"]
