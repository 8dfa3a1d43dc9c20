"""``scrapy record NAME FILE-or-URL ...``: pages of a site as fixtures, each with the JSON that a person checks."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from newscrawl.commands import extract
from newscrawl.commands._ending import FAILED, USAGE, check_text, leave, one_spider, show
from newscrawl.exceptions import NewscrawlError, UsageProblem

if TYPE_CHECKING:
    from newscrawl.extraction.page import Page

FOLDER = Path("fixtures/pages")
OF_THE_RUN = ("sources", "content_hash", "extractor_version", "crawled_at", "discovered_by")
Saved = tuple[str, bytes]
"""The address that a page was fetched from, and its bytes."""


class Command(extract.Command):
    """Saves pages; what today's extraction makes of each stands beside it, marked as not checked."""

    def syntax(self) -> str:
        return "[options] <spider> <file or URL> ..."

    def short_desc(self) -> str:
        return "Save pages as fixtures, each with the JSON to check"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("record", USAGE, message)  # type: ignore[method-assign]
        parser.add_argument("--archive", metavar="PATH", help="a WARC file or folder that answers for the site")
        parser.add_argument("--output", default=str(FOLDER), metavar="FOLDER", help=f"default: {FOLDER}")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from newscrawl.extraction.page import Page

        assert self.settings is not None
        spider = one_spider("record", self.settings, args[:1])
        try:
            site = self._site(spider)
            for url, html in self._saved(spider, args[1:], opts):
                self._record(spider, Page.from_html(html, url, site), html, Path(opts.output))
        except UsageProblem as error:
            leave("record", USAGE, str(error))
        except NewscrawlError as error:
            leave("record", FAILED, str(error))
        except OSError as error:
            leave("record", FAILED, f"{error.filename or opts.output}: {error.strerror}")

    def _saved(self, spider: str, places: list[str], opts: argparse.Namespace) -> list[Saved]:
        """The pages to record. Raises UsageProblem where none is named, OSError and NewscrawlError for one not had."""
        from newscrawl.archive.articles import MOST_BYTES
        from newscrawl.archive.reading import decoded
        from newscrawl.archive.replaying import Replay
        from newscrawl.commands._fetching import fetch
        from newscrawl.extraction.identity import is_http

        if not places:
            raise UsageProblem("takes a spider and files or URLs")
        if opts.url is not None and (len(places) > 1 or not is_http(opts.url)):
            raise UsageProblem(f"--url {opts.url!r}: allowed is an http(s) address, with one file")
        urls = [place for place in places if is_http(place)]
        check_text("record", urls)
        if opts.archive:
            replay = Replay(Path(opts.archive))
            answers = {url: decoded(replay.answer(url), MOST_BYTES) for url in urls}
        else:
            answers = {page.url: page.body for page in fetch(self.crawler_process, urls)} if urls else {}
        files = {place: Path(place).read_bytes() for place in places if place not in urls}
        return [
            *answers.items(),
            *((self._address(spider, place, html, opts.url), html) for place, html in files.items()),
        ]

    def _address(self, spider: str, place: str, html: bytes, url: str | None) -> str:
        """Where a saved page was fetched from: as told, else its canonical link."""
        from newscrawl.extraction.page import Page

        found = url or Page.from_html(html, "about:blank", self._site(spider)).canonical
        if found is None:
            raise UsageProblem(f"{place}: the page names no canonical link; give its address with --url")
        return found

    def _record(self, spider: str, page: "Page", html: bytes, folder: Path) -> None:
        from itemadapter import ItemAdapter

        from newscrawl.export.output import new_file
        from newscrawl.extraction.article import load_article

        if page.kind != "post":
            raise NewscrawlError(f"no article: {page.url} is a page of the kind {page.kind!r}")
        article = ItemAdapter(load_article([page])).asdict()
        fields = {name: value for name, value in article.items() if name not in OF_THE_RUN}
        slug = urlsplit(article["url"]).path.strip("/").rpartition("/")[2] or str(article["post_id"])
        path = folder / f"{spider}-{slug}.html"
        folder.mkdir(parents=True, exist_ok=True)
        index = folder / "pages.json"
        pages = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
        pages[path.name] = {"url": page.url, "spider": spider, "made": "recorded"}
        result = path.with_suffix(".json")
        texts = {
            file: f"{json.dumps(data, ensure_ascii=False, indent=2)}\n".encode()
            for file, data in ((result, {"checked": False, **fields}), (index, pages))
        }
        for file, content in {path: html, **texts}.items():
            with new_file(file) as written:
                written.write(content)
        show("record", [str(path), f'{result}: check it against the page, then take out "checked"'])
