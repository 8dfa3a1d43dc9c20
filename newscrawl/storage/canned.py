"""Questions that people ask of the corpus, as SQL with a name; ``make browse`` offers each as a page."""

from dataclasses import dataclass

from newscrawl.storage.searching import folded


@dataclass(frozen=True, slots=True)
class Query:
    """
    A question: ``name`` for its address, which is no table's or view's, ``title`` and ``help`` for people.

    Whoever asks it is asked for what stands in its SQL as ``:q``.
    """

    name: str
    title: str
    help: str
    sql: str


_WEEK = "strftime('%Y-%m-%dT%H:%M:%S', (SELECT max(started_at) FROM runs), '-7 days')"

QUERIES = (
    Query(
        "what_changed_this_week",
        "What changed this week",
        "Articles that came, were edited or went in the seven days up to the last run, newest first.",
        f"""
SELECT * FROM (
    SELECT r.seen_at AS seen_at, CASE r.revision WHEN 1 THEN 'new' ELSE 'edited' END AS what, a.headline, a.section,
        (SELECT group_concat(f.value, ', ') FROM json_each(r.changed_fields) f) AS fields, a.url
    FROM revisions r JOIN articles a ON a.id = r.article_id
    WHERE r.cause = 'edit' AND r.seen_at >= {_WEEK}
    UNION ALL SELECT last_fetched_at, 'gone', headline, section, NULL, url
    FROM articles WHERE state = 'gone' AND last_fetched_at >= {_WEEK}
) ORDER BY seen_at DESC, what""",
    ),
    Query(
        "articles_a_day_by_section",
        "Articles a day by section",
        "How many articles each section published on each day, the last days first.",
        "SELECT day, section, articles FROM articles_a_day ORDER BY day DESC, articles DESC, section",
    ),
    Query(
        "longest_lived_headlines",
        "Longest-lived headlines",
        "Headlines that stood longest before they were rewritten.",
        """
SELECT round(hours_stood / 24, 1) AS days_stood, before AS headline, after AS rewritten_as, published_at, seen_at, url
FROM headline_rewrites ORDER BY hours_stood DESC LIMIT 200""",
    ),
    Query(
        "rewritten_headlines",
        "Headline rewrites",
        "Every rewritten headline, the last ones first.",
        """
SELECT seen_at, before, after, hours_after_publication, section, url
FROM headline_rewrites ORDER BY seen_at DESC""",
    ),
    Query(
        "silent_edits",
        "Silent edits",
        "Texts and headlines that were edited while the page did not say so: its date of modification did not move.",
        """
SELECT c.seen_at, c.field, c.before, c.after, c.url
FROM revisions_changed c
    JOIN revisions r ON r.article_id = c.article_id AND r.revision = c.revision
    JOIN revisions e ON e.article_id = c.article_id AND e.revision = c.revision - 1
WHERE c.field IN ('headline', 'body', 'lead', 'summary')
    AND json_extract(r.article, '$.modified_at') IS json_extract(e.article, '$.modified_at')
ORDER BY r.id DESC""",
    ),
    Query(
        "search",
        "Search",
        'Headline, lead, body, summary and tags; best first. Words, "a phrase", AND, OR, NOT, ferr*, headline:ferry. '
        "Case and accents do not matter: Ciplak finds Çıplak.",
        f"""
SELECT a.headline, a.section, a.published_at, snippet(articles_fts, 2, '**', '**', ' ... ', 30) AS excerpt, a.url
FROM articles_fts JOIN articles a ON a.id = articles_fts.rowid
WHERE articles_fts MATCH CASE WHEN trim(:q) = '' THEN '""' ELSE {folded(":q")} END
ORDER BY rank LIMIT 200""",
    ),
    Query(
        "near_duplicates",
        "Near-duplicates",
        "Articles that tell the same thing under different addresses, those of a cluster together.",
        """
SELECT cluster, members, headline, section, published_at, round(similarity, 2) AS similarity, url
FROM clusters ORDER BY cluster, published_at""",
    ),
    Query(
        "last_runs",
        "What the last runs did",
        "The last fifty crawls, newest first.",
        """
SELECT id, started_at, minutes, ended, health, why, new, updated, unchanged, gone, rejected, failed, requests
FROM runs_readable ORDER BY id DESC LIMIT 50""",
    ),
)
