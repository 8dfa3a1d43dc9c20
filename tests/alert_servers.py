"""A webhook and a mail server on loopback, for what alerts say and for what they hide."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Got:
    """What a server was told, and where it listens."""

    port: int
    messages: list[Any] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


@contextmanager
def webhook(status: int = 200, location: str = "") -> Iterator[Got]:
    """Takes JSON at any path, and answers with ``status``."""
    got: list[Got] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got[0].commands.append(f"{self.command} {self.path} {self.headers['Content-Type']}")
            got[0].messages.append(json.loads(body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            if location:
                self.send_header("Location", location)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    got.append(Got(server.server_port))
    with _running(server):
        yield got[0]


@contextmanager
def mail_server(replies: dict[str, str] | None = None) -> Iterator[Got]:
    """Takes mail; ``replies`` gives another answer to a command than the usual one."""
    usual = {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 in", "DATA": "354 go on", "QUIT": "221 bye"}
    answers = {**usual, **(replies or {})}
    got: list[Got] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say(answers.get("", "220 here"))
            while line := self.rfile.readline().decode().strip():
                got[0].commands.append(line)
                word = line.split()[0].upper()
                self._say(answers.get(word, "250 fine"))
                if word == "DATA" and answers["DATA"].startswith("354"):
                    got[0].messages.append(self._mail())
                    self._say("250 fine")

        def _say(self, reply: str) -> None:
            self.wfile.write(f"{reply}\r\n".encode())

        def _mail(self) -> str:
            lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
            return "\n".join(lines)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    got.append(Got(server.server_address[1]))
    with _running(server):
        yield got[0]


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[None]:
    server.daemon_threads = True  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
