"""Near-duplicates: which texts are alike, and clusters that follow from the texts alone, however they came."""

import hashlib
import itertools
import random
import subprocess
import sys
from dataclasses import replace

import pytest

from fixtures.replica.archive import index_of
from fixtures.replica.corpus import Corpus
from fixtures.replica.stories import COPIES
from newscrawl.items import Article
from newscrawl.similarity import minhash
from newscrawl.similarity.signatures import Signatures
from newscrawl.storage import clusters as clusters_module
from newscrawl.storage import open_store
from newscrawl.storage.clusters import CLUSTER_TABLES, cluster_of, clusters, update_clusters

from .conftest import ROOT, environment

LONG = " ".join(f"word{number}" for number in range(120))


def text(*parts: int) -> str:
    """A text of parts of 40 words; texts share what parts they share."""
    return "\n\n".join(" ".join(f"w{part}x{number}" for number in range(40)) for part in parts)


def article(number: int, body: str, day: int | None = None, **more) -> Article:
    digest = hashlib.sha256(f"{number} {body} {day}".encode()).hexdigest()
    moment = f"2025-05-{day or number:02}T10:00:00+00:00"
    given = {"url": f"https://newsjournos.com/{number}/", "post_id": number, **more}
    return Article(headline=f"Story {number}", published_at=moment, body=body, content_hash=digest, **given)


@pytest.fixture
def opened(tmp_path):
    """``opened()``: a new store; ``opened("a")`` one that can be opened again."""
    stores = []
    numbers = itertools.count()

    def open_one(name=None):
        store = open_store(f"sqlite:///{tmp_path}/{name or next(numbers)}.db")
        stores.append(store)
        if not store.read("SELECT 1 FROM sqlite_schema WHERE name = 'article_clusters'").fetchone():
            store.db.executescript(CLUSTER_TABLES)
        return store

    yield open_one
    for store in stores:
        store.db.close()


def fill(store, articles):
    for one in articles:
        store.save(one)
    return update_clusters(store)


def found(store) -> dict[str, list[str]]:
    """Slugs by cluster."""
    return {name: [one["url"].split("/")[-2] for one in members] for name, members in clusters(store)}


def expected(articles) -> dict[str, list[str]]:
    """What should be found, by comparing each with each."""
    signed = [(one, made) for one in articles if (made := minhash.signature(one.body))]
    groups = [{number} for number in range(len(signed))]
    for (at, (_, one)), (to, (_, other)) in itertools.combinations(enumerate(signed), 2):
        shared = set(minhash.bands(one)) & set(minhash.bands(other))
        if len(shared) >= minhash.BANDS_SHARED and minhash.similarity(one, other) >= minhash.THRESHOLD:
            joined = next(group for group in groups if at in group) | next(group for group in groups if to in group)
            groups = [group for group in groups if group.isdisjoint(joined)] + [joined]
    answer = {}
    for group in groups:
        if len(group) > 1:
            members = sorted((signed[at][0].published_at, signed[at][0].post_id) for at in group)
            answer[str(members[0][1])] = [str(post_id) for _, post_id in members]
    return dict(sorted(answer.items()))


def test_what_was_signed_before_is_not_signed_again(opened, monkeypatch):
    articles = [article(1, text(1, 2, 3)), article(2, text(1, 2, 3, 4)), article(3, text(5, 6)), article(4, "Short.")]
    signed, one, other, asked = Signatures(), opened(), opened(), []
    for each in articles:
        if made := minhash.signature(each.body):
            signed.add(each.content_hash, made)
    fill(one, articles)
    monkeypatch.setattr(clusters_module, "signature", asked.append)  # answers None, as for a short text
    for each in articles:
        other.save(each)
    assert update_clusters(other, signed) == 4
    assert found(other) == found(one) == {"1": ["1", "2"]}
    assert asked == ["Short."]
    signed.close()


