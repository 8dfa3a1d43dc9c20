"""``scrapy diff`` as its user runs it, and what it writes."""

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest
from scrapy.cmdline import execute

from newscrawl.commands.diff import is_coloured, to_json
from newscrawl.revisions.history import history
from newscrawl.revisions.rendering import COLOURED, PLAIN, render
from newscrawl.storage import open_store
from tests.conftest import Ended, environment, project_settings
from tests.stored import GOOD

TEXT = "The ferry came back on {day}, and nobody had asked it to, although all of the harbour had waited for it since spring."
FIRST = replace(GOOD, body=f"{TEXT.format(day='Tuesday')}\n\nIt rained.\n\nNobody waved.", crawled_at=None)
SECOND = replace(
    FIRST,
    headline="Ferries of Özgür Return",
    body=f"{TEXT.format(day='Friday')}\n\nIt rained.\n\nNobody waved.",
    tags=["Ferries", "Trams"],
    content_hash="b" * 64,
)
THIRD = replace(SECOND, headline="Ferries Return", content_hash="c" * 64)
PATHS = {
    "own address": "https://newsjournos.com/a/",
    "without final slash": "https://newsjournos.com/a",
    "other scheme": "http://newsjournos.com/a/",
    "noise": "https://NewsJournos.com/a/?utm_source=x&noamp=mobile#respond",
    "path": "/a/",
    "slug": "a",
    "old address": "https://newsjournos.com/old-ferries/",
    "old path": "/old-ferries/",
    "post id": "/?p=7",
    "letters": "/fähre/",
    "escapes": "/f%C3%A4hre/",
    "escapes of letters": "/%C3%B6lhafen/",
    "asked for on a mirror": "http://127.0.0.1:8000/a/",
}
NONE = {
    "unknown": ("https://newsjournos.com/nope/", "no article of the store has this address"),
    "another host": ("https://example.org/a/", "no article of the store has this address"),
    "no address": ("http://[", "no article of the store has this address"),
    "end of a path": ("ferries/", "no article of the store has this address"),
    "path of two": ("/b/", "names 2 articles, http://127.0.0.1:8000/b/, https://newsjournos.com/b/; give the whole"),
}
USAGE = {
    "nothing": ((), "no spider: allowed is the name of one spider, harbourherald, newsjournos"),
    "no address": (("newsjournos",), "no address: allowed is one address or path"),
    "two addresses": (("newsjournos", "/a/", "/b/"), "/a/ /b/: allowed is one address or path"),
    "spider": (("harbour", "/a/"), "harbour: allowed is the name of one spider"),
    "option": (("newsjournos", "/a/", "--fast"), "/a/ --fast: allowed is one address or path"),
    "revision": (("newsjournos", "/a/", "--revision", "x"), "argument --revision: invalid int value: 'x'"),
    "colour": (("newsjournos", "/a/", "--color", "red"), "argument --color: invalid choice: 'red'"),
    "field": (("newsjournos", "/a/", "--field", "headlines"), "--field headlines: is no field; the nearest is headline"),
    "setting": (("newsjournos", "/a/", "-s", "NEWSCRAWL_DATABASE_URL=x"), "NEWSCRAWL_DATABASE_URL='x': allowed is"),
}  # fmt: skip


@pytest.fixture
def stored(tmp_path):
    """A store with an article of three versions, reached by several addresses, and others."""
    (tmp_path / "data").mkdir()
    store = open_store(f"sqlite:///{tmp_path}/data/newsjournos.db")
    for day, article in enumerate((FIRST, SECOND, THIRD), 4):
        store.save(article, f"2025-05-0{day}T10:20:30+00:00")
    for path in ("old-ferries/", "?p=7", "f%c3%a4hre/", "ölhafen/"):
        store.remember_url(f"https://newsjournos.com/{path}", GOOD.url)
    store.set_page("http://127.0.0.1:8000/a/", "article", article_id=store.article_id(GOOD.url))
    for number, host in enumerate(("https://newsjournos.com", "http://127.0.0.1:8000")):
        store.save(replace(GOOD, url=f"{host}/b/", post_id=8 + number, content_hash=f"{number}" * 64))
    store.close()


@pytest.fixture
def scrapy(tmp_path, monkeypatch, capfd):
    """``scrapy("diff", ...)`` in this process: what it leaves, as in one of its own."""
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "newscrawl.settings")
    monkeypatch.chdir(tmp_path)

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            execute(["scrapy", *words], project_settings())
        said = capfd.readouterr()
        return Ended(ended.value.code, said.out, said.err)

    return run


