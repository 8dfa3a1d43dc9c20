"""The monitors as a table, and what they say of a run together: one line a cause."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from newscrawl.monitors import articles, discovery, fetching, publishing
from newscrawl.monitors.findings import Finding
from newscrawl.monitors.norms import Norms
from newscrawl.monitors.observed import Observed


@dataclass(frozen=True, slots=True)
class Monitor:
    """A name, what looks, and what it can tell."""

    name: str
    look: Callable[[Observed, Norms], Iterator[Finding]]
    tells: str


MONITORS = (
    Monitor("blocked", fetching.blocked, "the site refuses requests: 403, 429, 503"),
    Monitor("fields", articles.fields, "a field that used to be filled is empty"),
    Monitor("origins", articles.origins, "a field comes from another source than usual"),
    Monitor("blocks", articles.blocks, "no article follows the site's template any more"),
    Monitor("lengths", articles.lengths, "texts are cut short, or hold what is not theirs"),
    Monitor("losses", articles.losses, "known articles have lost a field"),
    Monitor("rewriting", articles.rewriting, "known articles have another text, and do not say so"),
    Monitor("posts", fetching.posts, "pages of articles are no posts any more"),
    Monitor("rejects", fetching.rejects, "too many articles are rejected"),
    Monitor("cards", discovery.cards, "a section, sitemap or feed names no article any more"),
    Monitor("menus", discovery.menus, "the menus no longer name the sections"),
    Monitor("answers", discovery.answers, "a section, sitemap or feed that used to answer does not"),
    Monitor("failing", fetching.failing, "too many fetches fail"),
    Monitor("gone", fetching.gone, "most known articles are gone at once"),
    Monitor("quiet", publishing.quiet, "nothing was published for long; never a failure"),
)

OF_LISTS = frozenset({"cards", "menus"})
"""Monitors that tell of another layout of lists; the others that tell of one mean the pages of articles."""
OF_KNOWN = frozenset({"losses", "rewriting"})
"""Monitors that tell of a field what others may tell of it already."""
FOLLOWS_FROM = {"blocked": frozenset({"failing", "source_empty"})}
"""Verdict: others that it explains."""
MOST_CLAUSES = 3


def judge(observed: Observed, norms: Norms) -> list[Finding]:
    """
    What is not as usual in a run, failures first, in the order of MONITORS; findings of one cause are one line.

    Without norms (a site that is hardly known) only what needs none is told.
    """
    found = [finding for monitor in MONITORS for finding in monitor.look(observed, norms)]
    named = {finding.field for finding in found if finding.monitor not in OF_KNOWN}
    found = [finding for finding in found if finding.monitor not in OF_KNOWN or finding.field not in named]
    explained = {verdict for finding in found for verdict in FOLLOWS_FROM.get(finding.verdict, ())}
    groups: dict[tuple[str, bool], list[Finding]] = {}
    for finding in found:
        if finding.verdict not in explained:
            groups.setdefault((finding.verdict, finding.monitor in OF_LISTS), []).append(finding)
    return sorted(map(_as_one, groups.values()), key=lambda finding: not finding.failed)


def _as_one(group: list[Finding]) -> Finding:
    """The first of a group, with what all of them say."""
    first = group[0]
    clauses = [finding.message for finding in group]
    if len(clauses) > MOST_CLAUSES:
        others = dict.fromkeys(finding.field or finding.monitor for finding in group[MOST_CLAUSES - 1 :])
        clauses[MOST_CLAUSES - 1 :] = [f"also {', '.join(others)}"]
    url = next((finding.url for finding in group if finding.url), None)
    look = f"; look at {url}" if url else ""
    return replace(first, message=f"{first.verdict.replace('_', ' ')}: {'; '.join(clauses)}{look}", url=url)


def health(findings: Iterable[Finding]) -> Literal["ok", "quiet", "unhealthy"]:
    """One word for a run that was not interrupted."""
    found = list(findings)
    if any(finding.failed for finding in found):
        return "unhealthy"
    return "quiet" if found else "ok"


def layout_changed(findings: Iterable[Finding]) -> bool:
    """Whether pages of articles have another layout, so that new versions of known articles are not to be trusted."""
    return any(finding.verdict == "layout_changed" and finding.monitor not in OF_LISTS for finding in findings)


def changed_since(before: Iterable[tuple[int, list[dict[str, Any]]]]) -> int | None:
    """
    Since which run pages of articles had another layout, up to the last one; None where they had not.

    :param before: each earlier run, and its findings as JSON; the last run first
    """
    since = None
    for run, found in before:
        findings = [Finding(**one) for one in found]
        if layout_changed(findings):
            since = run
        elif not any(finding.failed for finding in findings):
            break
    return since
