"""
Ready-made views for analysis: one row a paragraph, a question, an author, a link, a change and so on.

A view is a row of VIEWS. To change one, edit it here and raise the schema version with the step ``views_only``: every
step drops the views and creates today's. A view that is given up is dropped by a step of its own.
"""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """A view ``name`` for people: ``title``, one sentence of ``help``, its ``columns`` with what they mean, its SQL."""

    name: str
    title: str
    help: str
    columns: dict[str, str]
    sql: str


ARTICLE_ID = "Row of the article, articles.id."
URL = "Address of the article."
SECTION = "Section of the article."
PUBLISHED_AT = "When the article was published, in UTC."
HEADLINE = "Headline of the article, as it is now."
_OF_ARTICLE = {"article_id": ARTICLE_ID, "url": URL, "published_at": PUBLISHED_AT, "section": SECTION}

# Whole numbers are cast, so that they equal the text '1' too, which is how Datasette asks.

# A text as a JSON array of its paragraphs. U+FFFF is no character, so it stands in no text.
_PIECES = """json_each('[' || replace(
        json_quote(replace(a.body, char(10, 10), char(65535))), char(65535), '","') || ']')"""

# A text stands in body_sections as json_quote writes it; to look for it there is cheaper than to read the JSON.
_PARAGRAPHS = f"""
SELECT a.id, a.url, a.published_at, a.section, CAST(p.key + 1 AS INTEGER),
    (SELECT json_extract(s.value, '$.heading') FROM json_each(a.body_sections) s
        WHERE instr(json_extract(s.value, '$.paragraphs'), json_quote(p.value)) LIMIT 1), p.value
FROM articles a, {_PIECES} p
WHERE p.value <> '' AND NOT instr(a.body_sections, '"heading": ' || json_quote(p.value))
"""

_QUESTIONS = """
SELECT a.id, a.url, a.published_at, a.section, CAST(CAST(f.key AS INTEGER) + 1 AS INTEGER),
    json_extract(f.value, '$.question'), json_extract(f.value, '$.answer')
FROM articles a, json_each(a.faq) f
"""

_TAGS_A_MONTH = """
SELECT substr(a.published_at, 1, 7), t.name, CAST(count(DISTINCT a.id) AS INTEGER)
FROM article_tags x JOIN articles a ON a.id = x.article_id JOIN tags t ON t.id = x.tag_id
GROUP BY 1, 2
"""

_AUTHORS = """
SELECT a.id, a.url, a.published_at, a.section, CAST(CAST(w.key AS INTEGER) + 1 AS INTEGER),
    json_extract(w.value, '$.name'), json_extract(w.value, '$.url'), json_extract(w.value, '$.website')
FROM articles a, json_each(a.authors) w
"""


def _host(url: str) -> str:
    """SQL for the host of an address: lower case, without port; null for mailto: and the like."""
    rest = f"substr({url}, instr({url}, '://') + 3)"
    for mark in "?#:":
        rest = f"replace({rest}, '{mark}', '/')"
    return f"CASE WHEN {url} LIKE 'http%://%' THEN lower(substr({rest}, 1, instr({rest} || '/', '/') - 1)) END"


_ARTICLE_LINKS = f"""
SELECT *, CAST(host IS NOT NULL AND host <> {_host("url")} AS INTEGER) FROM (
    SELECT a.id, a.url AS url, a.published_at, a.section, CAST(CAST(l.key AS INTEGER) + 1 AS INTEGER),
        json_extract(l.value, '$.text'), json_extract(l.value, '$.url'),
        {_host("json_extract(l.value, '$.url')")} AS host
    FROM articles a, json_each(a.links) l
) AS found
"""

_REVISIONS_CHANGED = """
SELECT a.id, a.url, a.published_at, a.section, r.revision, r.seen_at, earlier.seen_at, f.value,
    json_extract(earlier.article, '$.' || f.value), json_extract(r.article, '$.' || f.value)
FROM revisions r JOIN articles a ON a.id = r.article_id
    JOIN revisions earlier ON earlier.article_id = r.article_id AND earlier.revision = r.revision - 1,
    json_each(r.changed_fields) f
WHERE r.cause = 'edit' ORDER BY r.id DESC
"""

