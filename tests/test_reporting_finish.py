"""What is left of a run once its exit code is known: the report, its files, the metrics; and what failing costs."""

import json
import logging
import re
from contextlib import closing
from pathlib import Path

import pytest

from newscrawl.exceptions import StoreError
from newscrawl.reporting import finish as module
from newscrawl.reporting.finish import finish
from newscrawl.reporting.prometheus import Metric, write_metrics
from newscrawl.storage import open_store, runs_read
from tests.alert_servers import mail_server, webhook
from tests.conftest import project_settings
from tests.local_server import serving
from tests.site_pages import site
from tests.stored import GOOD

QUIET = ("-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False")


@pytest.fixture
def place(tmp_path):
    """Settings whose files all lie in a folder of their own."""
    return project_settings(
        NEWSCRAWL_DATABASE_URL=f"sqlite:///{tmp_path}/news.db",
        NEWSCRAWL_REPORTS_DIR=f"{tmp_path}/reports",
        NEWSCRAWL_PROMETHEUS_FILE=f"{tmp_path}/metrics/news.prom",
    )


def a_run(settings, report=None, code=0, **values) -> int:
    """The row of a run that has ended."""
    with closing(open_store(settings["NEWSCRAWL_DATABASE_URL"])) as store:
        number = store.start_run("newsjournos", {})
        kept = {"report": json.dumps(report)} if report else {}
        store.finish_run(number, {"finish_reason": "finished", "exit_code": code, "requests": 4, **kept, **values})
    return number


def stored_report(settings, number):
    with closing(open_store(settings["NEWSCRAWL_DATABASE_URL"], readonly=True)) as store:
        return runs_read.run_row(store, number)["report"]


def samples(path: Path) -> dict[str, float]:
    """A file of Prometheus' text format, read strictly: HELP and TYPE once, before their samples, names and labels well formed."""
    found, kinds, helped = {}, {}, None
    for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n"):
        if match := re.fullmatch(r"# HELP ([a-z_]+) [^\\]+", line):
            helped = match[1]
            assert helped not in kinds
        elif match := re.fullmatch(r"# TYPE ([a-z_]+) (gauge|counter)", line):
            assert match[1] == helped
            assert (match[2] == "counter") == match[1].endswith("_total")
            kinds[match[1]] = match[2]
        else:
            label = r'[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"'
            match = re.fullmatch(rf"([a-z_]+)\{{({label}(?:,{label})*)\}} (-?\d+(?:\.\d+)?)", line)
            assert match, line
            assert match[1] == helped
            key = f"{match[1]}{{{match[2]}}}"
            assert key not in found
            found[key] = float(match[3])
    return found


@pytest.mark.parametrize(
    ("code", "findings", "health"),
    [
        (0, [], "ok"),
        (0, [{"failed": False, "verdict": "quiet"}], "quiet"),
        (1, [], "failed"),
        (3, [], "unhealthy"),
        (3, [{"failed": True, "verdict": "rejects"}], "unhealthy"),
        (1, [{"failed": True, "verdict": "rejects"}], "failed"),
    ],
)
def test_the_report_is_completed_stored_and_written(place, tmp_path, code, findings, health):
    found = [{"monitor": "m", "message": "words", "field": None, "url": None, **finding} for finding in findings]
    bare = module.completed({"report": None, "id": 1, "spider": "newsjournos", "started_at": "2026-01-01T00:00:00+00:00",
                             "arguments": {}, "finished_at": None, "finish_reason": None}, 0, "")  # fmt: skip
    number = a_run(place, bare | {"findings": found, "health": "ok"}, code)
    finish(place, "newsjournos", number, code, "because" if code else "")
    report = stored_report(place, number)
    assert report["health"] == health
    assert (report["run"]["exit_code"], report["run"]["why"]) == (code, "because" if code else None)
    assert report["run"]["finish_reason"] == "finished"
    folder = tmp_path / "reports"
    assert json.loads((folder / "run-000001.json").read_text()) == report
    assert {path.name for path in folder.iterdir()} == {
        "run-000001.json", "run-000001.md", "latest.json", "latest.md",
    }  # fmt: skip
    assert (folder / "latest.md").read_text() == (folder / "run-000001.md").read_text()


