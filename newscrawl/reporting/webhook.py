"""A message to a webhook, such as a chat's."""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from newscrawl.exceptions import AlertError

SECONDS = 10.0


class _Stay(HTTPRedirectHandler):
    """A redirect would lose the message on its way, and take the address's secret elsewhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def post(url: str, message: dict[str, Any]) -> None:
    """
    Send a message as JSON.

    :param url: http or https; its path is often a secret, so only its host is ever told
    :raises AlertError: it was not taken
    """
    host = urlsplit(url).hostname
    body = json.dumps(message).encode()
    try:
        request = Request(url, body, {"Content-Type": "application/json", "User-Agent": "newscrawl"}, method="POST")
        build_opener(_Stay).open(request, timeout=SECONDS).close()
    except HTTPError as error:
        error.close()
        raise AlertError(f"the webhook at {host} answered {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, OSError) else error
        said = cause.strerror if isinstance(cause, OSError) else None
        # Not str(error), which may hold the address; nor as its cause, which a traceback would show.
        raise AlertError(f"the webhook at {host} did not answer: {said or type(cause).__name__}") from None
