"""What the tests of the deployments share: the README's lines, and a place laid out as the README says."""

import re
from pathlib import Path

from tests.conftest import ROOT

HOME = "/opt/newscrawl"
QUICK = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


def readme_lines(way: str) -> list[str]:
    """The lines of code under ``way`` in the README's "Running unattended"."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Running unattended\n")[1].split("\n## ")[0]
    (part,) = re.findall(rf"^\*\*{way}\*\*.*?(?=^\*\*|\Z)", section, flags=re.MULTILINE | re.DOTALL)
    return [line.strip() for line in part.splitlines() if line.startswith("    ")]


def is_litter(path: Path) -> bool:
    """What running Python leaves beside its code."""
    return path.name == "__pycache__" or path.suffix == ".pyc"
