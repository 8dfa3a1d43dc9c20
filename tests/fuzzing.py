"""What the hostile tests feed the crawler: addresses and pages that no honest site would send."""

import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# The same inputs in every run and on every machine; no deadline, for the machine is shared.
FIXED = settings(
    max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

HOST = "127.0.0.1:8000"
BASE = f"http://{HOST}/"

_PIECES = st.sampled_from(
    ["http:", "https:", "file:", "javascript:", "data:", "//", "/", "\\", "\\\\", "@", ":", "user:pw@", HOST, "127.0.0.1",
     "127.0.0.1:8001", ":22", ":99999", ":x", "newsjournos.com", "newsjournos.com.evil.test", "evil.test", "[::1]", "[",
     "]", "[::1%25eth0]", "münchen.test", "xn--mnchen-3ya.test", "\u2100.test", "\uff0f", "\u3002", "%2f", "%5c", "%00", "%0d%0a", "%",
     "\r\n", "\t", "\x00", " ", "\u00a0", "?", "#", "&", "=", "..", "amp", "/amp/", "?amp=1", ";", "a-story/", "\ud800"]
)  # fmt: skip
ADDRESSES = st.lists(_PIECES | st.text(max_size=4), max_size=8).map("".join)

_EVIL = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"<script>alert(1)</script>", b"<!--", b"-->", b"<![CDATA[", b"&#0;", b"&#xD800;",
    b"&lt;script&gt;", b"&#x110000;", b"<div " + b"a" * 9000 + b"='" + b"x" * 9000 + b"'>", b"<svg onload=alert(1)>", b"</html>",
    b"<meta charset=utf-16>", b"<meta charset=nonsense>", b"<base href='http://evil.test/'>", b"<plaintext>", b"<a href='http://['>",
    b'<script type="application/ld+json">' + b"[" * 9000 + b"</script>", b"<table><tr><td>" * 300, b"<p><b><i>" * 300,
    b'<script type="application/ld+json">{"@type":"NewsArticle","headline":{"a":[1]},"datePublished":1e999}</script>',
)  # fmt: skip


def mutated(page: bytes, seed: int) -> bytes:
    """``page`` with a few faults that ``seed`` chooses."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        at, end = sorted((chance.randint(0, len(page)), chance.randint(0, len(page))))
        match chance.randrange(5):
            case 0:
                page = page[:end]
            case 1:
                page = page[:at] + page[min(end, at + 2000) :]
            case 2 | 3:
                page = page[:at] + chance.choice(_EVIL) + page[at:]
            case _:
                page = page[:at] + page[at : at + 3000] * 3 + page[at:]
    return page
