"""
What the archive costs: milliseconds and bytes a page, by how the page came, and what it takes to read and to recover.

    .venv/bin/python -m bench.bench_archive [PAGES]

Pages are those of the replica. The base is a plain file to which the bytes as received are appended.
"""

import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from fixtures.replica.server import running_replica
from newscrawl.archive.articles import extract_again
from newscrawl.archive.places import Capture, Place
from newscrawl.archive.reading import decoded, read_place
from newscrawl.archive.records import Exchange, Original
from newscrawl.archive.recovery import whole_length
from newscrawl.archive.writing import ArchiveWriter
from newscrawl.extraction.themes.smartmag import SMARTMAG

ROUNDS = 5
MOST = 16 * 1024 * 1024
BATCH = 50
"""Pages between two times that the file is seen on disk, as the store has it."""
NOON = datetime(2025, 5, 3, 12, tzinfo=UTC)
SENT = [(b"User-Agent", b"newscrawl (+https://example.org/newscrawl)"), (b"Accept-Encoding", b"gzip, deflate, br")]


def pages(number: int) -> list[tuple[str, bytes]]:
    """Address and HTML of so many posts."""
    with running_replica(articles=number) as replica:
        urls = [f"{replica.url}{post.slug}/" for post in replica.corpus if not post.password and not post.empty]
        return [(url, urlopen(url).read()) for url in urls]


def exchanges(given: Sequence[tuple[str, bytes]], zipped: bool) -> list[Exchange]:
    headers = [(b"Content-Type", b"text/html; charset=UTF-8"), (b"Server", b"Apache"), (b"Vary", b"Accept-Encoding")]
    coding = [(b"Content-Encoding", b"gzip")] if zipped else []
    return [
        Exchange(url, "GET", SENT, 200, headers + coding, gzip.compress(html, 6) if zipped else html)
        for url, html in given
    ]


def timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def write(folder: Path, given: Sequence[Exchange], again: bool = False) -> list[Place]:
    writer = ArchiveWriter(folder, {"software": "newscrawl"}, 10**12)
    places = []
    for number, exchange in enumerate(given):
        original = Original(exchange.url, "2025-05-03T12:00:00Z") if again else None
        places.append(writer.write(exchange, NOON, original))
        if number % BATCH == BATCH - 1:
            writer.sync()
    writer.close()
    return places


def bare(folder: Path, given: Sequence[Exchange]) -> None:
    with (folder / "bare").open("wb") as file:
        for exchange in given:
            file.write(exchange.body)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def one_round(folder: Path, html: Sequence[tuple[str, bytes]]) -> dict[str, tuple[float, float]]:
    """Seconds and bytes for all pages, by step."""
    zipped, plain = exchanges(html, zipped=True), exchanges(html, zipped=False)
    found: dict[str, tuple[float, float]] = {}

    def note(name: str, work: Callable[[Path], object]) -> Path:
        place = folder / str(len(found))
        place.mkdir()
        seconds = timed(lambda: work(place))
        found[name] = seconds, size(place)
        return place

    note("bytes as received to a plain file", lambda place: bare(place, zipped))
    note("archived, sent as gzip", lambda place: write(place, zipped))
    note("archived, sent plain", lambda place: write(place, plain))
    note("came again as it was", lambda place: write(place, zipped, again=True))
    kept = folder / "kept"
    kept.mkdir()
    places = write(kept, zipped)
    captures = [[Capture(url, place)] for (url, _), place in zip(html, places, strict=True)]
    note("read back and unpacked", lambda _: [decoded(read_place(kept, place), MOST) for place in places])
    note("extracted again", lambda _: [extract_again(kept, capture, SMARTMAG) for capture in captures])
    (file,) = kept.iterdir()
    with file.open("rb") as opened:
        note("looked through after a kill", lambda _: whole_length(opened))
    return found


def main() -> None:
    html = pages(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            rounds.append(one_round(Path(name), html))
    mean = statistics.mean(len(page) for _, page in html)
    print(f"{len(html)} pages of {mean / 1000:.0f} kB; median of {ROUNDS} rounds; processor time and bytes a page")
    for step in rounds[0]:
        seconds = statistics.median(one[step][0] for one in rounds)
        stored = rounds[0][step][1]
        print(f"{step:36} {seconds * 1000 / len(html):7.2f} ms {stored / len(html):9,.0f} bytes")


if __name__ == "__main__":
    main()
