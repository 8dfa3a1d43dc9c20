"""Each monitor both ways: what it tells, and where it keeps silent."""

from collections import Counter

import pytest

from newscrawl.discovery.reports import SourceReport
from newscrawl.monitors.binomial import at_least, at_most
from newscrawl.monitors.findings import Finding
from newscrawl.monitors.judging import MONITORS, changed_since, health, judge, layout_changed
from newscrawl.monitors.norms import Norms, Rate, Rhythm, Source
from newscrawl.monitors.versions import Versions
from tests.monitored import ESSAY, NOW, article, articles, norms, observed

KNOWN = norms(articles(100))
REJECTED, FAILED = Rate(2, 200, 2), Rate(4, 400, 3)


def tell(run, usual=KNOWN) -> list[tuple[str, str]]:
    """Verdict and line of each finding."""
    return [(finding.verdict, finding.message) for finding in judge(run, usual)]


@pytest.mark.parametrize(
    ("count", "of", "share", "low", "high"),
    [
        (0, 3, 0.5, 0.125, 1.0),
        (1, 2, 0.5, 0.75, 0.75),
        (2, 2, 0.5, 1.0, 0.25),
        (0, 3, 0.98, 8e-06, 1.0),
        (5, 5, 0.1, 1.0, 1e-05),
    ],
)
def test_tails_are_exact(count, of, share, low, high):
    assert at_most(count, of, share) == pytest.approx(low)
    assert at_least(count, of, share) == pytest.approx(high)


def test_tails_of_large_runs():
    assert at_most(25_000, 50_000, 0.5) == pytest.approx(0.5, abs=0.01)
    assert at_most(0, 50_000, 0.98) == 0.0


LOOK = "; look at https://newsjournos.com/0/"
NO_TAGS = "layout changed: tags filled in 0 of 12 articles, normally 100 %"
CHANGED = [
    (articles(12, tags=[]), f"{NO_TAGS}{LOOK}"),
    (articles(3, language=None), f"layout changed: language filled in 0 of 3 articles, normally 100 %{LOOK}"),
    (articles(12, faq=[]), f"layout changed: faq filled in 0 of 12 articles, normally 100 %{LOOK}"),
    (
        articles(10, **ESSAY),
        f"layout changed: outline, key points, summary and FAQ in 0 of 10 articles, normally 100 %{LOOK}",
    ),
    (
        articles(12, tags=[], authors=[]),
        "layout changed: authors filled in 0 of 12 articles, normally 100 %; "
        f"tags filled in 0 of 12 articles, normally 100 %{LOOK}",
    ),
    (
        articles(12, tags=[], authors=[], section=None, language=None),
        "layout changed: section filled in 0 of 12 articles, normally 100 %; "
        f"authors filled in 0 of 12 articles, normally 100 %; also language, tags{LOOK}",
    ),
    (
        articles(12, sources={"headline": "json-ld"}),
        f"layout changed: headline now comes from json-ld instead of theme in 12 of 12 articles{LOOK}",
    ),
    (
        articles(12, sources={"headline": "json-ld"}, tags=[]),
        "layout changed: tags filled in 0 of 12 articles, normally 100 %; "
        f"headline now comes from json-ld instead of theme in 12 of 12 articles{LOOK}",
    ),
    (
        articles(8, word_count=300),
        f"layout changed: body shorter than half of the normal length in 8 of 8 articles{LOOK}",
    ),
    (
        articles(20, word_count=2000),
        "layout changed: body longer than twice the normal length in 20 of 20 articles"
        "; look at https://newsjournos.com/9/",
    ),
    (  # half of them are served in another layout
        [*articles(10), *articles(10, tags=[])],
        f"layout changed: tags filled in 10 of 20 articles, normally 100 %{LOOK}",
    ),
]


@pytest.mark.parametrize(("found", "line"), CHANGED)
def test_another_layout_is_one_line(found, line):
    findings = judge(observed(found), KNOWN)
    assert [finding.message for finding in findings] == [line]
    assert (health(findings), layout_changed(findings)) == ("unhealthy", True)


PICTURE = {"url": "/a.jpg", "alt": "A ferry", "caption": None, "width": 1920, "height": 1080}
OF_PICTURES = [
    (PICTURE, []),
    ({**PICTURE, "width": None}, [f"layout changed: image.width filled in 0 of 12 articles, normally 100 %{LOOK}"]),
    (None, [f"layout changed: image filled in 0 of 12 articles, normally 100 %{LOOK}"]),  # its parts are no news then
]


