"""What is written about: tags, and stories that are told more than once."""

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from typing import Any

from newscrawl.picturing.parts import Fold, Section, Table, percent
from newscrawl.picturing.text import link
from newscrawl.reporting.plain import counted

TAGS = 25
TAG_DAYS = 30
CLUSTERS = 12
MEMBERS = 10
"""Articles of a cluster that are named."""


def tags(ever: Sequence[tuple[str, int]], recent: Sequence[tuple[str, int]], since: str | None) -> Section:
    """:param recent: tags of articles published on ``since`` (ISO date) or later"""
    name, title = "tags", "Top tags"
    if not ever:
        return Section(name, title, ["No article has a tag yet."])
    parts = [Table("Of all articles", ["tag", "articles"], ever, 1)]
    if recent:
        parts.insert(0, Table(f"Of articles published since {since}", ["tag", "articles"], recent, 1))
    return Section(name, title, ["Tags as the site shows them; an article counts for each of its own."], parts)


def duplicates(clusters: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> Section:
    """:param clusters: every cluster by name with its members, see storage.clusters"""
    name, title = "duplicates", "Stories told more than once"
    every = list(clusters)
    if not every:
        return Section(name, title, ["No two articles are alike."])
    members = sum(len(some) for _, some in every)
    shown = nlargest(CLUSTERS, every, key=lambda cluster: (len(cluster[1]), cluster[1][-1]["published_at"]))
    says = [
        f"{counted(members, 'article')} in {counted(len(every), 'cluster')} share half of their runs of five words or "
        f"more with another one; none is dropped.{_only(len(shown), len(every))}"
    ]
    return Section(name, title, says, [_cluster(some) for _, some in shown])


def _only(shown: int, every: int) -> str:
    return f" The largest {shown} are shown." if shown < every else ""


def _cluster(members: Sequence[Mapping[str, Any]]) -> Fold:
    lines = [
        link(None, f"{one['published_at'][:10]}, {percent(one['similarity'], 1)} like the first: ")
        + link(one["url"], one["headline"])
        for one in members[:MEMBERS]
    ]
    if len(members) > MEMBERS:
        lines.append(link(None, f"and {counted(len(members) - MEMBERS, 'more article')}"))
    return Fold(f"{counted(len(members), 'article')}: {members[0]['headline']}", lines)
