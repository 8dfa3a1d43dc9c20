"""Monitors of the articles: whether what their pages used to give is still there, and comes from where it came."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

from newscrawl.monitors.binomial import UNLIKELY, at_least
from newscrawl.monitors.comparing import FEW, RARE, find_drop
from newscrawl.monitors.findings import Finding
from newscrawl.monitors.measures import ESSAY
from newscrawl.monitors.norms import ENOUGH, Norms
from newscrawl.monitors.observed import Observed
from newscrawl.monitors.tally import COUNTED, OF_THE_TEMPLATE, Tally
from newscrawl.storage.schema import FIELDS

UNJUDGED = frozenset(
    {
        *("published_raw", "published_precision", "section_url"),  # come with another field
        *("url", "word_count", "sources", "content_hash", "extractor_version", "crawled_at", "discovered_by"),  # ours
        "modified_at",  # grows more frequent as an article ages
    }
)
EDITORS = frozenset({"subtitle", "tags", "image", "images", "embeds", "links", "description", *OF_THE_TEMPLATE})
"""Fields that an editor may leave out, several posts in a row."""
CERTAIN = 0.98
CERTAIN_OF_EDITORS = 0.9
CERTAIN_OF_KIND = 0.7
"""Several essays in a row are no other layout."""
MOSTLY_NEWS = 0.8
FAR = 2
FEWEST_LOSSES = 3


def fields(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Fields, and parts of some, that used to be filled and are not."""
    measures = observed.measures
    for name in COUNTED:
        if name in UNJUDGED:
            continue
        drop = find_drop(measures.tallies, norms, partial(_filled, name), _certain(name))
        if drop:
            url = next(iter(measures.empty.get(name, ())), None)
            yield Finding("fields", "layout_changed", True, f"{name} filled in {drop}", name, url)


def _filled(name: str, tally: Tally, _normal: Tally) -> tuple[int, int]:
    return tally.filled[name], tally.of(name)


def _certain(name: str) -> float:
    return CERTAIN_OF_EDITORS if name.partition(".")[0] in EDITORS else CERTAIN


def origins(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Fields that another source than usual answers: the usual one, or one of several, finds nothing any more."""
    measures = observed.measures
    for name in FIELDS:
        known = _known_sources(name, observed, norms)
        if name == "modified_at" or not known:
            continue
        # A shift among several sources may come with the age of articles; one that never gave the field tells more.
        for usual in dict.fromkeys((known[:1], known)):
            drop = find_drop(measures.tallies, norms, partial(_given_by, name, usual), _certain(name))
            if drop:
                now: Counter[str] = Counter()
                for tally in measures.tallies.values():
                    now.update(tally.sources.get(name, ()))
                source = next(one for one, _ in now.most_common() if one not in usual)
                where = f"instead of {' or '.join(usual)} in {drop.of - drop.count} of {drop.of} articles"
                text = f"{name} now comes from {source} {where}"
                yield Finding("origins", "layout_changed", True, text, name, measures.given_by[name, source])
                break


def _known_sources(name: str, observed: Observed, norms: Norms) -> tuple[str, ...]:
    """The sources that gave a field to articles of the ages that the run has, not just once in a while; most first."""
    counts: Counter[str] = Counter()
    for age, tally in observed.measures.tallies.items():
        if tally.articles and (normal := norms.tally(age)):
            counts.update(normal.sources.get(name, ()))
    if counts.total() < ENOUGH:
        return ()
    return tuple(source for source, count in counts.most_common() if count >= RARE * counts.total())


def _given_by(name: str, usual: tuple[str, ...], tally: Tally, _normal: Tally) -> tuple[int, int]:
    sources = tally.sources.get(name)
    return (sum(sources[one] for one in usual), sources.total()) if sources else (0, 0)


def blocks(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """The blocks of the site's template, all of them at once; left to chance where somebody chose the articles."""
    if observed.is_chosen:
        return
    measures = observed.measures
    drop = find_drop(measures.tallies, norms, _with_blocks, CERTAIN_OF_KIND)
    if drop:
        url = next(iter(measures.empty.get(ESSAY, ())), None)
        text = f"outline, key points, summary and FAQ in {drop}"
        yield Finding("blocks", "layout_changed", True, text, "outline", url)


def _with_blocks(tally: Tally, normal: Tally) -> tuple[int, int]:
    """Of ages only where hardly anything but news is published."""
    is_news = normal.templated >= MOSTLY_NEWS * normal.articles
    return (tally.templated, tally.articles) if is_news else (0, 0)


def lengths(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Bodies that are cut short, or hold what is not theirs."""
    measures = observed.measures
    for word, counting, certain, extreme in (
        ("shorter than half of", _long_enough, CERTAIN_OF_EDITORS, measures.shortest),
        ("longer than twice", _short_enough, CERTAIN_OF_KIND, measures.longest),
    ):
        drop = find_drop(measures.tallies, norms, counting, certain)
        if drop and extreme and drop.count < drop.of / 2:
            text = f"body {word} the normal length in {drop.of - drop.count} of {drop.of} articles"
            yield Finding("lengths", "layout_changed", True, text, "body", extreme[1])


def _long_enough(tally: Tally, normal: Tally) -> tuple[int, int]:
    least = normal.median_words / FAR
    return sum(words >= least for words in tally.words), len(tally.words)


def _short_enough(tally: Tally, normal: Tally) -> tuple[int, int]:
    most = normal.median_words * FAR
    return sum(words <= most for words in tally.words), len(tally.words)


def losses(observed: Observed, _norms: Norms) -> Iterator[Finding]:
    """Fields that known articles had and have no more; few have some of them, yet each article tells by itself."""
    versions = observed.versions
    for name, count in versions.lost.items():
        of = versions.had[name]
        if count >= FEWEST_LOSSES and count > of / 2 and at_least(count, of, RARE) < UNLIKELY:
            text = f"{name} lost in {count} of {of} known articles that had it"
            yield Finding("losses", "layout_changed", True, text, name, versions.urls[name])


def rewriting(observed: Observed, _norms: Norms) -> Iterator[Finding]:
    """Most known articles have another text at once, and none says that it was edited."""
    versions = observed.versions
    if versions.of >= 2 * FEW and versions.unsaid > versions.of / 2:
        name, count = versions.fields.most_common(1)[0]
        text = f"{name} is another in {count} of {versions.of} known articles, none of which says that it was edited"
        yield Finding("rewriting", "layout_changed", True, text, name, versions.urls[name])
