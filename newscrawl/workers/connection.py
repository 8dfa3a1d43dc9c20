"""Redis, waited for where it is away, and not for ever."""

import time
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from newscrawl.exceptions import RedisGoneError
from newscrawl.masking import without_secrets

PAUSE = 0.1
"""Seconds between two tries."""
ANSWER_SECONDS = 5.0
"""How long one try may take."""
REFUSED = (redis.AuthenticationError, redis.exceptions.AuthorizationError)
"""Errors of a connection that no waiting mends."""


class PatientRedis(redis.Redis):
    """
    A client that asks again for ``patience`` seconds where Redis does not answer; after that it asks no more.

    :raises RedisGoneError: from any command; its text names no password
    """

    patience = 0.0
    name = ""
    is_gone = False

    def execute_command(self, *args: Any, **options: Any) -> Any:
        end = time.monotonic() + (0 if self.is_gone else self.patience)
        while True:
            try:
                return super().execute_command(*args, **options)
            except redis.exceptions.NoScriptError:  # it was restarted; whoever asked says the script again
                raise
            except (redis.ConnectionError, redis.TimeoutError) as error:
                if isinstance(error, REFUSED):
                    raise self._gone("lets nobody in with this user and password") from None
                if time.monotonic() >= end:
                    raise self._gone(f"has not answered for {self.patience:g} s") from None
            except redis.RedisError as error:
                raise self._gone(f"answered: {' '.join(str(error).split())}") from None
            time.sleep(PAUSE)

    def _gone(self, what: str) -> RedisGoneError:
        self.is_gone = True
        return RedisGoneError(f"{self.name} {what}; see NEWSCRAWL_REDIS_URL. What was stored is kept: run again")


def connect(url: str, patience: float) -> PatientRedis:
    """
    A client of the Redis that ``NEWSCRAWL_REDIS_URL`` names, which has answered once.

    :param url: ``redis://``, or ``rediss://`` for TLS, with the options of redis-py, such as ``?ssl_ca_certs=FILE``
    :param patience: seconds to wait for it, at any time
    :raises RedisGoneError: it does not answer, or lets nobody in
    """
    client = PatientRedis.from_url(
        url,
        decode_responses=True,
        encoding_errors="surrogateescape",  # nonsense that somebody wrote can be read, and named to be dropped
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    assert isinstance(client, PatientRedis)
    client.name, client.patience = without_secrets(url), patience
    client.ping()
    return client
