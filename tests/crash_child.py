"""Saves new, changed and unchanged articles, and says so on standard output, until it is killed. See test_crash.py."""

import sys
from dataclasses import replace

from newscrawl.storage import open_store

from .stored import GOOD

if __name__ == "__main__":
    store = open_store(sys.argv[1], sys.argv[2])
    start = store.count("revisions")
    for number in range(start, start + 5_000):
        slug = number % 97  # so that most are new versions of what is there
        text = f"{number} " * 300
        article = replace(
            GOOD, url=f"https://newsjournos.com/{slug}/", post_id=slug, body=text, tags=[text[:5]], content_hash=text
        )
        store.save(article)
        store.save(article)
        print(number, flush=True)
