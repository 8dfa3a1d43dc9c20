"""The page: everything that is stored, as sections with pictures and tables, in one HTML file that needs no other."""

from datetime import date, timedelta
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from newscrawl import clock
from newscrawl.picturing.fields import field_rates
from newscrawl.picturing.freshness import editing, freshness
from newscrawl.picturing.gaps import gaps
from newscrawl.picturing.parts import Section
from newscrawl.picturing.publishing import publishing
from newscrawl.picturing.rewrites import LOOKED_AT, rewrites
from newscrawl.picturing.runs import RUNS, health, requests
from newscrawl.picturing.subjects import TAG_DAYS, TAGS, duplicates, tags
from newscrawl.picturing.text import link, plain
from newscrawl.reporting.markdown import HEALTH
from newscrawl.reporting.standing import standing
from newscrawl.storage import report_read, runs_read
from newscrawl.storage.clusters import clusters
from newscrawl.storage.database import Database

TEMPLATES = Path(__file__).parent / "templates"


def make_page(store: Database, spider: str, at_work: bool = False) -> str:
    """
    The HTML of the report.

    :param spider: whose runs are shown
    :param at_work: whether one of them is under way
    :raises StoreError: the store cannot be read
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=plain,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["link"] = link
    return environment.get_template("report.html").render(
        spider=spider,
        made_at=clock.stamp()[:16].replace("T", " "),
        health=HEALTH,
        standing=standing(store, spider, at_work),
        sections=sections(store, spider, at_work),
        style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
    )


def sections(store: Database, spider: str, at_work: bool) -> list[Section]:
    """All sections in their order; one without anything to show says so."""
    published = report_read.published(store)
    began = report_read.began(store)
    runs = runs_read.latest_runs(store, spider, RUNS)
    since = _days_before(published[-1][0], TAG_DAYS) if published else None
    return [
        publishing(published),
        freshness(began, report_read.delays(store, began) if began else []),
        editing(report_read.edits(store)),
        rewrites(report_read.text_edits(store, LOOKED_AT)),
        field_rates(report_read.measured(store, spider)),
        health(runs, report_read.endings(store, spider), at_work),
        requests(runs),
        gaps(runs),
        tags(report_read.top_tags(store, TAGS), report_read.top_tags(store, TAGS, since) if since else [], since),
        duplicates(clusters(store)),
    ]


def _days_before(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days - 1)).isoformat()