@pytest.mark.parametrize(("image", "lines"), OF_PICTURES)
def test_a_part_of_the_image_that_is_lost(image, lines):
    usual = norms(articles(100, image=PICTURE))
    assert [finding.message for finding in judge(observed(articles(12, image=image)), usual)] == lines


def test_a_source_that_never_gave_a_field_is_told_where_several_do():
    found = [*articles(20), *articles(10, sources={"headline": "meta"})]
    (finding,) = judge(observed(found), FROM_ONE_OF_THREE)
    assert finding.message == (
        f"layout changed: headline now comes from meta instead of theme or json-ld in 10 of 30 articles{LOOK}"
    )


MIXED = norms([*articles(50, tags=[]), *articles(50)])
FROM_BOTH = norms([*articles(50, sources={"headline": "json-ld"}), *articles(60)])
FROM_ONE_OF_THREE = norms([*articles(70), *articles(30, sources={"headline": "json-ld"})])
NO_NEWS = norms([*articles(70), *articles(30, **ESSAY)])
YEARS_AGO = norms([*articles(100), *articles(30, published_at="2018-01-01T00:00:00+00:00", **ESSAY)])
FEW_BLOCKS = norms([*articles(95, **ESSAY), *articles(5)])
SILENT = {
    "nothing read": ([], KNOWN),
    "as ever": (articles(40), KNOWN),
    "two without": (articles(2, language=None), KNOWN),
    "posts without tags": (articles(5, tags=[]), KNOWN),
    "one in ten without": ([*articles(90), *articles(10, tags=[])], KNOWN),
    "a little less of very many": (
        [*articles(900), *articles(100, language=None)],
        norms([*articles(98), *articles(2, language=None)]),
    ),
    "a block of which little is known": (articles(12, faq=[]), FEW_BLOCKS),
    "filled in half of them": (articles(12, tags=[]), MIXED),
    "from either source": (articles(12, sources={"headline": "json-ld"}), FROM_BOTH),
    "more often from the usual one of two": (articles(100), FROM_ONE_OF_THREE),
    "a stranger now and then": ([*articles(97), *articles(3, sources={"headline": "meta"})], FROM_ONE_OF_THREE),
    "essays": (articles(8, **ESSAY), KNOWN),
    "essays where they are usual": (articles(30, **ESSAY), NO_NEWS),
    "old essays": (articles(30, published_at="2018-06-01T00:00:00+00:00", **ESSAY), YEARS_AGO),
    "of an age that is not known": (articles(30, published_at="2018-06-01T00:00:00+00:00", tags=[]), KNOWN),
    "short ones among them": ([*articles(20), *articles(10, word_count=300)], KNOWN),
    "nothing known": (articles(30, tags=[], authors=[]), Norms()),
    "too little known": (articles(30, tags=[], authors=[]), norms(articles(19))),
    "other rules gave other sources": (
        [one | {"extractor_version": "0.9"} for one in articles(30, sources={"headline": "json-ld"})],
        norms([one | {"extractor_version": "0.8"} for one in articles(100)]),
    ),
}


@pytest.mark.parametrize(("found", "usual"), SILENT.values(), ids=SILENT)
def test_what_is_no_other_layout(found, usual):
    assert judge(observed(found), usual) == []


@pytest.mark.parametrize("argument", ["urls", "sections", "since", "until"])
def test_whoever_chooses_essays_gets_essays(argument):
    assert judge(observed(articles(12, **ESSAY), arguments={argument: "x"}), KNOWN) == []
    assert judge(observed(articles(12, tags=[]), arguments={argument: "x"}), KNOWN) != []


def source(name: str, state="read", named: int = 9, **more) -> dict[str, SourceReport]:
    return {name: SourceReport(name, state, pages=1, named=named, **more)}


SECTIONS = ("World", "Tech", "Health", "Sports")
USED = Norms(
    sources={"sitemap": Source(9, 3), "feed": Source(5, 5), "rest": Source(4, 4), "section:Empty": Source(9, 0)}
    | {f"section:{name}": Source(9, 9) for name in SECTIONS}
)


def sections(**named: int) -> dict[str, SourceReport]:
    """Reports of all SECTIONS; ``named`` says what some of them named."""
    reports: dict[str, SourceReport] = {}
    for name in SECTIONS:
        reports |= source(f"section:{name}", named=named.get(name, 9))
    return reports


