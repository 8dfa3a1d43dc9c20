"""WARC files: what is written is read by others, is whole after any end, and is found where its place says."""

import errno
import os
import random
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from newscrawl.archive import writing
from newscrawl.archive.places import Place
from newscrawl.archive.reading import date_at, decoded, file_of, read_place
from newscrawl.archive.records import Original, digest
from newscrawl.archive.recovery import close_leftovers
from newscrawl.archive.writing import ArchiveWriter
from newscrawl.exceptions import ArchiveError, UnreadableRecordError

from .archived import FACTS, HTML, NOON, URL, check, exchange, files, noise, records, writer

ROOT = Path(__file__).parents[1]
MOST = 10**6


def test_the_records_of_an_exchange(tmp_path):
    archive = writer(tmp_path)
    archive.write(exchange(), NOON)
    archive.close()
    (path,) = files(tmp_path)
    assert path.name == "newsjournos-20250503120000-00000.warc.gz"
    about, answer, asked = records(path)
    assert [one["WARC-Type"] for one in (about, answer, asked)] == ["warcinfo", "response", "request"]
    assert about["WARC-Filename"] == path.name
    for one in (answer, asked):
        assert one["WARC-Target-URI"] == URL
        assert one["WARC-Date"] == "2025-05-03T12:00:00Z"
        assert one["WARC-Block-Digest"].startswith("sha256:")
    assert asked["WARC-Concurrent-To"] == answer["WARC-Record-ID"]
    assert answer["WARC-IP-Address"] == "127.0.0.1"
    assert answer["WARC-Payload-Digest"] == digest(exchange().body)
    assert check(path) == (0, "")


def test_headers_stand_as_they_were_received(tmp_path):
    received = [
        (b"Content-Type", b"text/html"),
        (b"Transfer-Encoding", b"chunked"),
        (b"content-length", b"999"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"Location", "/iki-ş/".encode()),
    ]
    archive = writer(tmp_path)
    archive.write(replace(exchange(coding=None), received=received, status=301, protocol="HTTP/2"), NOON)
    archive.close()
    with files(tmp_path)[0].open("rb") as file:
        _, answer, asked = (one.content_stream().read() for one in ArchiveIterator(file, no_record_parse=True))
    assert answer == (
        b"HTTP/2 301 Moved Permanently\r\nContent-Type: text/html\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n"
        b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nLocation: " + "/iki-ş/".encode() + b"\r\n"
        b"Content-Length: " + str(len(HTML)).encode() + b"\r\n\r\n" + HTML
    )
    assert asked == (
        b"GET /two-ferries/?x=1 HTTP/1.1\r\nHost: newsjournos.com\r\nUser-Agent: newscrawl\r\n"
        b"Accept-Encoding: gzip\r\n\r\n"
    )


BLOCK = 65_535
SIZES = (0, 1, BLOCK - 5, BLOCK - 4, BLOCK - 3, BLOCK, 3 * BLOCK - 4, 200_000)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sent_compressed_stands_in_the_file_as_it_was_sent(tmp_path, size):
    body = noise(1, size)
    archive = writer(tmp_path)
    place = archive.write(replace(exchange(), body=body), NOON)
    archive.close()
    path = files(tmp_path)[0]
    assert read_place(tmp_path, place).body == body
    assert check(path) == (0, "")
    assert body[:BLOCK] in path.read_bytes(), "not compressed a second time"
    subprocess.run(["gunzip", "--test", path], check=True)


def test_what_was_not_sent_compressed_is_compressed(tmp_path):
    archive = writer(tmp_path)
    for coding in (None, "identity"):
        assert archive.write(exchange(body=HTML * 500, coding=coding), NOON).length < 1_000
    archive.close()
    assert check(files(tmp_path)[0]) == (0, "")


def test_warcio_index_reads_the_files(tmp_path):
    archive = writer(tmp_path)
    places = [archive.write(exchange(body=noise(number)), NOON) for number in range(3)]
    archive.close()
    out = StringIO()
    with redirect_stdout(out):
        warcio(["index", str(files(tmp_path)[0]), "-f", "offset,warc-type,http:status"])
    lines = out.getvalue().splitlines()
    assert len(lines) == 7
    for place in places:
        assert f'{{"offset": "{place.offset}", "warc-type": "response", "http:status": "200"}}' in lines


