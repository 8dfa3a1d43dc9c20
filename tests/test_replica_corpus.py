"""The replica's corpus: the same everywhere, true to itself, rich, and alive."""

import itertools
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from fixtures.replica.archive import id_of, index_of
from fixtures.replica.clock import KINDS, QUIET_DAY
from fixtures.replica.corpus import Corpus
from fixtures.replica.markup import bold, link, links_in, plain
from fixtures.replica.meaning import Note, truth_of
from fixtures.replica.model import LAYOUTS, Content, Post
from fixtures.replica.slugs import slugify
from fixtures.replica.stories import showcase

ROOT = Path(__file__).parent.parent
ORIGIN = "http://127.0.0.1:8000"
INVISIBLE = re.compile("[\u00ad\u200b\u200c\u2060\ufeff\x00-\x09\x0b-\x1f]")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """Day 0 with room for every variant."""
    return Corpus(160, seed=1, base_url=ORIGIN)


@pytest.fixture(scope="module")
def by_variant(corpus: Corpus) -> dict[str, list[Post]]:
    """Posts by variant."""
    found: dict[str, list[Post]] = {}
    for post in corpus:
        found.setdefault(post.variant, []).append(post)
    return found


def fingerprint(corpus: Corpus) -> list[tuple[Any, ...]]:
    """All that the posts of today are."""
    return [(post, post.content) for post in corpus]