OF_SOURCES = [
    (source("sitemap"), []),
    (source("sitemap", "unchanged", 0), []),
    (source("sitemap", "unread", 0), []),
    (source("feed", "unchanged", 0), []),
    (source("feed", "missing", 0), [("source_empty", "source empty: feed is missing")]),
    (
        source("sitemap", "broken", 0, problems=["https://newsjournos.com/s.xml: no XML"]),
        [("source_empty", "source empty: sitemap is broken (https://newsjournos.com/s.xml: no XML)")],
    ),
    (source("rest", "closed", 0), [("source_empty", "source empty: rest is closed")]),
    (source("rest", named=0, total=500), []),  # asked for changes only
    (source("feed", named=0), [("source_empty", "source empty: feed names no article any more")]),
    (sections() | source("section:Empty", named=0), []),
    (source("news", "broken", 0), []),  # never worked
    (
        source("sitemap", "missing") | source("feed", "broken"),
        [("source_empty", "source empty: sitemap is missing; feed is broken")],
    ),
    (sections(), []),
    (sections(World=0), [("source_empty", "source empty: section:World names no article any more")]),
    (
        sections(**dict.fromkeys(SECTIONS, 0)),
        [
            (
                "layout_changed",
                "layout changed: no cards on the pages of 4 of 4 sections, World, Tech, Health among them",
            )
        ],
    ),
    (
        source("section:World"),
        [("layout_changed", "layout changed: the menus no longer name 3 of 4 sections, Health, Sports, Tech")],
    ),
    (sections() | source("section:New"), []),
    ({}, []),  # urls, or other sources only
]


@pytest.mark.parametrize(("reports", "told"), OF_SOURCES)
def test_sources(reports, told):
    run = observed(source_reports=reports)
    assert tell(run, USED) == told
    assert judge(run, Norms()) == []  # on the first run nothing is expected of any
    assert not layout_changed(judge(run, USED))  # of articles nothing is said


def test_sections_that_were_not_asked_for_are_not_missed():
    assert judge(observed(source_reports=source("section:World"), arguments={"sections": "World"}), USED) == []


def test_sections_that_a_run_did_not_come_to_are_not_missed():
    run = observed(source_reports=source("section:World"), finish_reason="max_articles")
    assert judge(run, USED) == []


def stats(**counts: int) -> dict[str, int]:
    """Stats by short names: ``s403`` is a status, ``failed_x``, ``stored_x`` and ``skipped_x`` are the project's own."""
    names = {name: f"newscrawl/{name.replace('_', '/', 1)}" for name in counts}
    names |= {name: f"downloader/response_status_count/{name[1:]}" for name in counts if name[1:].isdigit()}
    return {names[name]: count for name, count in counts.items()}


BLOCKED = [
    (stats(s200=11, s403=5), "finished", ["blocked: 5 of 16 answers were refusals (403)"]),
    (stats(s200=1, s429=3, s503=6), "finished", ["blocked: 9 of 10 answers were refusals (429, 503)"]),
    (stats(s200=90, s403=3), "blocked", ["blocked: 3 of 93 answers were refusals (403)"]),
    (stats(s200=2, s403=4), "finished", []),
    (stats(s200=12, s403=5), "finished", []),
    (stats(s200=9, s404=9, s304=9), "finished", []),
    ({}, "finished", []),
    (stats(s403=20, failed_http_403=20), "blocked", ["blocked: 20 of 20 answers were refusals (403)"]),
]


@pytest.mark.parametrize(("counts", "reason", "lines"), BLOCKED)
def test_blocked(counts, reason, lines):
    run = observed(stats=counts, finish_reason=reason, source_reports=source("sitemap", "closed"))
    told = [message for verdict, message in tell(run, USED) if verdict != "source_empty"]
    assert told == lines
    assert bool(lines) != any(verdict == "source_empty" for verdict, _ in tell(run, USED))  # blocked explains it


FAILING = [
    (
        stats(failed_http_500=6, failed_TimeoutError=4),
        10,
        FAILED,
        "10 of 20 fetches failed (http_500 6, TimeoutError 4)",
    ),
    (stats(failed_http_500=9), 40, FAILED, "9 of 49 fetches failed (http_500 9)"),
    (stats(failed_http_500=5), 40, FAILED, None),  # it happens
    (stats(failed_http_500=10), 10, Rate(40, 400, 8), None),  # no more than in a run before: still failing
    (stats(failed_http_404=30, failed_http_410=5, failed_RobotsForbiddenError=9), 10, FAILED, None),
    (stats(failed_http_500=10), 5, Rate(), "10 of 15 fetches failed (http_500 10)"),
    (stats(failed_http_500=5), 4, Rate(), None),  # a first run of a few addresses
    (stats(failed_http_500=4), 0, Rate(), None),
    (stats(failed_http_500=5), 0, Rate(), "5 of 5 fetches failed (http_500 5)"),  # all of a tiny site
]


