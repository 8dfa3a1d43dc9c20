"""Which fields an output has, and the JSON Schema of what it holds."""

import difflib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from itemadapter import ItemAdapter

from newscrawl.exceptions import UsageProblem
from newscrawl.items import UTC, Article

FIELDS = tuple(field.name for field in fields(Article))
TEXT = frozenset(("lead", "outline", "body_sections", "key_points", "summary", "faq", "body", "description"))
"""The publisher's text: what says the story, or a part of it."""
METADATA = tuple(name for name in FIELDS if name not in TEXT)
PRESETS = {"all": FIELDS, "metadata": METADATA}

_MOMENT = {"type": "string", "pattern": UTC}
BOOKKEEPING: dict[str, dict[str, Any]] = {
    "state": {
        "type": "string",
        "enum": ["new", "updated", "unchanged", "gone"],
        "description": "Outcome of the last fetch.",
    },
    "revision": {"type": "integer", "minimum": 1, "description": "Version of the content, from 1."},
    "first_seen_at": _MOMENT | {"description": "When the article was stored first."},
    "last_seen_at": _MOMENT | {"description": "When it was there last."},
    "last_fetched_at": _MOMENT | {"description": "When it was fetched last, there or gone."},
    "changed_at": _MOMENT | {"description": "When its content was seen to change last."},
}
"""What the store knows beside the article; by name only."""


def choose_fields(text: str | None) -> tuple[str, ...]:
    """
    The fields that ``--fields`` names, in its order, each once.

    >>> choose_fields("url,state")
    ('url', 'state')

    :param text: comma-separated names and presets; None: all
    :raises UsageProblem: one of them is neither
    """
    if text is None:
        return FIELDS
    chosen: dict[str, None] = {}
    for name in (part.strip() for part in text.split(",")):
        if not name:
            raise UsageProblem(f"--fields {text!r}: a name is empty; allowed are names with commas between")
        if name in PRESETS:
            chosen |= dict.fromkeys(PRESETS[name])
        elif name in FIELDS or name in BOOKKEEPING:
            chosen[name] = None
        else:
            known = [*FIELDS, *BOOKKEEPING, *PRESETS]
            nearest = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0)[0]
            raise UsageProblem(f"--fields {name!r}: is no field; the nearest is {nearest}")
    return tuple(chosen)


def schema_of(names: Sequence[str] = FIELDS) -> dict[str, Any]:
    """The JSON Schema of an article with these fields, each of which is there."""
    whole = ItemAdapter.get_json_schema(Article)
    known = whole["properties"] | BOOKKEEPING
    properties = {name: known[name] for name in names}
    return whole | {"properties": properties, "required": list(names)}
