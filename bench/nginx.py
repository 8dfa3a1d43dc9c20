"""The replica behind nginx, which answers from disk what was asked before: a server that is faster than any crawl."""

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.filling import filled
from fixtures.replica.corpus import Corpus
from fixtures.replica.server import ADDRESS, ReplicaServer
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options

CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; user root;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 1000000; tcp_nodelay on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/temp; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache levels=1:2 keys_zone=pages:50m max_size=20g inactive=1d;
  server {{
    listen {port};
    location / {{
      proxy_pass http://{replica}; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache pages; proxy_cache_key $request_method$request_uri$http_accept_encoding; proxy_cache_valid any 1d;
      proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;
    }}
  }}
}}
"""


def program() -> str:
    """
    nginx, as Debian's package ``nginx-light`` brings it.

    :raises SystemExit: it is not installed
    """
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise SystemExit("nginx is not installed: apt-get install nginx-light")
    return found


def _free_port() -> int:
    with socket.create_server((ADDRESS, 0)) as taken:
        return int(taken.getsockname()[1])


def wait_for(port: int) -> None:
    """Until nginx takes connections there."""
    for _ in range(100):
        try:
            socket.create_connection((ADDRESS, port), 1).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise SystemExit("nginx does not answer")


def fill(site: Site) -> None:
    """Let a replica's article pages be as large as the site's own."""
    render = site.pages.render
    site.pages.render = lambda *given: filled(render(*given).encode()).decode()  # type: ignore[method-assign]


@contextmanager
def behind_nginx(articles: int, is_filled: bool = False) -> Iterator[str]:
    """
    The address of nginx, with a slash at the end, while it runs; each page is on disk from its first request on.

    ``is_filled``: article pages are as large as the site's own.
    """
    nginx, port = program(), _free_port()
    with tempfile.TemporaryDirectory() as folder:
        origin = ReplicaServer(articles=1)
        origin.site = Site(Corpus(articles, 1, f"http://{ADDRESS}:{port}"), site_options(any_host=True))
        if is_filled:
            fill(origin.site)
        threading.Thread(target=origin.serve_forever, daemon=True).start()
        text = CONFIGURATION.format(folder=folder, port=f"{ADDRESS}:{port}", replica=f"{ADDRESS}:{origin.server_port}")
        (Path(folder) / "nginx.conf").write_text(text, encoding="utf-8")
        server = subprocess.Popen([nginx, "-p", folder, "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            yield f"http://{ADDRESS}:{port}/"
        finally:
            server.terminate()
            server.wait()
            origin.shutdown()
            origin.server_close()
