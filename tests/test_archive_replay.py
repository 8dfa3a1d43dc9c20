"""Crawls that an archive answers: the same articles as from the site, and not one request to it."""

from pathlib import Path

import pytest

from fixtures.replica.server import running_replica
from newscrawl.archive import replaying
from newscrawl.archive.records import Original
from newscrawl.archive.replaying import Replay
from newscrawl.exceptions import SpiderArgumentError, UnreadableRecordError

from .archived import NOON, exchange, files, noise, writer
from .conftest import StoringCrawl
from .local_server import Answer, serving
from .site_pages import home, post, section

CONTENT = "SELECT url, content_hash, headline, body FROM articles ORDER BY url"
# Of two addresses of one article the one that answers first is kept; the other leads to it.
ADDRESSES = """
    SELECT url, content_hash, headline, body FROM articles
    UNION ALL
    SELECT article_urls.url, content_hash, headline, body FROM article_urls LEFT JOIN articles ON articles.id = article_id
    ORDER BY 1
"""


@pytest.fixture
def crawls(tmp_path) -> tuple[StoringCrawl, StoringCrawl]:
    """A crawl that archives, and one into another store that archives nothing."""
    found = []
    for name in ("site", "again"):
        (tmp_path / name).mkdir()
        found.append(StoringCrawl(tmp_path / name))
    found[0].settings["NEWSCRAWL_ARCHIVE_DIR"] = str(tmp_path / "archive")
    return tuple(found)


@pytest.mark.parametrize("pages", ["articles", "all"])
async def test_a_replica_crawled_again_without_it(crawls, tmp_path, pages):
    crawl, again = crawls
    with running_replica(articles=40) as replica:
        first = await crawl(replica.url, {"NEWSCRAWL_ARCHIVE_PAGES": pages})
        asked = len(replica.log)
        url = replica.url
    assert first.failure is None
    run = await again(url, {"NEWSCRAWL_ARCHIVE_DIR": str(tmp_path / "other")}, from_archive=str(tmp_path / "archive"))
    assert run.failure is None
    assert again.rows(ADDRESSES) == crawl.rows(ADDRESSES) != []
    kept = "SELECT content_hash, headline, body FROM articles ORDER BY 1"
    assert again.rows(kept) == crawl.rows(kept)
    assert run.stat("newscrawl/failed/NotArchivedError") == 0
    assert run.stat("log_count/ERROR") == 0
    assert not (tmp_path / "other").exists(), "what an archive answers is not archived again"
    assert run.stat("downloader/response_count") <= asked
    if pages == "all":
        sources = "SELECT url, kind, status FROM pages WHERE kind <> 'article' AND status = 200 ORDER BY url"
        assert again.rows(sources) == crawl.rows(sources)


async def test_what_is_not_archived_fails_with_one_reason(crawls, tmp_path):
    crawl, again = crawls
    with serving({"/": home({"World": "world"}), "/category/world/": section("ab"), "/a/": post("a")}) as site:
        await crawl(site.url, {"NEWSCRAWL_ARCHIVE_PAGES": "all"}, discover="sections")
        url = site.url
    with serving({}) as other:
        run = await again(url, from_archive=str(tmp_path / "archive"), urls="/a/,/b/,/c/")
        assert other.seen == []
    assert run.slugs == ["a"]
    assert run.stat("newscrawl/failed/NotArchivedError") == 1
    assert again.rows("SELECT outcome, reason FROM pages WHERE url LIKE '%/c/'") == [("failed", "NotArchivedError")]
    assert again.rows("SELECT outcome, status FROM pages WHERE url LIKE '%/b/'") == [("gone", 404)]
    assert run.stat("retry/count") == 0


