"""Deeds that are killed at their steps, what they begin with, and what has to be true after the kill and in the end."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from scrapy.cmdline import execute

from bench.kill_checks import content, faults, options
from bench.killing import Steps, forked
from bench.older import back_to_version_1
from newscrawl.extensions import page_archive, run_end
from newscrawl.extraction import article as extraction
from newscrawl.extraction.themes.smartmag import SMARTMAG
from newscrawl.spiders.newsjournos import NewsjournosSpider
from newscrawl.storage import open_store
from newscrawl.storage.migrations import SCHEMA_VERSION

for name in (
    "aiohttp",
    "requests",
    "scrapy.core.downloader.contextfactory",
    "tldextract",
    "twisted.internet.endpoints",
):
    import_module(name)  # once here, rather than in every child that crawls

SMALL = 64
"""Megabytes are taken to be so many kilobytes, so that the archive begins a new file every few pages."""
MANIFEST = ".manifest.json"
OLD = b"what was there before\n"
# format, output, further options
EXPORTS = (
    ("jsonl", "a.jsonl.gz", ("--manifest",)),
    ("rss", "a.rss", ()),
    ("parquet", "parts", ("--partition", "month")),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A deed in a folder.

    ``seen`` is what of its work does not depend on when it was done: after a deed that was killed and then done
    again, it is the same as after one that was not. ``after`` finds faults right after a kill, beside those of the
    store; it is given what was seen before the deed and after it.
    """

    deed: Callable[[Path, Steps], Any]
    prepare: Callable[[Path], Any] = field(default=lambda folder: None)
    seen: Callable[[Path], Any] = content
    after: Callable[[Path, Any, Any], list[str]] = field(default=lambda folder, before, done: [])


def scrapy(*words: str, folder: Path) -> None:
    """A command in this process, which it ends."""
    execute(["scrapy", *words, *options(folder)])


def crawling(url: str, mode: str, from_end: bool = False) -> Callable[[Path, Steps], None]:
    """
    A crawl.

    :param from_end: its steps count from the moment when the last page is stored: what is held back, monitors,
        clusters, reports, exit code
    """

    def crawl(folder: Path, steps: Steps) -> None:
        page_archive.MEGABYTE = SMALL * 1024
        if from_end:
            steps.counts = False
            closed = run_end.RunEndExtension.spider_closed

            def counted(self: Any, reason: str) -> None:
                steps.counts = True
                closed(self, reason)

            run_end.RunEndExtension.spider_closed = counted
        scrapy("crawl", "newsjournos", "-a", f"base_url={url}", "-a", f"mode={mode}", folder=folder)

    return crawl


def by_older_rules(url: str) -> Callable[[Path, Steps], None]:
    """A first crawl whose rules knew no tags."""

    def crawl(folder: Path, steps: Steps) -> None:
        NewsjournosSpider.theme = replace(SMARTMAG, article={**SMARTMAG.article, "tags": ()})
        extraction.EXTRACTOR_VERSION = "0.9.0"
        crawling(url, "full")(folder, steps)

    return crawl


def reextract(folder: Path, _: Steps) -> None:
    scrapy("reextract", "newsjournos", "--apply", folder=folder)


def migrate(folder: Path, _: Steps) -> None:
    open_store(f"sqlite:///{folder}/news.db", str(folder / "news.jsonl")).close()


def half_migrated(folder: Path, before: Any, _: Any) -> list[str]:
    """Every version between is whole, and holds the same articles."""
    with closing(sqlite3.connect(folder / "news.db")) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    found = [] if 1 <= version <= SCHEMA_VERSION else [f"schema version {version}"]
    return found if content(folder) == before else [*found, f"articles of version {version} are not the same"]


def export(folder: Path, _: Steps) -> None:
    for name, output, more in EXPORTS:
        words = ("export", "newsjournos", "--format", name, "--output", str(folder / "out" / output), *more)
        try:
            scrapy(*words, folder=folder)
        except SystemExit as end:
            if end.code:
                raise


