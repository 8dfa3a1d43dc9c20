"""``scrapy extract`` as its user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .post_page import post_page

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "fixtures" / "pages" / "cover-rankmath.html"


def extract(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "extract", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_saved_page_becomes_json():
    done = extract("newsjournos", str(PAGE))
    expected = json.loads(PAGE.with_suffix(".json").read_text(encoding="utf-8"))
    article = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert {field: article[field] for field in expected} == expected
    assert (article["crawled_at"], article["discovered_by"]) == (None, None)


def test_sources_show_who_answered_and_what_others_said():
    lines = extract("newsjournos", str(PAGE), "--sources").stdout.splitlines()
    start = lines.index("published_at")
    assert lines[start + 1].startswith("  * theme    Css(region='header', query='.meta-item.date time[datetime]'")
    assert any(line.startswith("    json-ld  JsonLdPath(path='datePublished'") for line in lines[start:])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["newsjournos"], 2, "takes a spider and a file or URL"),
        (["nobody", str(PAGE)], 2, "no spider 'nobody'"),
        (["newsjournos", "missing.html"], 2, "missing.html: No such file"),
        (["newsjournos", str(PAGE), "--url", "ftp://x/"], 2, "'ftp://x/' is no http(s) address"),
        (["newsjournos", "EMPTY"], 1, "no text"),
        (["newsjournos", "ARCHIVE"], 1, "no article"),
    ],
    ids=["too few", "spider", "file", "url", "empty post", "section page"],
)
def test_what_cannot_be_extracted_is_one_line(tmp_path, words, code, said):
    (tmp_path / "EMPTY").write_text(post_page(""))
    (tmp_path / "ARCHIVE").write_text(post_page("x", body_class="archive category"))
    done = extract(*[str(tmp_path / word) if word in {"EMPTY", "ARCHIVE"} else word for word in words])
    assert done.returncode == code
    assert said in done.stderr.splitlines()[-1]
