"""The process beside a crawl: reads the pages that come in, until no more can come. Started by ``Reader`` only."""

import os
import pickle
import signal
import sys
from dataclasses import replace

from newscrawl.extraction.page import Captured
from newscrawl.extraction.reading import Reading, read_post
from newscrawl.reader.reader import LENGTH
from newscrawl.similarity.minhash import signature

_STDERR = 2


def main() -> None:
    """Take a site, then questions, from standard input; answer each on standard output."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the crawl is told as well, and still needs answers
        signal.signal(number, signal.SIG_IGN)
    if not sys.stderr:  # it was closed; the answers would get its number, and whatever is written to it
        os.open(os.devnull, os.O_WRONLY)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(_STDERR, sys.stdout.fileno())  # what anything prints is no answer
    try:
        site = pickle.load(questions)
        while True:
            captured, moment, discovered_by = pickle.load(questions)
            reading = read_post([Captured(*page) for page in captured], site, moment, discovered_by)
            answer = pickle.dumps(_signed(reading))
            answers.write(LENGTH.pack(len(answer)) + answer)
            answers.flush()
    except (EOFError, pickle.UnpicklingError):  # the crawl is over, or was killed in mid-question
        answers.close()
    except BrokenPipeError:  # or while it was answered, of which Python is not to tell as it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())
        answers.close()


def _signed(reading: Reading) -> Reading:
    """With the signature of its text, which the crawl then need not make at its end."""
    return replace(reading, signature=signature(reading.article.body)) if reading.article else reading


if __name__ == "__main__":
    main()
