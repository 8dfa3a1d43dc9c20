"""What stands in Redis, and what a worker makes of it."""

import json
import re
from itertools import count
from types import SimpleNamespace

import pytest
from scrapy import Request

from newscrawl.base_spiders.origin import Origin
from newscrawl.exceptions import AnotherRunError, RedisGoneError
from newscrawl.workers.board import Board
from newscrawl.workers.connection import connect
from newscrawl.workers.entry import LEASE, PoisonedEntryError, is_plain, to_entry, to_request
from newscrawl.workers.joining import lead_or_join
from newscrawl.workers.queue import LeasedQueue

from .redis_server import NEEDS_REDIS, running_redis

pytestmark = NEEDS_REDIS
SITE = "http://127.0.0.1:8000/"


class Spider:
    name = "newsjournos"
    origin = Origin(SITE, SITE)

    def parse_article(self, response, discovered_by):
        """Stands for the spider's."""

    def parse_part(self, response, draft):
        """Carries an object."""

    def article_failed(self, failure):
        """Stands for the spider's."""


SPIDER = Spider()


def request(path="a-story/", priority=10, **more):
    return Request(
        f"{SITE}{path}",
        callback=SPIDER.parse_article,
        errback=SPIDER.article_failed,
        cb_kwargs={"discovered_by": "section:World"},
        priority=priority,
        **more,
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def board(server):
    """Makes workers of a run that is at work."""
    server.client.flushall()
    made = []

    def make():
        board = Board(connect(server.url, 1), f"newsjournos {SITE}", SITE)
        board.run_id = "7"
        if not made:
            board.announce({})
        board.beat([])
        made.append(board)
        return board

    yield make
    for one in made:
        one.redis.close()


def test_a_request_comes_back_as_it_was():
    given = request(
        headers={"If-None-Match": '"é"'}, meta={"handle_httpstatus_list": [304], "from_amp": True, "depth": 2}
    )
    again = to_request(to_entry(given), SPIDER)
    for name in ("url", "callback", "errback", "cb_kwargs", "headers", "meta", "priority"):
        assert getattr(again, name) == getattr(given, name), name


@pytest.mark.parametrize(
    "own",
    [
        request(meta={LEASE: "x"}),
        request(meta={"retry_times": 1}),
        request(body="x"),
        Request(SITE, callback=SPIDER.parse_part, cb_kwargs={"draft": object()}),
        Request(SITE),
    ],
    ids=["under a lease", "tried again", "with a body", "a part", "without a callback"],
)
def test_what_carries_more_stays_with_its_worker(own):
    assert not is_plain(own)


GOOD = json.loads(to_entry(request()))


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "cos\nsystem\n(S'id'\ntR.",  # what pickle would run
        "[" * 5_000,
        "[]",
        json.dumps({**GOOD, "callback": "closed"}),
        json.dumps({**GOOD, "callback": "__init__"}),
        json.dumps({**GOOD, "url": "http://127.0.0.1:8001/a-story/"}),
        json.dumps({**GOOD, "url": "file:///etc/passwd"}),
        json.dumps({**GOOD, "url": ["x"]}),
        json.dumps({**GOOD, "meta": {"proxy": "http://example.org"}}),
        json.dumps({**GOOD, "meta": {"handle_httpstatus_list": ["x"]}}),
        json.dumps({**GOOD, "headers": {"A": ["x"]}}),
        json.dumps({**GOOD, "priority": "high"}),
        json.dumps({**GOOD, "errback": "article_failed"}),
        json.dumps({**GOOD, "discovered_by": "x" * 20_000}),
    ],
    ids=lambda entry: entry[:40].replace("\n", " ") or "empty",
)
def test_a_poisoned_entry_is_none(entry):
    with pytest.raises(PoisonedEntryError):
        to_request(entry, SPIDER)


def test_poisoned_entries_are_dropped_with_one_warning(board, server, caplog):
    queue = LeasedQueue(board(), SPIDER)
    server.client.zadd(queue.key, {"000000000000 \x80": -99, "no place": -98, b"\xff\xfe": -97})
    queue.push(request())
    assert queue.pop().url == f"{SITE}a-story/"
    assert queue.pop() is None
    assert (queue.poisoned, [one.levelname for one in caplog.records if one.levelname != "DEBUG"]) == (3, ["WARNING"])
    assert server.client.hlen(queue.board.key("leases")) == 1


def test_priority_first_then_first_come_first_served(board):
    queue = LeasedQueue(board(), SPIDER)
    for number in range(12):
        queue.push(request(f"{number}/"))
    queue.push(request("first/", priority=20))
    paths = [queue.pop().url.removeprefix(SITE) for _ in range(13)]
    assert paths == ["first/", *(f"{number}/" for number in range(12))]


