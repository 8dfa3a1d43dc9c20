"""What came up before, in a few bytes."""

import random

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.dupefilters import RFPDupeFilter
from scrapy.utils.request import RequestFingerprinter

from newscrawl.dupefilter import SmallDupeFilter
from newscrawl.seen import Seen
from newscrawl.spiders.newsjournos import NewsjournosSpider

from .conftest import project_settings

HERE = "https://newsjournos.com"


def test_it_answers_as_a_set_does():
    drawn = random.Random(7)
    seen, known = Seen(), set()
    for _ in range(20_000):
        thing = drawn.choice((f"{HERE}/{drawn.randrange(9_000)}/", drawn.randrange(9_000), ("post_id", drawn.random())))
        assert (thing in seen) is (thing in known)
        assert seen.add(thing) is (thing not in known)
        known.add(thing)
        assert len(seen) == len(known)
    assert all(thing in seen for thing in known)
    assert seen._table.itemsize * len(seen._table) <= 24 * len(seen)


def test_what_hashes_to_nothing_is_kept_too():
    seen = Seen()
    assert (0 in seen, seen.add(0), seen.add(0), 0 in seen) == (False, True, False, True)


def test_requests_are_told_apart_as_scrapy_does():
    crawler = Crawler(NewsjournosSpider, project_settings())
    crawler.request_fingerprinter = RequestFingerprinter(crawler)
    requests = [
        Request(f"{HERE}/a/"),
        Request(f"{HERE}/a/?b=1&a=2"),
        Request(f"{HERE}/a/?a=2&b=1"),
        Request(f"{HERE}/a/#part"),
        Request(f"{HERE}/a/", method="POST", body="x"),
        Request(f"{HERE}/a/"),
    ]
    ours, scrapys = (kind.from_crawler(crawler) for kind in (SmallDupeFilter, RFPDupeFilter))
    assert [ours.request_seen(one) for one in requests] == [scrapys.request_seen(one) for one in requests]