def test_signatures_that_have_no_room_are_made_again():
    signed = Signatures()
    assert signed.get("a") is None
    signed.add("a", b"1")
    signed._db.execute("PRAGMA max_page_count = 10")
    for number in range(100):
        signed.add(f"b{number}", bytes(2_000))
    assert (signed.get("a"), signed.get("b0"), signed.get("b99")) == (b"1", bytes(2_000), None)
    signed.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The ferry’s late — “again”!", "the ferry's late - 'again'"),
        ("Özgür’den şikâyet", "OZGUR'DEN SIKAYET"),
        ("Two\n\nparagraphs, one.", "two paragraphs ONE"),
        ("e\u0301t\u00e9", "ete"),
    ],
)
def test_words_are_compared_without_case_punctuation_and_diacritics(one, other):
    assert minhash.words(one) == minhash.words(other)


@pytest.mark.parametrize(
    ("words", "signed"), [(0, False), (4, False), (43, False), (44, True), (45, True), (400, True)]
)
def test_only_texts_of_some_length_have_a_signature(words, signed):
    made = minhash.signature(" ".join(f"word{number}" for number in range(words)))
    assert len(made or b"") == (minhash.SIGNATURE_BYTES if signed else 0)


def test_what_is_said_again_and_again_is_a_short_text():
    assert minhash.signature("the ferry is late again and " * 500) is None


@pytest.mark.parametrize("words", [50, 120, 700])
@pytest.mark.parametrize("common", [0, 0.2, 0.5, 0.8, 1])
def test_signatures_tell_how_alike_texts_are(words, common):
    errors = []
    for story in range(12):
        kept = round(words * common)
        one = [f"{story}a{number}" for number in range(words)]
        other = one[:kept] + [f"{story}b{number}" for number in range(words - kept)]
        runs = [set(minhash.runs(" ".join(text))) for text in (one, other)]
        true = len(runs[0] & runs[1]) / len(runs[0] | runs[1])
        errors.append(minhash.similarity(*(minhash.signature(" ".join(text)) for text in (one, other))) - true)
    # Few words fill few bins: 46 runs say less than 256.
    assert abs(sum(errors) / len(errors)) < (0.02 if words > 50 else 0.05)
    assert max(map(abs, errors)) < (0.12 if words > 50 else 0.25)
    if common in (0, 1):
        assert max(map(abs, errors)) == 0


def test_a_band_is_shared_by_equal_bins_alone():
    made = minhash.signature(LONG)
    changed = bytearray(made)
    changed[0] ^= 1  # the first bin
    one, other = minhash.bands(made), minhash.bands(bytes(changed))
    assert len(set(one)) == minhash.BANDS
    assert [at for at in range(minhash.BANDS) if one[at] != other[at]] == [0]
    assert len(set(minhash.bands(bytes(len(made))))) == minhash.BANDS, "no band has another's values"
    assert all(0 <= value < 2**63 for value in one), "SQLite holds signed 64 bits"


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_signatures_are_the_same_in_every_process(seed):
    code = "from newscrawl.similarity.minhash import signature; print(signature(input()).hex())"
    done = subprocess.run(
        [sys.executable, "-c", code], input=LONG, capture_output=True, text=True, check=True, cwd=ROOT,
        env=environment(PYTHONHASHSEED=seed),
    )  # fmt: skip
    assert done.stdout.strip() == minhash.signature(LONG).hex()


@pytest.mark.parametrize(
    ("told", "digest"),
    [
        (LONG, "ec7f99e753d2ce45"),
        (" ".join(f"\u015eikâyet{at} “ığdır”—it’s {at}…" for at in range(60)), "7b57250e9af019fa"),
        (
            " ".join(f"\u015eikâyet{at} “ığdır”—it’s\u0301 {chr(0x4E00 + at)}{at}…" for at in range(60)),
            "3e593c4f358c2631",
        ),
        (f"\ud800 {LONG}", "ec7f99e753d2ce45"),
    ],
)
def test_signatures_are_those_that_are_stored(told, digest):
    """A text that is signed anew is compared with stored signatures of others."""
    assert hashlib.sha256(minhash.signature(told)).hexdigest()[:16] == digest


# Of five parts four are the same, as in a story with one section written anew; of 1 and 3 only three.
FIRST, SECOND, THIRD = text(1, 2, 3, 4, 5), text(1, 2, 3, 4, 6), text(1, 2, 3, 7, 6)
STRANGER, SHORT = text(21, 22, 23, 24, 25), "The ferry came back."


