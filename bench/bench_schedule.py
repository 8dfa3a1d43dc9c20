"""
The schedule of re-checks, simulated: what a budget of requests sees of the edits that no source names.

    .venv/bin/python -m bench.bench_schedule [--articles A] [--days D] [--runs R] [--edited SHARE] [--seed S]

Articles appear evenly over the day; a share of them is edited once, at an age drawn from a log-normal distribution
(median 6 hours, one in ten after 6 days). A run takes what is due by the project's own schedule, that first which is
late by the most of its interval, as the store does, up to its budget. Nothing is fetched: minutes stand for years.
"""

import argparse
import math
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newscrawl.frontier.schedule import next_check

BUDGETS = (0, 10, 25, 50, 100, 200, 400, 100_000)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MEDIAN_HOURS, SIGMA = 6.0, 2.5


@dataclass(slots=True)
class Story:
    """An article as the simulation sees it."""

    url: str
    changed: datetime
    edited: datetime | None
    looked: datetime
    due: datetime


@dataclass(slots=True)
class Seen:
    """What a budget gave: requests, the hours from edit to sight, edits not seen by the end, articles overdue then."""

    requests: int
    hours: list[float]
    unseen: int
    overdue: int


def born(articles: int, days: int, edited: float, dice: random.Random) -> Iterator[tuple[datetime, datetime | None]]:
    """When each article appears, and when it is edited."""
    for number in range(articles * days):
        moment = BEGAN + timedelta(days=number / articles)
        hours = math.exp(dice.gauss(math.log(MEDIAN_HOURS), SIGMA))
        yield moment, moment + timedelta(hours=hours) if dice.random() < edited else None


def simulate(articles: int, days: int, runs: int, edited: float, budget: int, seed: int) -> Seen:
    """A site's life under one budget of re-checks a run."""
    to_come = born(articles, days, edited, random.Random(seed))
    coming = next(to_come, None)
    known: list[Story] = []
    requests, hours = 0, []
    for run in range(runs * days):
        now = BEGAN + timedelta(days=(run + 1) / runs)
        while coming and coming[0] <= now:
            published, edit = coming
            if edit and edit <= now:  # it was seen edited from the first
                edit = None
            url = f"https://newsjournos.com/{len(known)}/"
            known.append(Story(url, published, edit, now, due_after(url, now, published)))
            coming = next(to_come, None)
        for story in taken(known, now, budget):
            requests += 1
            if story.edited and story.edited <= now:
                hours.append((now - story.edited) / timedelta(hours=1))
                story.changed, story.edited = story.edited, None
            story.looked, story.due = now, due_after(story.url, now, story.changed)
    end = BEGAN + timedelta(days=days)
    unseen = sum(1 for story in known if story.edited and story.edited <= end)
    return Seen(requests, hours, unseen, sum(1 for story in known if story.due <= end))


def due_after(url: str, now: datetime, changed: datetime) -> datetime:
    """The schedule's own answer."""
    return datetime.fromisoformat(next_check(url, now, changed))


def taken(known: list[Story], now: datetime, budget: int) -> list[Story]:
    """What a run re-checks: due, the latest by share of its interval first."""
    due = [story for story in known if story.due <= now]
    due.sort(key=lambda story: (now - story.due) / (story.due - story.looked), reverse=True)
    return due[:budget]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row a budget."""
    parser = argparse.ArgumentParser(prog="bench.bench_schedule", description="Simulate the schedule of re-checks.")
    parser.add_argument("--articles", type=int, default=20, help="published a day")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--runs", type=int, default=8, help="a day")
    parser.add_argument("--edited", type=float, default=0.3, help="share of the articles that is edited once")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    print(
        f"{asked.articles} articles a day, {asked.days} days, {asked.runs} runs a day, {asked.edited:.0%} edited once"
    )
    print("budget a run | requests a day | edits seen | of those within a day | median hours | overdue at the end")
    for budget in BUDGETS:
        seen = simulate(asked.articles, asked.days, asked.runs, asked.edited, budget, asked.seed)
        edits = len(seen.hours) + seen.unseen
        within = sum(1 for one in seen.hours if one <= 24)
        median = statistics.median(seen.hours) if seen.hours else math.nan
        print(
            f"{budget:12,} | {seen.requests / asked.days:14.1f} | {len(seen.hours) / edits:10.1%} | "
            f"{within / edits:21.1%} | {median:12.1f} | {seen.overdue}"
        )


if __name__ == "__main__":
    main()