def test_a_run_that_made_no_report_has_one_from_its_row(place):
    number = a_run(place, None, 1, new=3, failed=2, finish_reason="store_failed")
    finish(place, "newsjournos", number, 1, "no room is left")
    report = stored_report(place, number)
    assert (report["health"], report["articles"]["new"], report["articles"]["failed"]) == ("failed", 3, 2)
    assert (report["requests"]["total"], report["run"]["finish_reason"]) == (4, "store_failed")


@pytest.mark.parametrize("code", [2, 4])
def test_a_run_that_did_nothing_leaves_nothing(place, tmp_path, code):
    with webhook() as hook:
        place.set("NEWSCRAWL_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/", priority="cmdline")
        finish(place, "newsjournos", None, code, "because")
    assert list(tmp_path.iterdir()) == []
    assert hook.messages == []


def test_a_run_that_could_not_start_is_told(place, tmp_path):
    with webhook() as hook:
        place.set("NEWSCRAWL_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/", priority="cmdline")
        finish(place, "newsjournos", None, 1, "could not start: it is no database")
    (message,) = hook.messages
    assert message["text"] == "newsjournos: FAILED: could not start: it is no database"
    assert [path.name for path in tmp_path.iterdir()] == ["metrics"]
    assert samples(tmp_path / "metrics/news.prom")['newscrawl_run_exit_code{spider="newsjournos"}'] == 1


def test_well_again_is_told_once_whatever_lay_between(place):
    with webhook() as hook:
        place.set("NEWSCRAWL_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/", priority="cmdline")
        for code in (0, 1, None, 2, 0, 0):  # None was killed, 2 found its section gone; neither was told
            number = a_run(place, None, code)
            if code is not None:
                finish(place, "newsjournos", number, code, "")
    assert [message["run"]["id"] for message in hook.messages] == [2, 5]
    assert "well again" in hook.messages[1]["text"]


def test_metrics(place, tmp_path):
    with closing(open_store(place["NEWSCRAWL_DATABASE_URL"])) as store:
        store.save(GOOD)
    a_run(place, None, 0, finish_reason="finished")
    number = a_run(place, None, 3, new=1, rejected=2)
    finish(place, "newsjournos", number, 3, "because")
    found = samples(tmp_path / "metrics/news.prom")
    assert found['newscrawl_run_exit_code{spider="newsjournos"}'] == 3
    assert found['newscrawl_run_articles{spider="newsjournos",outcome="rejected"}'] == 2
    assert found['newscrawl_articles{spider="newsjournos",state="new"}'] == 1
    assert found['newscrawl_findings{spider="newsjournos",verdict="blocked"}'] == 0
    assert found['newscrawl_requests_total{spider="newsjournos"}'] == 8
    assert found['newscrawl_newest_article_timestamp_seconds{spider="newsjournos"}'] == 1746281700
    seconds = found['newscrawl_run_timestamp_seconds{spider="newsjournos"}']
    assert 0 <= seconds - found['newscrawl_last_success_timestamp_seconds{spider="newsjournos"}'] < 60


def test_labels_are_quoted_and_what_is_unknown_is_left_out(tmp_path):
    metrics = [Metric("a_b", "gauge", "A.", [({"c": 'd"\\\ne'}, 1.5), ({"c": "f"}, None)]), Metric("g", "gauge", "G.")]
    write_metrics(tmp_path / "m.prom", "x", metrics)
    assert samples(tmp_path / "m.prom") == {r'a_b{spider="x",c="d\"\\\ne"}': 1.5}
    assert [path.name for path in tmp_path.iterdir()] == ["m.prom"]


