"""Saves articles for ever, and says so on standard output, until it is killed. Run by test_crash.py."""

import sys
from dataclasses import replace

from newscrawl.storage import open_store

from .test_store import GOOD

if __name__ == "__main__":
    store = open_store(sys.argv[1], sys.argv[2])
    start = store.count("articles")
    for number in range(start, start + 5_000):
        text = f"{number} " * 300
        store.save(
            replace(GOOD, url=f"https://newsjournos.com/{number}/", post_id=number, body=text, content_hash=text)
        )
        print(number, flush=True)
