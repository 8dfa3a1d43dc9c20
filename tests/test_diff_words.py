"""Two texts word by word: what is shown as changed, and that nothing is lost."""

import random
from itertools import pairwise
from time import process_time

import pytest

from newscrawl.revisions.words import compare

LONG = "The ferry came back on {day}, and nobody had asked it to, although the harbour waited."
RAIN = "It was raining, and the gulls were elsewhere for most of the day."
TRAM = "Later the tram was late as well, as it is whenever a wedding takes place."


def shown(before, after):
    """The runs as ``git diff --word-diff`` writes them."""
    marks = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(marks[run.op].format(run.text) for run in compare(before, after))


CHANGES = {
    "equal": ("Two ferries.", "Two ferries.", "Two ferries."),
    "a word": ("Two ferries came.", "Two trams came.", "Two [-ferries-]{+trams+} came."),
    "a word more": ("Two came.", "Two ferries came.", "Two{+ ferries+} came."),
    "the first word": ("Old ferries came.", "Ferries came.", "[-Old ferries-]{+Ferries+} came."),
    "a number": ("Some 1,200 people.", "Some 1,300 people.", "Some [-1,200-]{+1,300+} people."),
    "a mark alone": ("It came back.", "It came back!", "It came back[-.-]{+!+}"),
    "an apostrophe belongs to its word": ("The mayor's car", "The mayors car", "The [-mayor's-]{+mayors+} car"),
    "letters of any script": ("Şule geldi", "Şule döndü", "Şule [-geldi-]{+döndü+}"),
    "came": (None, "A summary.", "{+A summary.+}"),
    "went": ("A summary.", None, "[-A summary.-]"),
    "a paragraph came": (f"{RAIN}\n\nEnd.", f"{RAIN}\n\n{TRAM}\n\nEnd.", f"{RAIN}{{+\n\n{TRAM}+}}\n\nEnd."),
    "a paragraph came first": (RAIN, f"{TRAM}\n\n{RAIN}", f"{{+{TRAM}\n\n+}}{RAIN}"),
    "a paragraph went": (f"{RAIN}\n\n{TRAM}", RAIN, f"{RAIN}[-\n\n{TRAM}-]"),
    "a word in one paragraph of several": (
        f"{RAIN}\n\n{LONG.format(day='Tuesday')}\n\n{TRAM}",
        f"{RAIN}\n\n{LONG.format(day='Friday')}\n\n{TRAM}",
        f"{RAIN}\n\n{LONG.format(day='[-Tuesday-]{+Friday+}')}\n\n{TRAM}",
    ),
    "an edit beside a new paragraph": (
        LONG.format(day="Tuesday"),
        f"{TRAM}\n\n{LONG.format(day='Friday')}",
        f"{{+{TRAM}\n\n+}}{LONG.format(day='[-Tuesday-]{+Friday+}')}",
    ),
    "a paragraph parted": (f"{RAIN} {TRAM}", f"{RAIN}\n\n{TRAM}", f"{RAIN}[- -]{{+\n\n+}}{TRAM}"),
    "paragraphs joined": (f"{RAIN}\n\n{TRAM}", f"{RAIN} {TRAM}", f"{RAIN}[-\n\n-]{{+ +}}{TRAM}"),
    "a new paragraph that begins like the next": (
        f"{LONG.format(day='Tuesday')}",
        f"{LONG.format(day='Friday')}\n\n{LONG.format(day='Tuesday')}",
        f"{{+{LONG.format(day='Friday')}\n\n+}}{LONG.format(day='Tuesday')}",
    ),
    "a paragraph that goes on, below a new one": (
        "It was raining in the harbour.",
        f"{TRAM}\n\nIt was raining in the harbour, and gulls that nobody had seen for a year sat on every roof.",
        f"{{+{TRAM}\n\n+}}It was raining in the harbour"
        "{+, and gulls that nobody had seen for a year sat on every roof+}.",
    ),
    "a lone word amid other ones is no anchor": (
        "Six gulls ate all fish and left again.",
        "Nobody sells many trams and some buses too.",
        "[-Six gulls ate all fish and left again-]{+Nobody sells many trams and some buses too+}.",
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_is_shown_as_changed(before, after, expected):
    assert shown(before, after) == expected


def test_nothing_is_lost_whatever_the_texts():
    chance = random.Random(7)
    pieces = ["ferry", "The", "tram", ".", ",", " ", "  ", "\n", "\n\n", ". ", "é", "\u200b", "1,5", "\x1b", "日本"]
    for _ in range(2_000):
        before, after = ("".join(chance.choices(pieces, k=chance.randrange(30))) for _ in range(2))
        runs = compare(before, after)
        assert "".join(run.text for run in runs if run.op != "insert") == before
        assert "".join(run.text for run in runs if run.op != "delete") == after
        assert all(run.text for run in runs)
        assert all(one.op != other.op for one, other in pairwise(runs))
        assert (before == after) == all(run.op == "equal" for run in runs)


def body(seed, paragraph, ends):
    """5,000 words, the frequent ones as frequent as in a language."""
    chance = random.Random(seed)
    words = chance.choices([f"w{n}" for n in range(3_000)], [1 / (n + 1) for n in range(3_000)], k=5_000)
    words = [f"{word}." if ends and at % 17 == 16 else word for at, word in enumerate(words)]
    return "\n\n".join(" ".join(words[at : at + paragraph]) for at in range(0, len(words), paragraph))


OFTEN = " ".join(random.Random(3).sample([f"w{n}" for n in range(350)] * 59, k=20_650))
LARGE = {
    "paragraphs": (body(1, 60, True), body(2, 60, True)),
    "one paragraph": (body(1, 5_000, True), body(2, 5_000, True)),
    "one sentence": (body(1, 5_000, False), body(2, 5_000, False)),
    "a word each": (body(1, 1, False), body(2, 1, False)),
    "turned around": (body(1, 60, True), "\n\n".join(reversed(body(1, 60, True).split("\n\n")))),
    "two words only": ("y x " * 2_500, "x y y " * 1_700),
    "two words, fewer": ("q " + "x " * 999, "z " + "x y " * 700),
    "many words, each often": (OFTEN, " ".join(reversed(OFTEN.split(" ")))),
    "one word only": ("\n\n".join(["x"] * 5_000), "\n\n".join(["y", *["x"] * 4_000, "z"])),
}


@pytest.mark.parametrize(("before", "after"), LARGE.values(), ids=LARGE)
def test_five_thousand_words_take_no_time(before, after):
    began = process_time()
    compare(before, after)
    assert process_time() - began < 1, "usually a tenth of that"


def test_what_stands_around_a_change_is_found_where_no_word_is_an_anchor():
    runs = compare(f"{'x ' * 100}ferry{' x' * 100}", f"{'x ' * 100}tram{' x' * 100}")
    assert [run.text for run in runs if run.op != "equal"] == ["ferry", "tram"]


def test_a_few_edits_in_a_long_text_are_found():
    before = body(1, 5_000, False).split(" ")
    after = [*before[:1_000], "ferry", *before[1_001:4_000], "tram", *before[4_001:]]
    runs = compare(" ".join(before), " ".join(after))
    assert [run.text for run in runs if run.op == "insert"] == ["ferry", "tram"]