@pytest.mark.parametrize(("counts", "read", "rate", "line"), FAILING)
def test_failing(counts, read, rate, line):
    told = tell(observed(articles(read), stats=counts), Norms(failed=rate))
    usual = "normally 1 %" if rate.of else "on the first run"
    assert told == ([("failing", f"failing: {line}, {usual}")] if line else [])


GONE = [
    (stats(stored_gone=8), Rate(), "gone: 8 of 8 known articles that were fetched again are gone"),
    (
        stats(stored_gone=9, stored_unchanged=5),
        Rate(1, 99, 1),
        "gone: 9 of 14 known articles that were fetched again are gone",
    ),
    (stats(stored_gone=4), Rate(), None),
    (stats(stored_gone=6, stored_unchanged=4, stored_updated=1, stored_held=1), Rate(), None),
    (stats(stored_gone=8), Rate(8, 60, 8), None),  # looked at once more
    (stats(stored_new=30), Rate(), None),
]


@pytest.mark.parametrize(("counts", "rate", "line"), GONE)
def test_gone(counts, rate, line):
    assert tell(observed(stats=counts), Norms(gone=rate)) == ([("gone", line)] if line else [])


REJECTS = [
    (["password_protected"] * 6, 6, REJECTED, "rejects", "6 of 12 articles rejected (password_protected 6), normally 1 %"),
    (["password_protected"] * 3, 6, REJECTED, None, None),
    (["password_protected"] * 6, 200, REJECTED, None, None),
    (["password_protected"] * 6, 4, Rate(), "rejects", "6 of 10 articles rejected (password_protected 6), on the first run"),
    (["password_protected"] * 6, 3, Rate(), None, None),
    (["empty_page"] * 12, 0, REJECTED, "layout_changed", "12 of 12 articles rejected (empty_page 12), normally 1 %"),
    (["no_text"] * 8 + ["amp_only"], 3, REJECTED, "layout_changed", "9 of 12 articles rejected (no_text 8, amp_only 1), normally 1 %"),
    (["amp_only"] * 8 + ["missing_part"], 3, REJECTED, "rejects", "9 of 12 articles rejected (amp_only 8, missing_part 1), normally 1 %"),
]  # fmt: skip


@pytest.mark.parametrize(("reasons", "read", "rate", "verdict", "line"), REJECTS)
def test_rejects(reasons, read, rate, verdict, line):
    told = tell(observed(articles(read), rejects=reasons), Norms(rejected=rate))
    look = "; look at https://newsjournos.com/rejected-0/"
    assert told == ([(verdict, f"{verdict.replace('_', ' ')}: {line}{look}")] if verdict else [])


def test_what_was_rejected_before_is_no_news():
    known = frozenset(f"https://newsjournos.com/rejected-{number}/" for number in range(9))
    assert judge(observed(rejects=["password_protected"] * 9), Norms(rejected=REJECTED, known_rejects=known)) == []


def test_articles_that_validation_refused_are_counted_once():
    run = observed(articles(4))
    for number in range(10, 20):
        run.measures.refuse(article(number, published_at=None), "missing_published_at")
    (finding,) = judge(run, norms(articles(100), rejected=REJECTED))
    assert finding.message == (
        "layout changed: published_at filled in 4 of 14 articles, normally 100 %; "
        "10 of 14 articles rejected (missing_published_at 10), normally 1 %; look at https://newsjournos.com/10/"
    )


POSTS = [
    (stats(skipped_other=12), 0, {}, "layout changed: 12 of 12 pages are no posts, normally 0 %"),
    (stats(skipped_archive=3, skipped_page=2), 30, {}, None),
    (stats(skipped_out_of_range=30, skipped_part=9), 0, {}, None),
    (stats(skipped_page=12), 0, {"urls": "@file"}, None),
]


@pytest.mark.parametrize(("counts", "read", "arguments", "line"), POSTS)
def test_posts(counts, read, arguments, line):
    told = tell(observed(articles(read), stats=counts, arguments=arguments), Norms(no_post=Rate(2, 500, 2)))
    assert told == ([("layout_changed", line)] if line else [])


