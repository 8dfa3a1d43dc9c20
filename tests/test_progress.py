"""What a person at a terminal sees of a crawl, at a real pseudo-terminal; and that a log sees none of it."""

import fcntl
import logging
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from contextlib import contextmanager, suppress
from time import monotonic
from types import SimpleNamespace

import pytest
from scrapy.exceptions import NotConfigured

from newscrawl.exceptions import StoreError
from newscrawl.extensions.progress import ProgressExtension, done, facts
from tests.conftest import environment
from tests.local_server import Answer, serving
from tests.site_pages import post, site

WIDE = 400
LINE = re.compile(r"\d\d:\d\d \|")
QUICK = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class Terminal:
    """A pseudo-terminal: ``follower`` is for the program, ``read_until`` and ``screen`` for the test."""

    def __init__(self, columns=WIDE):
        self.leader, self.follower = pty.openpty()
        resize(self.follower, columns)
        self.text = b""

    def hand_over(self):
        """Leave the program's end to the program alone."""
        os.close(self.follower)

    def read(self, timeout=0.0):
        """Take what has been written; False where there is nothing more to come."""
        with suppress(OSError):  # Linux's way to say that the other end is closed
            while select.select([self.leader], [], [], timeout)[0]:
                some = os.read(self.leader, 65_536)
                if not some:
                    break
                self.text += some
                return True
            else:
                return True
        return False

    def read_until(self, pattern, timeout=30):
        """Wait for a text; AssertionError where it does not come."""
        until = monotonic() + timeout
        while not re.search(pattern, self.text.decode(errors="replace")):
            assert self.read(0.1), f"{pattern} never came: {self.text[-500:]}"
            assert monotonic() < until, f"{pattern} did not come in time: {self.text[-500:]}"

    def read_all(self):
        while self.read(1):
            pass

    @property
    def screen(self):
        """The lines as they stand on the screen."""
        lines, at = [[]], 0
        for piece in re.findall(r"\x1b\[K|\x1b\[A|[\r\n]|[^\x1b\r\n]", self.text.decode()):
            if piece == "\x1b[K":
                del lines[-1][at:]
            elif piece == "\r":
                at = 0
            elif piece == "\n":
                lines.append([])
            else:
                lines[-1][at : at + 1] = [piece]
                at += 1
        return ["".join(line).rstrip() for line in lines]


@contextmanager
def crawling(server, cwd, terminal, *words, **more):
    """A crawl whose standard error is the terminal."""
    command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", "-a", f"base_url={server.url}", *QUICK, *words]
    env = environment(TERM="xterm", **more)
    with subprocess.Popen(command, cwd=cwd, env=env, stderr=terminal.follower) as process:
        terminal.hand_over()
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            os.close(terminal.leader)


def held(*slugs):
    """A site whose last page is not answered before the server is told to."""
    return {**site(*slugs), f"/{slugs[-1]}/": Answer(200, post(slugs[-1]), wait_for=9, at_most=30)}


def test_the_line_stands_below_the_log_and_is_gone_at_the_end(tmp_path):
    terminal = Terminal()
    with serving(held("a", "b")) as server, crawling(server, tmp_path, terminal) as process:
        terminal.read_until(r"1 of \d articles, .* left, 1 new, ")
        lines = terminal.screen
        server.release()
        terminal.read_all()
        assert process.wait(30) == 0
    assert LINE.match(lines[-1]), "the line is the last"
    assert not [line for line in lines[:-1] if LINE.search(line)], "and there is one of it"
    assert not [line for line in terminal.screen if LINE.search(line)]
    assert terminal.screen[-2].endswith("Spider closed (finished)")
    assert terminal.screen[-1] == ""
    assert [line for line in terminal.screen if line.startswith("20") and "newscrawl" in line]


def test_a_log_file_sees_none_of_it_and_the_terminal_nothing_else(tmp_path):
    terminal = Terminal()
    log = tmp_path / "crawl.log"
    with serving(held("a", "b")) as server, crawling(server, tmp_path, terminal, "-s", f"LOG_FILE={log}") as process:
        terminal.read_until("1 new")
        server.release()
        terminal.read_all()
        assert process.wait(30) == 0
    assert "Spider closed" in log.read_text()
    assert not re.search(r"\r|\x1b|\d\d:\d\d \|", log.read_text())
    assert terminal.screen == [""]


OFF = {
    "standard error is a file": (("-s", "LOG_LEVEL=INFO"), {}, True),
    "NEWSCRAWL_PROGRESS is off": (("-s", "NEWSCRAWL_PROGRESS=off"), {}, False),
}


