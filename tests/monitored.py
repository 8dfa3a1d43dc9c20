"""Runs and norms for the tests of the monitors: plain articles, and those of the replica."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fixtures.replica.corpus import Corpus
from fixtures.replica.model import SiteOptions
from fixtures.replica.site import Site
from fixtures.replica.truth import outcome, truth
from newscrawl.items import Article
from newscrawl.monitors.measures import Measures
from newscrawl.monitors.norms import Norms, tally_of
from newscrawl.monitors.observed import Observed
from newscrawl.monitors.tally import AGES, age_of, is_filled
from newscrawl.storage.rows import as_dict

NOW = datetime(2025, 12, 1, tzinfo=UTC)
VERSION = "1.0.0"
WHOLE = {
    "headline": "Ferry returns",
    "authors": [{"name": "Mara Ostrin", "url": None, "bio": None, "website": None}],
    "section": "World",
    "published_at": "2025-11-30T01:00:00+00:00",
    "language": "en-US",
    "lead": "The ferry came back.",
    "outline": ["Who rowed"],
    "body_sections": [{"heading": "Who rowed", "level": 2, "paragraphs": ["Nobody."]}],
    "key_points": ["It came back."],
    "summary": "It came back.",
    "faq": [{"question": "Who rowed?", "answer": "Nobody."}],
    "tags": ["Ferries"],
    "body": "The ferry came back.",
    "word_count": 800,
}
ESSAY = {"lead": None, "outline": [], "body_sections": [], "key_points": [], "summary": None, "faq": []}


def article(number: int = 0, sources: dict[str, str] | None = None, **changes) -> dict:
    """An article with every block, and ``changes``; all it has comes from the theme, but for ``sources``."""
    values = as_dict(Article(**{**WHOLE, "url": f"https://newsjournos.com/{number}/", **changes}))
    given = {name: "theme" for name, value in values.items() if is_filled(value)}
    return values | {"extractor_version": VERSION, "sources": given | (sources or {})}


def articles(count: int, **changes) -> list[dict]:
    """So many articles, each at an address of its own."""
    return [article(number, **changes) for number in range(count)]


def observed(found: Iterable[dict] = (), now: datetime = NOW, rejects: Iterable[str] = (), **more) -> Observed:
    """A run that read ``found``, and met addresses that were rejected for the reasons ``rejects``."""
    measures = Measures(now)
    for values in found:
        measures.add(values)
    for number, reason in enumerate(rejects):
        measures.add_reject(f"https://newsjournos.com/rejected-{number}/", reason)
    return Observed(measures, **more)


def norms(known: Iterable[dict] = (), now: datetime = NOW, **more) -> Norms:
    """What is normal where ``known`` is stored."""
    ages: dict[str, list[dict]] = {age: [] for age in AGES}
    for values in known:
        ages[age_of(values["published_at"], now)].append(values)
    return Norms(tallies={age: tally_of(values, VERSION) for age, values in ages.items()}, **more)


class Life:
    """The replica from day to day: its articles as a crawl would have them, new ones by the day they came."""

    def __init__(self, count: int, seed: int, days: int) -> None:
        corpus = Corpus(articles=count, seed=seed, base_url="http://127.0.0.1:8000")
        self._site = Site(corpus, SiteOptions())
        self.archive = self._articles(corpus.ids())
        self.days: list[list[dict]] = []
        known = set(corpus.ids())
        for day in range(1, days + 1):
            corpus.day = day
            fresh = [number for number in corpus.ids() if number not in known]
            known.update(fresh)
            self.days.append(self._articles(fresh))

    def _articles(self, ids: Iterable[int]) -> list[dict]:
        posts = filter(None, map(self._site.corpus.post, ids))
        return [self._article(post) for post in posts if outcome(post, self._site.pages) == "article"]

    def _article(self, post) -> dict:
        values = as_dict(Article()) | truth(post, self._site.pages)
        given = {name: "theme" for name, value in values.items() if is_filled(value)}
        return values | {"extractor_version": VERSION, "sources": given}

    def moment(self, day: int) -> datetime:
        """The evening of a day, the first being 0."""
        return datetime(2025, 12, 1, 23, tzinfo=UTC) + timedelta(days=day)