def test_neighbours_of_neighbours_are_of_one_cluster_named_after_the_first(opened):
    given = [article(1, FIRST), article(2, SECOND), article(3, THIRD), article(4, STRANGER)]
    for order in itertools.permutations(given):
        store = opened()
        assert fill(store, order) == 4
        assert found(store) == {"1": ["1", "2", "3"]}
        store.close()


def test_members_say_what_they_are(opened):
    store = opened()
    fill(store, [article(2, SECOND), article(1, FIRST), article(4, STRANGER)])
    ((name, members),) = clusters(store)
    assert name == "1"
    assert [one.pop("similarity") for one in members] == [1, pytest.approx(0.66, abs=0.1)]
    assert members == [
        {"url": f"https://newsjournos.com/{number}/", "headline": f"Story {number}",
         "published_at": f"2025-05-0{number}T10:00:00+00:00"} for number in (1, 2)
    ]  # fmt: skip
    store.remember_url("https://newsjournos.com/old/", "https://newsjournos.com/2/")
    for slug in ("1", "2", "old"):
        assert cluster_of(store, f"https://newsjournos.com/{slug}/") == [one["url"] for one in members]
    for slug in ("4", "unknown"):
        assert cluster_of(store, f"https://newsjournos.com/{slug}/") == []


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        ([article(2, STRANGER)], {}),  # the middle one leaves: the ends are no neighbours
        ([article(1, STRANGER)], {"2": ["2", "3"]}),
        ([article(1, SHORT)], {"2": ["2", "3"]}),
        ([article(4, FIRST)], {"1": ["1", "2", "3", "4"]}),
        ([article(2, STRANGER), article(4, SECOND)], {"1": ["1", "3", "4"]}),
        ([article(1, FIRST, day=9)], {"2": ["2", "3", "1"]}),
        ([article(5, text(31, 32, 33))], {"1": ["1", "2", "3"], "4": ["4", "5"]}),
        ([article(2, STRANGER), article(2, SECOND)], {"1": ["1", "2", "3"]}),
        ([article(0, FIRST, day=30)], {"1": ["1", "2", "3", "0"]}),
    ],
)
def test_an_edit_moves_only_what_it_touches(opened, edits, wanted):
    store = opened()
    fill(store, [article(1, FIRST), article(2, SECOND), article(3, THIRD), article(4, text(31, 32, 33))])
    for one in edits:
        assert fill(store, [one]) == 1
    assert found(store) == wanted


def test_a_member_that_is_gone_stays(opened):
    store = opened()
    fill(store, [article(1, FIRST), article(2, SECOND)])
    store.mark_gone("https://newsjournos.com/1/")
    fill(store, [article(3, THIRD)])
    assert found(store) == {"1": ["1", "2", "3"]}


def test_names_follow_the_post_and_not_its_address(opened):
    store = opened()
    one, other = article(1, FIRST, post_id=None), article(2, SECOND)
    fill(store, [one, other])
    assert list(found(store)) == [one.url]
    store.save(replace(one, post_id=77))  # the page says it now; the content is the same
    assert update_clusters(store) == 0
    assert found(store) == {"77": ["1", "2"]}
    store.save(replace(one, post_id=77, url="https://newsjournos.com/renamed/"))
    assert update_clusters(store) == 0
    assert found(store) == {"77": ["renamed", "2"]}


@pytest.mark.parametrize("seed", range(6))
def test_clusters_do_not_depend_on_the_way_there(opened, seed, monkeypatch):
    """Random stories that join and part, in random steps: at each end the same as comparing each with each."""
    monkeypatch.setattr(clusters_module, "BATCH", 1 + seed)
    dice, now, most, store = random.Random(seed), {}, 0, opened()
    for _ in range(12):
        for number in dice.sample(range(1, 15), dice.randint(1, 6)):
            story, parts = dice.randrange(3), dice.choice((1, 4, 5, 5))
            body = text(*(story * 100 + dice.choice((part, part, part, part, part + 10)) for part in range(parts)))
            now[number] = article(number, body, day=dice.randint(1, 28))
            store.save(now[number])
        update_clusters(store)
        assert found(store) == expected(now.values())
        most = max(most, sum(map(len, found(store).values())))
    at_once = opened()
    fill(at_once, dice.sample(list(now.values()), len(now)))
    assert list(clusters(at_once)) == list(clusters(store))
    assert most > 4, "something was found"


