"""
Near-duplicates: articles that tell the same thing under different addresses have the same cluster. None is dropped.

Two articles are linked if their signatures are alike (see newscrawl/similarity); a cluster is all that is linked,
directly or through others. So clusters follow from the texts as they are now, whatever the order in which they came.
Articles that are gone stay members.

A cluster is named after its first article, that with the earliest time of publication: by its post id, else by its
address. Neither a later member nor a renamed one changes that.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from newscrawl.similarity.minhash import BANDS_SHARED, THRESHOLD, bands, signature, similarity

if TYPE_CHECKING:  # the schema, on which a database stands, takes the tables from here
    from collections.abc import Iterator, Mapping

    from newscrawl.similarity.signatures import Signatures
    from newscrawl.storage.database import Database
    from newscrawl.storage.reading import Reading

CLUSTER_TABLES = """
-- Which version of an article was compared last; the signature is null where its text is too short.
CREATE TABLE article_signatures (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    content_hash TEXT NOT NULL,
    signature BLOB
);

-- Articles that share two values are compared; a value holds the number of its band.
CREATE TABLE signature_bands (
    value INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (value, article_id)
) WITHOUT ROWID;

-- Only articles that have a near-duplicate; similarity is the one to the article after which the cluster is named.
CREATE TABLE article_clusters (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id),
    cluster TEXT NOT NULL,
    similarity REAL NOT NULL
);
CREATE INDEX article_clusters_cluster ON article_clusters (cluster);
"""

BATCH = 200
"""Articles a transaction."""

_NAME = "coalesce(CAST(a.post_id AS TEXT), a.url)"
_FIRST = "a.published_at, a.post_id IS NULL, a.post_id, a.url"

# Reads an index and no article; in the order of articles it would read them all.
_CHANGED = """SELECT a.id FROM articles a LEFT JOIN article_signatures s ON s.article_id = a.id
WHERE coalesce(s.content_hash, '') <> a.content_hash"""
_MISNAMED = f"""SELECT id FROM (
    SELECT a.id, c.cluster, first_value({_NAME}) OVER (PARTITION BY c.cluster ORDER BY {_FIRST}) AS name
    FROM article_clusters c JOIN articles a ON a.id = c.article_id
) AS named WHERE cluster <> name"""
_SIGN = """INSERT INTO article_signatures (article_id, content_hash, signature) VALUES (?, ?, ?)
ON CONFLICT (article_id) DO UPDATE SET content_hash = excluded.content_hash, signature = excluded.signature"""
_SIGNATURE = "SELECT signature FROM article_signatures WHERE article_id = ?"
_FELLOWS = """SELECT article_id FROM article_clusters
WHERE cluster = (SELECT cluster FROM article_clusters WHERE article_id = ?)"""
_ONE_OF = "(SELECT CAST(value AS BIGINT) FROM json_each(?))"
_IN_BANDS = f"SELECT value, article_id FROM signature_bands WHERE value IN {_ONE_OF}"
_FIRST_OF = f"""SELECT a.id, {_NAME} FROM articles a
WHERE a.id IN {_ONE_OF} ORDER BY {_FIRST} LIMIT 1"""
_WRITE = "INSERT INTO article_clusters (article_id, cluster, similarity) VALUES (?, ?, ?)"
_MEMBERS = """SELECT c.cluster, a.url, a.headline, a.published_at, c.similarity
FROM article_clusters c JOIN articles a ON a.id = c.article_id"""
_IN_ORDER = f"ORDER BY c.cluster, {_FIRST}"


def update_clusters(store: Database, made: Signatures | None = None) -> int:
    """
    Bring the clusters up to date; answers how many articles were new or changed since the last time.

    Commits what is open, then every BATCH articles, each time with clusters that are right for the articles looked at
    so far: killed, it goes on where it was.

    :param made: signatures that need not be made any more
    :raises StoreError: the database cannot be read or written; what was committed before is kept
    """
    store.commit()
    changed = sorted(_column(store, _CHANGED))
    for start in range(0, len(changed), BATCH):
        _bring_up_to_date(store, changed[start : start + BATCH], made)
    # An address or a post id may change without the content.
    if misnamed := _column(store, _MISNAMED):
        _bring_up_to_date(store, misnamed, None, changed=False)
    return len(changed)


def clusters(store: Database) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """
    Every cluster by name, with its members, first published first.

    A member has ``url``, ``headline``, ``published_at``, and ``similarity`` to the first one, 0 to 1.
    """
    for name, rows in groupby(store.read(f"{_MEMBERS} {_IN_ORDER}"), lambda row: str(row["cluster"])):
        yield name, [{key: row[key] for key in row.keys() if key != "cluster"} for row in rows]  # noqa: SIM118


def cluster_of(store: Reading, url: str) -> list[str]:
    """Addresses of an article and its near-duplicates, first published first; empty where it has none."""
    sql = f"{_MEMBERS} WHERE a.id IN ({_FELLOWS}) {_IN_ORDER}"
    return [row["url"] for row in store.read(sql, (store.article_id(url),))]


def _column(store: Database, sql: str, *values: Any) -> list[Any]:
    return [row[0] for row in store.read(sql, values)]


def _signature(store: Database, number: int) -> bytes | None:
    found = _column(store, _SIGNATURE, number)
    return found[0] if found else None


def _bring_up_to_date(store: Database, numbers: list[int], made: Signatures | None, changed: bool = True) -> None:
    """One transaction: signatures of changed articles, then the clusters that these articles leave and join."""
    try:
        with store.writing():
            fellows = {fellow for number in numbers for fellow in _column(store, _FELLOWS, number)}
            for number in numbers if changed else ():
                _sign(store, number, made)
            _rearrange(store, fellows.union(numbers))
        store.commit()
    finally:
        store.roll_back()  # after a commit there is nothing to undo; else half a batch would be taken for a whole one


def _sign(store: Database, number: int, made: Signatures | None) -> None:
    """Compute an article's signature again, and its bands if it differs."""
    (content_hash,) = _column(store, "SELECT content_hash FROM articles WHERE id = ?", number)
    before, after = _signature(store, number), made.get(content_hash) if made else None
    if after is None:
        after = signature(*_column(store, "SELECT body FROM articles WHERE id = ?", number))
    store.db.execute(_SIGN, (number, content_hash, after))
    if before == after:
        return
    if before:
        store.db.executemany(
            "DELETE FROM signature_bands WHERE value = ? AND article_id = ?", [(band, number) for band in bands(before)]
        )
    if after:
        rows = [(band, number) for band in bands(after)]
        store.db.executemany("INSERT INTO signature_bands (value, article_id) VALUES (?, ?)", rows)