async def test_the_last_answer_counts(crawls, tmp_path, monkeypatch):
    crawl, again = crawls
    moved = Answer(301, headers={"Location": "/new/"})
    same = post("a")
    with serving({"/a/": [post("a", "<p>Old.</p>"), same, same], "/old/": moved, "/new/": post("new")}) as site:
        for _ in range(3):
            await crawl(site.url, urls="/a/,/old/")
        url = site.url
    run = await again(url, from_archive=str(tmp_path / "archive"))
    assert run.slugs == ["a", "new"]
    assert again.rows(CONTENT) == crawl.rows(CONTENT)
    assert [row[0] for row in again.rows("SELECT url FROM article_urls")] == [f"{url}old/"]


WRONG = {
    "there is none": ("missing", r"from_archive='.*missing': allowed is a WARC file, or a folder of them \(there is none"),
    "nothing in it": ("empty", r"from_archive='.*empty': allowed is a WARC file or a folder of them \(.*holds no answer"),
    "no WARC file": ("notes.warc.gz", r"from_archive='.*notes.warc.gz': allowed is a WARC file or a folder of them"),
    "another site": ("archive", r"holds nothing of http://127.0.0.1:1/; base_url may be https://newsjournos.com/"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "said"), WRONG.values(), ids=WRONG)
async def test_wrong_archives(crawls, tmp_path, name, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.warc.gz").write_text("These are notes.")
    archive = writer(tmp_path / "archive")
    archive.write(exchange(), NOON)
    archive.close()
    with pytest.raises(SpiderArgumentError, match=said):
        await crawls[1]("http://127.0.0.1:1/", from_archive=str(tmp_path / name))


def test_files_of_other_programs_are_read(tmp_path):
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n6\r\n world\r\n0\r\n\r\n"
    record = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: http://a.example/\r\n"
        b"WARC-Date: 2025-05-03T12:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)
    )
    path = tmp_path / "deep" / "other.warc"
    path.parent.mkdir()
    path.write_bytes(record * 2)
    replay = Replay(tmp_path)
    assert replay.answer("http://a.example/").body == b"Hello world"
    assert list(replay.pages()) == ["http://a.example/"]


def filled(folder: Path) -> list[str]:
    archive = writer(folder)
    urls = [f"https://newsjournos.com/{number}/" for number in range(4)]
    for number, url in enumerate(urls):
        archive.write(exchange(url, noise(number)), NOON)
    archive.close()
    return urls


@pytest.mark.parametrize("cut", [1, 100, 2_000])
def test_a_damaged_end_costs_its_own_pages_only(tmp_path, cut):
    urls = filled(tmp_path)
    path = files(tmp_path)[0]
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - cut)
    replay = Replay(path)
    for url in urls[:3]:
        assert replay.answer(url).url == url
    if cut == 2_000:
        with pytest.raises(UnreadableRecordError):
            replay.answer(urls[3])


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_damage_amid_a_file_costs_what_it_hits(tmp_path, caplog, lost):
    urls = filled(tmp_path)
    path = files(tmp_path)[0]
    spot = Replay(path).answers[urls[lost]].spot
    assert caplog.records == []
    with path.open("r+b") as file:
        file.seek(spot.offset + 500)
        file.write(bytes(300))
    replay = Replay(path)
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: is damaged; what could not be read there is left out"
    ]
    for number, url in enumerate(urls):
        if number != lost:
            assert replay.answer(url).url == url
    with pytest.raises(UnreadableRecordError):
        replay.answer(urls[lost])


def test_a_revisit_without_its_record_says_so(tmp_path):
    archive = writer(tmp_path)
    archive.write(exchange(), NOON, Original("https://newsjournos.com/gone/", "2025-05-01T00:00:00Z"))
    archive.close()
    replay = Replay(tmp_path)
    with pytest.raises(UnreadableRecordError, match="lacks the record that its last one refers to"):
        replay.answer(exchange().url)


def test_origins():
    assert replaying.hosts(["https://b.example/x/y", "http://a.example:80/", "https://b.example/"]) == [
        "http://a.example:80/",
        "https://b.example/",
    ]
