"""The process beside a crawl: reads the pages that come in, until no more can come. Started by ``Reader`` only."""

import os
import pickle
import signal
import sys

from newscrawl.extraction.reader import LENGTH
from newscrawl.extraction.reading import read_post


def main() -> None:
    """Take a site, then questions, from standard input; answer each on standard output."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the crawl is told as well, and still needs answers
        signal.signal(number, signal.SIG_IGN)
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anything prints is no answer
    try:
        site = pickle.load(questions)
        while True:
            captured, moment, discovered_by = pickle.load(questions)
            answer = pickle.dumps(read_post(captured, site, moment, discovered_by))
            answers.write(LENGTH.pack(len(answer)) + answer)
            answers.flush()
    except (EOFError, pickle.UnpicklingError, BrokenPipeError):  # the crawl is over, or was killed in mid-question
        return


if __name__ == "__main__":
    main()
