"""The replica as a process of its own, so that its work is not counted as the crawl's."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bench.running import ROOT, scrapy


@contextmanager
def served(articles: int, *words: str) -> Iterator[str]:
    """Its address, with a slash at the end, while it serves."""
    command = scrapy("replica", "--articles", str(articles), "--port", "0", *words)
    replica = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert replica.stdout
        address = re.search(r"http://\S+", replica.stdout.readline())
        assert address
        yield f"{address[0].rstrip('/')}/"
    finally:
        replica.terminate()
        replica.wait()
