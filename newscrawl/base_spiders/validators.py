"""What a page's answer says of its version, and how to ask for the page only where that has changed."""

from collections.abc import Mapping
from typing import Any

from scrapy.http import Response


def header(response: Response, name: str) -> str | None:
    """A response's header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def of_response(response: Response) -> dict[str, str | None]:
    """The validators of an answer, as the frontier keeps them."""
    return {"etag": header(response, "ETag"), "last_modified": header(response, "Last-Modified")}


def validators(page: Mapping[str, Any]) -> dict[str, str]:
    """The headers that ask for a page only if it is not as it was."""
    known = {"If-None-Match": page["etag"], "If-Modified-Since": page["last_modified"]}
    return {name: value for name, value in known.items() if value}
