"""
``make bench``: the quick form of the benchmarks, one after the other, as one table; it is kept in docs/benchmarks.md.

    .venv/bin/python -m bench [MODULE ...]

What cannot run here, since nginx or a server is missing, is said to be so. A failed target is no error: figures are
for people to read.
"""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.running import ENVIRONMENT, ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench` on {day}. Ratios are of what was measured side by side in one run; times hold for one machine.

- when it began: {before}
- when it ended: {after}

"""
LONGEST = 1_800
"""Seconds after which a benchmark is given up."""


@dataclass(frozen=True)
class Figure:
    """One row of the table: what is measured, the pattern of its number in what the benchmark prints, the target."""

    what: str
    pattern: str
    target: str


BENCHES: dict[str, tuple[Figure, ...]] = {
    "bench_extract": (
        Figure("`extract_article`, over parsing the page with lxml", r"^ratio +([\d.]+)", "at most 2.5"),
    ),
    "bench_peers --rounds 1": (
        Figure("pages a second, over Fundus'", r"^\| Fundus.* ([\d.]+) \| at least 3", "at least 3"),
        Figure("over trafilatura's, with metadata", r"^\| trafilatura.* ([\d.]+) \| at least 8", "at least 8"),
        Figure("over newspaper4k's", r"^\| newspaper4k.* ([\d.]+) \| at least 50", "at least 50"),
        Figure("over news-please's", r"^\| news-please.* ([\d.]+) \| at least 50", "at least 50"),
    ),
    "bench_crawl 1000 3": (
        Figure(
            "pages a second of a whole crawl, over a bare spider's",
            r"^pages a second, as rendered, .*: ([\d.]+)",
            "at least 0.8",
        ),
        Figure("the same on pages of the site's size", r"^pages a second, of the site.*: ([\d.]+)", "at least 0.8"),
        Figure("the same by CPU time", r"^pages a second of CPU time, of the site.*: ([\d.]+)", "none: a second core"),
    ),
    "bench_startup 7": (
        Figure("a run that finds nothing new, over an empty project's, CPU", r"^cpu .*ratio ([\d.]+)", "at most 1.5"),
        Figure("the same by the clock", r"^wall .*ratio ([\d.]+)", "at most 1.5"),
    ),
    "bench_growth 10000": (
        Figure("storing the last tenth of 10,000 articles, over the first", r"first tenth: ([\d.]+)", "1: flat"),
    ),
    "bench_memory 500 2000": (
        Figure("peak memory of a crawl of 2,000 articles, over 500", r"large / small: ([\d.]+)", "at most 1.2"),
    ),
    "bench_store 200": (
        Figure("storing a new article, over a bare SQLite insert", r"^new: .*search index +[\d.]+ +([\d.]+)", "none"),
    ),
    "bench_postgres 200": (Figure("storing a new article in PostgreSQL, over SQLite", r"^new.* ([\d.]+) x", "none"),),
    "bench_export 2000": (
        Figure("export as JSON Lines, over a bare loop", r"^jsonl .* ([\d.]+) x bare", "none"),
        Figure("a search, over LIKE", r"^search .* ([\d.]+) x LIKE", "below 1"),
    ),
    "bench_archive 50": (
        Figure("archiving a page that came compressed, ms of CPU", r"^archived, sent as gzip +([\d.]+) ms", "none"),
    ),
    "bench_workers sites 20 20 3": (
        Figure("twenty sites with two workers, over one", r"^second worker: ([\d.]+) times", "at least 1.8"),
    ),
}


def measured(bench: str) -> dict[str, str]:
    """Figures of a benchmark by what they are; in place of a number why there is none."""
    module, *words = bench.split()
    figures = BENCHES[bench]
    command = [sys.executable, "-m", f"bench.{module}", *words]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return {figure.what: f"not done in {LONGEST} s" for figure in figures}
    print(f"--- {bench}\n{done.stdout}", end="", flush=True)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return {figure.what: f"not measured: {why[:100]}" for figure in figures}
    found = {figure.what: re.search(figure.pattern, done.stdout, re.MULTILINE) for figure in figures}
    return {what: match[1] if match else "not told by the benchmark" for what, match in found.items()}


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    name = model[1] if model else platform.processor() or "unknown processor"
    return f"{os.cpu_count()} x {name}, {platform.system()}, Python {platform.python_version()}; load {load}"


def table(benches: Iterable[str]) -> Iterator[str]:
    """The rows, as the benchmarks are done."""
    yield "| what | target | measured | command |"
    yield "| --- | --- | --- | --- |"
    for bench in benches:
        found = measured(bench)
        for figure in BENCHES[bench]:
            yield f"| {figure.what} | {figure.target} | {found[figure.what]} | `python -m bench.{bench}` |"


def main() -> None:
    wanted = sys.argv[1:]
    chosen = [bench for bench in BENCHES if not wanted or bench.split()[0] in wanted]
    before = machine()
    rows = "\n".join(table(chosen))
    print(f"\n{rows}")
    if not wanted:
        day = datetime.now(UTC).date()
        PAGE.write_text(HEAD.format(day=day, before=before, after=machine()) + f"{rows}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
