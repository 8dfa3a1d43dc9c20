"""An environment a peer, with the versions that are named here, outside the project's own."""

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from bench.running import ENVIRONMENT, ROOT

SCRIPTS = Path(__file__).parent
INSTALLED = "installed.txt"
"""Holds the requirements that an environment was made from."""


@dataclass(frozen=True)
class Peer:
    """
    One extractor.

    :param requirements: what is installed for it; nothing: it runs in the project's environment
    :param target: how many times as fast ours is meant to be
    """

    name: str
    script: str
    requirements: tuple[str, ...] = ()
    target: float | None = None


FLOOR = Peer("lxml.html.fromstring alone", "with_lxml.py")
OURS = Peer("newscrawl", "with_newscrawl.py")
PEERS = (
    # It asks for any curl_cffi below 1, and needs a name that newer ones have lost.
    Peer("Fundus, parser for this theme", "with_fundus.py", ("fundus==0.5.7", "curl_cffi==0.14.0"), 3),
    # Its dependency justext does without lxml_html_clean, and then cannot be imported.
    Peer("trafilatura, with metadata", "with_trafilatura.py", ("trafilatura==2.3.1", "lxml_html_clean==0.4.6"), 8),
    Peer("readability-lxml", "with_readability.py", ("readability-lxml==0.9",)),
    Peer("goose3", "with_goose3.py", ("goose3==3.1.22",)),
    Peer("newspaper4k", "with_newspaper4k.py", ("newspaper4k==0.9.6",), 50),
    Peer("news-please", "with_newsplease.py", ("news-please==1.6.16",), 50),
)


class NotInstalledError(RuntimeError):
    """pip could not install a peer."""


def python_of(peer: Peer, folder: Path) -> Path:
    """
    The interpreter of a peer's environment, which is made where it is not there, or from other requirements.

    :raises NotInstalledError: with pip's last line
    """
    if not peer.requirements:
        return Path(sys.executable)
    home = folder / Path(peer.script).stem
    python, marker, wanted = home / "bin" / "python", home / INSTALLED, "\n".join(peer.requirements)
    if not marker.is_file() or marker.read_text(encoding="utf-8") != wanted:
        venv.create(home, clear=True, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *peer.requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotInstalledError((done.stderr.strip().splitlines() or ["pip failed"])[-1])
        marker.write_text(wanted, encoding="utf-8")
    return python


def start(peer: Peer, pages: Path, environments: Path) -> subprocess.Popen[str]:
    """
    A peer's process over the pages of a folder.

    :raises NotInstalledError: it is not to be had
    """
    python = python_of(peer, environments)
    own = {**ENVIRONMENT, "OMP_NUM_THREADS": "1"}
    own.pop("PYTHONPATH", None)
    if not peer.requirements:
        own["PYTHONPATH"] = os.fspath(ROOT)
    with log_of(peer, pages).open("w", encoding="utf-8") as log:
        return subprocess.Popen(
            [python, SCRIPTS / peer.script, pages],
            env=own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def log_of(peer: Peer, pages: Path) -> Path:
    """What a peer's process says on standard error."""
    return pages / f"{Path(peer.script).stem}.log"
