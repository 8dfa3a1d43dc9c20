"""What the tables and their columns mean, for whoever looks into the database. The fields of articles are documented
in ``newscrawl/items.py``, the views where they stand."""

from dataclasses import dataclass

from itemadapter import ItemAdapter

from newscrawl.items import Article
from newscrawl.storage.schema import FIELDS


@dataclass(frozen=True, slots=True)
class Table:
    """A table for people: ``title``, a sentence of ``help``, its ``columns`` with what they mean."""

    title: str
    help: str
    columns: dict[str, str]
    is_internal: bool = False


_PROPERTIES = ItemAdapter.get_json_schema(Article)["properties"]
_ARTICLE_ID = "The article, articles.id."
_URL = "The address."

_ARTICLE = {
    "id": "Number of the row; it stays when the article gets another address.",
    **{name: str(_PROPERTIES[name]["description"]) for name in FIELDS},
    "state": "What its last fetch showed: new, updated, unchanged, or gone from the site.",
    "revision": "Number of the version that this is, from 1.",
    "first_seen_at": "When it was seen first, in UTC.",
    "last_seen_at": "When it was last there, in UTC.",
    "last_fetched_at": "When it was last asked for, in UTC.",
    "changed_at": "When this version was seen first, in UTC.",
}
_PAGE = {
    "url": "The address that was asked for, or is to be.",
    "kind": "What is there: home, section, article, part, sitemap, feed or rest.",
    "status": "HTTP status of the last answer.",
    "fetched_at": "When it was last fetched, in UTC.",
    "etag": "The server's mark of the version, sent back to learn whether it changed.",
    "last_modified": "When the server says that it changed, likewise.",
    "next_check_at": "When it is due again because of its age, in UTC.",
    "failures": "How often in a row it failed.",
    "article_id": "The article that it led to, articles.id.",
    "outcome": "What became of it: article, rejected, skipped, failed, gone, moved or out_of_range.",
    "reason": "Why it was rejected or skipped, or why it failed.",
    "todo": "Why it is to be fetched: new, changed or missing.",
    "discovered_by": "Where the address was learnt.",
    "discovered_run": "The run that learnt it; 0 where nobody knows.",
    "asked_run": "The run that asked for it last.",
    "retry_run": "From which run on it is tried again after it failed.",
    "found_by": "The sources that have named it, with commas: home, sections, sitemap, feed, rest.",
    "lastmod": "When a source last said that it changed, in UTC.",
    "sitemap": "The sitemap that names it.",
    "published_at": "When its article was published, in UTC.",
    "archive_file": "The file of the archive that holds its last answer with a page.",
    "archive_offset": "Where in that file the record begins, in bytes.",
    "archive_length": "Length of the record, in bytes.",
    "archive_digest": "Checksum of the record.",
    "archive_run": "The run that saw that answer.",
}
_RUN = {
    "id": "Number of the run.",
    "spider": "Name of the spider.",
    "started_at": "When it began, in UTC.",
    "finished_at": "When it ended, in UTC; null while it is at work, or if it was killed.",
    "arguments": "The arguments of the spider, as JSON.",
    "new": "Articles that came.",
    "updated": "Articles that had changed.",
    "unchanged": "Articles that were fetched again and had not changed.",
    "gone": "Articles that the site no longer has.",
    "rejected": "Pages that no article could be made of.",
    "failed": "Pages that could not be fetched.",
    "requests": "Requests that were sent.",
    "finish_reason": "Scrapy's word for why it ended.",
    "exit_code": "0 done, 1 failed, 2 usage, 3 unhealthy, 4 another run was at work.",
    "stats": "Scrapy's statistics, as JSON.",
    "report": "The report of the run, as JSON.",
}

TABLES = {
    "articles": Table("Articles", "A row an article, as its page was read last. Lists and objects are JSON.", _ARTICLE),
    "revisions": Table(
        "Versions",
        "A row a version of an article, the first included.",
        {
            "id": "Number of the row, in the order in which versions came.",
            "article_id": _ARTICLE_ID,
            "revision": "Number of the version, from 1.",
            "seen_at": "When it was seen first, in UTC.",
            "content_hash": _PROPERTIES["content_hash"]["description"],
            "changed_fields": "Names of the fields that differ from the version before, as JSON.",
            "article": "The whole article as it was then, as JSON.",
            "cause": "What made it differ: an edit of the publisher, or other rules of extraction.",
            "archive": "The archived pages that it can be extracted from, as JSON.",
        },
    ),
    "tags": Table("Tags", "A row a tag.", {"id": "Number of the tag.", "name": "The tag, as shown."}),
    "article_tags": Table(
        "Tags of articles",
        "A row a tag of an article.",
        {"article_id": _ARTICLE_ID, "position": "Place of the tag, from 0.", "tag_id": "The tag, tags.id."},
    ),
    "article_urls": Table(
        "Other addresses",
        "Addresses that lead to an article and are not its own: old slugs, ?p=, further parts.",
        {"url": _URL, "article_id": _ARTICLE_ID, "first_seen_at": "When it was seen first, in UTC."},
    ),
    "pages": Table("Pages", "Every address that was asked for, or is to be, with its last answer.", _PAGE),
    "runs": Table("Runs, in full", "A row a crawl. The view runs_readable is shorter.", _RUN),
    "rejects": Table(
        "Rejects",
        "Posts that no article could be made of, so that nothing is lost.",
        {
            "id": "Number of the row.",
            "run_id": "The run, runs.id.",
            "url": _URL,
            "reason": "Why, in a short fixed word.",
            "detail": "Why, at more length.",
            "item": "What was read, as JSON.",
            "rejected_at": "When, in UTC.",
        },
    ),
    "held": Table(
        "Held versions",
        "New versions that may be the work of a changed layout; the end of the run decides.",
        {
            "article_id": _ARTICLE_ID,
            "run_id": "The run that read it, runs.id.",
            "held_at": "When, in UTC.",
            "article": "The version, as JSON.",
            "archive": "The archived pages that it can be extracted from, as JSON.",
        },
        is_internal=True,
    ),
    "walks": Table(
        "Walks",
        "Lists of articles that are walked page by page.",
        {"url": "The first page.", "open_run": "The first run whose walk did not reach the end; null where none."},
        is_internal=True,
    ),
    "outputs": Table(
        "Outputs",
        "How far the JSON Lines file agrees with the rows.",
        {
            "path": "The file.",
            "length": "Its length in bytes.",
            "revision_id": "The version in its last line, revisions.id.",
        },
        is_internal=True,
    ),
    "article_clusters": Table(
        "Near-duplicates, in short",
        "A row an article that has a near-duplicate. The view clusters says more.",
        {
            "article_id": _ARTICLE_ID,
            "cluster": "Name of the cluster.",
            "similarity": "How alike its text is to that of the cluster's first article, 0 to 1.",
        },
        is_internal=True,
    ),
    "article_signatures": Table(
        "Signatures",
        "What the texts are compared by.",
        {
            "article_id": _ARTICLE_ID,
            "content_hash": "The version that was compared last.",
            "signature": "Its signature; null where the text is too short.",
        },
        is_internal=True,
    ),
    "signature_bands": Table(
        "Bands of signatures",
        "Articles that share two values are compared.",
        {"value": "The value, which holds the number of its band.", "article_id": _ARTICLE_ID},
        is_internal=True,
    ),
}
