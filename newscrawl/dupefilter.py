"""Requests that a run has made before."""

from typing import Any

from scrapy import Request
from scrapy.dupefilters import RFPDupeFilter

from newscrawl.seen import Seen


class SmallDupeFilter(RFPDupeFilter):
    """Scrapy's filter, by Scrapy's fingerprints, in a sixth of the memory. It keeps nothing for a later run."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen = Seen()

    def request_seen(self, request: Request) -> bool:
        return not self._seen.add(self.fingerprinter.fingerprint(request))
