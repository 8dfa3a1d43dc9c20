"""An article on its way, and the addresses that led to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from newscrawl.base_spiders.origin import moved_to
from newscrawl.base_spiders.validators import of_response
from newscrawl.extraction.identity import normalise_url
from newscrawl.extraction.page import Captured
from newscrawl.extraction.reading import Reading
from newscrawl.items import Alias, Article, Visit

PERMANENT = frozenset({301, 308})
MOST_PARTS = 50


class Step(NamedTuple):
    """An address on the way to a page; ``is_final`` where the site led from it to the next one for good."""

    url: str
    is_final: bool = False


def trail(response: Response) -> list[Step]:
    """The addresses that led to a response, its own last."""
    return [*_redirects(response.request), Step(response.url)] if response.request else [Step(response.url)]


def asked_trail(request: Request) -> list[str]:
    """The addresses of a request that got no page, redirects included."""
    return list(dict.fromkeys([*(step.url for step in _redirects(request)), request.url]))


def _redirects(request: Request) -> list[Step]:
    urls, reasons = (request.meta.get(name, ()) for name in ("redirect_urls", "redirect_reasons"))
    lasting = [reason in PERMANENT for reason in reasons]
    return [Step(url, all(lasting[place:])) for place, url in enumerate(urls)]


@dataclass(slots=True)
class Draft:
    """
    An article whose parts are being fetched: ``pages`` so far, ``todo`` still, ``steps`` that led to it.

    ``first`` is what was read of its first page. ``validators``: of its page; none where it has several, which may
    change each by itself.
    """

    first: Reading
    pages: list[Captured]
    todo: list[str]
    steps: list[Step]
    discovered_by: str
    validators: dict[str, str | None] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, ...]:
        """Addresses of the pages after the first."""
        return tuple(page.url for page in self.pages[1:])

    @classmethod
    def begun(cls, first: Reading, response: Response, discovered_by: str) -> "Draft":
        """The draft of an article whose first page has come."""
        draft = cls(first, [Captured.of(response)], list(first.parts[:MOST_PARTS]), trail(response), discovered_by)
        if not draft.todo:
            draft.validators = of_response(response)
        return draft

    def completed(self, article: Article) -> Iterator[Article | Alias | Visit]:
        """The article, and what is known of the ways to it: addresses that it left for good before it, others after."""
        steps = self.steps
        others = {moved_to(step.url, article.url): step.is_final for step in reversed(steps)}
        others.pop(article.url, None)
        yield from (Alias(url, article.url, replaced=True) for url, is_final in others.items() if is_final)
        yield article
        yield from (Alias(url, article.url) for url, is_final in others.items() if not is_final)
        yield Visit(steps[-1].url, "article", None, article.url, parts=self.parts, **self.validators)
        for url in dict.fromkeys(step.url for step in steps[:-1]):
            if url != steps[-1].url:
                yield Visit(url, "moved", None, article.url)


def is_part(url: str, own: str) -> bool:
    """
    Whether ``url`` is a further part of the article at ``own``.

    >>> is_part("http://127.0.0.1:8000/a-story/2/", "https://newsjournos.com/a-story/")
    True
    """
    path, base = (urlsplit(normalise_url(one)).path.rstrip("/") for one in (url, own))
    return bool(base) and path.rpartition("/")[0] == base and path.rpartition("/")[2].isdigit()