def _rearrange(store: Database, numbers: set[int]) -> None:
    """Find the clusters of these articles anew; all members of those in which they were have to be among them."""
    placed: set[int] = set()
    for number in sorted(numbers):
        if number not in placed:
            members = _linked(store, number)
            placed |= members.keys()
            _write(store, members)


def _linked(store: Database, start: int) -> dict[int, bytes | None]:
    """An article and all that are linked to it, directly or through others, with their signatures."""
    found = {start: _signature(store, start)}
    buckets: dict[int, set[int]] = {}
    waiting = [start]
    while waiting:
        here = found[waiting.pop()]
        if here is None:
            continue
        for other in _candidates(store, here, buckets, found):
            there = _signature(store, other)
            if there is not None and similarity(here, there) >= THRESHOLD:
                found[other] = there
                waiting.append(other)
    return found


def _candidates(store: Database, made: bytes, buckets: dict[int, set[int]], found: Mapping[int, object]) -> list[int]:
    """
    Articles not found yet that share enough bands.

    ``buckets`` keeps the articles of each band; who was found leaves them, so that a cluster of thousands with one
    text costs each of them once.
    """
    values = bands(made)
    if missing := [value for value in values if value not in buckets]:
        buckets.update((value, set()) for value in missing)
        for value, number in store.read(_IN_BANDS, (json.dumps(missing),)):
            buckets[value].add(number)
    shared: Counter[int] = Counter()
    for value in values:
        bucket = buckets[value]
        bucket -= found.keys() & bucket
        shared.update(bucket)
    return [number for number, times in shared.items() if times >= BANDS_SHARED]


def _write(store: Database, members: dict[int, bytes | None]) -> None:
    """Note that these articles are all of one cluster; one alone is of none."""
    store.db.executemany("DELETE FROM article_clusters WHERE article_id = ?", [(number,) for number in members])
    if len(members) == 1:
        return
    first, name = store.read(_FIRST_OF, (json.dumps(list(members)),)).fetchone()
    signatures = {number: made for number, made in members.items() if made is not None}
    rows = [(number, name, similarity(signatures[first], made)) for number, made in signatures.items()]
    store.db.executemany(_WRITE, rows)