@pytest.mark.parametrize(("words", "more", "into_file"), OFF.values(), ids=OFF)
def test_off(tmp_path, words, more, into_file):
    terminal = Terminal()
    with serving(site("a")) as server:
        if into_file:
            with open(tmp_path / "err", "wb") as file:
                os.close(terminal.follower)
                terminal.follower = os.dup(file.fileno())
        with crawling(server, tmp_path, terminal, *words, **more) as process:
            terminal.read_all()
            assert process.wait(30) == 0
    text = (tmp_path / "err").read_bytes() if into_file else terminal.text
    assert b"Spider closed" in text
    assert b"\x1b" not in text
    assert not LINE.search(text.decode())


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_leaves_a_clean_line(tmp_path, times):
    """The terminal echoes ^C behind the line; the second time the spider is not closed."""
    terminal = Terminal(columns=60)
    log = tmp_path / "log"
    script = {"/": Answer(200, site("a")["/"], wait_for=9, at_most=30)}
    with serving(script) as server, crawling(server, tmp_path, terminal, "-s", f"LOG_FILE={log}") as process:
        server.wait_until_asked("/", 30)
        terminal.read_until(LINE.pattern)
        for number, heard in enumerate(("gracefully", "twice")[:times], 1):
            os.write(terminal.leader, b"\x03")  # the kernel drops what was not read yet, then echoes ^C
            terminal.read_until("(?s)" + r"\^C.*" * number)
            process.send_signal(signal.SIGINT)  # it is no controlling terminal
            while heard not in log.read_text():  # signals that come at once are one
                assert terminal.read(0.01)
        if times == 1:
            server.release()
        terminal.read_all()
        assert process.wait(30) == 1
    said = "stopped by force" if times == 2 else "stopped by a signal"
    assert [line for line in terminal.screen if line] == [f"scrapy crawl: {said} before it was done"]


def test_a_terminal_that_is_closed_does_not_end_the_run(tmp_path):
    terminal = Terminal()
    log = tmp_path / "crawl.log"
    with serving(held("a", "b")) as server, crawling(server, tmp_path, terminal, "-s", f"LOG_FILE={log}") as process:
        terminal.read_until("1 new")
        os.close(terminal.leader)
        terminal.leader = os.open(os.devnull, os.O_RDONLY)
        server.release()
        assert process.wait(30) == 0
    assert "ERROR" not in log.read_text()


class Shown:
    """The extension at work in this process, and the terminal where its line stands."""

    def __init__(self, monkeypatch, columns, **stats):
        self.terminal = Terminal(columns)
        self.marks = 0
        self.file = os.fdopen(self.terminal.follower, "w")
        monkeypatch.setattr(sys, "stderr", self.file)
        self.stats = stats
        self.spider = SimpleNamespace(expected_articles=None)
        crawler = SimpleNamespace(spider=self.spider, stats=SimpleNamespace(get_stats=lambda: self.stats))
        self.extension = ProgressExtension(crawler)

    @property
    def screen(self):
        """The screen once all has come through, which a mark tells that the screen does not show."""
        self.marks += 1
        self.file.write(f"\x1b<{self.marks}>")
        self.file.flush()
        self.terminal.read_until(f"\x1b<{self.marks}>")
        self.terminal.text = re.sub(rb"\x1b<\d+>", b"", self.terminal.text)
        return self.terminal.screen

    def update(self):
        self.extension.update()
        return self.screen[-1]


@pytest.fixture
async def shown(monkeypatch):
    """``shown()``: see Shown; ``handler`` writes to its terminal."""
    made = []

    def show(handler=None, columns=WIDE, **stats):
        made.append(Shown(monkeypatch, columns, **stats))
        if handler:
            handler.setStream(sys.stderr)
        made[0].extension.engine_started()
        return made[0]

    yield show
    made[0].extension.close()
    made[0].file.close()
    os.close(made[0].terminal.leader)


STATS = {
    "nothing yet": ({}, 0, ""),
    "states": (
        {"newscrawl/stored/new": 3, "newscrawl/stored/updated": 2, "newscrawl/stored/unchanged": 4},
        9,
        "3 new, 2 updated, 4 unchanged",
    ),
    "gone and held": ({"newscrawl/stored/gone": 1, "newscrawl/stored/held": 2}, 3, "1 gone, 2 held"),
    "pages": ({"response_received_count": 7}, 0, "7 pages"),
    "waiting": ({"scheduler/enqueued": 9, "scheduler/dequeued": 4}, 0, "5 waiting"),
    "what went wrong": (
        {"newscrawl/rejected/no_text": 1, "newscrawl/failed/http_500": 2, "newscrawl/failed/TimeoutError": 1,
         "log_count/ERROR": 5},
        4,
        "1 rejected, 3 failed, 5 errors",
    ),
    "passed over": ({"newscrawl/skipped/archive": 2}, 2, ""),
    "another's": ({"newscrawl/fetched/part_page": 2, "item_scraped_count": 8}, 0, ""),
}  # fmt: skip


@pytest.mark.parametrize(("stats", "through", "said"), STATS.values(), ids=STATS)
def test_what_is_counted(stats, through, said):
    assert done(stats) == through
    assert facts(stats) == said


