"""Monitors of what became of the requests: refused, failed, gone, or no article."""

from collections import Counter
from collections.abc import Iterable, Iterator

from newscrawl.monitors.binomial import UNLIKELY, at_least
from newscrawl.monitors.comparing import FEW, has_risen
from newscrawl.monitors.findings import Finding
from newscrawl.monitors.norms import EXCUSED, Norms, Rate, failures, no_posts
from newscrawl.monitors.observed import Observed
from newscrawl.storage.schema import FIELDS

REFUSALS = ("403", "429", "503")
REFUSED_SHARE = 0.3
STATUS = "downloader/response_status_count/"
USUALLY_GONE = 0.1
"""An editor removes several at once, and the sitemap leads us to each."""
FAILED = "newscrawl/failed/"
NOT_FOUND = {"empty_page": "headline", "no_text": "body", "no_words": "body"}
"""Reasons of rejects that say which field was not found."""


def blocked(observed: Observed, _norms: Norms) -> Iterator[Finding]:
    """The site refuses us."""
    refused = sum(observed.stat(f"{STATUS}{status}") for status in REFUSALS)
    of = sum(observed.stat(name) for name in observed.stats if name.startswith(STATUS))
    if observed.finish_reason == "blocked" or (refused >= FEW and refused >= REFUSED_SHARE * of):
        statuses = [status for status in REFUSALS if observed.stat(f"{STATUS}{status}")]
        text = f"{refused} of {of} answers were refusals ({', '.join(statuses) or 'no answer'})"
        yield Finding("blocked", "blocked", True, text)


def failing(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Fetches fail far more often than before. Those that failed in earlier runs too are tried again, and expected."""
    failed = failures(observed.stats)
    of = failed + _read(observed) + sum(map(observed.stat, ("newscrawl/stored/gone", "newscrawl/fetched/not_modified")))
    if failed > 2 * norms.failed.most and has_risen(failed, of, norms.failed):
        reasons = {name.removeprefix(FAILED): observed.stat(name) for name in observed.stats if name.startswith(FAILED)}
        kinds = Counter({name: count for name, count in reasons.items() if name not in EXCUSED})
        text = f"{failed} of {of} fetches failed ({_most(kinds)}), {_usual(norms.failed)}"
        yield Finding("failing", "failing", True, text)


def _read(observed: Observed) -> int:
    """Pages that were read, whatever they are."""
    measures = observed.measures
    return measures.articles - measures.refused + len(measures.rejects) + no_posts(observed.stats)


def gone(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Most of the known articles that were fetched again are gone; more than ever, since each is looked at twice."""
    count, *others = (observed.stat(f"newscrawl/stored/{name}") for name in ("gone", "unchanged", "updated", "held"))
    of = count + sum(others)
    usual = max(USUALLY_GONE, norms.gone.count / max(norms.gone.of, 1))
    if count > 2 * norms.gone.most and count >= FEW and count > of / 2 and at_least(count, of, usual) < UNLIKELY:
        yield Finding("gone", "gone", True, f"{count} of {of} known articles that were fetched again are gone")


def rejects(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """Far more articles than usual are rejected; those that were rejected before do not count."""
    measures = observed.measures
    fresh = [reject for url, reject in measures.rejects.items() if url not in norms.known_rejects]
    of = measures.articles - measures.refused + len(fresh)
    if not has_risen(len(fresh), of, norms.rejected):
        return
    unfound = [reject for reject in fresh if _field(reject.reason)]
    reasons = _most(reject.reason for reject in fresh)
    text = f"{len(fresh)} of {of} articles rejected ({reasons}), {_usual(norms.rejected)}"
    if len(unfound) > len(fresh) / 2:
        name = Counter(_field(reject.reason) for reject in unfound).most_common(1)[0][0]
        url = next(reject.url for reject in unfound if _field(reject.reason) == name)
        yield Finding("rejects", "layout_changed", True, text, name, url)
    else:
        yield Finding("rejects", "rejects", True, text, None, fresh[0].url)


def _field(reason: str) -> str | None:
    """The field that a page did not give; None where the reject has another reason."""
    missing = reason.removeprefix("missing_").removeprefix("schema_")
    return NOT_FOUND.get(reason) or (missing if missing != reason and missing in FIELDS else None)


def posts(observed: Observed, norms: Norms) -> Iterator[Finding]:
    """What was taken for posts is something else."""
    count, of = no_posts(observed.stats), _read(observed)
    chosen = "urls" in observed.arguments
    if not chosen and count > 2 * norms.no_post.most and has_risen(count, of, norms.no_post):
        yield Finding("posts", "layout_changed", True, f"{count} of {of} pages are no posts, {_usual(norms.no_post)}")


def _most(words: Iterable[str]) -> str:
    return ", ".join(f"{word} {count}" for word, count in Counter(words).most_common(3))


def _usual(rate: Rate) -> str:
    return f"normally {100 * rate.count / rate.of:.0f} %" if rate.of else "on the first run"
