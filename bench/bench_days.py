"""
Sixty days of the replica, a run each, held against what happened: changes caught, requests, revisions, alarms.

    .venv/bin/python -m bench.bench_days [DAYS] [ARTICLES] [SEED]
"""

import logging
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median

from fixtures.simulation.life import Day, Life, live

PLAN = {
    15: "sitemap 500", 19: "all 503", 22: "articles 403", 26: "a section 500", 29: "another theme",
    33: "consent page for articles", 37: "tags and date elsewhere", 41: "sitemap 404", 45: "all 500", 51: "no cards",
}  # fmt: skip
"""Bad days; the days between are good ones."""


def tell(day: Day) -> None:
    """A line a day."""
    trouble = day.trouble.name if day.trouble else ""
    verdict = "FALSE ALARM" if day.is_false_alarm else "MISSED ALARM" if day.is_missed_alarm else ""
    ran = day.ran
    print(
        f"day {day.number:3} exit {ran.code} {ran.requests:5} requests  {trouble:28} {verdict} {ran.why[:80]}",
        flush=True,
    )


def faults(life: Life) -> dict[str, list[str]]:
    """What has to be nothing."""
    assert life.audit
    return {
        "false revisions": life.audit.false,
        "stored articles spoiled": life.audit.worse,
        "false alarms": [f"day {day.number}: {day.ran.alarms}" for day in life.days if day.is_false_alarm],
        "missed alarms": [f"day {day.number}: {day.ran.alarms}" for day in life.days if day.is_missed_alarm],
    }


def show(life: Life) -> None:
    """The table."""
    assert life.audit
    kinds = defaultdict(list)
    for one in life.audit.awaited:
        kinds[one.kind].append(one.runs)
    print("\nevent        number caught  share  runs: median worst")
    for kind, runs in sorted(kinds.items()):
        caught = [number for number in runs if number is not None]
        spread = f"{median(caught):6.0f} {max(caught):5}" if caught else ""
        print(f"{kind:12} {len(runs):6} {len(caught):6} {len(caught) / len(runs):6.1%}        {spread}")
    good = [day.ran.requests for day in life.days[1:] if day.trouble is None]
    print(f"\nrequests on a good day: median {median(good):.0f}, most {max(good)}", end="")
    print(f"; a full crawl: {', '.join(f'{number} on day {day}' for day, number in life.full.items())}")
    for name, found in faults(life).items():
        print(f"{name}: {len(found)}")
        for line in found[:10]:
            print(f"    {line[:200]}")


def main(days: int = 60, articles: int = 400, seed: int = 1) -> int:
    """Print the table; 1 where something is not 0 that has to be."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        plan = {day: name for day, name in PLAN.items() if day <= days}
        life = live(Path(folder), days, plan, articles, seed, frozenset({days}), tell)
    show(life)
    return int(any(faults(life).values()))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
