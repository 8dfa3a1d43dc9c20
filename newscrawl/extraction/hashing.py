"""The fingerprint of what an editor can change."""

import hashlib
import json
from typing import Any

from newscrawl.extraction.identity import host
from newscrawl.items import EDITABLE, Article


def content_hash(article: Article) -> str:
    """SHA-256, in hex, of the editable fields; addresses on the article's own host count by their path alone."""
    home = host(article.url)
    fields = {name: getattr(article, name) for name in EDITABLE}
    fields["authors"] = [author["name"] for author in article.authors]
    if article.image:
        fields["image"] = {key: article.image[key] for key in ("url", "alt", "caption")}
    text = json.dumps(_local(fields, home), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _local(value: Any, home: str) -> Any:
    """The value with the host taken off every address that names it."""
    if isinstance(value, dict):
        return {key: _path(inner, home) if key == "url" else _local(inner, home) for key, inner in value.items()}
    if isinstance(value, list):
        return [_local(inner, home) for inner in value]
    return value


def _path(url: Any, home: str) -> Any:
    if isinstance(url, str) and "://" in url:
        _, _, rest = url.partition("://")
        name, slash, path = rest.partition("/")
        return f"{slash}{path}" if name.lower() == home else url
    return url