# What a headline stood: since it was seen first, or since the publication where it is the first one.
_HEADLINE_REWRITES = """
SELECT id, url, published_at, section, revision, seen_at, was, became,
    round((julianday(seen_at) - julianday(published_at)) * 24, 1),
    round((julianday(seen_at) - julianday(coalesce(since, published_at))) * 24, 1)
FROM (
    SELECT a.id, a.url, a.published_at, a.section, r.revision, r.seen_at,
        json_extract(earlier.article, '$.headline') AS was, json_extract(r.article, '$.headline') AS became,
        (SELECT max(o.seen_at) FROM revisions o WHERE o.article_id = r.article_id AND o.revision < r.revision
            AND o.cause = 'edit' AND instr(o.changed_fields, '"headline"') > 0) AS since
    FROM revisions r JOIN articles a ON a.id = r.article_id
        JOIN revisions earlier ON earlier.article_id = r.article_id AND earlier.revision = r.revision - 1
    WHERE r.cause = 'edit' AND instr(r.changed_fields, '"headline"') > 0 ORDER BY r.id DESC
) AS found
"""

_ARTICLES_A_DAY = """
SELECT substr(published_at, 1, 10), section, CAST(count(*) AS INTEGER) FROM articles GROUP BY 1, 2
"""

_CLUSTERS = """
SELECT c.cluster, a.id, a.url, a.published_at, a.section, a.headline, c.similarity,
    CAST((SELECT count(*) FROM article_clusters o WHERE o.cluster = c.cluster) AS INTEGER)
FROM article_clusters c JOIN articles a ON a.id = c.article_id
"""

_RUNS_READABLE = """
SELECT id, spider, started_at, round((julianday(finished_at) - julianday(started_at)) * 1440, 1),
    CASE exit_code WHEN 0 THEN 'done' WHEN 1 THEN 'failed' WHEN 2 THEN 'usage' WHEN 3 THEN 'unhealthy'
        WHEN 4 THEN 'another run was at work' ELSE 'not ended' END,
    json_extract(report, '$.health'), json_extract(report, '$.run.why'),
    new, updated, unchanged, gone, rejected, failed, requests, finish_reason, arguments
FROM runs
"""

