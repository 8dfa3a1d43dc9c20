"""What the tests of the replica share: a site without a socket, and short ways to read what it answers."""

from collections.abc import Mapping
from typing import Any

from lxml import etree, html

from fixtures.replica.corpus import Corpus
from fixtures.replica.http import Reply, Request
from fixtures.replica.model import Post
from fixtures.replica.site import Site

ORIGIN = "http://127.0.0.1:8000"


def get(site: Site, target: str, method: str = "GET", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return site.answer(Request.of(method, target, named))


def tree(answer: Reply) -> Any:
    return html.fromstring(answer.body.decode())


def xml(answer: Reply) -> Any:
    return etree.fromstring(answer.body)


def has(name: str) -> str:
    """XPath test for a class token."""
    return f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')"


def words(nodes: list[Any]) -> list[str]:
    return [" ".join((node if isinstance(node, str) else node.text_content()).split()) for node in nodes]


def pick(corpus: Corpus, wanted: Any) -> Post:
    """The newest post for which ``wanted`` holds."""
    return next(post for post in corpus if wanted(post))


def plain(post: Post) -> bool:
    """A post with picture and text on one page."""
    return bool(post.image) and not post.password and not post.empty and len(post.content.parts) == 1


def changed(post: Post) -> bool:
    return plain(post) and (post.modified - post.published).total_seconds() > 60


def headers(answer: Reply) -> Mapping[str, str]:
    return answer.headers
