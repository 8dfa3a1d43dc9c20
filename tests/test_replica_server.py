"""The replica over HTTP, its control addresses and its command."""

import gzip
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from fixtures.replica.http import reply
from fixtures.replica.server import ReplicaServer, running_replica

ROOT = Path(__file__).parent.parent


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are answers here."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


OPENER = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def fetch(url: str, method: str = "GET", **named: str) -> tuple[int, bytes, Message]:
    sent = {name.replace("_", "-"): value for name, value in named.items()}
    try:
        with OPENER.open(urllib.request.Request(url, method=method, headers=sent), timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


@pytest.fixture(scope="module")
def server() -> Iterator[ReplicaServer]:
    with running_replica(articles=40) as replica:
        yield replica


def test_pages_are_zipped_for_those_who_take_it(server: ReplicaServer) -> None:
    _, whole, _ = fetch(server.url)
    status, zipped, named = fetch(server.url, Accept_Encoding="gzip")
    assert (status, named["Content-Encoding"], named["Content-Type"]) == (200, "gzip", "text/html; charset=UTF-8")
    assert gzip.decompress(zipped) == whole
    assert len(zipped) < len(whole) / 4


def test_head_has_the_headers_and_no_body(server: ReplicaServer) -> None:
    status, body, named = fetch(server.url, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(named["Content-Length"]) > 100_000
    assert 'rel="https://api.w.org/"' in named["Link"]


def test_the_log_names_the_requests(server: ReplicaServer) -> None:
    fetch(f"{server.url}__replica__/log/reset")
    fetch(f"{server.url}nothing/?x=1", User_Agent="tester")
    _, body, _ = fetch(f"{server.url}__replica__/log")
    (entry,) = json.loads(body)
    assert (entry["method"], entry["path"], entry["status"], entry["user_agent"]) == (
        "GET",
        "/nothing/?x=1",
        404,
        "tester",
    )
    assert server.paths == ["/nothing/?x=1"]


def test_the_clock_can_be_set() -> None:
    with running_replica(articles=40) as replica:
        before = len(replica.corpus)
        tag = fetch(f"{replica.url}feed/")[2]["ETag"]
        assert fetch(f"{replica.url}__replica__/day/3", method="POST")[0] == 200
        assert len(replica.corpus) > before
        assert fetch(f"{replica.url}feed/", If_None_Match=tag)[0] == 200
        newest = replica.corpus.post(replica.corpus.ids()[0])
        assert newest
        assert newest.slug in fetch(replica.url)[1].decode()


def test_the_truth_is_told_by_id_address_and_as_a_whole(server: ReplicaServer) -> None:
    lines = fetch(f"{server.url}__replica__/truth.jsonl")[1].decode().splitlines()
    told = [json.loads(line) for line in lines]
    one = told[0]
    assert json.loads(fetch(f"{server.url}__replica__/truth/{one['post_id']}")[1]) == one
    assert json.loads(fetch(f"{server.url}__replica__/truth?url={one['url']}")[1]) == one
    assert len(told) == sum(not post.password and not post.empty for post in server.corpus)


def test_an_interceptor_answers_first() -> None:
    with running_replica(articles=10) as replica:
        busy = reply("later", status=503, Retry_After="7")
        replica.site.interceptors.append((lambda request: request.path == "/", lambda request: busy))
        replica.site.interceptors.append((lambda request: True, lambda request: None))
        status, _, named = fetch(replica.url)
        assert (status, named["Retry-After"]) == (503, "7")
        assert fetch(f"{replica.url}robots.txt")[0] == 200
        assert [entry["status"] for entry in replica.log] == [503, 200]


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown replica option 'colour'"), running_replica(colour="red"):
        pass


def scrapy(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "replica", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


WRONG = [
    (("--articles", "0"), "--articles: 0 is not within 1 to 50000"),
    (("--port", "70000"), "--port: 70000 is not within 0 to 65535"),
    (("--port", "x"), "argument --port: invalid int value: 'x'"),
    (("--head", "joomla"), "argument --head: invalid choice: 'joomla'"),
    (("--set", "colour=red"), "unknown replica option 'colour'"),
    (("extra",), "takes no arguments, got 'extra'"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_arguments_get_one_line(arguments: tuple[str, ...], said: str) -> None:
    done = scrapy(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert said in line


def test_the_truth_of_a_theme_goes_to_a_file(tmp_path: Path) -> None:
    place = tmp_path / "truth.jsonl"
    done = scrapy("--articles", "5", "--port", "0", "--theme", "twentytwentyone", "--truth", str(place))
    assert (done.returncode, done.stderr) == (0, "")
    first = json.loads(place.read_text().splitlines()[0])
    assert (first["breadcrumbs"], first["reading_minutes"]) == ([], None), "which that theme does not show"
    assert {"url", "body"} <= set(first)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_serves_and_ends_quietly(number: int) -> None:
    command = [sys.executable, "-m", "scrapy", "replica", "--articles", "5", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        line = running.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found
        assert "Ctrl-C" in line
        assert fetch(found[0])[0] == 200
        running.send_signal(number)
        try:
            _, said = running.communicate(timeout=20)
        finally:
            running.kill()
    assert (running.returncode, said) == (0, "")
