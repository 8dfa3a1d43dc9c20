"""
What a redesign may take from a page: any one name of its markup, found in the pages themselves. What the tables of
extraction speak of is tried on a page that has it, and so is a seeded selection of the rest; bench/bench_redesign.py
tries all, on a dozen pages.
"""

import random

import pytest

from fixtures.mutations.mutation import Mutation
from fixtures.mutations.samples import replica_samples, saved_samples
from fixtures.mutations.survey import REQUIRED, matters, plan, plan_pairs, survey, together
from fixtures.mutations.table import is_target, touches
from fixtures.mutations.trying import KINDS, MISSING, RIGHT, WRONG, Subject, judge, lacks, parts
from fixtures.mutations.watching import Watch
from newscrawl import extract_article
from newscrawl.monitors.articles import UNJUDGED

SEED = 3
EVERY = 5
"""Of the replica's settings every fifth is tried: all layouts, heads and breadcrumbs among them."""
OTHERS = 0.05
PAIRS = 12
SETTING = "cover rankmath rankmath updated"
"""As the site is taken to be."""
DEEDS = ("renamed", "swapped", "lifted", "cut")
RARE = {"subtitle", "embeds", "images", "image.caption", "description"}
"""Fields that so few articles have that a dozen without them are no news; the guide says how many it takes."""


@pytest.fixture(scope="module")
def samples():
    pages = [*saved_samples(), *replica_samples(SEED, every=EVERY)]
    return random.Random(SEED).sample(pages, len(pages))


@pytest.fixture(scope="module")
def outcomes(samples):
    chance = random.Random(SEED)
    others = {}

    def is_chosen(mutation: Mutation) -> bool:
        return matters(mutation) or others.setdefault((mutation.kind, mutation.name), chance.random() < OTHERS)

    return together(map(survey, plan(samples, 1, is_chosen)))


def test_pages_are_right_before_anything_is_done_to_them(samples):
    for sample in samples:
        assert set(Subject(sample).tried().verdicts.values()) == {RIGHT}, sample.url


def test_every_kind_of_change_and_every_field_is_tried(outcomes, samples):
    assert {change[0].kind for change in outcomes} == set(KINDS)
    tried = {name for outcome in outcomes.values() for name, _ in outcome.verdicts}
    assert tried == {name for sample in samples for name in parts(sample.truth)}


@pytest.mark.parametrize("kind", KINDS)
def test_no_change_makes_a_value_wrong(kind, outcomes):
    of_kind = {change: outcome for change, outcome in outcomes.items() if change[0].kind == kind}
    assert of_kind
    assert {
        str(c[0]): n for c, o in of_kind.items() for (n, verdict), count in o.verdicts.items() if verdict == WRONG
    } == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "element"])
def test_required_fields_stay_right(kind, outcomes):
    shares = [outcome.share(RIGHT, *REQUIRED) for change, outcome in outcomes.items() if change[0].kind == kind]
    assert sum(shares) / len(shares) >= 0.99


def test_two_changes_at_once_make_hardly_a_value_wrong(samples):
    pairs = together(map(survey, plan_pairs(samples[:12], PAIRS, SEED)))
    verdicts = [
        verdict for outcome in pairs.values() for (_, verdict), count in outcome.verdicts.items() for _ in range(count)
    ]
    assert verdicts.count(WRONG) < 0.001 * len(verdicts)


def test_the_monitors_name_each_field_that_a_change_costs_or_moves():
    watch = Watch(SETTING, articles=120)
    chosen = plan([watch.subjects[0].sample], 1, lambda one: matters(one) and is_target(one) and one.deed in DEEDS)
    outcomes = together(map(survey, chosen))
    unseen, asked = [], 0
    for change, outcome in outcomes.items():
        names = [
            name
            for name, _ in [*outcome.verdicts, *outcome.moved]
            if touches(outcome, name) and name not in {*UNJUDGED, *RARE} - {"url"}
        ]
        asked += len(names)
        unseen += [
            (str(change[0]), name) for name in dict.fromkeys(names) if not watch.articles_until_seen(change, [name])
        ]
    assert asked > 20
    assert unseen == []


