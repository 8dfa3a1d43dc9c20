"""Some days of the site's life, a run each; the long form is ``python -m bench.bench_days``."""

from collections import Counter

from fixtures.simulation.life import live

PLAN = {4: "sitemap 500", 6: "all 503", 8: "another theme"}
AT_ONCE = {"new", "edit", "old-edit", "retitle", "rename", "back-date"}


def test_ten_days(tmp_path):
    life = live(tmp_path, 9, PLAN, articles=60)
    audit = life.audit
    assert audit.false == []
    assert audit.worse == []
    assert [day.number for day in life.days if day.is_false_alarm] == []
    assert [(day.number, day.ran.alarms) for day in life.days if day.is_missed_alarm] == []
    good = [one for one in audit.awaited if one.day not in PLAN and one.kind in AT_ONCE]
    assert {one.kind for one in good} == AT_ONCE
    assert Counter(one.runs for one in good) == {1: len(good)}
    quiet = {
        kind: n for kind, n in life.days[2].ran.report["requests"]["by_kind"].items() if kind not in ("article", "part")
    }
    assert quiet == {"other": 1, "home": 1, "section": 13, "sitemap": 1}, (
        "a day without news, but for what is due by age"
    )
