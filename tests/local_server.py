"""A small scripted HTTP server on loopback, for what a site does wrong: each path has its list of answers."""

import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent; ``wait_for`` holds it until that many requests are open, but ``at_most`` so many seconds."""

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_for: int = 0
    at_most: float = 0.2


@dataclass(slots=True)
class Seen:
    """One request as the server got it."""

    path: str
    at: float
    headers: Mapping[str, str]
    status: int = 0


Script = Mapping[str, Answer | str | Sequence[Answer | str]]


class LocalServer:
    """
    Answers from a script: path (with query) to an answer, or to several of which the last one stays.

    A text is a page with status 200; what the script does not name is a 404. Who knows the ETag of an answer gets a
    304. With a ``certificate`` (a file with its key) it speaks https.
    """

    def __init__(self, script: Script, certificate: Path | None = None) -> None:
        self.script = {path: [one] if isinstance(one, Answer | str) else list(one) for path, one in script.items()}
        self.seen: list[Seen] = []
        self.most_open = 0
        self._open = 0
        self._released = False
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self._server.server_port}/"
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [one.path for one in self.seen]

    def times(self, path: str) -> list[float]:
        """When a path was asked for, on the monotonic clock."""
        return [one.at for one in self.seen if one.path == path]

    def wait_until_asked(self, path: str, timeout: float) -> None:
        """Return once the path has been asked for; AssertionError after ``timeout`` seconds."""
        with self._changed:
            assert self._changed.wait_for(lambda: path in self.paths, timeout), f"{path} was never asked for"

    def release(self) -> None:
        """Send what is held."""
        with self._changed:
            self._released = True
            self._changed.notify_all()

    def _answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        with self._changed:
            seen = Seen(path, monotonic(), headers)
            self.seen.append(seen)
            self._open += 1
            self.most_open = max(self.most_open, self._open)
            self._changed.notify_all()
            answers = self.script.get(path) or [Answer(404, "<body class='error404'></body>")]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            answer = Answer(200, answer) if isinstance(answer, str) else answer
            tag = answer.headers.get("ETag")
            if tag is not None and tag == headers.get("If-None-Match"):
                answer = Answer(304, headers=answer.headers)
            seen.status = answer.status
            if answer.wait_for:
                self._changed.wait_for(lambda: self._released or self._open >= answer.wait_for, answer.at_most)
        return answer

    def _left(self) -> None:
        with self._changed:
            self._open -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 64 * 1024  # head and body in one packet: two would wait 40 ms for each other
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                answer = server._answer(path, dict(self.headers))
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                server._left()
                self.send_response(answer.status)
                for name, value in {**HTML, **answer.headers}.items():
                    self.send_header(name, value)
                if answer.status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test reads ``seen``."""

        return Handler

    def start(self) -> None:
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(script: Script, certificate: Path | None = None) -> Iterator[LocalServer]:
    """A server that runs while the block does."""
    server = LocalServer(script, certificate)
    server.start()
    try:
        yield server
    finally:
        server.stop()
