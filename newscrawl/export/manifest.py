"""The manifest of an export: what it holds and what made it, so that a data set can be cited and checked."""

import hashlib
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newscrawl import clock

READS = ("published_at", "extractor_version")
"""What has to be known of each article."""
_ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Tally:
    """What was written: ``rows``, the ``first`` and ``last`` time of publication, which extraction made the rows."""

    rows: int = 0
    first: str | None = None
    last: str | None = None
    versions: set[str] = field(default_factory=set)

    def note(self, article: Mapping[str, Any]) -> None:
        """Note what the manifest tells of an article; it has the fields of READS."""
        moment = article["published_at"]
        self.first = min(self.first or moment, moment)
        self.last = max(self.last or moment, moment)
        self.versions.add(article["extractor_version"])


def manifest_path(output: Path) -> Path:
    """Where the manifest of an output lies: beside it."""
    return output.with_name(f"{output.name}.manifest.json")


def manifest(output: Path, tally: Tally, about: Mapping[str, Any]) -> bytes:
    """
    The manifest of a file or folder that is there.

    :param about: what else to tell: ``format``, ``fields``, ``filters``
    :raises OSError: the output cannot be read
    """
    paths = sorted(path for path in output.rglob("*") if path.is_file()) if output.is_dir() else [output]
    said = {
        "name": output.name,
        **about,
        "rows": tally.rows,
        "first_published_at": tally.first,
        "last_published_at": tally.last,
        "files": [_facts(path, output) for path in paths],
        "extractor_versions": sorted(tally.versions),
        "code": code_version(),
        "created_at": clock.stamp(),
    }
    return f"{json.dumps(said, ensure_ascii=False, indent=2)}\n".encode("utf-8", "backslashreplace")


def _facts(path: Path, output: Path) -> dict[str, Any]:
    name = output.name if path == output else f"{output.name}/{path.relative_to(output).as_posix()}"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": name, "bytes": path.stat().st_size, "sha256": digest}


def code_version() -> str | None:
    """The commit of this code, with ``-dirty`` where it was edited since; None outside a checkout."""
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
