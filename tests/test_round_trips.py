"""Any text that an article can hold comes back as it was: from the store, a JSON line, and each lossless export."""

import csv
import io
import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from newscrawl.storage import open_store
from newscrawl.storage.rows import as_dict
from tests.exported import PLAIN, written
from tests.fuzzing import FIXED

# What validation lets through: no control but the line end, no half of a character.
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\n\"',;=<>&\\\u2028\u0085"), min_size=1, max_size=12
)  # fmt: skip


def saying(head, body, tags, name, heading, rows):
    """An article of these texts."""
    return replace(
        PLAIN,
        headline=head,
        body=body,
        tags=tags,
        authors=[{"name": name, "url": None, "bio": None, "website": None}],
        body_sections=[{"heading": heading, "level": None, "paragraphs": rows}],
    )


ARTICLES = st.builds(saying, TEXT, TEXT, st.lists(TEXT, max_size=3), TEXT, TEXT, st.lists(TEXT, max_size=3))
HARD = " =1+2; \"İzmir\", 'a'\\n\n<b>&amp;\u2028\u0085\u00a0\U0001f600 "


# Many a time is dear, for a store or a table has to be made each time: many articles at once instead.
MANY = st.lists(ARTICLES, min_size=4, max_size=8).map(
    lambda them: [
        replace(one, url=f"{one.url}{at}/", post_id=at, content_hash=f"{at:064}")
        for at, one in enumerate([saying(HARD, HARD, [HARD], HARD, HARD, [HARD]), *them], 1)
    ]
)
FEW = settings(FIXED, max_examples=5)


@FEW
@given(articles=MANY)
def test_the_store_and_its_json_lines(tmp_path_factory, articles):
    folder = tmp_path_factory.mktemp("store", numbered=True)
    store = open_store(f"sqlite:///{folder}/news.db", str(folder / "news.jsonl"))
    try:
        for article in articles:
            store.save(article)
        store.commit()
        assert [store.get(article.url) for article in articles] == list(map(as_dict, articles))
    finally:
        store.close()
    lines = (folder / "news.jsonl").read_bytes().removesuffix(b"\n").split(b"\n")
    assert list(map(json.loads, lines)) == list(map(as_dict, articles))


@FEW
@given(articles=MANY)
def test_jsonl(articles):
    lines = written("jsonl", articles).removesuffix(b"\n").split(b"\n")
    assert list(map(json.loads, lines)) == list(map(as_dict, articles))


@FEW
@given(articles=MANY)
def test_csv(articles):
    rows = list(csv.DictReader(io.StringIO(written("csv", articles).decode(), newline="")))
    for row, article in zip(rows, articles, strict=True):
        for name in ("headline", "body"):
            assert getattr(article, name) in (row[name], row[name].removeprefix("'"))
        for name in ("tags", "authors", "body_sections"):
            assert json.loads(row[name]) == getattr(article, name)


@FEW
@given(articles=MANY)
def test_parquet(articles):
    rows = parquet.read_table(io.BytesIO(written("parquet", articles))).to_pylist()
    for row, article in zip(rows, articles, strict=True):
        for name in ("headline", "body", "tags", "authors", "body_sections"):
            assert row[name] == getattr(article, name)
