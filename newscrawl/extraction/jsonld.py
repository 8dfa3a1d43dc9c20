"""JSON-LD of a page: every node of every block, ``@graph`` opened and ``@id`` references resolved."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Node = dict[str, Any]

ARTICLE_TYPES = frozenset({"Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle"})
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*(?:;\s*)?$")
_DECODER = json.JSONDecoder(strict=False)
_CONTAINERS = (dict, list)
_MOST_NODES = 2_000
"""More nodes than any page has; a bound for hostile ones."""
_MOST_VALUES = 500
"""More values than any property has: each reference among them costs a copy of its node."""


class JsonLd:
    """The nodes of a page. Blocks that are not JSON are passed over: another source answers."""

    def __init__(self, scripts: Iterable[str]) -> None:
        self.nodes: list[Node] = []
        for script in scripts:
            self.nodes += _nodes(_load(script))
        self._by_id: dict[str, Node] = {}
        self._by_type: dict[str, list[int]] = {}
        for place, node in enumerate(self.nodes):
            for kind in _types(node):
                self._by_type.setdefault(kind, []).append(place)
            name = node.get("@id")
            # A reference is a node with nothing but its @id; the node itself has more to say.
            if isinstance(name, str) and len(node) > len(self._by_id.get(name, ())):
                self._by_id[name] = node

    def of_type(self, types: frozenset[str]) -> list[Node]:
        """Nodes of one of these schema.org types, in page order."""
        found = {place for kind in types for place in self._by_type.get(kind, ())}
        return [self.nodes[place] for place in sorted(found)]

    def values(self, node: Node, path: str) -> list[Any]:
        """What stands at ``author.name`` or the like, lists flattened, references followed."""
        found: list[Any] = [node]
        for key in path.split("."):
            found = [item for value in found for item in self._step(value, key)]
        return found

    def resolve(self, value: Any) -> Any:
        """The node that ``{"@id": ...}`` refers to, with the reference's own keys kept; else the value itself."""
        if isinstance(value, dict) and isinstance(name := value.get("@id"), str):
            return {**self._by_id.get(name, {}), **value}
        return value

    def _step(self, value: Any, key: str) -> list[Any]:
        value = self.resolve(value)
        if not isinstance(value, dict):
            return []
        inner = value.get(key)
        items = inner[:_MOST_VALUES] if isinstance(inner, list) else [inner]
        return [self.resolve(item) for item in items if item is not None]


def _load(script: str) -> Any:
    data = _decoded(script)
    # What is JSON has no wrapping: to look for it in every script would take as long as to read it.
    if data is None and ("<!" in script or "-->" in script or "]]>" in script):
        data = _decoded(_WRAPPING.sub("", script))
    return data


def _decoded(script: str) -> Any:
    try:
        return _DECODER.decode(script)
    except (ValueError, RecursionError):
        return None


def _types(node: Node) -> Sequence[str]:
    kind = node.get("@type")
    if kind is None:
        return ()
    if isinstance(kind, str):
        return (kind,)
    return [one for one in (kind if isinstance(kind, list) else ()) if isinstance(one, str)]


def _nodes(data: Any) -> Iterator[Node]:
    """Every object in the data, outermost first, without recursion."""
    waiting = [data]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += [inner for inner in reversed(value.values()) if isinstance(inner, _CONTAINERS)]
        elif isinstance(value, list):
            waiting += [inner for inner in reversed(value) if isinstance(inner, _CONTAINERS)]
