"""``scrapy demo``: crawl the bundled replica of the site into an empty store, and show what was found."""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from scrapy.commands import ScrapyCommand

from newscrawl.commands._ending import FAILED, USAGE, leave
from newscrawl.items import Article

FOLDER = Path("data/demo")
MOST = 100_000
SETTINGS = {
    "NEWSCRAWL_DATABASE_URL": f"sqlite:///{FOLDER}/newsjournos.db",
    "NEWSCRAWL_JSONL_PATH": f"{FOLDER}/newsjournos.jsonl",
    "NEWSCRAWL_ARCHIVE_DIR": f"{FOLDER}/archive",
    "NEWSCRAWL_REPORTS_DIR": f"{FOLDER}/reports",
}
# The replica is ours and on this machine: no need to be slow with it.
QUICK = {"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "False", "LOG_FILE": f"{FOLDER}/crawl.log"}
NEXT = {
    "status": "scrapy status newsjournos",
    "export": f"scrapy export newsjournos --format csv --output {FOLDER}/articles.csv",
    "report": f"scrapy report newsjournos --output {FOLDER}/report.html",
}


class Command(ScrapyCommand):
    """Starts the replica in this process, so that none is left behind, and the crawl in another."""

    requires_project = True
    requires_crawler_process = False
    default_settings = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        return "Crawl the bundled replica of the site into data/demo/ and show what was found"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.error = lambda message: leave("demo", USAGE, message)  # type: ignore[method-assign]
        parser.add_argument(
            "--articles", type=int, default=120, metavar="N", help="posts of the replica (default: 120)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        from fixtures.replica.server import running_replica  # what no other command needs is not loaded for it

        if args or not 0 < opts.articles <= MOST:
            given = " ".join(args) or opts.articles
            leave("demo", USAGE, f"{given}: allowed is --articles with a number from 1 to {MOST}")
        signal.signal(signal.SIGTERM, _stop)
        shutil.rmtree(FOLDER, ignore_errors=True)
        try:
            FOLDER.mkdir(parents=True)
        except OSError as error:
            leave("demo", FAILED, f"{error.filename}: {error.strerror}")
        try:
            with running_replica(articles=opts.articles) as replica:
                print(f"The bundled replica serves {opts.articles} invented articles at {replica.url}; crawling it ...")
                began = time.monotonic()
                self.exitcode = crawl(replica.url)
        except KeyboardInterrupt:
            _stop()
        if self.exitcode:
            print(f"The crawl failed; {QUICK['LOG_FILE']} has its log.")
        else:
            print("\n".join(summary(time.monotonic() - began)))


def _stop(*_: Any) -> NoReturn:
    sys.exit("The demo was stopped; the replica and the crawl are stopped too.")


def crawl(url: str) -> int:
    """The exit code of a crawl of ``url`` in a process of its own, which ends with this one."""
    words = [word for name, value in {**SETTINGS, **QUICK}.items() for word in ("-s", f"{name}={value}")]
    command = [sys.executable, "-m", "scrapy", "crawl", "newsjournos", "-a", f"base_url={url}", *words]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NEWSCRAWL_")}
    with subprocess.Popen(command, env=ours) as process:
        try:
            return process.wait()
        finally:
            process.terminate()  # does nothing to a process that has ended


def _files() -> list[Path]:
    """What is worth a look: the files of the crawl, its archive, and the report of its run."""
    report = Path(SETTINGS["NEWSCRAWL_REPORTS_DIR"], "latest.md")
    archive = sorted(Path(SETTINGS["NEWSCRAWL_ARCHIVE_DIR"]).glob("*"))
    return [path for path in (*sorted(FOLDER.iterdir()), *archive, report) if path.is_file()]


def summary(seconds: float) -> list[str]:
    """The lines that say what was found, where it lies, and what to do next."""
    lines = Path(SETTINGS["NEWSCRAWL_JSONL_PATH"]).read_text(encoding="utf-8").splitlines()
    articles = [json.loads(line) for line in lines]
    sections = Counter(article["section"] or "none" for article in articles).most_common()
    names = [field.name for field in fields(Article)]
    filled = {name: sum(article[name] not in (None, "", []) for article in articles) for name in names}
    partly = [f"{name} {filled[name]}" for name in names if filled[name] < len(articles)]
    always = len(names) - len(partly)
    rows = {
        "articles": f"{len(articles)} in {seconds:.1f} s",
        "sections": ", ".join(f"{name} {count}" for name, count in sections),
        "fields": f"{always} of {len(names)} filled in every article; {', '.join(partly) or 'none'} in some",
        "latest": max((f"{article['published_at']} {article['headline']}" for article in articles), default="none"),
    }
    ready = [words for name, words in NEXT.items() if find_spec(f"newscrawl.commands.{name}")]
    database = f"-s NEWSCRAWL_DATABASE_URL={SETTINGS['NEWSCRAWL_DATABASE_URL']}"
    return [
        "",
        *(f"  {name:<9} {value}" for name, value in rows.items()),
        "",
        *(f"  {path} ({path.stat().st_size / 1024:.0f} kB)" for path in _files()),
        "",
        "Next:",
        *(f"  .venv/bin/{words} {database}" for words in ready),
        f"  head -n 1 {SETTINGS['NEWSCRAWL_JSONL_PATH']}",
        "  make crawl",
    ]