def test_what_cannot_be_written_is_a_warning_each_and_the_alert_goes_out(place, tmp_path, caplog):
    number = a_run(place, None, 1)
    (tmp_path / "reports").write_text("a file where a folder should be")
    (tmp_path / "metrics").write_text("likewise")
    with webhook() as hook:
        place.set("NEWSCRAWL_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/", priority="cmdline")
        finish(place, "newsjournos", number, 1, "because")
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.WARNING, f"No report written to {tmp_path}/reports: File exists"),
        (logging.WARNING, f"No metrics written to {tmp_path}/metrics/news.prom: File exists"),
    ]
    assert len(hook.messages) == 1


def test_a_store_that_fails_at_the_very_end_is_a_warning_and_the_alert_goes_out(place, tmp_path, caplog, monkeypatch):
    def fail(*_, **__):
        raise StoreError("no room is left")

    number = a_run(place, None, 1)
    monkeypatch.setattr(module, "open_store", fail)
    with webhook() as hook:
        place.set("NEWSCRAWL_ALERT_WEBHOOK", f"http://127.0.0.1:{hook.port}/", priority="cmdline")
        finish(place, "newsjournos", number, 1, "because")
    assert [record.message for record in caplog.records] == ["The report of the run is not whole: no room is left"]
    assert hook.messages[0]["text"] == "newsjournos: FAILED: because"


def test_empty_settings_turn_it_off(place, tmp_path):
    number = a_run(place)
    for name in ("NEWSCRAWL_REPORTS_DIR", "NEWSCRAWL_PROMETHEUS_FILE"):
        place.set(name, "", priority="cmdline")
    finish(place, "newsjournos", number, 0, "")
    assert {path.name for path in tmp_path.iterdir()} == {"news.db"}


def test_crawls_leave_reports_and_alerts_and_no_secret(scrapy, tmp_path):
    secret = "T0k3n-of-this-hook"
    with webhook(500) as hook, mail_server({"AUTH": "535 no pa55word"}) as mail:
        more = {
            "NEWSCRAWL_ALERT_WEBHOOK": f"http://127.0.0.1:{hook.port}/{secret}",
            "NEWSCRAWL_ALERT_MAIL": "desk@example.org",
            "NEWSCRAWL_SMTP_URL": f"smtp://desk:pa55word@127.0.0.1:{mail.port}",
        }
        with serving({"/": "<html><body>Parked</body></html>"}) as server:
            bad = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET, **more)
        with serving(site("a", "b")) as server:
            good = scrapy("crawl", "newsjournos", "-a", f"base_url={server.url}", *QUIET, **more)
    assert (bad.code, good.code) == (1, 0)
    assert [message["run"]["exit_code"] for message in hook.messages] == [1, 0]
    for ended in (bad, good):
        assert len([line for line in ended.lines if "No alert: the webhook at 127.0.0.1 answered 500" in line]) == 1
        assert len([line for line in ended.lines if "No alert: the mail server 127.0.0.1 answered 535" in line]) == 1
        assert not re.search(f"{secret}|pa55word", ended.err + ended.out)
    names = sorted(path.name for path in (tmp_path / "data/reports").iterdir())
    assert names == ["latest.json", "latest.md", *(f"run-00000{n}.{kind}" for n in (1, 2) for kind in ("json", "md"))]
    for path in (path for path in (tmp_path / "data").rglob("*") if path.is_file()):
        assert not re.search(f"{secret}|pa55word".encode(), path.read_bytes()), path
    report = json.loads((tmp_path / "data/reports/run-000001.json").read_text())
    assert (report["health"], report["run"]["exit_code"]) == ("failed", 1)
    assert bad.lines[-1] == f"scrapy crawl: {report['run']['why']}"


def test_reports_that_cannot_be_written_fail_no_crawl(scrapy, tmp_path):
    (tmp_path / "file").write_text("")
    with serving(site("a")) as server:
        base = f"base_url={server.url}"
        done = scrapy("crawl", "newsjournos", "-a", base, *QUIET, NEWSCRAWL_REPORTS_DIR="file/reports")
    assert done.code == 0
    assert len([line for line in done.lines if "No report written to file/reports: Not a directory" in line]) == 1
