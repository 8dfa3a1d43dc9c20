"""
Days of the replica, a run each, held against what happened: what is caught, after how many runs, at which price; no
false revision, no false alarm, no alarm missed.

    .venv/bin/python -m bench.bench_days [--days 60] [--articles 400] [--seeds 1 ...] [--site rankmath]
    .venv/bin/python -m bench.bench_days --unchanged 100 20000

Exits with 1 where something is not 0 that has to be. Sixty days take two to four minutes; to fill a store with 20,000
articles takes about as long.
"""

import argparse
import logging
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from fixtures.simulation.audit import Awaited
from fixtures.simulation.life import Day, Life, live
from fixtures.simulation.unchanged import cost_of_unchanged

REDESIGNS = (
    "another theme", "description lost", "subtitles lost", "reading time lost", "authors lost", "key points renamed",
    "tags and date elsewhere", "a box in the text",
)  # fmt: skip
PLAN = {
    8: "sitemap 404",
    10: "sitemap 500",
    12: "all 503",
    14: "all 500",
    16: "articles 403",
    18: "articles 404",
    20: "articles 500",
    22: "articles lead home",
    25: "consent page for articles",
    27: "consent page for all",
    29: "a section 500",
    31: "no cards",
    **{34 + 3 * place + more: name for place, name in enumerate(REDESIGNS) for more in (0, 1)},
}
"""Bad days; the days between are good ones. Each redesign is taken back after two days."""
SITES: dict[str, dict[str, Any]] = {
    "rankmath": {},
    "yoast": {"sitemap": "yoast", "head": "yoast", "paging": "load-more", "listing": "list"},
    "core": {"sitemap": "core", "crumbs": "theme", "paging": "infinite"},
    "aioseo": {"sitemap": "aioseo", "sitemap_gzip": True, "gone_status": 410},
    "bare": {"sitemap": "off", "head": "none", "crumbs": "theme"},
}
"""Whose sitemaps and head there are; nobody's on the last one."""


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


def show_events(life: Life) -> None:
    """What became of each kind of event; those of bad days, which no run could see then, apart."""
    assert life.audit
    bad = {day.number for day in life.days if day.trouble}
    kinds: dict[tuple[bool, str], list[Awaited]] = defaultdict(list)
    for one in life.audit.awaited:
        kinds[one.day in bad, one.kind].append(one)
    for is_bad in (False, True):
        print(f"\n{'of bad days' if is_bad else 'of good days':14} number overtaken caught  share  runs: median worst")
        for (of_bad, kind), events in sorted(kinds.items()):
            if of_bad == is_bad:
                print(f"  {kind:12} {_row(events)}")


def _row(events: list[Awaited]) -> str:
    possible = [one for one in events if not one.overtaken]
    runs = [one.runs for one in possible if one.runs is not None]
    spread = f"{median(runs):12.0f} {max(runs):5}" if runs else ""
    share = len(runs) / len(possible) if possible else 1.0
    return f"{len(events):6} {len(events) - len(possible):9} {len(runs):6} {share:6.1%} {spread}"


def show_requests(life: Life) -> None:
    """Requests a day, and what a full crawl of the same day asks for."""
    good = [day.ran.requests for day in life.days[1:] if day.trouble is None]
    bad = [day.ran.requests for day in life.days[1:] if day.trouble]
    print(f"\nrequests on a good day: median {median(good):.0f}, most {max(good)}", end="")
    print(f"; on a bad one: median {median(bad):.0f}, most {max(bad)}" if bad else "")
    for number, full in life.full.items():
        share = life.days[number].ran.requests / full
        print(f"  day {number}: {life.days[number].ran.requests}, a full crawl {full}: {share:.1%}")


def show_alarms(life: Life) -> None:
    """What was said on bad days."""
    kinds: dict[str, list[Day]] = defaultdict(list)
    for day in life.days:
        if day.trouble:
            kinds[day.trouble.name].append(day)
    print(f"\n{'bad days':28} number missed exit  says")
    for name, days in kinds.items():
        missed, codes = sum(day.is_missed_alarm for day in days), {day.ran.code for day in days}
        print(f"  {name:26} {len(days):6} {missed:6} {','.join(map(str, codes)):>4}  {days[0].ran.why[:110]}")


def show(life: Life) -> None:
    """The tables."""
    assert life.audit
    show_events(life)
    show_requests(life)
    show_alarms(life)
    healed, runs = life.audit.in_part, sorted(life.audit.healed.values())
    print(f"\narticles that came in another layout, and so in part: {len(healed)}; whole later: {len(runs)}", end="")
    print(f", after {median(runs):.0f} runs, at most {runs[-1]}" if runs else "")
    for name, found in faults(life).items():
        print(f"{name}: {len(found)}")
        for line in found[:10]:
            print(f"    {line[:200]}")


def show_unchanged(sizes: Iterable[int]) -> bool:
    """What the second run asks for; whether it is as many requests for each size."""
    found = set()
    for articles in sizes:
        with tempfile.TemporaryDirectory() as folder:
            cost = cost_of_unchanged(Path(folder), articles)
        filling, second = cost.filling, cost.unchanged
        asked = ", ".join(f"{number} {kind}" for kind, number in sorted(cost.asked.items()))
        print(f"{articles:6} articles: filled with {filling.requests} requests in {filling.seconds:.0f} s", end="; ")
        print(f"unchanged: {second.requests} requests ({asked}) in {second.seconds:.1f} s, exit {second.code}")
        found.add((second.requests, second.code))
    return len(found) == 1


def main() -> int:
    """Print the tables; 1 where something is not 0 that has to be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--site", choices=SITES, default="rankmath")
    parser.add_argument("--unchanged", type=int, nargs="+", metavar="ARTICLES")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    if given.unchanged:
        return int(not show_unchanged(given.unchanged))
    plan = {day: name for day, name in PLAN.items() if day <= given.days}
    if given.site == "bare":
        plan = {day: name for day, name in plan.items() if not name.startswith("sitemap")}
    wrong = False
    for seed in given.seeds:
        print(f"{given.articles} articles, seed {seed}, {given.site}")
        with tempfile.TemporaryDirectory() as folder:
            full_on = frozenset({1, given.days // 2 // 6 * 6 + 3, given.days})
            life = live(Path(folder), given.days, plan, given.articles, seed, full_on, tell, **SITES[given.site])
        show(life)
        wrong |= any(faults(life).values())
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
