"""The rules of the tree, as tests; a failure says what to do."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ROOT / "newscrawl"
MODULES = sorted([*CODE.rglob("*.py"), *(ROOT / "fixtures").rglob("*.py"), *(ROOT / "bench").rglob("*.py")])
OURS = sorted(CODE.rglob("*.py"))

# Data flows one way: each layer imports itself and these.
MAY_IMPORT = {
    "clock": set(),
    "items": set(),
    "exceptions": set(),
    "masking": set(),
    "seen": set(),
    "outputs": {"exceptions"},
    "dupefilter": {"seen"},
    "configuration": {"exceptions", "masking", "scrapy_settings"},
    "scrapy_settings": {"exceptions", "outputs"},
    "settings": {"configuration"},
    "discovery": {"extraction", "exceptions"},
    "extraction": {"items", "exceptions"},
    "reader": {"extraction", "similarity"},
    "base_spiders": {
        "archive",
        "configuration",
        "discovery",
        "extraction",
        "frontier",
        "reader",
        "items",
        "exceptions",
        "masking",
        "clock",
        "seen",
    },
    "spiders": {"base_spiders", "extraction"},
    "downloadermiddlewares": {"archive", "base_spiders", "exceptions", "clock"},
    "archive": {"extraction", "items", "exceptions", "clock"},
    "similarity": set(),
    "storage": {"archive", "similarity", "items", "exceptions", "masking", "clock"},
    "frontier": {"storage", "items", "exceptions", "clock"},
    "spidermiddlewares": {"storage", "exceptions"},
    "pipelines": {"archive", "frontier", "storage", "items", "exceptions", "clock", "seen"},
    "monitors": {"discovery", "storage", "items", "exceptions", "clock"},
    "reporting": {"monitors", "discovery", "storage", "items", "exceptions", "outputs", "clock"},
    "extensions": {"archive", "monitors", "reporting", "storage", "items", "exceptions", "clock", "seen"},
    "workers": {
        "base_spiders",
        "downloadermiddlewares",
        "extensions",
        "monitors",
        "storage",
        "exceptions",
        "masking",
        "clock",
    },
    "revisions": {"extraction", "items"},
    "export": {"items", "exceptions", "outputs", "clock"},
    "exporters": {"export", "items", "clock"},
    "picturing": {"reporting", "revisions", "storage", "clock"},
    "browse": {"configuration", "storage", "exceptions"},
    "notebook": {"configuration", "storage", "items", "exceptions"},
    "commands": {
        "archive",
        "configuration",
        "export",
        "extraction",
        "picturing",
        "pipelines",
        "reporting",
        "revisions",
        "storage",
        "workers",
        "items",
        "exceptions",
        "masking",
        "outputs",
        "clock",
    },
}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50


def layer(path: Path) -> str:
    return path.relative_to(CODE).parts[0].removesuffix(".py")


def imported_layers(path: Path) -> set[str]:
    """Layers of newscrawl that a module imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        if isinstance(node, ast.ImportFrom) and node.module == "newscrawl":
            names += [f"newscrawl.{alias.name}" for alias in node.names]
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {name.split(".")[1] for name in names if name and name.startswith("newscrawl.")}
    return found


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(CODE)))
def test_imports_go_one_way(path):
    if path != CODE / "__init__.py":
        wrong = imported_layers(path) - {layer(path)} - MAY_IMPORT[layer(path)]
        assert not wrong, f"{path.name} imports {wrong}: data flows one way; move what both need down a layer"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_are_short_and_say_what_they_are(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE, "split it by deed"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "give it a docstring"
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines: part it"
        if isinstance(node, ast.ExceptHandler):
            names = ast.unparse(node.type) if node.type else "everything"
            assert names not in {"Exception", "BaseException", "everything"}, f"line {node.lineno}: name the error"


@pytest.mark.parametrize("path", sorted((CODE / "spiders").glob("[!_]*.py")), ids=lambda path: path.stem)
def test_a_spider_is_named_after_its_file_and_is_a_table(path):
    classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    (spider,) = classes
    assert spider.name == re.sub(r"(?:^|_)(\w)", lambda match: match[1].upper(), path.stem) + "Spider"
    assert not [node for node in spider.body if isinstance(node, ast.FunctionDef)], "what it does belongs to a base"


@pytest.mark.parametrize(
    "path", [path for path in OURS if layer(path) in {"spiders", "base_spiders"}], ids=lambda path: path.stem
)
def test_spiders_hold_no_selectors(path):
    assert not re.findall(r"\.(?:css|xpath)\(", path.read_text()), "selectors stand in the theme's table"


def test_the_project_speaks_of_itself_alone():
    files = [
        path for path in ROOT.rglob("*") if path.suffix in {".py", ".md", ".toml", ".txt"} and ".venv" not in path.parts
    ]
    for path in files:
        assert not re.search(r"/wo[r]k/", path.read_text(encoding="utf-8")), path
