"""Many sites, shared out among workers: each takes the next one that is due and that nobody else has in hand."""

import os
import secrets
import socket
from collections.abc import Iterable

from newscrawl.workers.connection import PatientRedis

_KEEP = """
for place = 1, #KEYS do
    if redis.call('GET', KEYS[place]) == ARGV[1] then redis.call('EXPIRE', KEYS[place], ARGV[2]) end
end
"""


class Sites:
    """
    The claims of a worker: a key a site in Redis, which lapses with the worker.

    :param every: seconds after which a site that was crawled, by whichever worker, is due again
    :param lease: seconds without a sign of life after which the sites of a worker are free
    :raises RedisGoneError: from any method
    """

    def __init__(self, client: PatientRedis, every: int, lease: int) -> None:
        self._redis = client
        self._every, self._lease = every, lease
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._keep = client.register_script(_KEEP)

    def claim(self, name: str) -> bool:
        """Take a site; False where another has it, or it is not due."""
        return bool(self._redis.set(_key(name), self._worker, nx=True, ex=self._lease))

    def keep(self, names: Iterable[str]) -> None:
        """Give a sign of life for sites that are being crawled."""
        self._keep(keys=[_key(name) for name in names], args=[self._worker, self._lease])

    def done(self, name: str) -> None:
        """Note that a site was crawled, however that ended."""
        self._redis.set(_key(name), "done", ex=self._every)


def _key(name: str) -> str:
    return f"newscrawl:site:{name}"
