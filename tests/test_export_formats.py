"""What each format holds, read back by other code: everything that was put in, and nothing that runs."""

import csv
import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO, StringIO

import feedparser
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import etree

from newscrawl.export import parquet
from newscrawl.export.csv_table import BOM, revealed
from newscrawl.export.entry import feed_id
from newscrawl.export.fields import BOOKKEEPING, FIELDS, METADATA, TEXT, schema_of
from newscrawl.export.formats import FORMATS
from newscrawl.export.html import full_text
from newscrawl.items import Article
from newscrawl.storage import selecting
from newscrawl.storage.rows import as_dict

from .exported import BARE, HOSTILE, PLAIN, SITE, hostile, written
from .feed_standards import ATOM, JSON_FEED, RSS

ALL = [PLAIN, BARE, *hostile()]
DICTS = [as_dict(article) for article in ALL]
NESTED = {name for name in FIELDS if isinstance(getattr(PLAIN, name), (list, dict))}
NUMBERS = {name for name in FIELDS if isinstance(getattr(PLAIN, name), int)}
FORMULA = tuple("=+-@＝＋－＠\t\r\n")


def test_json_lines_and_json_hold_everything():
    lines = written("jsonl", ALL).decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == DICTS
    assert lines[-1] == ""
    assert json.loads(written("json", ALL)) == DICTS
    assert json.loads(written("json", [])) == []


def test_a_lone_surrogate_is_an_escape_in_json():
    article = replace(PLAIN, tags=["a\ud800b"])
    assert json.loads(written("jsonl", [article]))["tags"] == ["a\ud800b"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_lone_surrogate_breaks_no_format(name):
    assert written(name, [replace(PLAIN, tags=["a\ud800b"], headline="a\udfffb", body="\ud800")])


def cells(data: bytes) -> list[dict]:
    """Rows of a CSV file, back as they were by the documented rule."""

    def value(name: str, cell: str):
        if cell == "":
            return None
        if name in NESTED:
            return json.loads(cell)
        return int(cell) if name in NUMBERS else revealed(cell)

    table = csv.DictReader(StringIO(data.decode(), newline=""), strict=True)
    return [{name: value(name, cell) for name, cell in row.items()} for row in table]


def test_csv_holds_everything():
    assert cells(written("csv", ALL)) == DICTS


def test_no_csv_cell_is_a_formula():
    for row in csv.reader(StringIO(written("csv", ALL).decode(), newline="")):
        for cell in row:
            assert not cell.lstrip(" '").startswith(FORMULA) or cell.startswith("'"), cell
            assert not cell.startswith(FORMULA), cell


def test_csv_numbers_stay_numbers_and_null_is_empty():
    (row,) = csv.DictReader(StringIO(written("csv", [replace(BARE, word_count=5)]).decode(), newline=""))
    assert (row["word_count"], row["post_id"], row["tags"]) == ("5", "", "[]")


def test_a_byte_order_mark_only_where_it_is_asked_for():
    assert written("csv", [PLAIN], bom=True).decode() == BOM + written("csv", [PLAIN]).decode()
    assert written("csv", [PLAIN]).startswith(b"url,")


def columns(data: bytes) -> list[dict]:
    """Rows of a Parquet file as JSON would say them."""

    def value(one):
        if isinstance(one, datetime):
            assert one.utcoffset().total_seconds() == 0
            return one.isoformat()
        return one

    table = pq.read_table(BytesIO(data))
    rows = [{name: value(one) for name, one in row.items()} for row in table.to_pylist()]
    return [row | {"sources": dict(row["sources"])} for row in rows]


def test_parquet_holds_everything(monkeypatch):
    monkeypatch.setattr(parquet, "GROUP", 10)
    data = written("parquet", ALL)
    assert columns(data) == DICTS
    assert pq.ParquetFile(BytesIO(data)).num_row_groups == -(-len(ALL) // 10)
    assert columns(written("parquet", [])) == []


MOMENT = pa.timestamp("us", tz="UTC")
TYPES = {
    "url": pa.string(), "post_id": pa.int64(), "published_at": MOMENT, "modified_at": MOMENT, "crawled_at": MOMENT,
    "published_raw": pa.string(), "published_precision": pa.string(), "tags": pa.list_(pa.string()),
    "faq": pa.list_(pa.struct([("question", pa.string()), ("answer", pa.string())])),
    "image": pa.struct([("url", pa.string()), ("alt", pa.string()), ("caption", pa.string()),
                        ("width", pa.int64()), ("height", pa.int64())]),
    "sources": pa.map_(pa.string(), pa.string()), "state": pa.string(), "revision": pa.int64(), "changed_at": MOMENT,
}  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), TYPES.items(), ids=TYPES)
def test_parquet_types(name, kind):
    assert parquet.arrow_schema((*FIELDS, *BOOKKEEPING)).field(name).type == kind