def test_an_unchanged_store_does_no_work(opened):
    store = opened()
    given = [article(1, FIRST), article(2, SECOND), article(4, STRANGER)]
    assert fill(store, given) == 3
    before = store.db.total_changes
    assert update_clusters(store) == 0
    assert store.db.total_changes == before
    plan = " ".join(row["detail"] for row in store.read(f"EXPLAIN QUERY PLAN {clusters_module._CHANGED}"))
    assert "SCAN a USING COVERING INDEX" in plan, "the texts are not read to see that nothing has changed"


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(
    ("place", "call", "left"),
    [
        ("commit", 1, 8), ("commit", 2, 8), ("commit", 3, 6), ("commit", 5, 2),  # the first is of what was open
        ("signature", 1, 8), ("signature", 2, 8), ("signature", 3, 6), ("signature", 8, 2),
        ("similarity", 1, None), ("similarity", 3, None), ("similarity", 6, None),
    ],
)  # fmt: skip
def test_killed_and_run_again_is_as_if_never_killed(opened, monkeypatch, place, call, left):
    monkeypatch.setattr(clusters_module, "BATCH", 2)
    bodies = [FIRST, SECOND, THIRD, STRANGER, SHORT, text(1, 2, 3, 4, 8), text(21, 22, 23, 24), FIRST, SECOND, THIRD]
    given = [article(number, body) for number, body in enumerate(bodies, start=1)]
    store = opened("a")
    fill(store, given[:3])
    for one in [*given[3:], article(2, STRANGER, day=2)]:
        store.save(one)
    store.commit()
    countdown = itertools.count(call - 1, -1)
    whole = getattr(store if place == "commit" else clusters_module, place)

    def broken(*arguments):
        if next(countdown) == 0:
            raise Killed
        return whole(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(store if place == "commit" else clusters_module, place, broken)
        with pytest.raises(Killed):
            update_clusters(store)
        assert not store.db.in_transaction, "who goes on after the error keeps no half of a batch"
        store.db.close()
    store = opened("a")
    again = update_clusters(store)
    assert again == left or left is None, "what was done is not done again"
    assert found(store) == expected([article(2, STRANGER, day=2), given[0], *given[2:]])


def test_a_thousand_articles_with_one_text_are_one_cluster(opened, monkeypatch):
    compared = []
    monkeypatch.setattr(clusters_module, "similarity", lambda *two: compared.append(1) or minhash.similarity(*two))
    store = opened()
    given = [replace(article(1, FIRST), url=f"https://newsjournos.com/{n}/", post_id=n, content_hash=f"{n}")
             for n in range(1_000)]  # fmt: skip
    fill(store, given)
    assert {name: len(members) for name, members in found(store).items()} == {"0": 1_000}
    assert len(compared) < 10_000, "each is not compared with each"


@pytest.mark.parametrize(("seed", "day"), [(1, 0), (4, 0), (6, 30)])
def test_of_the_replica_the_copies_are_found_and_nothing_else(opened, seed, day):
    corpus = Corpus(300, seed)
    corpus.day = day
    posts = {index_of(post.id): post for post in corpus if not post.empty and not post.password}
    store = opened()
    for post in posts.values():
        body = post.content.truth["body"]
        url = f"https://newsjournos.com/{post.slug}/"
        store.save(Article(url=url, post_id=post.id, headline=post.title, published_at=post.published.isoformat(),
                           body=body, content_hash=f"{post.id} {body}"))  # fmt: skip
    update_clusters(store)
    copies = {frozenset((at - 1, at)) for at, post in posts.items() if post.variant in COPIES and at - 1 in posts}
    assert len(copies) >= 4
    numbers = {f"https://newsjournos.com/{post.slug}/": at for at, post in posts.items()}
    assert {frozenset(numbers[one["url"]] for one in members) for _, members in clusters(store)} == copies