@pytest.mark.usefixtures("stored")
class TestCommand:
    @pytest.mark.parametrize("given", PATHS.values(), ids=PATHS)
    def test_any_address_that_the_store_knows(self, scrapy, given):
        done = scrapy("diff", "newsjournos", given)
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines()[:2] == ["Ferries Return", "https://newsjournos.com/a/"]

    @pytest.mark.parametrize(("given", "said"), NONE.values(), ids=NONE)
    def test_no_article(self, scrapy, given, said):
        done = scrapy("diff", "newsjournos", given)
        assert (done.code, done.out, len(done.lines)) == (1, "", 1)
        assert done.err.startswith(f"scrapy diff: {given}: {said}")

    @pytest.mark.parametrize(("words", "said"), USAGE.values(), ids=USAGE)
    def test_usage_is_one_line(self, scrapy, words, said):
        done = scrapy("diff", *words)
        assert (done.code, done.out, len(done.lines)) == (2, "", 1)
        assert done.err.startswith(f"scrapy diff: {said}")

    def test_a_pipe_gets_plain_text_newest_first(self, scrapy):
        done = scrapy("diff", "newsjournos", "/a/")
        assert done.out == (
            "Ferries Return\n"
            "https://newsjournos.com/a/\n"
            "\n"
            "Revision 3, seen 2025-05-06 10:20 UTC: headline\n"
            "  headline\n"
            "    Ferries [-of Özgür-] Return\n"
            "\n"
            "Revision 2, seen 2025-05-05 10:20 UTC: headline, tags, body\n"
            "  headline\n"
            "    Ferries of Özgür {+Return+}\n"
            "  tags\n"
            "    - U.S\n"
            "    + Trams\n"
            "  body\n"
            "    The ferry came back on [-Tuesday-]{+Friday+}, and nobody had asked it to, although all ...\n"
            "    ... 2 paragraphs unchanged ...\n"
            "\n"
            "Revision 1, seen 2025-05-04 10:20 UTC: the first version\n"
        )

    def test_json_for_programs(self, scrapy):
        done = scrapy("diff", "newsjournos", "/a/", "--json", "--color", "always")
        answer = json.loads(done.out)
        assert (answer["url"], answer["headline"]) == ("https://newsjournos.com/a/", "Ferries Return")
        assert [step["revision"] for step in answer["revisions"]] == [3, 2, 1]
        assert answer["revisions"][1]["changed_fields"] == ["headline", "tags", "body"]
        assert (
            answer["revisions"][0].items()
            >= {
                "revision": 3,
                "seen_at": "2025-05-06T10:20:30+00:00",
                "changed_fields": ["headline"],
                "changes": {
                    "headline": [
                        {"op": "equal", "text": "Ferries"},
                        {"op": "delete", "text": " of Özgür"},
                        {"op": "equal", "text": " Return"},
                    ]
                },
            }.items()
        )

    def test_one_step_and_one_field(self, scrapy):
        done = scrapy("diff", "newsjournos", "/a/", "--revision", "2", "--field", "tags")
        assert done.out.splitlines()[3:] == [
            "Revision 2, seen 2025-05-05 10:20 UTC: tags",
            "  tags",
            "    - U.S",
            "    + Trams",
        ]

    def test_a_field_that_never_changed(self, scrapy):
        done = scrapy("diff", "newsjournos", "/a/", "--field", "faq", "--field", "summary")
        assert done.code == 0
        assert done.out.splitlines()[2:] == ["No version that was asked for changed faq, summary; there are 3."]

    @pytest.mark.parametrize("number", ["0", "4", "-1"])
    def test_a_version_that_is_not_there(self, scrapy, number):
        done = scrapy("diff", "newsjournos", "/a/", "--revision", number)
        assert (done.code, done.out) == (1, "")
        assert done.err == f"scrapy diff: https://newsjournos.com/a/: has versions 1 to 3, no {number}\n"

    def test_one_version_says_so(self, scrapy):
        done = scrapy("diff", "newsjournos", "https://newsjournos.com/b/")
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines()[-1] == "Only one version of this article was seen: nothing has changed."

    @pytest.mark.parametrize(("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
    def test_colours_on_a_terminal(self, tmp_path, more, coloured):
        plain = {name: value for name, value in environment().items() if name != "NO_COLOR"}
        leader, follower = pty.openpty()
        command = [sys.executable, "-m", "scrapy", "diff", "newsjournos", "/a/"]
        with subprocess.Popen(command, cwd=tmp_path, env=plain | {"TERM": "xterm"} | more, stdout=follower) as process:
            os.close(follower)
            out = until_closed(leader)
        assert process.returncode == 0
        assert (b"\x1b[" in out) == coloured
        assert (b"[-Tuesday-]" in out) != coloured

    def test_a_reader_that_has_seen_enough(self, tmp_path):
        command = [sys.executable, "-m", "scrapy", "diff", "newsjournos", "/a/"]
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(), stdout=write, stderr=subprocess.PIPE, check=False
        )
        os.close(write)
        assert (done.returncode, done.stderr) == (0, b"")


def test_no_database(scrapy, tmp_path):
    done = scrapy("diff", "newsjournos", "/a/")
    assert (done.code, len(done.lines)) == (1, 1)
    assert "does not exist yet" in done.err
    assert list(tmp_path.iterdir()) == []


def until_closed(terminal):
    """What is written to a pseudo-terminal until nobody has it open any more."""
    out = b""
    with suppress(OSError):  # Linux's way to say that the other end is closed
        while some := os.read(terminal, 65_536):
            out += some
    os.close(terminal)
    return out


@pytest.mark.parametrize(
    ("choice", "terminal", "more", "coloured"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("never", True, {}, False),
        ("always", False, {"NO_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_when_to_colour(monkeypatch, choice, terminal, more, coloured):
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: terminal))
    for name, value in ({"NO_COLOR": "", "TERM": "xterm"} | more).items():
        monkeypatch.setenv(name, value)
    assert is_coloured(choice) is coloured


def row(number, **article):
    """A row of ``revisions``."""
    return {
        "revision": number, "seen_at": "2025-05-03T00:00:00+00:00", "changed_fields": "[]", "article": json.dumps(article),
    }  # fmt: skip


def test_json_is_harmless_and_means_the_same():
    bad = "\x1b[2J\x9b2J\u202e\u2066\ud800é"
    text = to_json("https://x.test/", bad, history([row(1, headline="a"), row(2, headline=bad)]))
    assert not [letter for letter in text.replace("\n", "") if not letter.isprintable()]
    text.encode()
    assert json.loads(text)["headline"] == bad
    assert "é" in text


@pytest.mark.parametrize("style", [PLAIN, COLOURED], ids=["plain", "coloured"])
def test_what_could_command_a_terminal_is_harmless(style):
    bad = "\x1b[2J\x9b2J\r\x07\u202e\u2066"
    steps = history([row(1), row(2, headline=f"a {bad}", tags=[bad], image={"alt": bad}, body=f"a\n\n{bad} b")])
    text = "".join(render(f"https://x.test/{bad}", bad, steps, style)).replace("\x1b[0m", "")
    for marks in (style.delete, style.insert, style.new, style.title, style.aside):
        text = text.replace(marks[0], "") if marks[0] else text
    assert not [letter for letter in text if not letter.isprintable()]
    assert "\\u001b[2J\\u009b2J\\u000d\\u0007\\u202e\\u2066" in text


LINES = {
    "long stretches are left out": (
        {"summary": "x one two three four five six seven eight nine ten y"},
        {"summary": "X one two three four five six seven eight nine ten Y"},
        ["[-x-]{+X+} one two three four five six seven eight nine ten [-y-]{+Y+}"],
    ),
    "longer ones too": (
        {"summary": f"before it {'and so on ' * 20}the end x after it {'and so on ' * 20}"},
        {"summary": f"before it {'and so on ' * 20}the end y after it {'and so on ' * 20}"},
        ["... and so on and so on the end [-x-]{+y+} after it and so on and so on ..."],
    ),
    "where a paragraph was parted": (
        {"body": "The ferry came back. Nobody had asked it to."},
        {"body": "The ferry came back.\n\nNobody had asked it to."},
        ["The ferry came back.{+¶+}", "Nobody had asked it to."],
    ),
    "a new paragraph": (
        {"body": "One thing.\n\nAnd another."},
        {"body": "One thing.\n\nRain fell.\n\nAnd another."},
        ["... 1 paragraph unchanged ...", "{+Rain fell.+}", "... 1 paragraph unchanged ..."],
    ),
    "a value": ({"post_id": 7}, {"post_id": 8}, ["7 -> 8"]),
    "a value that came": ({}, {"modified_at": "2025"}, ["nothing -> 2025"]),
    "an object": (
        {"image": {"url": "a", "alt": "Old ferry"}}, {"image": {"url": "b", "alt": "New ferry"}},
        ["url", "  a -> b", "alt", "  [-Old-]{+New+} ferry"],
    ),
    "an edited entry is called by what stayed of it": (
        {"faq": [{"question": "Why?", "answer": "Rain."}]}, {"faq": [{"question": "Why?", "answer": "Snow."}]},
        ["Why?", "  answer", "    [-Rain-]{+Snow+}."],
    ),
    "one of which the name was edited, by its place": (
        {"faq": [{"question": "Why so late?", "answer": "Rain fell."}]},
        {"faq": [{"question": "Why so early?", "answer": "Rain fell."}]},
        ["entry 1", "  question", "    Why so [-late-]{+early+}?"],
    ),
    "an entry that moved": ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, ["  b (from place 2 to 1)"]),
    "a new entry of several values": (
        {"authors": []}, {"authors": [{"name": "Ada", "url": "/ada/", "bio": None, "website": None}]}, ["+ Ada | /ada/"],
    ),
    "a text with line breaks": ({"lead": "a"}, {"lead": "a\nb"}, ["a {+↵ b+}"]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), LINES.values(), ids=LINES)
def test_lines(before, after, expected):
    steps = history([row(1, **before), row(2, **after)], {**before, **after})
    lines = list(render("u", "h", steps, PLAIN))
    assert lines[5 : lines.index("", 5)] == [f"    {line}" for line in expected]


def test_what_the_body_says_is_not_said_again():
    noted = row(2, body="b", lead="b") | {"changed_fields": '["body", "lead"]'}
    steps = history([row(1, body="a", lead="a"), noted])
    assert list(steps[0].changes) == ["lead", "body"]
    assert [line for line in render("u", "h", steps, PLAIN) if "lead" in line] == []