class Text(HTMLParser):
    """The text of HTML, a line a block, and the tags that occur."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.parts: list[str] = []
        self.feed(html)
        self.close()
        self.lines = [line for line in "".join(self.parts).split("\0") if line.strip()]

    def handle_starttag(self, tag, attrs):
        assert not attrs
        self.tags.add(tag)
        self.parts.append("\n" if tag == "br" else "\0")

    def handle_endtag(self, tag):
        self.parts.append("\0")

    def handle_data(self, data):
        self.parts.append(data if data != "\n" else "\0")


def test_a_paragraph_that_reads_like_a_heading_is_none():
    sections = [{"heading": "Costs", "level": 3, "paragraphs": ["High."]}]
    article = replace(PLAIN, lead="Costs\n\nLow.", body="Costs\n\nLow.\n\nCosts\n\nHigh.", body_sections=sections)
    html = full_text(as_dict(article))
    assert html.startswith("<p>Costs</p>\n<p>Low.</p>\n<h3>Costs</h3>\n<p>High.</p>\n")


BLOCKS = {"p", "br", "ul", "li", "h2", "h3", "h4", "h5", "h6"}


def test_full_text_is_the_articles_and_nothing_else():
    text = Text(full_text(as_dict(PLAIN)))
    assert text.lines == [
        *PLAIN.body.split("\n\n"),
        "Key Points", *PLAIN.key_points,
        "Summary", "It is back.", "And stays.",
        "Frequently Asked Questions", "Who asked?", 'Nobody & "no one".',
    ]  # fmt: skip
    html = full_text(as_dict(PLAIN))
    assert "<h2>What now</h2>\n<p>It stays.<br>For good.</p>\n<p>What now</p>\n<h3>Costs</h3>" in html
    assert full_text(dict.fromkeys(METADATA, PLAIN.url)) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_full_text_has_no_markup_of_the_page(text):
    article = replace(
        PLAIN, body=f"A {text}", key_points=[text], summary=text, faq=[{"question": text, "answer": text}]
    )
    assert Text(full_text(as_dict(article))).tags <= BLOCKS


XML = {"rss": "item", "atom": "{http://www.w3.org/2005/Atom}entry"}


@pytest.mark.parametrize("name", XML)
def test_xml_feeds_are_xml_whatever_is_in_them(name):
    root = etree.fromstring(written(name, ALL, language="en-US", feed_url=f"{SITE}feed.xml"))
    assert len(list(root.iter(XML[name]))) == len(ALL)
    assert len(list(etree.fromstring(written(name, [])).iter(XML[name]))) == 0


def read(name: str, articles, **options):
    """The feed as a feed reader has it; JSON Feed in the same shape."""
    if name == "jsonfeed":
        data = json.loads(written(name, articles, **options))
        return [
            {
                "id": one["id"], "link": one["url"], "title": one["title"], "content": one["content_html"],
                "published": datetime.fromisoformat(one["date_published"]), "tags": one.get("tags", []),
                "updated": datetime.fromisoformat(one["date_modified"]), "summary": one.get("summary"),
                "authors": [author["name"] for author in one.get("authors", [])],
                "image": one.get("image"),
            }
            for one in data["items"]
        ]  # fmt: skip
    found = feedparser.parse(written(name, articles, **options), sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, found.get("bozo_exception")

    def image(one):
        links = [link["href"] for link in one.links if link["rel"] == "enclosure"]
        return (links or [media["url"] for media in one.get("media_content", [])] or [None])[0]

    return [
        {
            "id": one.id, "link": one.link, "title": one.title, "content": one.content[0].value,
            "published": datetime(*one.published_parsed[:6], tzinfo=UTC), "tags": [tag.term for tag in one.get("tags", [])],
            "updated": datetime(*one.updated_parsed[:6], tzinfo=UTC),
            "summary": one.get("summary") if one.get("summary") != one.content[0].value else None,
            "authors": [author["name"] for author in one.get("authors", [])],
            "image": image(one),
        }
        for one in found.entries
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["rss", "atom", "jsonfeed"])
def test_a_feed_reader_finds_the_article(name):
    plain, bare = read(name, [PLAIN, BARE], language="en-US")
    summary = "Ferries & more" if name == "jsonfeed" else "Ferries &amp; more"
    assert plain == {
        "id": f"{SITE}?p=7", "link": PLAIN.url, "title": PLAIN.headline, "content": full_text(as_dict(PLAIN)),
        "published": datetime(2025, 5, 3, 14, 15, tzinfo=UTC), "updated": datetime(2025, 5, 4, tzinfo=UTC),
        "summary": summary, "tags": ["World", "Ferries", "U.S"], "authors": ["Şule Akdoru", "Harbour Desk"],
        "image": PLAIN.image["url"],
    }  # fmt: skip
    assert (bare["id"], bare["updated"], bare["image"]) == (BARE.url, datetime(2025, 5, 2, tzinfo=UTC), None)


@pytest.mark.parametrize("name", ["rss", "atom", "jsonfeed"])
@pytest.mark.parametrize("title", ["AT&T <b>bold</b>", "Fish &amp; chips", "]]> & \x0b done"])
def test_titles_are_plain_text(name, title):
    data = written(name, [replace(PLAIN, headline=title)])
    clean = title.replace("\x0b ", "")
    if name == "jsonfeed":
        assert json.loads(data)["items"][0]["title"] == clean
    else:
        entry = next(etree.fromstring(data).iter(XML[name]))
        assert entry[0].text == clean
        assert entry[0].get("type") in (None, "text")


def test_a_feed_without_text_where_only_metadata_is_wanted():
    article = {name: as_dict(PLAIN)[name] for name in METADATA}
    for name in ("rss", "atom", "jsonfeed"):
        file = BytesIO()
        from newscrawl.export.formats import Options

        writer = FORMATS[name].load()(file, Options(METADATA, title="t", site=SITE, feed_id="urn:x"))
        writer.write(article)
        writer.close()
        assert PLAIN.headline in file.getvalue().decode()
        assert "came back" not in file.getvalue().decode()


FEED_OPTIONS = {
    "all": {"language": "en-US", "feed_url": f"{SITE}feed"},
    "least": {},
}


@pytest.mark.parametrize("options", FEED_OPTIONS.values(), ids=FEED_OPTIONS)
@pytest.mark.parametrize("articles", [ALL, [BARE], []], ids=["all", "bare", "none"])
@pytest.mark.parametrize(("name", "standard"), [("atom", ATOM), ("rss", RSS)])
def test_xml_feeds_are_what_their_standard_wants(name, standard, articles, options):
    schema = etree.RelaxNG(etree.fromstring(standard))
    schema.assertValid(etree.fromstring(written(name, articles, **options)))


@pytest.mark.parametrize("options", FEED_OPTIONS.values(), ids=FEED_OPTIONS)
@pytest.mark.parametrize("articles", [ALL, [BARE], []], ids=["all", "bare", "none"])
def test_json_feed_is_what_its_standard_wants(articles, options):
    feed = json.loads(written("jsonfeed", articles, **options))
    jsonschema.Draft202012Validator(JSON_FEED).validate(feed)
    assert len({item["id"] for item in feed["items"]}) == len(articles)
    assert feed.get("feed_url") == options.get("feed_url")


def test_atom_ids_are_unique_and_it_names_itself():
    ns = {"a": "http://www.w3.org/2005/Atom"}
    root = etree.fromstring(written("atom", ALL, feed_url=f"{SITE}feed.atom", language="en-US"))
    assert root.find("a:link[@rel='self']", ns).get("href") == f"{SITE}feed.atom"
    ids = [one.text for one in root.findall("a:entry/a:id", ns)]
    assert len(set(ids)) == len(ids)
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-US"


def test_the_id_of_a_feed_depends_on_what_it_is_about():
    assert feed_id(SITE, {}) == feed_id(SITE, {}) != feed_id(SITE, {"section": ["world"]})
    assert feed_id(SITE, {}).startswith("urn:uuid:")


def test_schema_org():
    first, second, *_ = map(json.loads, written("schemaorg", ALL).splitlines())
    assert first == {
        "@context": "https://schema.org", "@type": "NewsArticle", "@id": PLAIN.url, "url": PLAIN.url,
        "mainEntityOfPage": {"@type": "WebPage", "@id": PLAIN.url}, "identifier": "7", "headline": PLAIN.headline,
        "alternativeHeadline": PLAIN.subtitle, "articleSection": "World",
        "author": [
            {"@type": "Person", "name": "Şule Akdoru", "url": f"{SITE}author/sule/", "description": "Writes.",
             "sameAs": "https://example.org/"},
            {"@type": "Person", "name": "Harbour Desk"},
        ],
        "datePublished": PLAIN.published_at, "dateModified": PLAIN.modified_at, "inLanguage": "en-US",
        "timeRequired": "PT7M",
        "image": [
            {"@type": "ImageObject", "url": f"{SITE}up/ferry.jpg", "caption": "The <ferry>", "description": "A ferry",
             "width": 1600, "height": 900},
            {"@type": "ImageObject", "url": f"{SITE}up/pier.png"},
        ],
        "keywords": ["Ferries", "U.S"], "description": "Ferries & more", "abstract": PLAIN.summary,
        "articleBody": PLAIN.body, "wordCount": 19,
        "hasPart": {"@type": "FAQPage", "mainEntity": [
            {"@type": "Question", "name": "Who asked?",
             "acceptedAnswer": {"@type": "Answer", "text": "Nobody & \"no one\"."}}]},
        "sdDatePublished": PLAIN.crawled_at,
    }  # fmt: skip
    assert None not in second.values()
    assert [] not in second.values()


def test_every_line_is_valid_by_the_schema():
    schema = schema_of()
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema)
    for article in DICTS[:2]:
        valid.validate(article)
    with pytest.raises(jsonschema.ValidationError):
        valid.validate(DICTS[0] | {"post_id": "7"})
    with pytest.raises(jsonschema.ValidationError):
        valid.validate({name: value for name, value in DICTS[0].items() if name != "tags"})


def test_presets_and_bookkeeping_are_complete():
    assert {*METADATA, *TEXT} == {field.name for field in fields(Article)}
    assert tuple(BOOKKEEPING) == selecting.BOOKKEEPING
    said = json.dumps({name: as_dict(PLAIN)[name] for name in METADATA})
    assert not [text for text in ("came back", "It is back", "Nobody", "Cheap", "What now") if text in said]
