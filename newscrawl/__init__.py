"""newscrawl keeps a complete, current, clean and analysable copy of what the news site newsjournos.com publishes."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newscrawl.extraction.theme import Site
    from newscrawl.items import Article
    from newscrawl.notebook.corpus import Corpus


def extract_article(html: str | bytes, url: str, site: "Site | None" = None) -> "Article | None":
    """
    The article of one page, with no network and no reactor.

    :param html: the page, as bytes or text
    :param url: the address it was fetched from, absolute
    :param site: the table of another site, as ``site()`` of its spider gives it
    :raises newscrawl.exceptions.UsageProblem: ``url`` is no http(s) address
    :returns: None where the page is no article: an archive, the home page, a static page, a 404
    :raises newscrawl.exceptions.UnusablePageError: for a post that cannot be used: empty, no text, a password form
    """
    from newscrawl.exceptions import UsageProblem
    from newscrawl.extraction.article import load_article  # imported when needed: `scrapy list` should not pay for it
    from newscrawl.extraction.identity import is_http
    from newscrawl.extraction.page import Page
    from newscrawl.extraction.theme import Site
    from newscrawl.extraction.themes.smartmag import LAYOUTS

    if not is_http(url):
        raise UsageProblem(f"{url!r} is no http(s) address")
    page = Page.from_html(html, url, site or Site("https://newsjournos.com/", LAYOUTS), only_article=True)
    return load_article([page]) if page.kind == "post" else None


def open_store(url: str | None = None, library: str = "pandas") -> "Corpus":
    """
    What is stored, as data frames: ``open_store().articles()``.

    :param url: as NEWSCRAWL_DATABASE_URL, which it is by default, or the path of a database
    :param library: whose frames these are, pandas or polars
    :raises newscrawl.exceptions.NewscrawlError: no such database, or the library is not installed
    """
    from newscrawl.notebook.corpus import Corpus

    return Corpus(url, library)
