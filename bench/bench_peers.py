"""
Other extractors beside ours, on the same pages: pages a second of processor time, and how right they are.

    .venv/bin/python -m bench.bench_peers [--pages N] [--folder DIR] [--peers a,b] [--rounds N] [--write]

The pages are the replica's (``--pages``, 54), in all its layouts, or those of ``--folder``, each with the JSON of its
article beside it as in fixtures/pages; without one only time is taken. Time is taken on the replica's pages filled with
their footer up to the size of the site's own, as in bench_extract; values are read off the pages as rendered. Each
peer is installed in an environment of its own below ``--environments`` (``~/.cache/newscrawl-peers``; 650 MB, two
minutes the first time). Rounds over all pages are taken in turn, one process at a time, on one core; the median counts.
``--write`` keeps all that is printed in docs/peers.md.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.__main__ import machine
from bench.peers import quality
from bench.peers.environments import FLOOR, OURS, PEERS, NotInstalledError, Peer, log_of, start
from bench.peers.sample import Saved, folder_pages, replica_pages, write
from bench.running import ROOT

GUIDE = ROOT / "docs" / "peers.md"
SEED = 23
COLUMNS = (*quality.CHECKS, "F1 of body", "F1 of text")


@dataclass
class Result:
    """What was learnt of a peer; ``fault`` is why there is nothing."""

    versions: dict[str, str] = field(default_factory=dict)
    values: list[dict[str, Any] | None] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)
    fault: str = ""

    @property
    def seconds(self) -> float:
        """Of a round over all pages."""
        return statistics.median(self.rounds)


def ask(process: subprocess.Popen[str], question: str) -> Any:
    """
    An answer of a peer's process.

    :raises EOFError: it has ended
    """
    if process.stdin is None or process.stdout is None or process.poll() is not None:
        raise EOFError
    print(question, file=process.stdin, flush=True)
    answer = process.stdout.readline()
    if not answer:
        raise EOFError
    return json.loads(answer)


def measure(peers: list[Peer], pages: Path, environments: Path, rounds: int) -> dict[str, Result]:
    """Values and times of all peers; the values are read first, which warms each up."""
    found = {peer.name: Result() for peer in peers}
    with ExitStack() as stack:
        running = {}
        for peer in peers:
            try:
                process = stack.enter_context(start(peer, pages, environments))
                stack.callback(process.terminate)
                found[peer.name].versions = ask(process, "versions")
                found[peer.name].values = ask(process, "values")
                running[peer.name] = process
            except NotInstalledError as error:
                found[peer.name].fault = str(error)
            except (EOFError, BrokenPipeError):
                said = log_of(peer, pages).read_text(encoding="utf-8").split("\n")
                found[peer.name].fault = next((line for line in reversed(said) if line), "ended without a word")
            print(f"{peer.name}: {found[peer.name].fault or 'ready'}", file=sys.stderr, flush=True)
        for _ in range(rounds):
            for name, process in running.items():
                found[name].rounds.append(ask(process, "round"))
    return found


def speeds(peers: list[Peer], found: dict[str, Result], number: int) -> Iterator[str]:
    """The table of times."""
    yield "| extractor | versions | pages a second | ms a page | ours is as fast, times | target |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    ours = found[OURS.name].seconds
    for peer in peers:
        result, target = found[peer.name], f"at least {peer.target:g}" if peer.target else ""
        if result.fault:
            yield f"| {peer.name} | {' '.join(peer.requirements)} | not measured: {result.fault} | | | {target} |"
            continue
        versions = ", ".join(f"{name} {version}" for name, version in result.versions.items())
        times, ms = result.seconds / ours, result.seconds / number * 1000
        yield f"| {peer.name} | {versions} | {1000 / ms:.1f} | {ms:.2f} | {times:.1f} | {target} |"


def rights(peers: list[Peer], found: dict[str, Result], truths: list[dict[str, Any]]) -> Iterator[str]:
    """The table of exact matches, in per cent."""
    yield f"| extractor | {' | '.join(COLUMNS)} |"
    yield f"| --- | {' | '.join('---:' for _ in COLUMNS)} |"
    for peer in peers:
        if peer is not FLOOR and not found[peer.name].fault:
            shares = quality.scores(found[peer.name].values, truths)
            cells = (f"{shares[name] * 100:.1f}" if name in shares else "–" for name in COLUMNS)
            yield f"| {peer.name} | {' | '.join(cells)} |"


def report(peers: list[Peer], found: dict[str, Result], pages: list[Saved]) -> str:
    """All that is told, as Markdown."""
    timed = statistics.median(len(page.timed) for page in pages) / 1000
    shown = statistics.median(len(page.html) for page in pages) / 1000
    lines = [f"{len(pages)} pages of {timed:.0f} kB (median), medians of {len(found[OURS.name].rounds)} rounds:", ""]
    lines += speeds(peers, found, len(pages))
    truths = [page.truth for page in pages if page.truth]
    if len(truths) == len(pages):
        lines += [
            "",
            f"Values that are exactly right, in per cent of the pages as rendered ({shown:.0f} kB):",
            "",
            *rights(peers, found, truths),
        ]
        articles = [values and values["article"] for values in found[OURS.name].values]
        shares = quality.by_field(articles, truths)
        least = min(shares.values())
        told = ", ".join(f"{name} {share * 100:.1f}" for name, share in shares.items() if share < 1) or "none below 100"
        lines += ["", f"Ours, all {len(shares)} fields of the page, the least right {least * 100:.1f} %: {told}."]
    return "\n".join(lines)


HEAD = """# Other extractors beside ours

Written by `{command}` on {day}.

{machine}

Times are processor time on one core, of processes that take turns; ratios hold from machine to machine, times do not.
The replica's pages are filled for it with their footer, as often as brings them to the size of the site's own; values
are compared on the pages as rendered. Each extractor has its environment; none fetches anything. Fundus runs a parser
that we wrote for this theme (`bench/peers/with_fundus.py`). A dash means that the extractor has no such value.
`published_at` is right as an instant; `day` asks for its day only, in UTC or the site's time. `language` is compared
without its region, `tags` in any order, text with white space folded. `F1 of body` compares words, as multisets, with
the field `body`; `F1 of text` with the body and the blocks that have fields of their own, which other extractors leave
in their text.

"""


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=54)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--peers", help="parts of names, with commas between")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--environments", type=Path, default=Path.home() / ".cache" / "newscrawl-peers")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    wanted = asked.peers.lower().split(",") if asked.peers else [""]
    chosen = [peer for peer in PEERS if any(part in peer.name.lower() for part in wanted)]
    peers = [FLOOR, OURS, *chosen]
    pages = list(folder_pages(asked.folder)) if asked.folder else replica_pages(asked.pages, SEED)
    if not pages:
        raise SystemExit(f"{asked.folder}: no articles")
    with tempfile.TemporaryDirectory() as name:
        write(pages, Path(name))
        told = report(peers, measure(peers, Path(name), asked.environments, asked.rounds), pages)
    print(told)
    if asked.write:
        command = " ".join(["python -m bench.bench_peers", *sys.argv[1:]])
        head = HEAD.format(command=command, day=datetime.now(UTC).date(), machine=machine())
        GUIDE.write_text(f"{head}{told}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