DAILY = Rhythm(days=30, gap=2, last="2025-11-20", silent=11)
QUIET = [
    (DAILY, {}, {}, "quiet: nothing new since 2025-11-20, 11 days ago; before, at most 2 days passed"),
    (
        Rhythm(30, 1, "2025-11-27", 4),
        {},
        {},
        "quiet: nothing new since 2025-11-27, 4 days ago; before, at most a day passed",
    ),
    (Rhythm(30, 5, "2025-11-20", 11), {}, {}, None),
    (Rhythm(9, 1, "2025-11-20", 11), {}, {}, None),
    (DAILY, stats(stored_new=1), {}, None),
    (DAILY, {}, {"sections": "World"}, None),
    (None, {}, {}, None),
]


@pytest.mark.parametrize(("rhythm", "counts", "arguments", "line"), QUIET)
def test_quiet_is_told_and_is_no_failure(rhythm, counts, arguments, line):
    run = observed(stats=counts, arguments=arguments, source_reports=source("feed"))
    findings = judge(run, Norms(rhythm=rhythm))
    assert [finding.message for finding in findings] == ([line] if line else [])
    assert health(findings) == ("quiet" if line else "ok")


def test_a_site_whose_sources_do_not_answer_is_not_called_quiet():
    run = observed(source_reports=source("feed", "broken"))
    assert [finding.verdict for finding in judge(run, Norms(rhythm=DAILY, sources=USED.sources))] == ["source_empty"]


def test_failures_come_first_and_each_cause_once():
    run = observed(
        articles(12, tags=[]),
        stats=stats(stored_gone=20),
        source_reports=source("feed", "missing"),
    )
    findings = judge(run, norms(articles(100), sources=USED.sources, rhythm=DAILY))
    assert [finding.verdict for finding in findings] == ["layout_changed", "source_empty", "gone"]
    quiet = Finding("quiet", "quiet", False, "quiet")
    assert health([quiet, *findings]) == "unhealthy"


def test_monitors_have_names_of_their_own():
    names = [monitor.name for monitor in MONITORS]
    assert len(set(names)) == len(names)
    run = observed(articles(12, tags=[]), now=NOW)
    assert {finding.monitor for finding in judge(run, KNOWN)} <= set(names)


def versions(of: int, lost: int = 0, had: int = 0, unsaid: int = 0) -> Versions:
    """Known articles that were read again: subtitles that were lost, bodies that changed unsaid."""
    urls = dict.fromkeys(("subtitle", "body"), "https://newsjournos.com/0/")
    return Versions(of, Counter(subtitle=had), Counter(subtitle=lost), unsaid, Counter(body=unsaid), urls)


KNOWN_ARTICLES = [
    (versions(50, lost=3, had=3), "layout changed: subtitle lost in 3 of 3 known articles that had it"),
    (versions(50, lost=6, had=11), "layout changed: subtitle lost in 6 of 11 known articles that had it"),
    (versions(50, lost=2, had=2), None),  # an editor's work
    (versions(50, lost=6, had=12), None),
    (
        versions(10, unsaid=6),
        "layout changed: body is another in 6 of 10 known articles, none of which says that it was edited",
    ),
    (versions(10, unsaid=5), None),
    (versions(9, unsaid=9), None),
    (versions(50), None),
]


@pytest.mark.parametrize(("compared", "line"), KNOWN_ARTICLES)
def test_known_articles_tell_of_another_layout_where_few_are_read(compared, line):
    found = tell(observed(versions=compared))
    assert found == ([("layout_changed", f"{line}{LOOK}")] if line else [])


def test_a_loss_that_others_tell_of_is_told_once():
    run = observed(articles(12, subtitle=None), versions=versions(12, lost=12, had=12))
    ((_, line),) = tell(run, norms(articles(100, subtitle="And so on")))
    assert line == f"layout changed: subtitle filled in 0 of 12 articles, normally 100 %{LOOK}"


LAYOUT = {"monitor": "fields", "verdict": "layout_changed", "failed": True, "message": "", "field": None, "url": None}
CARDS, EMPTY, QUIET_ONE = (
    LAYOUT | {"monitor": "cards"}, LAYOUT | {"verdict": "source_empty"}, LAYOUT | {"verdict": "quiet", "failed": False}
)  # fmt: skip
BEFORE = [
    ([], None),
    ([[]], None),
    ([[LAYOUT]], 1),
    ([[LAYOUT], [LAYOUT, EMPTY]], 2),
    ([[EMPTY], [LAYOUT]], 2),  # what failed in another way says nothing of the layout
    ([[CARDS], [LAYOUT], []], 2),
    ([[], [LAYOUT]], None),
    ([[QUIET_ONE], [LAYOUT]], None),
]


@pytest.mark.parametrize(("before", "since"), BEFORE)
def test_since_when_the_layout_was_another(before, since):
    assert changed_since((number, found) for number, found in enumerate(before, 1)) == since