VIEWS = (
    View(
        "paragraphs",
        "Paragraphs",
        "The running text of every article, a row a paragraph, in reading order; headings are no rows of their own.",
        {
            **_OF_ARTICLE,
            "position": "Place in the running text, from 1; a heading takes a place too.",
            "heading": "The heading that it stands under; null in the lead, and after a block that ended the part.",
            "text": "The paragraph.",
        },
        _PARAGRAPHS,
    ),
    View(
        "questions",
        "Questions and answers",
        "The Frequently Asked Questions of every article, a row a question.",
        {
            **_OF_ARTICLE,
            "position": "Place of the question in the article, from 1.",
            "question": "The question.",
            "answer": "Its answer.",
        },
        _QUESTIONS,
    ),
    View(
        "tags_a_month",
        "Tags a month",
        "How many articles of each month carry each tag; those that are gone count too.",
        {
            "month": "Month of publication in UTC, such as 2025-05.",
            "tag": "The tag, as shown.",
            "articles": "Articles of that month with that tag.",
        },
        _TAGS_A_MONTH,
    ),
    View(
        "authors",
        "Authors",
        "Who wrote what: a row an author an article.",
        {
            **_OF_ARTICLE,
            "position": "Place of the author in the by-line, from 1.",
            "name": "Name of the author.",
            "author_url": "Address of the author's page.",
            "website": "Web site that the author box names.",
        },
        _AUTHORS,
    ),
    View(
        "article_links",
        "Links",
        "Links in the running text, a row a link.",
        {
            **_OF_ARTICLE,
            "position": "Place of the link in the article, from 1.",
            "text": "The linked words.",
            "target": "Where the link leads.",
            "host": "Host of the target, in lower case; null where it has none, as in mailto:.",
            "is_outbound": "1 where the link leads to another host than the article's own, else 0.",
        },
        _ARTICLE_LINKS,
    ),
    View(
        "revisions_changed",
        "What was edited",
        "A row a changed field a revision, with its value before and after; the last ones first.",
        {
            **_OF_ARTICLE,
            "revision": "Number of the version that brought the change, from 2.",
            "seen_at": "When that version was seen first, in UTC; the edit is not later.",
            "previous_seen_at": "When the version before was seen first, in UTC; the edit is later.",
            "field": "The field that changed.",
            "before": "Its value before; lists and objects as JSON.",
            "after": "Its value after; lists and objects as JSON.",
        },
        _REVISIONS_CHANGED,
    ),
    View(
        "headline_rewrites",
        "Headline rewrites",
        "A row a headline that was rewritten; the last ones first.",
        {
            **_OF_ARTICLE,
            "revision": "Number of the version that brought the new headline.",
            "seen_at": "When the new headline was seen first, in UTC.",
            "before": "The old headline.",
            "after": "The new headline.",
            "hours_after_publication": "Hours from the publication until the new headline was seen.",
            "hours_stood": "Hours that the old headline stood: from when it was seen first (the first one: from the "
            "publication) until the new one was seen.",
        },
        _HEADLINE_REWRITES,
    ),
    View(
        "articles_a_day",
        "Articles a day",
        "How many articles each section published on each day; those that are gone count too.",
        {"day": "Day of publication in UTC.", "section": SECTION, "articles": "Articles of that day and section."},
        _ARTICLES_A_DAY,
    ),
    View(
        "clusters",
        "Near-duplicates",
        "Articles that tell the same thing under different addresses: a row an article that has a near-duplicate.",
        {
            "cluster": "Name of the cluster: post id, else address, of its first article.",
            **_OF_ARTICLE,
            "headline": HEADLINE,
            "similarity": "How alike its text is to the first article's, 0 to 1.",
            "members": "Articles of the cluster.",
        },
        _CLUSTERS,
    ),
    View(
        "runs_readable",
        "Runs",
        "Every crawl: when, how it ended, and what it brought.",
        {
            "id": "Number of the run.",
            "spider": "Name of the spider.",
            "started_at": "When it began, in UTC.",
            "minutes": "How long it took.",
            "ended": "How it ended: done, failed, usage, unhealthy, another run was at work, or not ended.",
            "health": "What the monitors made of it: ok, quiet, unhealthy or failed.",
            "why": "Why it did not end with done, in one line.",
            "new": "Articles that came.",
            "updated": "Articles that had changed.",
            "unchanged": "Articles that were fetched again and had not changed.",
            "gone": "Articles that the site no longer has.",
            "rejected": "Pages that no article could be made of.",
            "failed": "Pages that could not be fetched.",
            "requests": "Requests that were sent.",
            "finish_reason": "Scrapy's word for why it ended.",
            "arguments": "The arguments of the spider, as JSON.",
        },
        _RUNS_READABLE,
    ),
)


def create_views(db: sqlite3.Connection) -> None:
    """Create today's views in the open transaction."""
    for view in VIEWS:
        db.execute(f"CREATE VIEW {view.name} ({', '.join(view.columns)}) AS {view.sql}")


def drop_views(db: sqlite3.Connection) -> list[str]:
    """Drop every view, since tables under a view cannot be altered; answers the SQL of those that are not ours."""
    ours = {view.name for view in VIEWS}
    found = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'view'").fetchall()
    for name, _ in found:
        quoted = name.replace('"', '""')
        db.execute(f'DROP VIEW "{quoted}"')
    return [sql for name, sql in found if name not in ours]
