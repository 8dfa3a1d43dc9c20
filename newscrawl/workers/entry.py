"""Requests as JSON, in which nothing runs: whoever writes to Redis can ask for an article of the site, and no more."""

import json
from typing import Any

from scrapy import Request, Spider

ERRBACKS = {"parse_article": "article_failed"}
"""Callbacks whose requests any worker can take, and what hears of their failures."""
METAS = {"depth": int, "from_amp": bool, "handle_httpstatus_list": list}
LEASE = "newscrawl_lease"
"""In ``meta``: the lease under which a request is sent. It stays with the worker."""
LONGEST = 10_000


class PoisonedEntryError(ValueError):
    """An entry of the queue that this project did not write. Raised where it is read; it costs that entry only."""


def is_plain(request: Request) -> bool:
    """Whether any worker can take a request: it carries nothing but an address and words."""
    name = getattr(request.callback, "__name__", "")
    return name in ERRBACKS and LEASE not in request.meta and set(request.meta) <= set(METAS) and not request.body


def to_entry(request: Request) -> str:
    """A plain request as JSON."""
    values = {
        "url": request.url,
        "callback": getattr(request.callback, "__name__", ""),
        "discovered_by": request.cb_kwargs["discovered_by"],
        "headers": {name.decode(): request.headers[name].decode() for name in request.headers},  # type: ignore[union-attr]
        "meta": dict(request.meta),
        "priority": request.priority,
    }
    return json.dumps(values, ensure_ascii=True, sort_keys=True)


def to_request(entry: str, spider: Spider) -> Request:
    """
    The request of an entry.

    :raises PoisonedEntryError: it is none that ``to_entry`` wrote
    """
    values = _read(entry)
    name = values["callback"]
    if name not in ERRBACKS or not spider.origin.covers(values["url"]):  # type: ignore[attr-defined]
        raise PoisonedEntryError("it asks for something else than an article of the site")
    try:
        return Request(
            values["url"],
            callback=getattr(spider, name),
            errback=getattr(spider, ERRBACKS[name]),
            cb_kwargs={"discovered_by": values["discovered_by"]},
            headers=values["headers"],
            meta=values["meta"],
            priority=values["priority"],
            dont_filter=True,
        )
    except (TypeError, ValueError) as error:
        raise PoisonedEntryError(str(error)) from error


def _read(entry: str) -> dict[str, Any]:
    if len(entry) > LONGEST or not entry.isascii():
        raise PoisonedEntryError("it is too long, or no ASCII")
    try:
        values = json.loads(entry)
    except (ValueError, RecursionError) as error:
        raise PoisonedEntryError("it is no JSON") from error
    kinds = {"url": str, "callback": str, "discovered_by": str, "headers": dict, "meta": dict, "priority": int}
    if not isinstance(values, dict) or values.keys() != kinds.keys():
        raise PoisonedEntryError("it has other fields")
    for name, kind in kinds.items():
        if not isinstance(values[name], kind):
            raise PoisonedEntryError(f"its {name} is something else")
    texts = [*values["headers"], *values["headers"].values()]
    statuses = values["meta"].get("handle_httpstatus_list", [])
    metas = all(name in METAS and isinstance(value, METAS[name]) for name, value in values["meta"].items())
    if not metas or not all(isinstance(text, str) for text in texts) or not all(type(one) is int for one in statuses):
        raise PoisonedEntryError("it carries something else")
    return values
