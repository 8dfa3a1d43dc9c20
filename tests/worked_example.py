"""
The worked example of docs/notebook.md: its blocks of code, and what is printed there for each.

    .venv/bin/python -m tests.worked_example DATABASE

writes what they print now into it; read the difference before you keep it.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator

from tests.conftest import ROOT

DOCUMENT = ROOT / "docs/notebook.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Code, and what it prints according to the document."""
    return _BLOCK.findall(DOCUMENT.read_text(encoding="utf-8"))


def printed() -> Iterator[str]:
    """What each block prints, one after the other in one namespace."""
    names: dict[str, object] = {}
    for code, _ in blocks():
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(code, DOCUMENT.name, "exec"), names)
        yield out.getvalue()


if __name__ == "__main__":
    os.environ["NEWSCRAWL_DATABASE_URL"] = f"sqlite:///{sys.argv[1]}"
    results = list(printed())
    fresh = _BLOCK.sub(lambda match: f"```python\n{match[1]}```\n```text\n{results.pop(0)}```\n", DOCUMENT.read_text())
    DOCUMENT.write_text(fresh, encoding="utf-8")
