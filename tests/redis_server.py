"""A Redis server of a test's own, from Debian's packages, and workers that share a run by it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import redis

from .conftest import FAST, ROOT, environment
from .needed import needs
from .postgres_server import free_port
from .waiting import until

NEEDS_REDIS = needs("Debian's redis-server", shutil.which("redis-server"))


class RedisServer:
    """
    A server on 127.0.0.1 with its data under a folder.

    :param secret: its password; with one, it is spoken to by TLS, and its certificate is its own
    """

    def __init__(self, folder: Path, secret: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port = folder, free_port()
        self.options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(folder),
            "save": "",
            "appendonly": "yes",
        }
        self.url = f"redis://127.0.0.1:{self.port}/0"
        if secret:
            self._secure(secret)
        self.client = redis.Redis.from_url(self.url, decode_responses=True)
        self.start()

    def _secure(self, secret: str) -> None:
        key, certificate = f"{self.folder}/key.pem", f"{self.folder}/certificate.pem"
        subject = ["-subj", "/CN=newscrawl tests", "-addext", "subjectAltName=IP:127.0.0.1"]
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
        subprocess.run([*make, *subject], check=True, capture_output=True)
        self.options |= {"port": "0", "tls-port": str(self.port), "tls-auth-clients": "no", "requirepass": secret}
        self.options |= {"tls-key-file": key, "tls-cert-file": certificate, "tls-ca-cert-file": certificate}
        self.url = f"rediss://:{secret}@127.0.0.1:{self.port}/0?ssl_ca_certs={certificate}"

    def start(self) -> None:
        """Start it, with the data that it left."""
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
        }
        words = [word for name, value in {**options, **self.options}.items() for word in (f"--{name}", value)]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(["redis-server", *words], **quiet)
        until(self._answers, "redis-server answers")

    def _answers(self) -> bool:
        assert self.process.poll() is None, "redis-server ended"
        with suppress(redis.ConnectionError):
            return bool(self.client.ping())
        return False

    def kill(self) -> None:
        """As a machine that goes down."""
        self.process.kill()
        self.process.wait()

    def forget(self) -> None:
        """Lose the data of a server that is not at work."""
        shutil.rmtree(self.folder / "appendonlydir")


@contextmanager
def running_redis(folder: Path, secret: str = "") -> Iterator[RedisServer]:
    """A server for the time of a block; see RedisServer."""
    server = RedisServer(folder, secret)
    try:
        yield server
    finally:
        server.client.close()
        server.kill()


class Workers:
    """Processes that crawl the same site into the same database; those that are left are killed at the end."""

    def __init__(self, folder: Path, site: str, database: str, redis_url: str, **settings: Any) -> None:
        self.folder, self.site, self.processes = folder, site, list[subprocess.Popen[bytes]]()
        self.settings = {
            **{name: value for name, value in FAST.items() if name != "DOWNLOAD_HANDLERS"},
            "NEWSCRAWL_DATABASE_URL": database,
            "NEWSCRAWL_REDIS_URL": redis_url,
            "NEWSCRAWL_LEASE_SECONDS": 3,
            "NEWSCRAWL_JSONL_PATH": f"{folder}/news.jsonl",
            "NEWSCRAWL_ARCHIVE_DIR": f"{folder}/archive",
            "NEWSCRAWL_REPORTS_DIR": f"{folder}/reports",
            **settings,
        }

    def start(self, **arguments: str) -> subprocess.Popen[bytes]:
        """One more worker."""
        given = [word for name, value in self.settings.items() for word in ("-s", f"{name}={value}")]
        given += [word for name, value in arguments.items() for word in ("-a", f"{name}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", "-a", f"base_url={self.site}", *given]
        with open(self.folder / f"worker{len(self.processes)}.log", "wb") as log:
            self.processes.append(subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=log, stderr=log))
        return self.processes[-1]

    def log(self, number: int) -> str:
        """What a worker said."""
        return (self.folder / f"worker{number}.log").read_text()

    def wait(self, seconds: float = 90) -> list[int]:
        """The exit code of each, killed ones included."""
        end = time.monotonic() + seconds
        return [process.wait(max(end - time.monotonic(), 0.1)) for process in self.processes]

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL) if process.poll() is None else None
            process.wait()