ARTICLE = {"authors": [{"name": "A", "url": "/a/", "bio": "B", "website": None}], "image": None, "tags": ["x", "y"]}
JUDGED = [
    ("x", "x", False),
    (None, "x", True),
    ([], ["x"], True),
    (["x"], ["x", "y"], False),  # a list that is cut short says something wrong
    ({"url": "/a", "alt": None}, {"url": "/a", "alt": "A"}, True),
    ({"url": "/b", "alt": None}, {"url": "/a", "alt": "A"}, False),
    ([{"url": "/a", "alt": None}], [{"url": "/a", "alt": "A"}], True),
]


@pytest.mark.parametrize(("value", "wanted", "is_lack"), JUDGED)
def test_what_is_missing_and_what_is_wrong(value, wanted, is_lack):
    assert lacks(value, wanted) == is_lack


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("tags", ["x"], WRONG),
        ("headline", None, MISSING),
        ("headline", "Another", WRONG),
        ("published_at", "2020-01-01T00:00:00+00:00", WRONG),
    ],
)
def test_a_wrong_value_is_told_from_a_missing_one(name, value, verdict, samples):
    sample = next(one for one in samples if len(one.truth["tags"]) > 1)
    article = extract_article(sample.html, sample.url)
    setattr(article, name, value)
    assert judge(article, sample.truth)[name] == verdict


CHANGES = [
    ("class", "post-N", "renamed", '<p class="v2-post-7 b">', '<p class="post-7 b">'),
    ("class", "b", "removed", '<p class="a">', '<p class="a b">'),
    ("id", "x", "renamed", '<p id="v2-x">', '<p id="x">'),
    ("rel", "a[tag]", "removed", '<a rel="category">t</a>', '<a rel="category tag">t</a>'),
    ("attribute", "time[datetime]", "renamed", '<time v2-datetime="1">t</time>', '<time datetime="1">t</time>'),
    ("tag", "h2 of the page", "swapped", "<h3>x</h3>", "<h2>x</h2>"),
    ("tag", "h2 of the text", "swapped", '<div class="entry-content"><h3>x</h3></div>', '<div class="entry-content"><h2>x</h2></div>'),
    ("block", "i.x", "wrapped", '<b>1<div><i class="x"></i></div>2</b>', '<b>1<i class="x"></i>2</b>'),
    ("block", "i.x", "lifted", '<u><b>12</b>3<i class="x"></i></u>', '<u><b>1<i class="x"></i>2</b>3</u>'),
    ("block", "i.x", "put first", '<b><i class="x"></i>12</b>', '<b>1<i class="x"></i>2</b>'),
    ("block", "i.x", "put last", '<b>12<i class="x"></i></b>', '<b>1<i class="x"></i>2</b>'),
    ("element", "i.x", "gone", "<b>12</b>", '<b>1<i class="x">4</i>2</b>'),
    ("JSON-LD key", "A.b", "renamed", '{"@type": "A", "v2-b": 1}', '{"@type": "A", "b": 1}'),
    ("JSON-LD type", "A", "removed", "{}", '{"@type": "A", "b": 1}'),
    ("JSON-LD type", "A", "renamed", '{"@type": "v2-A"}', '{"@type": "A"}'),
    ("JSON-LD block", "A", "cut", '{"@type', '{"@type": "A"}'),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "deed", "after", "before"), CHANGES)
def test_what_a_change_does(kind, name, deed, after, before):
    if kind.startswith("JSON-LD"):
        before, after = (f'<script type="application/ld+json">{data}</script>' for data in (before, after))
    sample = next(saved_samples())
    subject = Subject(type(sample)(f"<html><body><main>{before}</main></body></html>", "", sample.truth, ""))
    mutation = Mutation(kind, name, deed)
    assert mutation in set(subject.mutations())
    assert f"<main>{after}" in subject.changed([mutation])


def test_changes_can_be_done_to_what_another_one_has_cut():
    subject = Subject(next(saved_samples()))
    cut = Mutation("JSON-LD block", "(all)", "cut")
    for mutation in {one.kind: one for one in subject.mutations()}.values():
        assert subject.changed([cut, mutation])
