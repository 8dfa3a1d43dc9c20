"""
``make browse``: Datasette over the database, on this machine only.

    .venv/bin/python -m newscrawl.browse [--port P] [--open] [--metadata]
"""

import argparse
import json
import os
import socket
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from newscrawl.browse.metadata import SETTINGS, metadata
from newscrawl.configuration import from_environment
from newscrawl.exceptions import NewscrawlError, UsageProblem
from newscrawl.storage import engine_of, open_store

ADDRESS = "127.0.0.1"


def main(words: list[str]) -> None:
    """Become Datasette, which ends with Ctrl-C; or end with one line that says why not."""
    parser = argparse.ArgumentParser(prog="make browse", description="Datasette over the database, read-only.")
    parser.error = lambda message: leave(UsageProblem.exit_code, message)  # type: ignore[method-assign]
    parser.add_argument("--port", type=int, default=8001, help=f"port of {ADDRESS}; 0 takes a free one (default: 8001)")
    parser.add_argument("--open", action="store_true", help="open it in the web browser")
    parser.add_argument("--metadata", action="store_true", help="only print Datasette's metadata, as JSON")
    options = parser.parse_args(words)
    try:
        path = database()
        if options.metadata:
            print(json.dumps(metadata(path.stem), ensure_ascii=False, indent=2))
        else:
            check_start(options.port)
            serve(path, options.port, options.open)
    except NewscrawlError as error:
        leave(error.exit_code, str(error))


def leave(code: int, why: str) -> NoReturn:
    """End with one line."""
    sys.stderr.write(f"make browse: {why}\n")
    sys.exit(code)


def database() -> Path:
    """
    The file that NEWSCRAWL_DATABASE_URL names.

    :raises NewscrawlError: the address is wrong, or it is no database of today's schema
    """
    url = from_environment("NEWSCRAWL_DATABASE_URL")
    path = engine_of(url).path
    if path is None:
        raise UsageProblem("Datasette reads SQLite files only; NEWSCRAWL_DATABASE_URL names another database")
    open_store(url, readonly=True).close()
    return path


def check_start(port: int) -> None:
    """:raises UsageProblem: Datasette is not installed or does not load, or the port is not to be had"""
    try:
        import_module("datasette.cli")
    except ImportError as error:
        is_missing = isinstance(error, ModuleNotFoundError) and error.name == "datasette"
        needed = "datasette" if is_missing else f"datasette, which does not load ({error})"
        raise UsageProblem(f"needs {needed}: pip install -r requirements-extras.txt") from error
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "allowed is 0 to 65535"
            raise UsageProblem(f"--port {port}: {why}; another one will do: make browse ARGS='--port 8009'") from error


def needs_immutable(path: Path) -> bool:
    """
    Whether SQLite can read the file only if it is told that nobody writes to it.

    A database that is written needs its log beside it; where this user may not write and no log is there, SQLite
    refuses. Wherever a log is or can be, ``immutable`` would be wrong: a crawl may write at any time.
    """
    return not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()


def command(path: Path, port: int, is_opened: bool, described: str) -> list[str]:
    """Datasette's command line; ``described`` is the file with its metadata."""
    settings = [word for name, value in SETTINGS.items() for word in ("--setting", name, str(value))]
    file = ["--immutable", str(path)] if needs_immutable(path) else [str(path)]
    place = ["--host", ADDRESS, "--port", str(port), *(["--open"] if is_opened else [])]
    return ["-m", "datasette", "serve", *file, *place, "--metadata", described, *settings]


def serve(path: Path, port: int, is_opened: bool) -> NoReturn:
    """Replace this process by Datasette, so that a signal to it ends Datasette."""
    with tempfile.TemporaryFile() as file:  # has no name, so nothing is left behind
        file.write(json.dumps(metadata(path.stem)).encode())
        file.flush()
        file.seek(0)
        os.set_inheritable(file.fileno(), True)
        if needs_immutable(path):
            print(f"{path} cannot be written by you: it is shown as it is now. Start again after a crawl.", flush=True)
        words = command(path, port, is_opened, f"/dev/fd/{file.fileno()}")
        os.execv(sys.executable, [sys.executable, *words])


if __name__ == "__main__":
    main(sys.argv[1:])
