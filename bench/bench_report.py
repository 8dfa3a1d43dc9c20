"""
What making the page of ``scrapy report`` costs, beside reading every text once in the same run.

    .venv/bin/python -m bench.bench_report [ARTICLES ...]

Ratios hold from machine to machine, times do not.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.bench_store import articles
from newscrawl import clock
from newscrawl.items import Article
from newscrawl.monitors.measures import Measures
from newscrawl.picturing.page import make_page
from newscrawl.reporting.run_report import bare_report
from newscrawl.storage import open_store
from newscrawl.storage.clusters import update_clusters
from newscrawl.storage.rows import as_dict
from newscrawl.storage.store import Store

SECTIONS = ("World", "U.S. News", "Business", "Politics", "Tech", "Health", "Sports", "Entertainment", "Finance")
START = datetime(2023, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=1000)
RUNS = 1_000
TEXT = "SELECT sum(length(body)) FROM articles"


def dated(number: int, dice: random.Random) -> Iterator[Article]:
    """Articles with sections, tags and times of publication in rising order."""
    tags = [f"Tag {at}" for at in range(2_000)]
    for at, article in enumerate(articles(number)):
        moment = START + SPAN * at / number
        yield replace(
            article,
            section=dice.choice(SECTIONS),
            tags=dice.sample(tags, 6),
            published_at=moment.isoformat(timespec="seconds"),
            published_precision="second",
            content_hash=f"{at:064x}",
            sources={"headline": "theme", "section": "rel", "tags": "rel", "body": "text"},
        )


def fill(store: Store, number: int) -> None:
    """A store with so many articles, a tenth of them edited, and the runs that brought them."""
    dice = random.Random(1)
    measures = Measures(START)
    for at, article in enumerate(dated(number, dice)):
        measures.add(as_dict(article))
        seen = datetime.fromisoformat(article.published_at or "") + timedelta(seconds=dice.randrange(86_400))
        store.save(article, seen.isoformat(timespec="seconds"))
        if at % 10 == 0:
            words = article.body.split()
            edited = " ".join(words[: dice.randrange(len(words))])
            later = (seen + timedelta(days=2)).isoformat(timespec="seconds")
            store.save(replace(article, body=edited, content_hash=f"{at:063x}e"), later)
    update_clusters(store)
    for at in range(RUNS):
        with patch.object(clock, "now", lambda at=at: START + SPAN * at / RUNS):
            run = store.start_run("newsjournos", {})
            row = {"id": run, "spider": "newsjournos", "started_at": clock.stamp(), "arguments": {}, "exit_code": 0}
            report = bare_report(row) | {"health": "ok", "measures": measures.as_dict()}
            store.finish_run(run, {"exit_code": 0, "finish_reason": "finished", "report": json.dumps(report)})


def timed(deed: Callable[[], Any], rounds: int = 3) -> tuple[float, Any]:
    """The least of some times that the processor worked, in seconds, and what the deed answered."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        answer = deed()
        times.append(time.process_time() - began)
    return min(times), answer


def measure(number: int) -> None:
    """Print a line about so many articles."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'news.db')}"
        with closing(open_store(url)) as store:
            fill(store, number)
        with closing(open_store(url, readonly=True)) as store:
            scan, _ = timed(lambda: store.read(TEXT).fetchone())
            page, text = timed(lambda: make_page(store, "newsjournos"))
    print(
        f"{number:>7,} articles, {RUNS:,} runs: {page:6.2f} s, {len(text.encode()) / 1000:6,.0f} kB; "
        f"every text once {scan:5.2f} s, ratio {page / scan:5.1f}"
    )


if __name__ == "__main__":
    for count in [int(word) for word in sys.argv[1:]] or [1_000, 20_000]:
        measure(count)
