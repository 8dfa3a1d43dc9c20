"""``scrapy extract newsjournos FILE-or-URL``: one page to the article's JSON on standard output."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from newscrawl.commands._ending import FAILED, USAGE, check_text, leave, refusing, show
from newscrawl.exceptions import NewscrawlError

if TYPE_CHECKING:
    from newscrawl.extraction.page import Page


class Command(ScrapyCommand):
    """Runs the extraction of a spider's theme over one saved page or one address; stores nothing."""

    requires_project = True

    def syntax(self) -> str:
        return "[options] <spider> <file or URL>"

    def short_desc(self) -> str:
        return "Extract one saved page or URL to the article's JSON"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("extract", USAGE, message)  # type: ignore[method-assign]
        parser.add_argument("--url", help="address that a saved page was fetched from (default: its canonical link)")
        parser.add_argument(
            "--sources", action="store_true", help="show, field by field, which source answered, and what others said"
        )

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)
        assert self.settings is not None
        self.settings.set("LOG_LEVEL", "ERROR", priority=30)  # above the project's, below -s and -L: output is the JSON

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        with refusing("extract"):
            if len(args) != 2:
                raise UsageError("takes a spider and a file or URL")
            try:
                page = self._page(args[0], args[1], opts.url)
                lines = [*self._lines(page, opts.sources)]
            except NewscrawlError as error:
                leave("extract", FAILED, str(error))
        show("extract", lines)

    def _page(self, spider: str, where: str, url: str | None) -> "Page":
        """The parsed page. Raises UsageError for a spider, file or address that there is not."""
        from newscrawl.extraction.identity import is_http
        from newscrawl.extraction.page import Page

        theme = self._site(spider)
        if url is not None and not is_http(url):
            raise UsageError(f"--url: {url!r} is no http(s) address")
        if is_http(where):
            check_text("extract", [where])
            from newscrawl.commands._fetching import fetch

            return Page.from_response(fetch(self.crawler_process, [where])[0], theme)
        try:
            html = Path(where).read_bytes()
        except OSError as error:
            raise UsageError(f"{where}: {error.strerror}") from error
        if url is None:
            url = Page.from_html(html, "about:blank", theme).canonical
        if url is None:
            raise UsageError(f"{where}: the page names no canonical link; give its address with --url")
        return Page.from_html(html, url, theme)

    def _site(self, spider: str) -> Any:
        assert self.crawler_process
        loader = self.crawler_process.spider_loader
        if spider not in loader.list():
            raise UsageError(f"no spider {spider!r}; there is: {', '.join(loader.list())}")
        return loader.load(spider).site()  # type: ignore[attr-defined]

    def _lines(self, page: "Page", with_sources: bool) -> Iterator[str]:
        """The article as JSON, or what each source has for its fields. Raises NewscrawlError where there is none."""
        from itemadapter import ItemAdapter

        from newscrawl.extraction.article import load_article
        from newscrawl.extraction.explain import explain

        if page.kind != "post":
            raise NewscrawlError(f"no article: {page.url} is a page of the kind {page.kind!r}")
        article = load_article([page])
        if not with_sources:
            yield json.dumps(ItemAdapter(article).asdict(), ensure_ascii=False, indent=2)
            return
        field = ""
        for answer in explain(page, article.sources):
            if answer.field != field:
                field = answer.field
                yield field
            mark = "*" if answer.chosen else " "
            value = "-" if answer.value is None else json.dumps(answer.value, ensure_ascii=False)
            yield f"  {mark} {answer.source.origin:8} {answer.source!r}\n      {value}"
        for name in sorted(set(article.sources) - set(page.theme.article)):
            value = json.dumps(getattr(article, name), ensure_ascii=False)
            yield f"{name}\n  * {article.sources[name]:8}\n      {value}"
