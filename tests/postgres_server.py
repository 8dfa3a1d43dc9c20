"""A PostgreSQL server of the tests' own, from Debian's packages: one for all test processes, ended by the last."""

import fcntl
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from .waiting import until

_OPTIONS = {
    "fsync": "off",  # what the tests end, they throw away
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "80",
    "listen_addresses": "127.0.0.1",
    "ssl": "on",
}
_MAY = """
local all all trust
hostssl all secured 127.0.0.1/32 scram-sha-256
"""
_numbers = count()


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work: its folder, which holds its socket and certificate, its port and process."""

    folder: str
    port: int
    pid: int

    def url(self, database: str, user: str = "owner") -> str:
        """The address of a database by way of the socket."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def ask(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What a statement answers."""
        with psycopg.connect(self.url(database), autocommit=True) as db:
            cursor = db.execute(sql)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def new_database(self, template: str = "template0") -> str:
        """A database of its own; answers its name."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name


def programs() -> str | None:
    """The folder of PostgreSQL's programs; None where it is not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    return os.path.dirname(os.path.realpath(initdb)) if initdb else None


def _user() -> dict[str, Any]:
    """Who the server runs as: never as root, which it refuses."""
    if os.geteuid():
        return {}
    name = "postgres" if "postgres:" in Path("/etc/passwd").read_text() else "nobody"
    return {"user": name, "extra_groups": []}


def start(folder: str) -> Server:
    """Make a cluster in an empty folder and start it."""
    bin_, who = programs(), _user()
    if who:
        shutil.chown(folder, who["user"])
    data = f"{folder}/data"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **who}
    make = [f"{bin_}/initdb", "-D", data, "-U", "owner", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run(make, check=True, **quiet)
    subject = ["-subj", "/CN=newscrawl tests", "-addext", "subjectAltName=IP:127.0.0.1"]
    keys = ["-keyout", f"{data}/server.key", "-out", f"{data}/server.crt"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *keys, *subject], check=True, **quiet)
    Path(data, "server.key").chmod(0o600)
    Path(data, "pg_hba.conf").write_text(_MAY)
    return run(folder, free_port())


def run(folder: str, port: int) -> Server:
    """Start the server of a cluster that is there."""
    options = {**_OPTIONS, "port": str(port), "unix_socket_directories": folder}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with open(f"{folder}/log", "ab") as log:
        process = subprocess.Popen(
            [f"{programs()}/postgres", "-D", f"{folder}/data", *words],
            stdout=log, stderr=log, cwd=folder, start_new_session=True, **_user(),
        )  # fmt: skip
    server = Server(folder, port, process.pid)
    process.returncode = 0  # it outlives this process, which shall not warn of that
    until(lambda: _answers(server), "PostgreSQL answers")
    return server


def _answers(server: Server) -> bool:
    try:
        server.ask("SELECT 1")
    except psycopg.OperationalError:
        if os.waitpid(server.pid, os.WNOHANG)[0]:
            raise RuntimeError(Path(server.folder, "log").read_text()) from None
        return False
    return True


def stop(server: Server, how: signal.Signals = signal.SIGINT) -> None:
    """End the server, whoever started it; its clients are cut off. Raises TimeoutError where it does not end."""
    with suppress(ProcessLookupError):
        os.kill(server.pid, how)
    until(lambda: _has_ended(server), "PostgreSQL ends")


def _has_ended(server: Server) -> bool:
    if not Path(server.folder, "data", "postmaster.pid").exists():
        return True
    with suppress(ChildProcessError):
        os.waitpid(server.pid, os.WNOHANG)
    return False


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def shared(place: Path) -> Iterator[Server]:
    """The server of all test processes that name the same folder: the first one starts it, the last one ends it."""
    with _noted(place) as noted:
        if not noted.get("users"):
            noted["server"] = asdict(start(tempfile.mkdtemp(prefix="newscrawl-", dir="/tmp")))
        noted["users"] = noted.get("users", 0) + 1
        server = Server(**noted["server"])
    try:
        yield server
    finally:
        with _noted(place) as noted:
            noted["users"] -= 1
            if not noted["users"]:
                stop(server)
                shutil.rmtree(server.folder)


@contextmanager
def _noted(place: Path) -> Iterator[dict[str, Any]]:
    """What the processes know together; one looks at a time."""
    with open(place / "postgres.json", "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        noted = json.loads(file.read() or "{}")
        yield noted
        file.truncate(0)
        file.write(json.dumps(noted))