def test_what_was_seen_is_not_added_again(board):
    queue = LeasedQueue(board(), SPIDER)
    assert [queue.push(request(), "a"), queue.push(request(), "a"), queue.push(request(), "")] == [True, False, True]


def test_a_lease_goes_back_when_its_worker_is_dead(board):
    dead, other = board(), board()
    queue = LeasedQueue(dead, SPIDER)
    queue.push(request("1/"))
    queue.push(request("2/"))
    queue.acknowledge([queue.pop().meta[LEASE]])
    queue.pop()
    assert LeasedQueue(other, SPIDER).pop() is None
    assert other.leave(dead.worker, "no beat of it") == -1  # it has given a sign of life since
    assert other.leave(dead.worker, other.beats()[dead.worker]) == 1
    assert LeasedQueue(other, SPIDER).pop().url == f"{SITE}2/"
    assert dead.worker not in other.beats()


def test_a_lease_whose_answer_was_lost_goes_back(board):
    worker = board()
    LeasedQueue(worker, SPIDER).push(request())
    assert worker.pop() is not None
    worker.beat([])  # it knows of none
    assert worker.pop() is not None


def test_leases_are_said_again_to_a_redis_without_data(board, server):
    worker = board()
    queue = LeasedQueue(worker, SPIDER)
    queue.push(request())
    queue.pop()
    server.client.flushall()
    worker.beat(list(queue.leases.values()))
    assert worker.is_busy()


def test_nothing_is_taken_off_a_run_that_is_over(board):
    leader, other = board(), board()
    LeasedQueue(leader, SPIDER).push(request())
    leader.end()
    assert other.pop() is None
    other.beat([])
    assert other.is_over


def test_the_slot_of_a_site_is_one_for_all(board):
    one, other = board(), board()
    assert one.take_slot(30, 2, 60)[0] == 0
    assert 29 < other.take_slot(30, 2, 60)[0] <= 30  # the delay of whoever sent last
    other.hold_slot(1000)
    assert 999 < one.take_slot(0, 2, 60)[0] <= 1000
    one.hold_slot(5)  # less does not shorten it
    assert other.take_slot(0, 2, 60)[0] > 900


def test_no_more_are_open_at_once_than_one_crawler_would_have(board):
    one, other = board(), board()
    tokens = [one.take_slot(0, 2, 60)[1], other.take_slot(0, 2, 60)[1]]
    assert one.take_slot(0, 2, 60)[0] > 0
    other.give_slot(tokens[1])
    assert one.take_slot(0, 2, 60)[::2] == (0, 3)  # the third request of the run
    other.leave(one.worker)  # what the dead have open is not waited for
    assert other.take_slot(0, 2, 60)[0] == 0


def test_a_password_is_in_no_error(tmp_path):
    with running_redis(tmp_path, secret="hush") as server:
        connect(server.url, 1).close()
        for wrong in (server.url.replace("hush", "nonsense"), server.url.partition("?")[0]):  # and an unknown CA
            with pytest.raises(RedisGoneError) as error:
                connect(wrong, 0)
            assert str(error.value).startswith(f"rediss://127.0.0.1:{server.port}/0 ")
            assert not re.search("hush|nonsense|pem", str(error.value))


def test_the_arguments_of_a_run_are_those_of_its_leader(board):
    board()
    engine = SimpleNamespace(hold_run=lambda: SimpleNamespace(release=lambda: None))
    worker = board()
    worker.run_id = ""
    assert lead_or_join(worker, engine, {"mode": "full"}) is not None  # nobody gives signs of life: a new run
    assert worker.run() == {}


def held():
    raise AnotherRunError("held")


EMPTIED = {
    "a leader": (held, {"id": "7", "leader": "a"}, "7"),
    "the dead one's lock": (lambda: SimpleNamespace(release=lambda: None), {}, ""),
}


@pytest.mark.parametrize(("hold_run", "seen", "run_id"), EMPTIED.values(), ids=EMPTIED)
def test_a_redis_that_was_emptied_meanwhile_has_no_other_arguments(hold_run, seen, run_id):
    """What was seen of the run when its worker gave signs of life is gone when its arguments are asked for."""
    runs, beats = iter([seen]), count()
    others = SimpleNamespace(run=lambda: next(runs, {}), beats=lambda: {"a": next(beats)}, run_id=None)
    lead_or_join(others, SimpleNamespace(hold_run=hold_run), {"mode": "full"})
    assert others.run_id == run_id
