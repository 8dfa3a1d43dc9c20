"""The reports of the last runs as files, JSON for programs and Markdown for people."""

import json
import os
from pathlib import Path
from typing import Any

from newscrawl.outputs import is_special
from newscrawl.reporting.markdown import to_markdown

KEPT = 100
"""Runs whose files are kept."""


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """
    Write ``run-000012.json`` and ``.md``, and the same as ``latest``; forget the oldest runs beyond KEPT.

    :raises OSError: a file cannot be written
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {".json": json.dumps(report, ensure_ascii=False, indent=2) + "\n", ".md": to_markdown(report)}
    for name in (f"run-{report['run']['id']:06d}", "latest"):
        for suffix, text in texts.items():
            write_whole(folder / f"{name}{suffix}", text)
    _forget(folder)


def write_whole(path: Path, text: str) -> None:
    """
    Write beside the file and rename, so that whoever reads it sees the old text or the new one; a device stays one.

    :raises OSError: it cannot be written
    """
    if is_special(path):
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
        return
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8", errors="backslashreplace")
    os.replace(beside, path)


def _forget(folder: Path) -> None:
    """
    Remove the oldest files; by their time, since another database counts its runs from 1 again. And what a run left
    half written that was killed.
    """
    for left in folder.glob(".run-*.new"):
        left.unlink(missing_ok=True)
    runs = sorted(folder.glob("run-*.json"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in runs[:-KEPT]:
        path.unlink()
        path.with_suffix(".md").unlink(missing_ok=True)