def texts(value: Any) -> list[str]:
    """Every string inside a truth."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize("day", [0, 1, 9])
def test_same_arguments_give_the_same_posts(day: int) -> None:
    assert fingerprint(Corpus(90, 7, ORIGIN, day)) == fingerprint(Corpus(90, 7, ORIGIN, day))


def test_day_can_be_reached_by_any_way() -> None:
    walked = Corpus(90, 7, ORIGIN)
    for day in (3, 12, 1, 5):
        walked.day = day
    assert fingerprint(walked) == fingerprint(Corpus(90, 7, ORIGIN, 5))


PRINT_DIGEST = """
import hashlib
from fixtures.replica.corpus import Corpus
posts = [(post, post.content) for post in Corpus(30, seed=3, day=4)]
print(hashlib.sha256(repr(posts).encode()).hexdigest())
"""


def test_another_interpreter_gives_the_same_posts() -> None:
    digests = set()
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": ("UTC", "Asia/Tokyo")[hash_seed == "2"]}
        run = subprocess.run(
            [sys.executable, "-c", PRINT_DIGEST], capture_output=True, text=True, check=True, env=environment, cwd=ROOT
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_seeds_differ() -> None:
    assert [post.title for post in Corpus(20, 1)] != [post.title for post in Corpus(20, 2)]


@pytest.mark.parametrize(("articles", "day"), [(0, 0), (50_001, 0), (5, -1)])
def test_numbers_out_of_range_are_refused(articles: int, day: int) -> None:
    with pytest.raises(ValueError, match=r"articles|day"):
        Corpus(articles, day=day)


def test_every_variant_is_among_the_first_posts() -> None:
    names = showcase()
    small = Corpus(len(names))
    assert sorted(post.variant for post in small) == sorted(names)
    assert {post.layout for post in small} == set(LAYOUTS)


def test_truth_is_clean_text(corpus: Corpus) -> None:
    for post in corpus:
        for text in [post.title, *texts(post.content.truth), *(term.name for term in post.tags)]:
            assert unicodedata.is_normalized("NFC", text)
            assert not INVISIBLE.search(text), (post.variant, text)
            assert not re.search(r"[ \u00a0]{2}| \n|\n |\u00a0|^\s|\s$|&\w+;|<\w", text), (post.variant, text)


def test_body_holds_lead_and_sections_in_order(corpus: Corpus) -> None:
    for post in corpus:
        truth = post.content.truth
        assert truth["word_count"] == len(truth["body"].split())
        assert truth["body"].startswith(truth["lead"] or "")
        place = 0
        for section in truth["body_sections"]:
            for paragraph in (section["heading"], *section["paragraphs"]):
                place = truth["body"].index(paragraph, place) + len(paragraph)


def test_blocks_stay_out_of_the_body(corpus: Corpus) -> None:
    for post in corpus:
        truth = post.content.truth
        body = truth["body"].split("\n\n")
        for block in (*truth["key_points"], truth["summary"] or "-", *(pair["question"] for pair in truth["faq"])):
            assert block not in body


def test_outline_names_the_headings(corpus: Corpus) -> None:
    for post in corpus:
        truth = post.content.truth
        headings = [section["heading"] for section in truth["body_sections"]]
        assert set(truth["outline"]) <= set(headings)


def test_template_articles_are_as_long_as_real_ones(by_variant: dict[str, list[Post]]) -> None:
    for post in by_variant["template"]:
        words = sum(len(text.split()) for text in post.content.parts)
        assert 600 < words < 1_600
        assert 20 <= len(post.tags) <= 35


def test_tags_are_sorted_without_case_and_unique(corpus: Corpus) -> None:
    for post in corpus:
        names = [term.name.casefold() for term in post.tags]
        assert names == sorted(names)
        assert len({term.slug for term in post.tags}) == len(post.tags)


@pytest.mark.parametrize(
    ("variant", "pattern"),
    [
        ("outline-table", r"<th>Article Subheadings</th>"),
        ("outline-cell-br", r"Article Subheadings</strong><br />\n<strong>1\)"),
        ("outline-ol", r"<ol>\n<li>"),
        ("outline-p-br", r"Article Subheadings(</strong>)?<br />"),
        ("outline-block-table", r'<figure class="wp-block-table">.*Article Subheadings'),
        ("outline-label-h3", r"<h3>Article Subheadings</h3>"),
        ("outline-plain-numbers", r"<td>1\) "),
        ("headings-h4", r"<h4>"),
        ("headings-strong", r"<p><strong>[^<]+</strong></p>"),
        ("headings-b", r"<p><b>[^<]+</b></p>"),
        ("keys-td", r"<td>No.</td>\n<td>Key Points</td>"),
        ("keys-cell-br", r"<td[^>]*>1 [^<]+.*?<br />\n2 "),
        ("keys-heading", r"<h3>Key Points</h3>"),
        ("faq-bold-br", r"<p><strong>Question:.*?</strong><br />"),
        ("faq-h4", r"<h4>Question:"),
        ("faq-plain", r"<p>Question:"),
        ("faq-answer-word", r"<p>Answer:"),
        ("embed-youtube", r"<iframe[^>]*youtube\.com"),
        ("embed-tweet", r"<blockquote class=\"twitter-tweet\""),
        ("embed-video", r"<video "),
        ("embed-audio", r"<audio "),
        ("data-table", r"<thead>"),
        ("list-nested", r"<ul>\n<li>.*\n<ul>"),
        ("quote-cite", r"<cite>"),
        ("pull-quote", r"wp-block-pullquote"),
        ("images-block", r"wp-block-image"),
        ("images-classic", r"wp-caption-text"),
        ("images-lazy", r"data-src=.*<noscript>"),
        ("opening-quote", r"</(strong|b)>(‘|&#8216;)s"),
        ("emoji", "[\U0001f000-\U0001faff\u26f4]"),
        ("entities", r"&(#8217|rsquo);"),
        ("invisible", r"&shy;|\u200b"),
        ("essay-intro", r"^<p><(strong|b)>Intro</(strong|b)> "),
        ("double-breaks", r"<br />\n<br />"),
        ("noise-ad", r"code-block-1"),
        ("noise-cards", r"block-wrap"),
        ("noise-toc", r"ez-toc-container|toc_container"),
        ("password", r"post-password-form"),
    ],
)
def test_variant_shows_its_markup(by_variant: dict[str, list[Post]], variant: str, pattern: str) -> None:
    html = by_variant[variant][0].content.parts[0]
    assert re.search(pattern, html, re.S)


@pytest.mark.parametrize(
    ("variant", "field", "size"),
    [
        ("no-lead", "lead", 0),
        ("no-outline", "outline", 0),
        ("no-faq", "faq", 0),
        ("no-key-points", "key_points", 0),
        ("no-summary", "summary", 0),
        ("essay", "body_sections", 0),
        ("essay", "lead", 0),
        ("essay-headed", "body_sections", 2),
        ("essay-intro-heading", "body_sections", 1),
        ("embed-tweet", "embeds", 1),
        ("embed-tweet", "links", 2),
        ("images-block", "images", 2),
        ("images-lazy", "images", 2),
        ("links", "links", 5),
        ("empty", "body", 0),
        ("password", "body", 0),
    ],
)
def test_variant_has_its_truth(by_variant: dict[str, list[Post]], variant: str, field: str, size: int) -> None:
    assert len(by_variant[variant][0].content.truth[field] or "") == size


def test_two_part_articles(by_variant: dict[str, list[Post]]) -> None:
    for variant in ("two-part", "two-part-after-summary", "two-part-after-faq"):
        content = by_variant[variant][0].content
        assert len(content.parts) == len(content.part_truths) == 2
        joined = "\n\n".join(part["body"] for part in content.part_truths)
        assert content.truth["body"] == joined
    middle = by_variant["two-part"][0].content
    summary, faq = (by_variant[f"two-part-after-{name}"][0].content for name in ("summary", "faq"))
    assert middle.part_truths[1]["lead"] == middle.truth["body_sections"][1]["paragraphs"][-1]
    assert summary.part_truths[1]["lead"] not in (None, summary.truth["summary"])
    assert summary.part_truths[1]["faq"] == summary.truth["faq"]
    assert faq.part_truths[1]["lead"] is None
    assert faq.part_truths[1]["body"].count("\n\n") == 2


def test_odd_posts(by_variant: dict[str, list[Post]]) -> None:
    assert by_variant["no-image"][0].image is None
    assert by_variant["empty"][0].empty
    assert by_variant["empty"][0].content == Content(("",), truth_of([]), (truth_of([]),))
    assert by_variant["password"][0].password
    assert "Ã" in by_variant["mojibake-title"][0].title or "Ä" in by_variant["mojibake-title"][0].title
    assert {"&", "“"} <= set(by_variant["quoted-title"][0].title)
    assert len(by_variant["two-authors"][0].authors) == 2
    assert len(by_variant["two-sections"][0].sections) == 2
    headings = [section["heading"] for section in by_variant["odd-headings"][0].content.truth["body_sections"]]
    assert any(heading.startswith("Question: ") for heading in headings)
    assert any(heading.startswith("Summary of ") for heading in headings)
    assert any(": " in row for row in by_variant["colon-rows"][0].content.truth["outline"])
    assert re.search(r"[a-z]\.[A-ZÀ-Ž“]", by_variant["joined-sentences"][0].content.truth["body"])


def test_twins_tell_one_story_at_two_addresses(corpus: Corpus, by_variant: dict[str, list[Post]]) -> None:
    twin = by_variant["twin"][0]
    origin = corpus.by_slug(twin.slug.removesuffix("-2"))
    assert origin is not None
    assert origin.id != twin.id
    assert (origin.title, origin.published, origin.content) == (twin.title, twin.published, twin.content)
    assert origin.tags == twin.tags


def test_near_duplicates_differ_in_headline_and_some_sentences(
    corpus: Corpus, by_variant: dict[str, list[Post]]
) -> None:
    copy = by_variant["near-duplicate"][0]
    origin = corpus.post(id_of((index_of(copy.id) or 0) - 1))
    assert origin is not None
    assert origin.title != copy.title
    ours, theirs = (set(post.content.truth["body"].split("\n\n")) for post in (copy, origin))
    assert ours != theirs
    assert len(ours & theirs) > len(ours) / 2


def test_newest_come_first_and_back_dated_posts_lie_at_their_old_date(corpus: Corpus) -> None:
    posts = list(corpus)
    dates = [post.published for post in posts]
    assert dates == sorted(dates, reverse=True)
    assert [post.id for post in posts] != sorted((post.id for post in posts), reverse=True)
    for post in posts:
        if post.variant.endswith("back-dated"):
            assert (corpus.now - post.published).days > 3 * 365 - 1
            assert post.modified > post.published
        assert post.published <= post.modified <= corpus.now


def test_posts_are_found_by_slug_section_author_and_tag(corpus: Corpus) -> None:
    for post in corpus:
        assert corpus.by_slug(post.slug) == post
        assert corpus.by_old_slug(post.slug) is None
        assert all(post.id in corpus.in_section(term.slug) for term in post.sections)
        assert all(post.id in corpus.by_author(person.slug) for person in post.authors)
        assert post.id in corpus.by_tag(post.tags[0].slug)
        assert corpus.tag(post.tags[0].slug) == post.tags[0]
    assert len({post.slug for post in corpus}) == len(corpus) == len(corpus.ids())


def test_unknown_names_find_nothing(corpus: Corpus) -> None:
    assert corpus.post(100) is corpus.post(10**9) is corpus.by_slug("none") is corpus.tag("none") is None
    assert [*corpus.in_section("none"), *corpus.by_author("none"), *corpus.by_tag("none")] == []


def test_related_are_six_others_of_the_section() -> None:
    corpus = Corpus(300, 2)
    for post_id in corpus.ids()[:40]:
        post = corpus.post(post_id)
        assert post is not None
        related = corpus.related(post)
        assert len({other.id for other in related} - {post.id}) == 6
        assert all(post.sections[0] in other.sections for other in related)
        assert related == corpus.related(post)


def test_sections_and_menus() -> None:
    corpus = Corpus(1)
    assert [term.name for term in corpus.menu] == [term.name for term in corpus.sections[:9]]
    assert {term.slug for term in (*corpus.footer_news, *corpus.footer_journos)} == {
        term.slug for term in corpus.sections
    }
    assert "u-s-news" in {term.slug for term in corpus.sections}
    assert "simren" in {person.slug for person in corpus.people}


# The clock


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_first_day_has_every_kind_of_event_and_the_second_none(seed: int) -> None:
    clock = Corpus(150, seed).clock
    assert {event.kind for event in clock.events(1)} == set(KINDS)
    assert clock.events(QUIET_DAY) == clock.events(0) == []


def test_quiet_day_changes_nothing() -> None:
    assert fingerprint(Corpus(60, 4, ORIGIN, QUIET_DAY - 1)) == fingerprint(Corpus(60, 4, ORIGIN, QUIET_DAY))


def test_new_posts_are_0_to_30_a_day() -> None:
    clock = Corpus(60, 5).clock
    counts = [sum(event.kind in ("new", "back-date") for event in clock.events(day)) for day in range(1, 61)]
    assert min(counts) == 0
    assert 20 < max(counts) <= 30


WATCHED = ("title", "slug", "old_slugs", "modified", "tags", "published")


def changes(before: Post, after: Post, truth_before: dict[str, Any]) -> set[str]:
    """Names of what differs between two states of one post."""
    found = {name for name in WATCHED if getattr(before, name) != getattr(after, name)}
    return found | ({"content"} if truth_before != after.content.truth else set())


DETAILS = {"paragraphs": {"content"}, "headline": {"title"}, "tags": {"tags"}}


def test_events_do_what_they_say() -> None:
    corpus = Corpus(150, 6, ORIGIN)
    seen: set[str] = set()
    for day in range(1, 9):
        before = {post.id: (post, post.content.truth) for post in corpus}
        gone = corpus.removed_ids()
        corpus.day = day
        touched = {event.post_id: event for event in corpus.clock.events(day)}
        assert corpus.removed_ids() - gone == {key for key, event in touched.items() if event.kind == "remove"}
        assert set(corpus.ids()) - before.keys() == {
            key for key, e in touched.items() if e.kind in ("new", "back-date")
        }
        for post in corpus:
            event = touched.get(post.id)
            seen.add(event.kind if event else "")
            if post.id not in before:
                assert event is not None
                age = (corpus.now - post.published).days
                assert age > 1_000 if event.kind == "back-date" else age < 5
                continue
            old, truth = before[post.id]
            assert changes(old, post, truth) == expected(event.kind if event else "", event.detail if event else "")
            if event:
                assert old.modified < post.modified <= corpus.now
    assert seen | {"remove"} == {*KINDS, ""}


def expected(kind: str, detail: str) -> set[str]:
    """What an event changes."""
    if kind in ("edit", "old-edit"):
        return {"modified"}.union(*(DETAILS[part] for part in detail.split("+")))
    return {"": set(), "retitle": {"title", "modified"}, "rename": {"slug", "old_slugs", "modified"}}[kind]


def test_renamed_posts_are_found_under_their_old_slug() -> None:
    corpus = Corpus(150, 6, ORIGIN, 40)
    renamed = [post for post in corpus if post.old_slugs]
    assert renamed
    for post in renamed:
        assert corpus.by_slug(post.slug) == post
        for old in post.old_slugs:
            assert corpus.by_old_slug(old) == post
            assert corpus.by_slug(old) is None
        assert sum(event.kind == "rename" for event in corpus.history(post.id)) == len(post.old_slugs)


def test_removed_posts_are_gone() -> None:
    corpus = Corpus(150, 6, ORIGIN, 30)
    assert corpus.removed_ids()
    for post_id in corpus.removed_ids():
        assert corpus.post(post_id) is None
        assert post_id not in corpus.ids()
        assert corpus.history(post_id)[-1].kind == "remove"


def test_old_edits_touch_old_posts() -> None:
    corpus = Corpus(150, 6, ORIGIN, 30)
    for day in range(1, 31):
        for event in corpus.clock.events(day):
            if event.kind == "old-edit":
                assert event.moment - corpus.clock.entered[event.index] > 30 * 86_400


def test_fifty_thousand_posts_are_made_on_demand() -> None:
    corpus = Corpus(50_000, 1, ORIGIN)
    assert len(corpus) == 50_000
    oldest, newest = corpus.post(corpus.ids()[-1]), corpus.post(corpus.ids()[0])
    assert oldest is not None
    assert newest is not None
    assert oldest.published < newest.published
    assert oldest.content.truth["body"]
    assert len({corpus._state.slug(index) for index in range(50_000)}) == 50_000
    assert sum(len(corpus.in_section(term.slug)) for term in corpus.sections) > 50_000


# The small tools


@pytest.mark.parametrize("index", [0, 1, 2, 3, 49_999])
def test_ids_and_places(index: int) -> None:
    assert index_of(id_of(index)) == index


def test_ids_have_gaps() -> None:
    ids = [id_of(index) for index in range(200)]
    assert all(a < b for a, b in itertools.pairwise(ids))
    assert all(index_of(number) is None for number in set(range(ids[0], ids[-1])) - set(ids))


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("U.S. News", "u-s-news"),
        ("Erdoğan’s “Plan” & More", "erdogans-plan-more"),
        ("Eğitim-İş – Babiš", "egitim-is-babis"),
        ("Işıldar’ın Weißenthal", "isildarin-weissenthal"),
        ("“…”", "post"),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_marked_text() -> None:
    marked = f"See {link('https://a.example/?x=1&y=2', 'the ' + bold('map'))}\nnow"
    assert plain(marked) == "See the map\nnow"
    assert links_in(marked) == [("the map", "https://a.example/?x=1&y=2")]


@pytest.mark.parametrize(
    ("notes", "lead", "sections", "body"),
    [
        ([Note("text", "a"), Note("text", "b")], None, [], "a\n\nb"),
        ([Note("text", "a"), Note("heading", "h", 2), Note("text", "b")], "a", [("h", 2, ["b"])], "a\n\nh\n\nb"),
        ([Note("heading", "h", None), Note("summary", ["s"]), Note("text", "b")], None, [("h", None, [])], "h\n\nb"),
        ([Note("text", "a"), Note("outline", ["x"]), Note("text", "b")], "a", [], "a\n\nb"),
    ],
)
def test_truth_of_notes(notes: list[Note], lead: str | None, sections: list[Any], body: str) -> None:
    truth = truth_of(notes)
    assert (truth["lead"], truth["body"]) == (lead, body)
    assert [tuple(section.values()) for section in truth["body_sections"]] == sections
