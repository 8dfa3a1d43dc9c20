"""``scrapy demo``, the first thing that anybody runs."""


def test_the_demo_shows_what_it_found_and_begins_anew_each_time(scrapy, tmp_path):
    stale = tmp_path / "data/demo/stale.txt"
    stale.parent.mkdir(parents=True)
    stale.write_text("from the last time")
    done = scrapy("demo", "--articles", "12")
    assert (done.code, done.err) == (0, "")
    assert "articles" in done.out
    assert "data/demo/newsjournos.jsonl" in done.out
    assert "data/demo/reports/latest.md" in done.out
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["demo"]
    kept = {path.name for path in stale.parent.iterdir()}
    assert {"newsjournos.db", "newsjournos.jsonl", "crawl.log"} <= kept
    assert "stale.txt" not in kept
