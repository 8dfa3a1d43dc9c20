"""Some days of the site's life, a run each; the long form is ``python -m bench.bench_days``."""

from collections import Counter

import pytest

from fixtures.simulation.life import Life, live

PLAN = {3: "articles lead home", 4: "sitemap 500", 6: "all 503", 7: "subtitles lost", 8: "a box in the text"}
DAYS = 11
AT_ONCE = {"new", "edit", "old-edit", "retitle", "rename", "back-date"}


@pytest.fixture(scope="module")
def life(tmp_path_factory) -> Life:
    return live(tmp_path_factory.mktemp("life"), DAYS, PLAN, articles=80)


def test_no_version_that_was_never_so_and_no_good_value_lost(life):
    assert life.audit.false == []
    assert life.audit.worse == []


def test_each_alarm_is_given_and_no_other(life):
    assert [day.number for day in life.days if day.is_false_alarm] == []
    assert [(day.number, day.ran.alarms) for day in life.days if day.is_missed_alarm] == []


def test_what_happens_on_a_good_day_is_seen_by_its_run(life):
    good = [one for one in life.audit.awaited if one.day not in PLAN and one.kind in AT_ONCE and not one.overtaken]
    assert {one.kind for one in good} == AT_ONCE
    assert Counter(one.runs for one in good) == {1: len(good)}
    (removed,) = [one for one in life.audit.awaited if one.kind == "remove" and one.day == 1]
    assert removed.runs == 1


def test_what_happens_on_a_bad_day_is_seen_soon_after(life):
    """A removal that moves no date of a sitemap is seen when that is read again, or by age."""
    bad = [one for one in life.audit.awaited if one.day in PLAN and one.kind != "remove" and not one.overtaken]
    assert len(bad) > 20
    assert [one for one in bad if one.runs is None or one.runs > 4] == []
    came_in_part = life.audit.in_part
    assert came_in_part
    assert came_in_part.keys() == life.audit.healed.keys()


def test_a_day_without_news_costs_the_lists_and_what_is_due_by_age(life):
    by_kind = life.days[2].ran.report["requests"]["by_kind"]
    lists = {kind: count for kind, count in by_kind.items() if kind not in ("article", "part")}
    assert lists == {"other": 1, "home": 1, "section": 13, "sitemap": 1}
