"""What Datasette is told: titles, meanings of columns, facets, order and questions, from where each is defined."""

from typing import Any

from newscrawl.storage.canned import QUERIES
from newscrawl.storage.dictionary import TABLES
from newscrawl.storage.views import VIEWS

FACETS = {
    "articles": ("section", "state", "language"),
    "pages": ("kind", "outcome", "status"),
    "rejects": ("reason",),
    "questions": ("section",),
    "authors": ("name", "section"),
    "article_links": ("host", "is_outbound"),
    "revisions_changed": ("field", "section"),
    "headline_rewrites": ("section",),
    "articles_a_day": ("section",),
    "clusters": ("section",),
    "runs_readable": ("ended", "health"),
}
"""Columns whose values are counted beside the rows. Not those of paragraphs, which are too many to count at once."""

NEWEST_FIRST = {
    "articles": "published_at",
    "revisions": "id",
    "runs": "id",
    "rejects": "id",
    "articles_a_day": "day",
    "tags_a_month": "month",
    "runs_readable": "id",
}
"""Not the views that are in this order by themselves."""

LABELS = {"articles": "headline", "tags": "name"}
"""Columns that stand for a row where another table names it."""

MANNERS = "The texts are the publisher's: for private analysis, and no more than short quotations to publish."

# The meanings of 41 columns, one below the other, would leave no room for the rows.
STYLE = "data:text/css,dl.column-descriptions{max-height:12em;overflow-y:auto;resize:vertical}"

SETTINGS = {
    "sql_time_limit_ms": 10_000,  # one user on the same machine: a long question may take its time
    "facet_time_limit_ms": 2_000,
    "suggest_facets": "off",
    "default_page_size": 50,
    "truncate_cells_html": 300,
    "allow_download": "off",
    "max_csv_mb": 0,
}
"""Settings of Datasette that differ from its own."""


def metadata(name: str) -> dict[str, Any]:
    """Datasette's metadata for the database that it serves as ``name``."""
    described = {
        **{table: (one.title, one.help, one.columns) for table, one in TABLES.items()},
        **{view.name: (view.title, view.help, view.columns) for view in VIEWS},
    }
    tables = {table: _table(table, *words) for table, words in described.items()}
    queries = {
        one.name: {"title": one.title, "description": one.help, "sql": one.sql.strip(), "hide_sql": True}
        for one in QUERIES
    }
    database = {
        "title": "newsjournos.com, as it was crawled",
        "description": f"Begin with articles, with a question, or with a view. {MANNERS}",
        "tables": tables,
        "queries": queries,
    }
    return {"title": "newscrawl", "description": MANNERS, "extra_css_urls": [STYLE], "databases": {name: database}}


def _table(name: str, title: str, description: str, columns: dict[str, str]) -> dict[str, Any]:
    """What Datasette is told of a table or view."""
    told: dict[str, Any] = {"title": title, "description": description, "columns": columns}
    if name in FACETS:
        told["facets"] = list(FACETS[name])
    if name in NEWEST_FIRST:
        told["sort_desc"] = NEWEST_FIRST[name]
    if name in LABELS:
        told["label_column"] = LABELS[name]
    if name in TABLES and TABLES[name].is_internal:
        told["hidden"] = True
    return told
