"""A site that does all it can to make the crawl ask elsewhere or write elsewhere; neither happens."""

from urllib.parse import urlsplit

from tests.conftest import StoringCrawl
from tests.local_server import Answer, serving
from tests.site_pages import TEXT, cards, home, post, section

XML = {"Content-Type": "application/xml"}


def lures(own, other):
    """Addresses that lead to another server, to a file, or nowhere; the last ones are the site's own, and try to climb."""
    here, there = urlsplit(own).netloc, urlsplit(other).netloc
    port = there.rpartition(":")[2]
    return [
        f"{other}a/", f"//{there}/a/", f"https://{there}/a/", f"http://localhost:{port}/a/", f"http://me:pw@{there}/a/",
        f"http://{here}@{there}/a/", f"http://{here}\\@{there}/a/", f"\\\\{there}\\a\\", f"http:\\\\{there}/a/", f"/\\{there}/a/",
        f"http://127.1:{port}/a/", f"http://0x7f000001:{port}/a/", f"http://[::ffff:127.0.0.1]:{port}/a/", f"ftp://{there}/a/",
        f"http://\uff11\uff12\uff17.0.0.1:{port}/a/", f"http://{there}#@{here}/", f"http://{there}?@{here}/", f" \thttp://{there}/a/",
        "https://newsjournos.com.harbour.example/a/", "https://xn--nwsjournos-r7a.com/a/", "https://n\u0435wsjournos.com/a/",
        "https://newsjournos.com:8443/a/", "file:///etc/hostname", "javascript:alert(1)", "data:text/html,a", "mailto:a@b.example",
        "http://[", "/..%2f..%2fescaped/", "/../../escaped/", "/%2e%2e/%2e%2e/escaped/", "/escaped%00/",
    ]  # fmt: skip


def script_of(own, other):
    led = lures(own, other)
    links = "".join(f'<a href="{url}">a</a><iframe src="{url}"></iframe><img src="{url}">' for url in led)
    hooked = f'<base href="{other}"><meta http-equiv="refresh" content="0;url={other}">'
    menu = "".join(f'<li class="menu-item menu-item-object-category"><a href="{url}">Out</a></li>' for url in led)
    sites = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in [f"{own}post-sitemap.xml", *led[:20]])
    urls = "".join(f"<url><loc>{url}</loc></url>" for url in led)
    items = "".join(f"<item><link>{url}</link></item>" for url in led)
    first = home({"World": "world"}, hooked + cards(f"x/../../..{url}" for url in led)).replace("</ul>", f"{menu}</ul>")
    shown = cards(["a", "b", "c", "d"]) + "".join(cards(["@"]).replace("/@/", url) for url in led)
    return {
        "/": first,
        "/robots.txt": Answer(200, f"Sitemap: {other}sitemap.xml\nSitemap: {own}sitemap.xml\n"),
        "/category/world/": section([], older=other).replace('loop-grid">', f'loop-grid">{shown}'),
        "/a/": post("a", canonical=f"{other}a/"),
        "/b/": Answer(302, headers={"Location": f"{other}b/"}),
        "/c/": post("c", content=TEXT + links),
        "/d/": post("d", content=hooked + TEXT),
        "/sitemap.xml": Answer(200, f"<sitemapindex>{sites}</sitemapindex>", headers=XML),
        "/post-sitemap.xml": Answer(200, f"<urlset>{urls}</urlset>", headers=XML),
        "/feed/": Answer(200, f"<rss><channel>{items}</channel></rss>", headers=XML),
    }


async def test_nothing_is_asked_or_written_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    run_into = StoringCrawl(tmp_path / "data")
    with serving({}) as other, serving({}) as server:
        for path, answer in script_of(server.url, other.url).items():
            server.script[path] = [answer]
        archive = {"NEWSCRAWL_ARCHIVE_DIR": "data/archive", "NEWSCRAWL_ARCHIVE_PAGES": "all"}
        run = await run_into(server.url, settings=archive, discover="sections,sitemap,feed,rest", mode="full")
    assert other.paths == []
    assert run.slugs == ["a", "c", "d"]
    assert {urlsplit(article.url).netloc for article in run.articles} == {urlsplit(server.url).netloc}
    assert not any("Authorization" in one.headers for one in server.seen)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
