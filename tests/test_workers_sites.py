"""Many sites, shared out: each is crawled once by whoever takes it first."""

import argparse
import subprocess
import sys

import pytest

from newscrawl.commands import work
from newscrawl.workers.connection import connect
from newscrawl.workers.sites import Sites

from .conftest import project_settings
from .redis_server import NEEDS_REDIS, running_redis

pytestmark = NEEDS_REDIS


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def client(server):
    server.client.flushall()
    client = connect(server.url, 1)
    yield client
    client.close()


def test_a_site_is_one_worker_s_until_it_is_due_again(client, server):
    one, other = Sites(client, 3600, 60), Sites(client, 3600, 60)
    assert one.claim("a")
    assert not other.claim("a")
    assert other.claim("b")
    one.done("a")
    assert not other.claim("a")
    assert 3500 < server.client.ttl("newscrawl:site:a") <= 3600
    assert server.client.ttl("newscrawl:site:b") <= 60  # lapses with its worker


def test_only_who_holds_a_claim_keeps_it(client, server):
    one, other = Sites(client, 3600, 60), Sites(client, 3600, 600)
    one.claim("a")
    other.keep(["a"])
    assert server.client.ttl("newscrawl:site:a") <= 60
    server.client.expire("newscrawl:site:a", 1)
    one.keep(["a"])
    assert server.client.ttl("newscrawl:site:a") > 50


def crawl(monkeypatch, *codes):
    """Let crawls be processes that do nothing; the names they were started for."""
    started, waiting = [], list(codes)

    def start(name, given):
        started.append(name)
        return subprocess.Popen([sys.executable, "-S", "-c", f"raise SystemExit({waiting.pop(0)})"])

    monkeypatch.setattr(work, "start", start)
    return started


@pytest.fixture
def command(server, client, monkeypatch):
    monkeypatch.setattr(work, "LOOK_SECONDS", 0.01)

    def run(*words):
        command = work.Command()
        command.settings = project_settings(NEWSCRAWL_REDIS_URL=server.url)
        parser = argparse.ArgumentParser(conflict_handler="resolve")
        command.add_options(parser)
        opts, args = parser.parse_known_args(list(words))
        command.process_options(args, opts)
        command.run(args, opts)
        return command.exitcode

    return run


def test_sites_that_are_due_are_crawled_once(command, monkeypatch, client):
    started = crawl(monkeypatch, 0, 0)
    assert command("newsjournos", "--at-once", "2") == 0
    assert command("newsjournos") == 0  # it was just crawled
    assert started == ["newsjournos"]
    client.flushall()
    assert command("newsjournos") == 0
    assert started == ["newsjournos"] * 2


def test_a_failed_crawl_is_the_command_s_exit_code(command, monkeypatch):
    crawl(monkeypatch, 2)
    assert command("newsjournos") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "nowhere: allowed are names of spiders, "),
        (["--at-once", "0"], "--at-once 0: allowed is a whole number from 1 to 100"),
    ],
)
def test_what_is_wrong_gets_one_line(command, capsys, words, said):
    with pytest.raises(SystemExit) as ended:
        command(*words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"scrapy work: {said}")
