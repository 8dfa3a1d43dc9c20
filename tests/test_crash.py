"""After kill -9 at any moment: every row has its line, every line its row, each once."""

import json
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

from newscrawl.storage import open_store

ROOT = Path(__file__).parents[1]
KILLS = 12


def kill_after(lines: int, url: str, jsonl: str) -> None:
    """Let a child save until it has said so ``lines`` times, then kill it where it is."""
    command = [sys.executable, "-m", "tests.crash_child", url, jsonl]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout
        for _ in range(lines):
            assert child.stdout.readline()
        child.kill()


def test_rows_and_lines_agree_after_kills(tmp_path):
    url, jsonl = f"sqlite:///{tmp_path}/news.db", str(tmp_path / "news.jsonl")
    dice = random.Random(7)
    reached = 0
    for _ in range(KILLS):
        kill_after(dice.randrange(40, 130), url, jsonl)
        open_store(url, jsonl).close()
        with sqlite3.connect(tmp_path / "news.db") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            rows = [row[0] for row in db.execute("SELECT url FROM articles ORDER BY id")]
        lines = [json.loads(line)["url"] for line in Path(jsonl).read_text(encoding="utf-8").splitlines()]
        assert lines == rows
        assert len(set(rows)) == len(rows)
        assert len(rows) >= reached
        reached = len(rows)
    assert reached > KILLS * 30


FULL = """
import resource, sys
from dataclasses import replace
from newscrawl.exceptions import StoreError
from newscrawl.storage import open_store
from tests.test_store import GOOD
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store(sys.argv[1], sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
try:
    for number in range(5_000):
        text = f"{number} " * 300
        url = f"https://newsjournos.com/{number}/"
        store.save(replace(GOOD, url=url, post_id=number, body=text, content_hash=text))
except StoreError as error:
    store.roll_back()
    print(error)
    sys.exit(3)
"""


def test_a_full_disk_is_one_clear_error_and_nothing_is_torn(tmp_path):
    url, jsonl = f"sqlite:///{tmp_path}/news.db", str(tmp_path / "news.jsonl")
    done = subprocess.run(
        [sys.executable, "-c", FULL, url, jsonl], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (3, "")
    assert str(tmp_path) in done.stdout
    assert len(done.stdout.splitlines()) == 1
    open_store(url, jsonl).close()
    with sqlite3.connect(tmp_path / "news.db") as db:
        rows = [row[0] for row in db.execute("SELECT url FROM articles ORDER BY id")]
    lines = [json.loads(line)["url"] for line in Path(jsonl).read_text(encoding="utf-8").splitlines()]
    assert lines == rows
    assert rows
