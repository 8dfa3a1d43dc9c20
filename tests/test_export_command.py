"""``scrapy export`` as it is used: where the bytes go, what is said, and what wrong use gets."""

import ctypes
import gzip
import hashlib
import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import jsonschema
import pyarrow.dataset as ds
import pytest

from newscrawl.export import formats, output
from newscrawl.export.fields import BOOKKEEPING, FIELDS, METADATA, choose_fields
from newscrawl.storage import open_store
from newscrawl.storage.rows import as_dict

from .conftest import ROOT, environment
from .exported import BARE, PLAIN, SITE, export, rows, stored


@pytest.fixture(autouse=True)
def _signals(monkeypatch):
    """The command's handlers are not for the process of the tests."""
    monkeypatch.setattr("signal.signal", lambda number, handler: None)


@pytest.fixture
def url(tmp_path):
    return stored(tmp_path, [PLAIN, BARE])


def test_a_file_by_the_ending_of_its_name(url, tmp_path, capsys):
    assert export(url, "newsjournos", "--output", f"{tmp_path}/new/a.jsonl") == 0
    lines = (tmp_path / "new/a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [as_dict(PLAIN), as_dict(BARE)]
    assert os.listdir(tmp_path / "new") == ["a.jsonl"]
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", [name for name in formats.FORMATS if name != "parquet"])
def test_gzip_by_the_ending_is_the_same_each_time(url, tmp_path, name):
    for path in ("a.gz", "b.gz", "c"):
        assert export(url, "newsjournos", "--format", name, "--output", f"{tmp_path}/{path}") == 0
    packed = (tmp_path / "a.gz").read_bytes()
    assert packed == (tmp_path / "b.gz").read_bytes()
    assert (packed[3], packed[4:8]) == (0, bytes(4)), "neither name nor time inside"
    assert gzip.decompress(packed) == (tmp_path / "c").read_bytes()


def test_fields_in_their_order_and_bookkeeping_by_name(url, tmp_path):
    path = tmp_path / "a.jsonl"
    assert export(url, "newsjournos", "--output", str(path), "--fields", "headline,state,revision,url,headline") == 0
    assert path.read_text().splitlines()[1] == json.dumps(
        {"headline": "Bare", "state": "new", "revision": 1, "url": BARE.url}
    )
    assert choose_fields("metadata,state") == (*METADATA, "state")
    assert choose_fields("all") == FIELDS == choose_fields(None)


def test_the_schema_is_that_of_what_is_exported(url, tmp_path, capsysbinary):
    names = f"all,{','.join(BOOKKEEPING)}"
    assert export(url, "--schema", "--fields", names) == 0
    schema = json.loads(capsysbinary.readouterr().out)
    assert export(url, "newsjournos", "--output", f"{tmp_path}/a.jsonl", "--fields", names) == 0
    valid = jsonschema.Draft202012Validator(schema)
    for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines():
        valid.validate(json.loads(line))


def test_a_feed_has_updates_and_nothing_that_is_gone(tmp_path):
    first = replace(PLAIN, url=f"{SITE}e/", post_id=8, modified_at=None, content_hash="c" * 64)
    second = replace(first, headline="Ferries", content_hash="d" * 64)
    url = stored(tmp_path, [first, second, PLAIN, BARE])
    with closing(open_store(url)) as store:
        store.mark_gone(BARE.url)
        store.db.execute("UPDATE articles SET first_seen_at = '2025-05-03T15:00:00+00:00'")
    path = tmp_path / "a.json"
    assert export(url, "newsjournos", "--format", "jsonfeed", "--output", str(path), "--feed-url", f"{SITE}f") == 0
    feed = json.loads(path.read_text())
    (row,) = [row for row in rows(url) if row["url"] == first.url]
    assert {item["url"] for item in feed["items"]} == {PLAIN.url, first.url}
    (edited,) = [item for item in feed["items"] if item["url"] == first.url]
    assert (edited["date_modified"], edited["date_published"]) == (row["changed_at"], first.published_at)
    assert feed["feed_url"] == f"{SITE}f"
    assert export(url, "newsjournos", "--output", str(path), "--state", "gone") == 0
    assert [one["url"] for one in json.loads(path.read_text())] == [BARE.url]


def test_an_empty_selection_is_a_whole_file(url, tmp_path):
    for name in formats.FORMATS:
        path = tmp_path / f"a.{name}"
        assert export(url, "newsjournos", "--format", name, "--output", str(path), "--since", "2031-01-01") == 0
        assert path.is_file()
    assert json.loads((tmp_path / "a.json").read_text()) == []
    assert (tmp_path / "a.csv").read_text() == f"{','.join(FIELDS)}\n"
    assert json.loads((tmp_path / "a.jsonfeed").read_text())["home_page_url"] == SITE


def test_an_empty_store_gives_an_empty_feed(tmp_path):
    path = tmp_path / "a.rss"
    assert export(stored(tmp_path, []), "newsjournos", "--output", str(path)) == 0
    assert "<link>https://newsjournos.com/</link>" in path.read_text()


def test_a_manifest_tells_what_to_cite(url, tmp_path):
    path = tmp_path / "a.csv"
    words = ("--manifest", "--fields", "url", "--section", "WORLD", "--since", "2025-05-01", "--limit", "9")
    assert export(url, "newsjournos", "--output", str(path), *words) == 0
    said = json.loads((tmp_path / "a.csv.manifest.json").read_text())
    data = path.read_bytes()
    assert said.pop("created_at")
    assert "code" in said
    assert said | {"code": None} == {
        "name": "a.csv", "format": "csv", "site": SITE, "fields": ["url"],
        "filters": {"section": ["WORLD"], "since": "2025-05-01", "limit": 9},
        "rows": 1, "first_published_at": PLAIN.published_at, "last_published_at": PLAIN.published_at,
        "files": [{"path": "a.csv", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}],
        "extractor_versions": ["1.0.0"], "code": None,
    }  # fmt: skip


def test_no_manifest_tells_of_another_file(url, tmp_path, monkeypatch):
    words = ("newsjournos", "--output", f"{tmp_path}/a.csv", "--manifest")
    assert export(url, *words) == 0
    assert (tmp_path / "a.csv.manifest.json").exists()
    monkeypatch.setattr("newscrawl.export.manifest.manifest", lambda *about: 1 / 0)
    with pytest.raises(ZeroDivisionError):  # as good as a kill
        export(url, *words)
    assert not (tmp_path / "a.csv.manifest.json").exists()


def test_partitions_by_month_are_replaced_as_a_whole(tmp_path):
    months = [
        replace(PLAIN, url=f"{SITE}{n}/", post_id=n, published_at=f"2025-{n % 3 + 1:02}-0{n % 9 + 1}T00:00:00+00:00", content_hash=str(n))
        for n in range(1, 10)
    ]  # fmt: skip
    url, path = stored(tmp_path, months), tmp_path / "out"
    words = ("newsjournos", "--format", "parquet", "--partition", "month", "--output", str(path), "--manifest")
    assert export(url, *words) == 0
    assert sorted(os.listdir(path)) == ["published=2025-01", "published=2025-02", "published=2025-03"]
    table = ds.dataset(path, partitioning="hive").to_table().to_pylist()
    assert sorted(row["url"] for row in table) == sorted(one.url for one in months)
    assert {row["published"] for row in table} == {"2025-01", "2025-02", "2025-03"}
    said = json.loads((tmp_path / "out.manifest.json").read_text())
    assert [one["path"] for one in said["files"]] == [f"out/published=2025-0{n}/part-0.parquet" for n in (1, 2, 3)]
    assert export(url, *words, "--since", "2025-03-01") == 0
    assert os.listdir(path) == ["published=2025-03"]
    assert sorted(os.listdir(tmp_path)) == ["news.db", "out", "out.manifest.json"]
    (path / "mine.txt").write_text("mine")
    assert export(url, *words) == 2
    assert (path / "mine.txt").read_text() == "mine"


def test_folders_change_places_also_where_the_system_has_no_step_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    for name in ("first", "second"):
        with output.new_folder(tmp_path / "out") as folder:
            (folder / name).write_text(name)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["second"]
    assert os.listdir(tmp_path) == ["out"]


def test_permissions_links_and_leftovers(url, tmp_path):
    real = tmp_path / "real.csv"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "link.csv").symlink_to(real)
    (tmp_path / ".real.csv.x1.tmp").write_text("of an export that was killed")
    (tmp_path / ".other.csv.x1.tmp").write_text("of another file")
    assert export(url, "newsjournos", "--output", f"{tmp_path}/link.csv") == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert real.read_text().startswith("url,")
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == [".other.csv.x1.tmp", "link.csv", "news.db", "real.csv"]


