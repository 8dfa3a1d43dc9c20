"""The fingerprint of what an editor can change."""

import hashlib
import json
from typing import Any

from newscrawl.extraction.identity import host
from newscrawl.items import EDITABLE, Article

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"))


def content_hash(article: Article) -> str:
    """SHA-256, in hex, of the editable fields; addresses on the article's own host count by their path alone."""
    home = host(article.url)
    fields = {name: getattr(article, name) for name in EDITABLE}
    fields["authors"] = [author["name"] for author in article.authors]
    if article.image:
        fields["image"] = _local({key: article.image[key] for key in ("url", "alt", "caption")}, home)
    for name in ("images", "embeds", "links"):
        fields[name] = [_local(one, home) for one in fields[name]]
    return hashlib.sha256(_JSON.encode(fields).encode("utf-8", "surrogatepass")).hexdigest()


def _local(value: dict[str, Any], home: str) -> dict[str, Any]:
    """What has an address, with the host taken off it where it is this one."""
    _, _, rest = value["url"].partition("://")
    name, slash, path = rest.partition("/")
    return {**value, "url": f"{slash}{path}"} if name.lower() == home else value