@pytest.mark.parametrize(("coding", "body"), [("gzip", HTML), (None, HTML), (None, b""), ("gzip", noise(1, 200_000))])
def test_a_page_is_read_back_as_it_was_received(tmp_path, coding, body):
    archive = writer(tmp_path)
    sent = exchange(coding=coding, body=body)
    places = [archive.write(exchange(url=f"{URL}&y"), NOON), archive.write(sent, NOON)]
    for _ in range(2):  # while it is open, and when it is closed
        found = read_place(tmp_path, places[1])
        assert (found.url, found.status, found.body) == (URL, 200, sent.body)
        assert decoded(found, MOST) == body
        assert found.header("content-TYPE") == "text/html; charset=utf-8"
        assert date_at(tmp_path, places[1]) == found.date == "2025-05-03T12:00:00Z"
        archive.close()
    path = files(tmp_path)[0]
    assert path.read_bytes()[places[1].offset :][: places[1].length][:2] == b"\x1f\x8b"


def test_what_came_again_is_not_kept_again(tmp_path):
    archive = writer(tmp_path)
    page = exchange(body=noise(1, 50_000))
    first = archive.write(page, NOON)
    again = archive.write(page, NOON, Original(URL, "2025-05-03T12:00:00Z"))
    archive.close()
    revisit = records(files(tmp_path)[0])[3]
    assert revisit["WARC-Type"] == "revisit"
    assert revisit["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert revisit["WARC-Refers-To-Target-URI"] == URL
    assert revisit["WARC-Refers-To-Date"] == "2025-05-03T12:00:00Z"
    assert revisit["WARC-Payload-Digest"] == first.digest
    assert again.length < 1_000 < first.length
    assert check(files(tmp_path)[0]) == (0, "")


def test_a_full_file_is_closed_and_the_next_begun(tmp_path):
    archive = writer(tmp_path, most=10_000)
    places = [archive.write(exchange(body=noise(number)), NOON) for number in range(10)]
    names = [path.name for path in files(tmp_path)]
    assert names[:2] == ["newsjournos-20250503120000-00000.warc.gz", "newsjournos-20250503120000-00001.warc.gz"]
    assert [name.endswith(".open") for name in names] == [False] * (len(names) - 1) + [True]
    archive.close()
    assert all(10_000 <= path.stat().st_size < 15_000 for path in files(tmp_path)[:-1])
    for number, place in enumerate(places):
        assert decoded(read_place(tmp_path, place), MOST) == noise(number)
    assert check(*files(tmp_path)) == (0, "")


def test_two_at_once_write_their_own_files(tmp_path):
    one, other = writer(tmp_path), writer(tmp_path)
    places = [each.write(exchange(body=noise(number)), NOON) for number, each in enumerate((one, other))]
    assert places[0].file != places[1].file
    assert close_leftovers(tmp_path) == [], "what another process is writing is left alone"
    one.close()
    other.close()
    assert len(files(tmp_path)) == 2
    assert check(*files(tmp_path)) == (0, "")


def left_open(folder: Path, pages: int) -> tuple[Path, list[Place]]:
    """A file that was never closed; its lock goes with the descriptor."""
    archive = writer(folder)
    places = [archive.write(exchange(body=noise(number)), NOON) for number in range(pages)]
    os.close(archive._descriptor)
    return files(folder)[0], places


@pytest.mark.parametrize("pages", [1, 4])
@pytest.mark.parametrize(
    "torn", ["nothing", "a byte", "the request", "half the answer", "all but a byte", "zeros", "noise"]
)
def test_what_a_killed_run_left_is_closed(tmp_path, pages, torn):
    path, places = left_open(tmp_path, pages)
    whole, last = path.stat().st_size, places[-1]
    end = {
        "nothing": whole, "a byte": whole - 1, "the request": last.offset + last.length + 9, "zeros": whole,
        "half the answer": last.offset + last.length // 2, "all but a byte": last.offset + 1, "noise": whole,
    }[torn]  # fmt: skip
    os.truncate(path, end)
    with path.open("ab") as file:
        file.write({"zeros": b"\0" * 5_000, "noise": noise(99)}.get(torn, b""))
    closed = close_leftovers(tmp_path)
    assert closed == files(tmp_path) == [tmp_path / last.file]
    assert check(*closed) == (0, "")
    is_whole = end >= last.offset + last.length
    for number, place in enumerate(places if is_whole else places[:-1]):
        assert decoded(read_place(tmp_path, place), MOST) == noise(number)
    if not is_whole:
        with pytest.raises(UnreadableRecordError):
            read_place(tmp_path, last)
    assert close_leftovers(tmp_path) == []


def test_a_file_without_a_whole_record_is_removed(tmp_path):
    path, _ = left_open(tmp_path, 1)
    os.truncate(path, 20)
    assert close_leftovers(tmp_path) == []
    assert files(tmp_path) == []


def test_only_files_of_the_archive_are_touched(tmp_path):
    others = [tmp_path / "notes.open", tmp_path / "crawl-00000.warc.gz.open"]
    for other in others:
        other.write_bytes(b"mine")
    assert close_leftovers(tmp_path) == []
    assert [other.read_bytes() for other in others] == [b"mine"] * 2


@pytest.mark.parametrize("spoilt", ["gone", "elsewhere", "another page", "cut", "flipped"])
def test_a_place_that_does_not_hold_its_page_says_so(tmp_path, spoilt):
    archive = writer(tmp_path)
    other, place = (archive.write(exchange(body=noise(number)), NOON) for number in range(2))
    archive.close()
    path = tmp_path / place.file
    if spoilt == "gone":
        path.unlink()
    elif spoilt == "cut":
        os.truncate(path, place.offset + place.length // 2)
    elif spoilt == "flipped":
        with path.open("r+b") as file:
            file.seek(place.offset + place.length // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 255]))
    wrong = {"elsewhere": place._replace(offset=place.offset + 7), "another page": other._replace(digest=place.digest)}
    with pytest.raises(UnreadableRecordError, match=r"newsjournos-.* at \d+: "):
        read_place(tmp_path, wrong.get(spoilt, place))


@pytest.mark.parametrize("coding", ["zstd", "gzip"])
def test_a_body_that_cannot_be_unpacked_says_so(tmp_path, coding):
    archive = writer(tmp_path)
    place = archive.write(replace(exchange(coding=None), received=[(b"Content-Encoding", coding.encode())]), NOON)
    answer = read_place(tmp_path, place)
    with (
        pytest.raises(UnreadableRecordError, match="compressed as zstd")
        if coding == "zstd"
        else pytest.raises(UnreadableRecordError, match="bytes")
    ):
        decoded(answer if coding == "zstd" else replace(answer, body=exchange(body=b"a" * MOST).body), 1_000)
    archive.close()


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match=r"file/archive: Not a directory; see NEWSCRAWL_ARCHIVE_DIR"):
        ArchiveWriter(tmp_path / "file" / "archive", FACTS, MOST)


def test_a_full_disk_leaves_whole_records(tmp_path, monkeypatch):
    archive = writer(tmp_path)
    place = archive.write(exchange(body=noise(1)), NOON)
    whole, write = files(tmp_path)[0].stat().st_size, os.write

    def half(descriptor, data):
        if len(data) < 2_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, data[:2_000])

    monkeypatch.setattr(writing.os, "write", half)
    with pytest.raises(ArchiveError, match=r"warc\.gz: No space left on device"):
        archive.write(exchange(body=noise(2)), NOON)
    monkeypatch.undo()
    assert files(tmp_path)[0].stat().st_size == whole
    after = archive.write(exchange(body=noise(3)), NOON)
    archive.close()
    for number, one in ((1, place), (3, after)):
        assert decoded(read_place(tmp_path, one), MOST) == noise(number)
    assert check(*files(tmp_path)) == (0, "")


CHILD = """
import sys
from pathlib import Path
from tests.archived import NOON, exchange, noise, writer
archive = writer(Path(sys.argv[1]), most=400_000)
for number in range(100_000):
    place = archive.write(exchange(url=f"https://newsjournos.com/{number}/", body=noise(number, 60_000)), NOON)
    archive.sync()
    print(number, place.file, place.offset, place.length, place.digest, flush=True)
"""


def test_killed_anywhere_nothing_that_was_synced_is_lost(tmp_path):
    dice = random.Random(5)
    kept: list[tuple[int, Place]] = []
    for _ in range(4):
        with subprocess.Popen([sys.executable, "-c", CHILD, tmp_path], cwd=ROOT, stdout=subprocess.PIPE) as child:
            assert child.stdout
            for _ in range(dice.randrange(3, 40)):
                number, name, *sizes, checksum = child.stdout.readline().decode().split()
                kept.append((int(number), Place(name, *map(int, sizes), checksum)))
            child.kill()
        close_leftovers(tmp_path)
        assert not [path for path in files(tmp_path) if path.suffix == ".open"]
    for number, place in kept:
        assert decoded(read_place(tmp_path, place), MOST) == noise(number, 60_000)
    assert check(*files(tmp_path)) == (0, "")
    assert file_of(tmp_path, kept[0][1].file).exists()
