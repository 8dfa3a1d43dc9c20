"""``crawl -o`` and ``-O`` in our formats: what comes, what stays when a run is killed, what wrong use gets."""

import csv
import gzip
import json
import subprocess
import sys

import feedparser
import pyarrow.parquet as pq
import pytest

from .conftest import environment
from .local_server import Answer, serving
from .site_pages import site

QUICK = ("-L", "ERROR", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")
OUTPUTS = (
    "a.rss",
    "a.atom",
    "a.json:jsonfeed",
    "a.parquet",
    "a.jsonl",
    "a.csv",
    "a.xml",
    "b.json",
    "c.rss.gz",
    "c.gz:csv",
)


def crawl(scrapy, server, *words):
    return scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", "-a", "discover=sections", *QUICK, *words)


def outputs(option, *names):
    return [word for name in names for word in (option, name)]


def unpacked(path) -> bytes:
    return gzip.decompress(path.read_bytes())


def headlines(folder) -> dict[str, list[str]]:
    """What other code reads in each file."""
    return {
        "a.rss": [entry.title for entry in feedparser.parse((folder / "a.rss").read_bytes()).entries],
        "a.atom": [entry.title for entry in feedparser.parse((folder / "a.atom").read_bytes()).entries],
        "a.json": [item["title"] for item in json.loads((folder / "a.json").read_text())["items"]],
        "a.parquet": pq.read_table(folder / "a.parquet")["headline"].to_pylist(),
        "a.jsonl": [json.loads(line)["headline"] for line in (folder / "a.jsonl").read_text().splitlines()],
        "c.rss.gz": [entry.title for entry in feedparser.parse(unpacked(folder / "c.rss.gz")).entries],
        "c.gz": [row["headline"] for row in csv.DictReader(unpacked(folder / "c.gz").decode().splitlines(True))],
        "b.json": [one["headline"] for one in json.loads((folder / "b.json").read_text())],
    }


def test_every_format_has_the_articles_of_the_run(scrapy, tmp_path):
    with serving(site("a", "b", "c")) as server:
        done = crawl(scrapy, server, *outputs("-O", *OUTPUTS))
        assert (done.code, done.err) == (0, "")
        found = headlines(tmp_path)
        for texts in found.values():
            assert sorted(texts) == ["Story a", "Story b", "Story c"]
        assert feedparser.parse((tmp_path / "a.rss").read_bytes()).feed.link == server.url
        done = crawl(scrapy, server, *outputs("-O", *OUTPUTS))
    assert done.code == 0
    assert [*headlines(tmp_path).values()] == [[]] * len(found), "nothing is new, and every file is whole"


def test_scrapys_own_formats_are_added_to_and_ours_are_not(scrapy, tmp_path):
    with serving(site("a")) as server:
        assert crawl(scrapy, server, *outputs("-o", "a.rss", "a.jsonl")).code == 0
    before = (tmp_path / "a.rss").read_bytes()
    with serving(site("b")) as server:
        done = crawl(scrapy, server, *outputs("-o", "a.rss", "a.jsonl"))
        packed = crawl(scrapy, server, "-O", "b.parquet.gz")
        asked = server.paths
    assert (done.code, asked) == (2, [])
    assert done.lines == ["scrapy crawl: -o a.rss: is there already, and rss cannot be added to; -O writes it anew"]
    assert (tmp_path / "a.rss").read_bytes() == before
    assert packed.lines == ["scrapy crawl: -o b.parquet.gz: parquet is compressed inside; leave out .gz"]
    with serving(site("b")) as server:
        assert crawl(scrapy, server, "-o", "a.jsonl").code == 0
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    assert [json.loads(line)["headline"] for line in lines] == ["Story a", "Story b"]


@pytest.mark.parametrize("name", ["a.rss", "a.jsonl", "a.parquet"])
def test_a_run_that_is_killed_leaves_the_old_file(tmp_path, name):
    (tmp_path / name).write_text("old")
    script = {**site("a", "b", "c"), "/a/": Answer(wait_for=99, at_most=30)}
    with serving(script) as server:
        command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", "-a", f"base_url={server.url}"]
        one = [word for key in ("", "_PER_DOMAIN") for word in ("-s", f"CONCURRENT_REQUESTS{key}=1")]
        command += ["-a", "discover=sections", *QUICK, *one, "-O", name]
        with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL) as child:
            server.wait_until_asked("/a/", 30)
            child.kill()
        server.release()
    assert (tmp_path / name).read_text() == "old"


def test_to_standard_output(scrapy):
    with serving(site("a")) as server:
        done = crawl(scrapy, server, "-o", "-:rss")
    assert done.code == 0
    assert [entry.title for entry in feedparser.parse(done.out.encode()).entries] == ["Story a"]


def test_fields_of_the_feed_settings_are_kept_to(scrapy, tmp_path):
    feeds = json.dumps(
        {
            "a.parquet": {"format": "parquet", "fields": ["headline", "tags"]},
            "a.csv.gz": {"format": "csv", "fields": ["headline"]},
        }
    )
    with serving(site("a")) as server:
        assert crawl(scrapy, server, "-s", f"FEEDS={feeds}").code == 0
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [{"headline": "Story a", "tags": []}]
    assert unpacked(tmp_path / "a.csv.gz").decode().split() == ["headline", "Story", "a"]


def test_parquet_without_its_package(tmp_path, scrapy):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    with serving(site("a")) as server:
        done = scrapy(
            "crawl", "newsjournos", "-a", f"base_url={server.url}", *QUICK, "-O", "a.parquet",
            PYTHONPATH=f"{tmp_path}:{__file__.rpartition('/tests/')[0]}",
        )  # fmt: skip
        asked = server.paths
    assert (done.code, asked) == (2, [])
    assert done.lines == ["scrapy crawl: parquet needs pyarrow: pip install -r requirements-extras.txt"]
