"""
The monitors over many runs of the replica: none cries wolf, and each loss is seen in runs as small as is said here.

How many articles of an age that is known a run has to have, until the loss of a field in all of them is seen: see
SEEN_FROM.
"""

import random

import pytest

from newscrawl.monitors.articles import UNJUDGED
from newscrawl.monitors.judging import judge
from newscrawl.monitors.tally import BLOCKS
from newscrawl.storage.schema import FIELDS
from tests.monitored import Life, norms, observed

DAYS = 16
SEEDS = (1, 2)


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    return [Life(260, seed, DAYS) for seed in SEEDS]


def runs_of(life: Life, day: int, known: list[dict], chance: random.Random) -> list[list[dict]]:
    """What a run on a day may read: what is new, with checks of what is known; any articles; a section; essays."""
    new = life.days[day]
    everything = [*life.archive, *(one for day in life.days for one in day)]
    essays = [one for one in everything if not any(one[block] for block in BLOCKS)]
    old = [one for one in essays if one["published_at"] < "2025"]
    section = [one for one in everything if one["section"] == chance.choice(everything)["section"]]
    return [
        new,
        new + chance.sample(known, 25),
        new + chance.sample(old, chance.randint(1, len(old))),  # a drawer of old essays, put on the site in one go
        chance.sample(essays, chance.randint(1, 8)),
        section[:40],
        *(chance.sample(everything, chance.randint(1, 40)) for _ in range(7)),
    ]


@pytest.mark.parametrize("size", [None, 60, 20], ids=lambda size: f"{size or 'all'} known")
def test_sound_runs_raise_no_alarm(lives, size):
    chance, judged = random.Random(size), 0
    for life in lives:
        known = chance.sample(life.archive, size + 20) if size else list(life.archive)
        for day in range(DAYS):
            usual = norms(known, life.moment(day))
            for found in runs_of(life, day, known, chance):
                judged += 1
                assert judge(observed(found, life.moment(day)), usual) == []
            known += life.days[day]
    assert judged == 384


SEEN_FROM = {
    "post_id": 3, "headline": 3, "section": 3, "breadcrumbs": 3, "authors": 3, "published_at": 3, "language": 3,
    "related": 3,
    "reading_minutes": 6,  # some layouts show none
    "image": 6, "tags": 6, "description": 6,  # an editor may leave them out
    "lead": 9, "outline": 9, "body_sections": 9, "key_points": 9, "summary": 9, "faq": 9,  # essays have none
    "subtitle": 110,  # one article in eight has one
}  # fmt: skip
"""Field: in a run of this many articles or more its loss is seen; among them are essays, as they come."""
SELDOM = {"images", "embeds", "links"}
"""Fields of so few articles that their loss is not seen in a run of 110."""


def test_every_field_is_in_the_table():
    assert set(SEEN_FROM) | SELDOM | UNJUDGED | {"body"} == set(FIELDS)


def without(found: list[dict], *names: str) -> list[dict]:
    """The articles as a page would give them that has these fields no more."""
    empty = {name: [] if isinstance(found[0][name], list) else None for name in names}
    sources = [{name: source for name, source in one["sources"].items() if name not in names} for one in found]
    return [one | empty | {"sources": given} for one, given in zip(found, sources, strict=True)]


def drawn(life: Life, chance: random.Random, count: int) -> list[dict]:
    """Articles of the last two years."""
    return chance.sample([one for one in life.archive if one["published_at"] > "2024-06"], count)


@pytest.mark.parametrize(("name", "least"), SEEN_FROM.items())
def test_a_lost_field_is_seen(lives, name, least):
    life, chance = lives[0], random.Random(name)
    usual, seen = norms(life.archive, life.moment(0)), 0
    for _ in range(20):
        findings = judge(observed(without(drawn(life, chance, least), name), life.moment(0)), usual)
        seen += [finding.field for finding in findings] == [name]
    assert seen >= 19, f"in {seen} of 20 runs"


@pytest.mark.parametrize(
    ("least", "change", "said"),
    [
        (11, lambda found: without(found, *BLOCKS), "outline, key points, summary and FAQ in 0 of"),
        (7, lambda found: [one | {"word_count": one["word_count"] // 3} for one in found], "body shorter than half"),
        (14, lambda found: [one | {"word_count": one["word_count"] * 3} for one in found], "body longer than twice"),
        (3, lambda found: [given_by(one, "headline") for one in found], "headline now comes from json-ld instead of"),
        (6, lambda found: [given_by(one, "tags") for one in found], "tags now comes from json-ld instead of theme in"),
    ],
    ids=["blocks", "short", "long", "headline", "tags"],
)
def test_another_layout_is_seen(lives, least, change, said):
    life, chance = lives[0], random.Random(said)
    usual = norms(life.archive, life.moment(0))
    for _ in range(20):
        (finding,) = judge(observed(change(drawn(life, chance, least)), life.moment(0)), usual)
        assert said in finding.message


def given_by(values: dict, name: str) -> dict:
    return values | {"sources": values["sources"] | {name: "json-ld"}}
