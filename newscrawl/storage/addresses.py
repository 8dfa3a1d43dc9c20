"""From any address that the store knows to the article's own."""

from urllib.parse import urljoin

from newscrawl.storage.database import Database

_KNOWN = """SELECT id, url FROM articles
UNION ALL SELECT article_id, url FROM article_urls
UNION ALL SELECT article_id, url FROM pages WHERE article_id IS NOT NULL"""
_AT = f"SELECT articles.url FROM ({_KNOWN}) AS known JOIN articles USING (id) WHERE known.url = ? LIMIT 1"
_WITH_PATH = f"""SELECT DISTINCT articles.url FROM ({_KNOWN}) AS known JOIN articles USING (id)
WHERE substr(known.url, instr(substr(known.url, 9), '/') + 8) = ? ORDER BY articles.url"""


def by_number(url: str, post_id: int) -> str:
    """
    The address of a post that never becomes another one's, on the host of ``url``.

    >>> by_number("https://newsjournos.com/a-story/", 7)
    'https://newsjournos.com/?p=7'
    """
    return urljoin(url, f"/?p={post_id}")


def article_at(store: Database, url: str) -> str | None:
    """The own address of the article at an address, or at one that was asked for it or leads to it."""
    row = store.read(_AT, (url,)).fetchone()
    return str(row[0]) if row else None


def articles_with_path(store: Database, path: str) -> list[str]:
    """The own addresses of the articles known at ``path`` (``/a-story/``, ``/?p=7``) of any host."""
    return [row[0] for row in store.read(_WITH_PATH, (path,))]
