"""The README is checked against the code: what it lists is what there is."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from itemadapter import ItemAdapter

from newscrawl.base_spiders.arguments import ARGUMENTS
from newscrawl.configuration import SETTINGS
from newscrawl.items import Article

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCHEMA = ItemAdapter.get_json_schema(Article)


def table(title: str) -> list[list[str]]:
    """Rows of the table under a heading, cells without their ticks."""
    section = README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def type_of(name: str) -> str:
    """A field's JSON type in words, as the dictionary writes it."""
    schema = SCHEMA["properties"][name]
    if "anyOf" in schema:
        return "object or null"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds == ["array"]:
        items = schema["items"]
        return "list of {" + ", ".join(items["properties"]) + "}" if items["type"] == "object" else "list of string"
    words = [kind for kind in kinds if kind != "null"]
    return " or ".join([*words, *(["null"] if "null" in kinds else [])])


def test_data_dictionary():
    expected = [
        [
            one.name,
            type_of(one.name),
            "yes" if one.name in SCHEMA["required"] else "",
            SCHEMA["properties"][one.name]["description"],
        ]
        for one in fields(Article)
    ]
    assert table("Data dictionary") == expected


def test_arguments():
    assert table("Spider arguments") == [
        [one.name, one.default or "none", f"{one.help} Allowed: {one.allowed}."] for one in ARGUMENTS
    ]


def test_settings():
    assert table("Settings") == [[one.name, one.default, one.help] for one in SETTINGS]


@pytest.mark.parametrize("path", sorted((ROOT / "newscrawl/commands").glob("[!_]*.py")), ids=lambda path: path.stem)
def test_commands(path):
    assert f"`scrapy {path.stem}" in README


def test_paths_exist():
    for path in re.findall(r"`((?:newscrawl|fixtures|tests|bench)/[\w./]*)`", README):
        assert (ROOT / path).exists(), path
