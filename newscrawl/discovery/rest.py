"""WordPress's REST interface: posts with their numbers and dates, a hundred a page, in the order of change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from newscrawl.discovery.addresses import named
from newscrawl.discovery.moments import utc
from newscrawl.exceptions import UnreadableSourceError

ROOTS = ("/wp-json/", "/?rest_route=/")
"""Where the interface usually is, as paths: with pretty addresses, and without."""
FAR_FUTURE = "2100-01-01T00:00:00+00:00"
"""No post was changed after it: a site that gives posts all the same ignores ``modified_after``."""
FIELDS = "id,link,date_gmt,modified_gmt"
MAX_PER_PAGE = 100
_POSTS = "wp/v2/posts"
_MAX_ID = 2**63 - 1  # what the store can hold


@dataclass(frozen=True, slots=True)
class RestPost:
    """One post. ``published_at``, ``modified_at``: ISO 8601 in UTC; None where the site states none."""

    url: str
    post_id: int
    published_at: str | None
    modified_at: str | None


def parse_posts(body: bytes, url: str) -> tuple[RestPost, ...]:
    """
    The posts of an answer, in its order. Those that are not published, or lack number or address, are dropped.

    :param url: what errors name.
    :raises UnreadableSourceError: for an error of WordPress, with its code and message, and for what is no list.
    """
    try:
        answer = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:  # no JSON, a number too long to read, or brackets without end
        raise UnreadableSourceError(f"{url}: no JSON") from error
    if not isinstance(answer, list):
        raise UnreadableSourceError(f"{url}: {_what_it_says(answer)}")
    return tuple(post for record in answer if (post := _post(record)))


def _what_it_says(answer: Any) -> str:
    if isinstance(answer, dict) and isinstance(answer.get("code"), str | int):
        said = f"{answer['code']}: {answer.get('message') or 'no message'}"
        return " ".join(said.split())[:200]
    return "JSON, but no list of posts"


def _post(record: Any) -> RestPost | None:
    if not isinstance(record, dict) or record.get("status", "publish") != "publish":
        return None
    number, link = record.get("id"), record.get("link")
    url = named(link) if isinstance(link, str) else None
    if url is None or not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= _MAX_ID:
        return None
    return RestPost(url, number, _moment(record.get("date_gmt")), _moment(record.get("modified_gmt")))


def _moment(value: Any) -> str | None:
    return utc(value, naive_is_utc=True) if isinstance(value, str) else None


def posts_url(
    root: str,
    page: int = 1,
    per_page: int = MAX_PER_PAGE,
    modified_after: str | None = None,
    orderby: str = "modified",
) -> str:
    """
    The address of a page of posts, the newest first.

    :param root: the interface's root, of either form in ``ROOTS``.
    :param per_page: posts a page, at most 100.
    :param modified_after: ISO 8601 with zone: only posts changed later than that.

    >>> posts_url("https://newsjournos.com/wp-json/", 2, 50)[:60]
    'https://newsjournos.com/wp-json/wp/v2/posts?_fields=id,link,'
    >>> posts_url("https://newsjournos.com/?rest_route=/")[:56]
    'https://newsjournos.com/?rest_route=/wp/v2/posts&_fields'
    """
    parts = urlsplit(root)
    pairs = dict(parse_qsl(parts.query, keep_blank_values=True))
    path = parts.path
    if "rest_route" in pairs:
        pairs["rest_route"] = f"{pairs['rest_route'].rstrip('/')}/{_POSTS}"
    else:
        path = f"{path.rstrip('/')}/{_POSTS}"
    pairs |= {"_fields": FIELDS, "orderby": orderby, "order": "desc", "per_page": str(per_page), "page": str(page)}
    if modified_after:
        pairs["modified_after"] = modified_after.removesuffix("+00:00") + "Z" * modified_after.endswith("+00:00")
    return urlunsplit(parts._replace(path=path, query=urlencode(pairs, safe="/:,"), fragment=""))


def in_order(posts: Sequence[RestPost]) -> bool:
    """
    Whether no post was changed later than the one before it: the site obeyed ``orderby=modified``.

    False too where a post has no date of change. WordPress orders by local time: where clocks were set back between
    two changes of one hour, a site that obeys can look as if it did not.
    """
    changes = [post.modified_at for post in posts]
    return None not in changes and all(str(later) >= str(earlier) for later, earlier in pairwise(changes))