def test_a_file_that_is_being_written_is_nobodys_leftover(tmp_path):
    with output.new_file(tmp_path / "a") as one:
        one.write(b"one")
        with output.new_file(tmp_path / "a") as other:
            other.write(b"other")
        assert (tmp_path / "a").read_bytes() == b"other"
    assert (tmp_path / "a").read_bytes() == b"one"


BAD = {
    "no format": ((), "--format is missing: allowed are jsonl, json, csv, parquet, rss, atom, jsonfeed, schemaorg"),
    "unknown format": (("--format", "docx"), "--format 'docx': allowed are jsonl, "),
    "unknown ending": (("--output", "a.docx"), "--format is missing: allowed are"),
    "since": (("-f", "csv", "--since", "yesterday"), "argument --since: 'yesterday': allowed is an ISO date"),
    "until": (("-f", "csv", "--until", "2025-02-30"), "argument --until: '2025-02-30': allowed is an ISO date"),
    "until before since": (("-f", "csv", "--since", "2025-05-02", "--until", "2025-05-01"), "--since 2025-05-02: allowed is a day not after --until 2025-05-01"),
    "limit": (("-f", "csv", "--limit", "0"), "argument --limit: '0': allowed is a whole number from 1 up"),
    "limit no number": (("-f", "csv", "--limit", "-1"), "argument --limit: '-1': allowed"),
    "state": (("-f", "csv", "--state", "old"), "--state 'old': allowed are new, updated, unchanged, gone"),
    "gone in a feed": (("-f", "rss", "--state", "new,gone"), "--state gone: a feed has no removed articles"),
    "field": (("-f", "csv", "--fields", "url,headlin"), "--fields 'headlin': is no field; the nearest is headline"),
    "no field": (("-f", "csv", "--fields", ""), "--fields '': a name is empty"),
    "field in another case": (("-f", "csv", "--fields", "URL"), "--fields 'URL': is no field; the nearest is url"),
    "no name after a comma": (("-f", "csv", "--fields", "url,"), "--fields 'url,': a name is empty"),
    "no path": (("-f", "csv", "--output", ""), "--output: is empty"),
    "search": (("-f", "csv", "--search", "("), "--search '(': "),
    "empty search": (("-f", "csv", "--search", " "), "--search: is empty"),
    "section": (("-f", "csv", "--section", "wrld"), "--section 'wrld': no article has it; known are World"),
    "folder": (("-f", "csv", "--output", "/tmp"), "--output /tmp: is a folder"),
    "below a file": (("--output", "/etc/hostname/a.csv"), "--output /etc/hostname/a.csv: /etc/hostname is no folder"),
    "partition of csv": (("--output", "a.csv", "--partition", "month"), "--partition month: allowed with --format parquet, not csv"),
    "partition by day": (("--output", "a.parquet", "--partition", "day"), "argument --partition: invalid choice"),
    "partition to standard output": (("-f", "parquet", "--partition", "month"), "--partition: needs --output PATH"),
    "partition to a file": (("-f", "parquet", "--partition", "month", "--output", "/etc/hostname"), "--output /etc/hostname: is no folder"),
    "manifest of standard output": (("-f", "csv", "--manifest"), "--manifest: needs --output PATH"),
    "manifest of a device": (("-f", "csv", "--manifest", "--output", "/dev/null"), "--manifest: /dev/null is no file"),
    "packed parquet": (("-f", "parquet", "--output", "a.parquet.gz"), "--output a.parquet.gz: parquet is compressed inside"),
    "bom of json": (("-f", "json", "--bom"), "--bom: allowed with --format csv, not json"),
    "feed url": (("-f", "rss", "--feed-url", "here"), "--feed-url 'here': allowed is an http(s) address"),
    "feed url without a host": (("-f", "rss", "--feed-url", "https://"), "--feed-url 'https://': allowed is an http(s)"),
    "feed url of no feed": (("-f", "csv", "--feed-url", "https://a.example/f"), "--feed-url: allowed with a feed, not csv"),
    "unknown option": (("--frmat", "csv"), "--frmat: is no option"),
    "second spider": (("another", "-f", "csv"), "newsjournos another: allowed is the name of one spider, harbourherald, newsjournos"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD)
def test_wrong_use_is_one_line(url, tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    assert export(url, "newsjournos", *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"scrapy export: {said}")
    assert err.count("\n") == 1
    assert os.listdir(tmp_path) == ["news.db"]


def test_no_spider(url, capsys):
    assert export(url, "-f", "csv") == 2
    assert (
        capsys.readouterr().err
        == "scrapy export: no spider: allowed is the name of one spider, harbourherald, newsjournos\n"
    )


def test_no_store(tmp_path, capsys):
    assert export(f"sqlite:///{tmp_path}/no.db", "newsjournos", "--output", f"{tmp_path}/a.csv") == 1
    assert "no.db: does not exist yet; run a crawl first" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_parquet_without_its_package(url, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert export(url, "newsjournos", "--output", f"{tmp_path}/a.parquet") == 2
    assert capsys.readouterr().err == ("scrapy export: parquet needs pyarrow: pip install -r requirements-extras.txt\n")


def test_parquet_whose_package_does_not_load(url, tmp_path, capsys, monkeypatch):
    (tmp_path / "pyarrow.py").write_text("raise ImportError('libarrow.so: no such file')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "pyarrow")
    assert export(url, "newsjournos", "--output", f"{tmp_path}/a.parquet") == 2
    assert capsys.readouterr().err == (
        "scrapy export: parquet needs pyarrow, which does not load (libarrow.so: no such file): "
        "pip install -r requirements-extras.txt\n"
    )


def run(url: str, shell: str) -> subprocess.CompletedProcess:
    """A line of shell with $EXPORT for the command, in a process of its own."""
    command = f"{sys.executable} -m scrapy export newsjournos"
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shell}"],
        cwd=ROOT,
        env=environment(NEWSCRAWL_DATABASE_URL=url, EXPORT=command),
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_standard_output_is_the_file(url, tmp_path, name):
    assert export(url, "newsjournos", "--output", f"{tmp_path}/a.{name}") == 0
    done = run(url, f"$EXPORT --format {name} | cat")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (tmp_path / f"a.{name}").read_bytes()


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path):
    many = [replace(PLAIN, url=f"{SITE}{n}/", post_id=n, content_hash=str(n), body="x " * 3000) for n in range(1, 200)]
    done = run(stored(tmp_path, many), "$EXPORT --format jsonl | head -n 1")
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)


def test_standard_output_without_room(url):
    done = run(url, "$EXPORT --format jsonl > /dev/full")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"scrapy export: standard output: No space left on device\n"