@pytest.mark.parametrize(
    ("expected", "new", "said"),
    [
        (None, 3, r"00:0\d \| 3 articles, +[\d.?]+/s, 3 new$"),
        (0, 3, r"00:0\d \| 3 articles, +[\d.?]+/s, 3 new$"),
        (12, 3, r"00:0\d \|.{10}\| 3 of 12 articles, +[\d.?]+/s, \d\d:\d\d left, 3 new$"),
        (3, 3, r"00:0\d \|█{10}\| 3 of 3 articles, +[\d.?]+/s, 00:00 left, 3 new$"),
        (2, 3, r"00:0\d \|█{10}\| 3 of 3 articles, +[\d.?]+/s, 00:00 left, 3 new$"),
    ],
    ids=["unknown", "none yet", "known", "all", "more than thought"],
)
async def test_the_line(shown, expected, new, said):
    one = shown()
    one.spider.expected_articles = expected
    one.stats["newscrawl/stored/new"] = new
    assert re.match(said, one.update())


@pytest.mark.parametrize("columns", [1, 3, 10, 40, 80])
async def test_a_narrow_terminal_gets_one_line(shown, columns):
    one = shown(columns=columns, **{"newscrawl/stored/new": 3, "response_received_count": 900})
    one.spider.expected_articles = 1_000
    assert len(one.update()) <= max(columns - 3, 1)
    assert len(one.screen) == 1


async def test_log_lines_go_above_it_whole_and_through_their_own_handler(shown, monkeypatch):
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    monkeypatch.setattr(logging.root, "handlers", [handler])
    one = shown(handler)
    one.update()
    logger = logging.getLogger("test_progress")
    logger.warning("a line that is much longer than the progress line is, whatever it says at the very beginning")
    logger.info("not for this handler")
    logger.warning("two\nlines")
    lines = one.screen
    assert lines[:-1] == [
        "a line that is much longer than the progress line is, whatever it says at the very beginning", "two", "lines",
    ]  # fmt: skip
    assert LINE.match(lines[-1])
    one.extension.close()
    assert handler.stream is one.file
    logger.warning("end")
    assert one.screen[-2:] == ["end", ""]


async def test_what_the_terminal_echoes_behind_the_line_is_gone_with_it(shown, monkeypatch):
    handler = logging.StreamHandler()
    monkeypatch.setattr(logging.root, "handlers", [handler])
    one = shown(handler)
    one.file.write("^C")
    logging.getLogger("test_progress").warning("short")
    assert one.screen[-2] == "short"
    one.file.write("^C")
    one.extension.close()
    assert one.screen == ["short", ""]


async def test_a_slow_article_after_many_quick_ones_is_seen(shown):
    one = shown()
    for new in (500, 501):
        one.stats["newscrawl/stored/new"] = new
        assert f"| {new} articles" in one.update()


async def test_a_terminal_that_is_made_narrower(shown):
    one = shown(**{"newscrawl/stored/new": 3, "response_received_count": 900})
    assert len(one.update()) > 40
    resize(one.terminal.leader, 20)
    one.file.write("\n")
    assert len(one.update()) <= 17


async def test_a_terminal_that_is_gone_stops_the_updates(shown, monkeypatch):
    one = shown()

    def gone(_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "get_terminal_size", gone)
    one.extension.update()
    assert not one.extension.task.running
    assert one.screen == [""]


async def test_the_rate_counts_time_in_which_nothing_came(shown, monkeypatch):
    """An article a second, looked at twice a second, is one a second."""
    one = shown()
    now = [one.extension.bar.start_t]
    monkeypatch.setattr(one.extension.bar, "_time", lambda: now[0])
    for tick in range(1, 41):
        now[0] += 0.5
        one.stats["newscrawl/stored/new"] = tick // 2
        line = one.update()
    assert re.search(r"20 articles, +1\.0\d/s", line)


async def test_a_store_that_fails_is_the_runs_affair(shown):
    one = shown()

    class Spider:
        @property
        def expected_articles(self):
            raise StoreError("gone")

    one.extension.crawler.spider = Spider()
    assert "0 articles" in one.update()


@pytest.mark.parametrize(
    ("terminal", "setting", "term", "spider", "works"),
    [
        (True, "auto", "xterm", {"expected_articles": None}, True),
        (False, "auto", "xterm", {"expected_articles": None}, False),
        (True, "off", "xterm", {"expected_articles": None}, False),
        (True, "auto", "dumb", {"expected_articles": None}, False),
        (True, "auto", "xterm", {}, False),
    ],
    ids=["on", "no terminal", "off", "dumb", "scrapy shell"],
)
async def test_when_it_is_off(monkeypatch, terminal, setting, term, spider, works):
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: terminal))
    monkeypatch.setenv("TERM", term)
    connected = []
    crawler = SimpleNamespace(
        settings={"NEWSCRAWL_PROGRESS": setting},
        spidercls=SimpleNamespace(**spider),
        signals=SimpleNamespace(connect=lambda *_, signal: connected.append(signal)),
    )
    if works:
        ProgressExtension.from_crawler(crawler)
    else:
        with pytest.raises(NotConfigured):
            ProgressExtension.from_crawler(crawler)
    assert bool(connected) == works
