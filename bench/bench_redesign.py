"""
What each field survives: names of the markup renamed, removed, swapped or moved, alone and in pairs, page by page.

    .venv/bin/python -m bench.bench_redesign [--pages N] [--pairs N] [--seed N] [--write]

``--pages`` is how many pages each change is tried on at most (12), ``--pairs`` how many pairs a page (40);
``--write`` puts the tables into docs/redesign.md. Five to ten minutes on two cores, one and a half with
``--pages 2 --pairs 8``.
"""

import argparse
import os
import random
import re
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

from fixtures.mutations.samples import SAVED, replica_samples, saved_samples
from fixtures.mutations.survey import REQUIRED, Change, Outcome, Outcomes, plan, plan_pairs, survey, together
from fixtures.mutations.table import Seen, by_field, by_kind, fields_of, is_target, percent
from fixtures.mutations.trying import MISSING, RIGHT, WRONG, Sample
from fixtures.mutations.watching import Asked, fewest_settings, watch

GUIDE = Path(__file__).parents[1] / "docs" / "redesign.md"
_GENERATED = re.compile(r"(?<=<!-- tables -->\n).*(?=<!-- end of tables -->)", re.DOTALL)


def samples(seed: int) -> list[Sample]:
    """The saved pages, and the replica in all its settings, in an order of their own."""
    found = [*saved_samples(), *replica_samples(seed, 2)]
    random.Random(seed).shuffle(found)
    return found


def asked_of(outcomes: Outcomes) -> list[tuple[str, Asked]]:
    """What to ask the monitors, by the setting in which it shows; few settings, since each takes a while to make."""
    needs: dict[tuple[Change, str], list[str]] = {}
    for change, outcome in outcomes.items():
        for name, setting in outcome.settings:
            if not setting.startswith(SAVED):
                needs.setdefault((change, name), []).append(setting)
    asked: dict[str, Asked] = {setting: [] for setting in fewest_settings(needs.values())}
    for question, settings in needs.items():
        asked[next(setting for setting in asked if setting in settings)].append(question)
    return list(asked.items())


def lines_on_pairs(outcomes: Outcomes) -> Iterator[str]:
    """Shares of all values of the required fields, and of all fields, after two changes at once."""
    both, with_gone = Outcome(), Outcome()
    for change, outcome in outcomes.items():
        (both if all(map(is_target, change)) else with_gone).add(outcome)
    yield "| two at once | pages | right | missing | wrong |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for title, whole in (("", both), (" with an element gone", with_gone)):
        for fields, names in (("required fields", REQUIRED), ("all fields", tuple(fields_of(outcomes)))):
            shares = (percent(whole.share(verdict, *names)) for verdict in (RIGHT, MISSING, WRONG))
            yield f"| {fields}{title} | {whole.pages} | {' | '.join(shares)} |"


def lines_on_gone(outcomes: Outcomes) -> Iterator[str]:
    """Elements that are gone with all they hold: what is left of the required fields, and that nothing is wrong."""
    whole = Outcome()
    for change, outcome in outcomes.items():
        if not is_target(change[0]):
            whole.add(outcome)
    shares = [percent(whole.share(verdict, *REQUIRED)) for verdict in (RIGHT, MISSING, WRONG)]
    yield f"Elements gone from {whole.pages} pages: of the required fields {shares[0]} right, {shares[1]} missing,"
    yield f"{shares[2]} wrong."


def said_of_run(pages: int, outcomes: Outcomes, paired: Outcomes, options: argparse.Namespace) -> str:
    """The figures of the run as a paragraph of the guide, with its day and its options."""
    tried = sum(outcome.pages for outcome in (*outcomes.values(), *paired.values()))
    chosen = f"--pages {options.pages} --pairs {options.pairs} --seed {options.seed}"
    return (
        f"Measured on {date.today()} with `bench.bench_redesign {chosen}`: {pages} pages, {len(outcomes)} changes and\n"
        f"{len(paired)} pairs of them, {tried} changed pages extracted."
    )


def main() -> None:
    """Survey, ask the monitors, print, and on ``--write`` renew the guide's tables."""
    parser = argparse.ArgumentParser()
    for name, default in (("pages", 12), ("pairs", 40), ("seed", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    start, found = time.monotonic(), samples(options.seed)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        outcomes = together(pool.map(survey, plan(found, options.pages)))
        paired = together(pool.map(survey, plan_pairs(found, options.pairs, options.seed)))
        kept = {change: outcome for change, outcome in outcomes.items() if is_target(change[0])}
        seen: Seen = {key: value for answers in pool.map(watch, asked_of(kept)) for key, value in answers.items()}
    text = "\n".join(
        [*by_kind(outcomes), "", *by_field(kept, seen), "", *lines_on_pairs(paired), "", *lines_on_gone(outcomes)]
    )
    text = f"{text}\n\n{said_of_run(len(found), outcomes, paired, options)}"
    print(text)
    for change, name in sorted(key for key, articles in seen.items() if articles is None):
        print(f"not seen: {change[0]} costs or moves {name}")
    print(f"{time.monotonic() - start:.0f} s")
    if options.write:
        GUIDE.write_text(_GENERATED.sub(lambda _: f"{text}\n", GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