def old_outputs(folder: Path) -> None:
    """Something in the place of each output."""
    (folder / "out" / "parts" / "published=1999-01").mkdir(parents=True)
    (folder / "out" / "parts" / "published=1999-01" / "part-0.parquet").write_bytes(OLD)
    for _, output, more in EXPORTS:
        if "--partition" not in more:
            (folder / "out" / output).write_bytes(OLD)
        if "--manifest" in more:
            files = [{"path": output, "sha256": sha256(OLD).hexdigest()}]
            (folder / "out" / f"{output}{MANIFEST}").write_text(json.dumps({"files": files}), encoding="utf-8")


def outputs(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Each output: its files and their checksums, of a manifest whether it is right. What is hidden counts too."""
    found: dict[str, list[tuple[str, str]]] = {}
    for top in sorted((folder / "out").iterdir()):
        if top.name.endswith(MANIFEST) and not top.name.startswith("."):
            found[top.name] = [("", "right" if tells_the_truth(top) else "wrong")]
            continue
        files = [Path(where) / name for where, _, names in os.walk(top) for name in names] if top.is_dir() else [top]
        found[top.name] = sorted((str(path), sha256(path.read_bytes()).hexdigest()) for path in files)
        found[top.name] = [(name.removeprefix(str(folder)), sum_) for name, sum_ in found[top.name]]
    return found


def tells_the_truth(manifest: Path) -> bool:
    """Whether the files beside a manifest are those that it tells of."""
    files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    return all(sha256((manifest.parent / one["path"]).read_bytes()).hexdigest() == one["sha256"] for one in files)


def neither_old_nor_new(folder: Path, before: Any, done: Any) -> list[str]:
    """A manifest may be missing, since it goes before its file does."""
    now = outputs(folder)
    kept = [name for name in before if name in now or not name.endswith(MANIFEST)]
    return [f"{name} is half" for name in kept if now.get(name) not in (before[name], done[name])]


def kinds(url: str) -> dict[str, Kind]:
    """Every kind, for a site at ``url``; the first crawl of each store is another's deed."""
    return {
        "recrawl": Kind(crawling(url, "incremental")),
        "run-end": Kind(crawling(url, "incremental", from_end=True)),
        "export": Kind(export, old_outputs, outputs, neither_old_nor_new),
        "migration": Kind(migrate, lambda folder: back_to_version_1(folder / "news.db"), after=half_migrated),
        "reextract": Kind(reextract),
    }


def first_crawl(kind: str, url: str) -> Callable[[Path, Steps], None]:
    """What fills the store that a kind begins with."""
    return by_older_rules(url) if kind == "reextract" else crawling(url, "full")


def check(folder: Path, is_over: bool) -> list[str]:
    """Faults of the store, as far as they can be seen; what cannot even be read is one."""
    try:
        return faults(folder, is_over)
    except (OSError, ValueError, sqlite3.Error, LookupError) as error:
        return [f"{type(error).__name__}: {error}"]


def survives(kind: Kind, folder: Path, step: int, before: Any, done: Any) -> tuple[bool, list[str]]:
    """
    One kill, and the same deed again: whether it was killed at all, and the faults.

    :param before: what is seen before the deed. :param done: what is seen after one that nobody kills
    """
    code, _ = forked_in(kind, folder, step)
    found = [f"killed: {fault}" for fault in [*check(folder, False), *kind.after(folder, before, done)]]
    if code not in {0, -9}:
        found.append(f"killed: exit code {code}")
    again, _ = forked_in(kind, folder, 0)
    if again:
        found.append(f"again: exit code {again}")
    found += [f"again: {fault}" for fault in check(folder, True)]
    if kind.seen(folder) != done:
        found.append("again: not the same as without a kill")
    return code == -9, [f"step {step}: {fault}" for fault in found]


def forked_in(kind: Kind, folder: Path, step: int) -> tuple[int, int]:
    """A kind's deed, killed before a step, 0 for never: exit code and steps."""
    steps = Steps(step)
    return forked(lambda: kind.deed(folder, steps), steps)
