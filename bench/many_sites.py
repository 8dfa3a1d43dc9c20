"""Many sites: a replica each, behind one nginx that answers from disk what was asked before, and a spider for each."""

import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.nginx import program, wait_for
from fixtures.replica.corpus import Corpus
from fixtures.replica.server import ADDRESS, ReplicaServer
from fixtures.replica.site import Site
from fixtures.replica.switches import site_options

_SERVER = """server {{ listen {port}; location / {{
  proxy_pass http://{replica}; proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_cache pages; proxy_cache_key $server_port$request_method$request_uri$http_accept_encoding;
  proxy_cache_valid any 1d; proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;
}} }}"""
_NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; user root;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 1000000; tcp_nodelay on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache levels=1:2 keys_zone=pages:50m max_size=5g inactive=1d;
  {servers}
}}
"""
_MODULE = '''"""Spiders of the benchmark's sites."""

from newscrawl.base_spiders.news_spider import NewsSpider
from newscrawl.extraction.themes.smartmag import LAYOUTS
'''
_SPIDER = """

class Site{number}Spider(NewsSpider):
    name = "site{number}"
    home = "{address}"
    theme = LAYOUTS
"""


def _free_ports(number: int) -> list[int]:
    with ExitStack() as open_:
        taken = [open_.enter_context(socket.create_server((ADDRESS, 0))) for _ in range(number)]
        return [int(one.getsockname()[1]) for one in taken]


@contextmanager
def many_sites(number: int, articles: int, spiders: Path) -> Iterator[list[str]]:
    """The names of their spiders, whose module is written to a folder, while the sites are served."""
    nginx, ports = program(), _free_ports(number)
    servers, module = list[str](), _MODULE
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_:
        for place, port in enumerate(ports):
            origin = ReplicaServer(articles=1)
            origin.site = Site(Corpus(articles, place, f"http://{ADDRESS}:{port}"), site_options(any_host=True))
            threading.Thread(target=origin.serve_forever, daemon=True).start()
            open_.callback(origin.server_close)
            open_.callback(origin.shutdown)
            servers.append(_SERVER.format(port=f"{ADDRESS}:{port}", replica=f"{ADDRESS}:{origin.server_port}"))
            module += _SPIDER.format(number=place, address=f"http://{ADDRESS}:{port}/")
        Path(folder, "nginx.conf").write_text(_NGINX.format(folder=folder, servers="\n".join(servers)))
        (spiders / "many_spiders.py").write_text(module, encoding="utf-8")
        server = subprocess.Popen([nginx, "-p", folder, "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            wait_for(ports[-1])
            yield [f"site{place}" for place in range(number)]
        finally:
            server.terminate()
            server.wait()
