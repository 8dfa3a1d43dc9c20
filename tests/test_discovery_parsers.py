"""Sitemaps, feeds, REST answers and dates as tables: what they name, and what broken or hostile ones cost."""

import gzip
import json
import random
from contextlib import suppress

import pytest

from newscrawl.discovery import sitemap, xml_records
from newscrawl.discovery.addresses import LONGEST, named
from newscrawl.discovery.feed import FeedEntry, next_feed_page, parse_feed
from newscrawl.discovery.moments import utc
from newscrawl.discovery.rest import FAR_FUTURE, ROOTS, RestPost, in_order, parse_posts, posts_url
from newscrawl.discovery.sitemap import MAX_ROBOTS, Entry, Sitemap, names_articles, parse_sitemap, robots_sitemaps
from newscrawl.exceptions import UnreadableSourceError

H = "https://newsjournos.com"
HERE = f"{H}/a-source"
MAY = "2025-05-03T14:15:00+00:00"
NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

MOMENTS = [
    ("2025-05-03T14:15:00+00:00", MAY),
    ("2025-05-03T14:15:00Z", MAY),
    ("2025-05-03T10:15:00-04:00", MAY),
    ("2025-05-03T19:45:00+05:30", MAY),
    ("2025-05-03T10:15-0400", MAY),
    ("2025-05-03 14:15:00.987654+00:00", MAY),
    ("  2025-05-03T14:15:00Z\n", MAY),
    ("2025-05-04T01:15:00+11:00", MAY),
    ("2025-05-03", "2025-05-03T00:00:00+00:00"),
    ("Sat, 03 May 2025 14:15:00 +0000", MAY),
    ("Sat, 3 May 2025 14:15:00 GMT", MAY),
    ("03 May 2025 10:15 EDT", "2025-05-03T14:15:00+00:00"),
    ("Sat, 03 May 2025 14:15:00 -0000", MAY),
    ("2025-05-03T14:15:00", None),
    ("Sat, 03 May 2025 14:15:00 CEST", None),  # which zone that is, nobody says
    ("2025-13-03T14:15:00Z", None),
    ("0000-00-00 00:00:00", None),
    ("0001-01-01T00:00:00+14:00", None),
    ("9999-12-31T23:59:59-12:00", None),
    ("Sat, 41 May 2025 14:15:00 +0000", None),
    ("Sat, 03 May 2025 14:15:00 +9999", None),
    ("2025", None),
    ("2025-05", None),
    ("2 hours ago", None),
    ("1746281700", None),
    ("2" * 5_000, None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "moment"), MOMENTS)
def test_a_moment_is_utc_or_nothing(text, moment):
    assert utc(text) == moment


@pytest.mark.parametrize("text", ["2025-05-03T14:15:00", "2025-05-03 14:15:00", "2025-05-03T10:15:00-04:00"])
def test_a_time_without_a_zone_is_utc_where_the_source_says_so(text):
    assert utc(text, naive_is_utc=True) == MAY


ADDRESSES = [
    (f"{H}/a-story/", f"{H}/a-story/"),
    (f"\n\t {H}/a-story/ \r\n", f"{H}/a-story/"),
    (f"{H}/a-st\n\tory/", f"{H}/a-story/"),
    (f"{H}/haber-ığş/", f"{H}/haber-ığş/"),
    ("HTTP://127.0.0.1:8000", "HTTP://127.0.0.1:8000"),
    ("http://[::1]:8000/a/", "http://[::1]:8000/a/"),
    ("/a-story/", None),
    ("//newsjournos.com/a-story/", None),
    ("mailto:desk@newsroom.example", None),
    ("javascript:alert(1)", None),
    ("file:///etc/passwd", None),
    ("http://", None),
    ("http:///a", None),
    ("http://[", None),
    ("http://name:secret@newsjournos.com/", None),
    ("http://newsjournos.com:port/", None),
    (f"{H}/a story/", None),
    (f"{H}/\x00", None),
    (f"{H}/a\u2028b", None),
    (f"{H}/{'a' * LONGEST}", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_an_address_is_absolute_and_of_the_web(text, address):
    assert named(text) == address


def urlset(inner: str, attributes: str = NAMESPACE) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {attributes}>{inner}</urlset>'


def url(loc: str, lastmod: str = "") -> str:
    return f"<url><loc>{loc}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</url>"


A, B = f"{H}/a/", f"{H}/b/"
TWO = url(A, "2025-05-03T14:15:00Z") + url(B)
BOTH = ((A, MAY), (B, None))
IMAGES = f"<image:image><image:loc>{H}/a.webp</image:loc></image:image>"
NEWS = "<news:news><news:publication_date>2025-05-03T14:15:00Z</news:publication_date><news:title>A</news:title></news:news>"
SITEMAPS = {
    "plain": (urlset(TWO), BOTH),
    "no namespace, no declaration": (f"<urlset>{TWO}</urlset>", BOTH),
    "another namespace": (urlset(TWO, 'xmlns="http://www.google.com/schemas/sitemap/0.84"'), BOTH),
    "a prefix": (
        f'<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>{A}</s:loc></s:url></s:urlset>',
        ((A, None),),
    ),
    "an undeclared prefix": (f"<urlset><url>{IMAGES}<loc>{A}</loc></url></urlset>", ((A, None),)),
    "the picture first": (
        urlset(f"<url>{IMAGES}<loc>{A}</loc></url>", f'{NAMESPACE} xmlns:image="http://www.google.com/x"'),
        ((A, None),),
    ),
    "CDATA": (urlset(url(f"<![CDATA[{A}]]>", "<![CDATA[2025-05-03T14:15:00Z]]>")), ((A, MAY),)),
    "news": (
        urlset(f"<url><loc>{A}</loc>{NEWS}</url>", f'{NAMESPACE} xmlns:news="http://www.google.com/y"'),
        ((A, None),),
    ),
    "space around": (f"\ufeff\n\n {urlset(url(f'{chr(10)}  {A}{chr(9)}', ' 2025-05-03T14:15:00Z '))}", ((A, MAY),)),
    "two marks": (f"\ufeff\ufeff{urlset(TWO)}", BOTH),
    "control characters": (
        urlset(f"<url><news>\x0b\x1f\x00</news><loc>{A}</loc></url>{url(B)}"),
        ((A, None), (B, None)),
    ),
    "an escaped ampersand": (urlset(url(f"{A}?x=1&amp;y=2")), ((f"{A}?x=1&y=2", None),)),
    "a bare ampersand": (urlset(url(f"{A}?x=1&y=2") + url(B)), ((f"{A}?x=1&y=2", None), (B, None))),
    "a bare ampersand beside CDATA": (
        urlset(url(f"<![CDATA[{A}?x=1&y=2]]>") + url(f"{B}?x=1&y=2")),
        ((f"{A}?x=1&y=2", None), (f"{B}?x=1&y=2", None)),
    ),
    "an entity of HTML": (urlset(f"<url><title>A&nbsp;B</title><loc>{A}</loc></url>{url(B)}"), ((A, None), (B, None))),
    "addresses that are none": (
        urlset(url("/rel/") + url("ftp://newsjournos.com/a") + url("") + url("http://[") + url(A)),
        ((A, None),),
    ),
    "the site's root": (urlset(url(f"{H}/") + url(H) + url(f"{H}/?p=1") + url(A)), ((f"{H}/?p=1", None), (A, None))),
    "a date that is none": (urlset(url(A, "yesterday") + url(B, "2025-05-03T14:15:00")), ((A, None), (B, None))),
    "comments and instructions": (
        f"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><!-- a --><urlset><!-- <url> -->{TWO}</urlset><!-- 0.2 s -->",
        BOTH,
    ),
    "words after the end": (f"{urlset(TWO)}\n<br />\n<b>Warning</b>: a plugin spoke", BOTH),
    "two addresses": (urlset(f"<url><loc>{A}</loc><loc>{B}</loc></url>"), ((A, None),)),
    "nothing in it": (urlset(""), ()),
    "a list": (f"{A}\n\n{B}\r\n/rel/\nhello\n{H}/\n", ((A, None), (B, None))),
    "RSS": (
        f"<rss version='2.0'><channel><link>{H}</link><item><link>{A}</link><pubDate>Sat, 03 May 2025 14:15:00 GMT</pubDate>"
        "</item></channel></rss>",
        ((A, None),),
    ),
    "Atom": (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><link href="{H}"/><entry><link href="{A}"/></entry></feed>',
        ((A, None),),
    ),
}


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(("text", "pages"), SITEMAPS.values(), ids=SITEMAPS)
def test_a_sitemap_names_pages(text, pages, zipped):
    body = gzip.compress(text.encode()) if zipped else text.encode()
    assert parse_sitemap(body, HERE) == Sitemap(pages=tuple(Entry(*page) for page in pages))


def test_an_index_names_sitemaps():
    text = f"<sitemapindex {NAMESPACE}><sitemap><loc>{H}/post-sitemap.xml</loc><lastmod>2025-05-03T14:15:00Z</lastmod>"
    body = f"{text}</sitemap><sitemap><loc>{H}/page-sitemap.xml</loc></sitemap></sitemapindex>".encode()
    children = (Entry(f"{H}/post-sitemap.xml", MAY), Entry(f"{H}/page-sitemap.xml", None))
    assert parse_sitemap(body, HERE) == Sitemap(children=children)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-16", "UTF-16"), ("utf-16", "UTF-8"), ("utf-16-be", "UTF-16"), ("utf-8", "UTF-16"), ("utf-8", "nonsense"), ("utf-8", "zlib"),
     ("utf-8", "windows-1259"), ("iso-8859-9", "ISO-8859-9"), ("windows-1254", "windows-1254"), ("utf-32", "UTF-32")],
)  # fmt: skip
def test_an_encoding_is_found(encoding, declared):
    text = f'<?xml version="1.0" encoding="{declared}"?><urlset>{url(f"{H}/haber-ığş/")}</urlset>'
    mark = "\ufeff" if encoding.endswith("-be") else ""
    assert parse_sitemap((mark + text).encode(encoding), HERE).pages == (Entry(f"{H}/haber-ığş/", None),)


def test_wrong_bytes_cost_no_other_entry():
    body = (
        urlset(f"<url><title>?</title><loc>{A}</loc></url>{url(B)}").encode().replace(b"?</title", b"\xe9\xff</title")
    )
    assert [entry.url for entry in parse_sitemap(body, HERE).pages] == [A, B]


@pytest.mark.parametrize(
    "end", ["</urls", "<url>", "<url><loc>https://newsjournos.com/c-sto", "<url><loc", "<!-- ", "<![CDATA["]
)
def test_a_sitemap_cut_at_its_end_gives_whole_entries(end):
    body = urlset(TWO).removesuffix("</urlset>").encode() + end.encode()
    found = parse_sitemap(body, HERE)
    assert found.cut
    assert [entry.url for entry in found.pages] == [A, B]


def test_a_cut_gzip_file_gives_whole_entries():
    many = urlset("".join(url(f"{H}/story-{number}-{number * 7919 % 1009}/") for number in range(2_000))).encode()
    zipped = gzip.compress(many)
    found = parse_sitemap(zipped[: len(zipped) // 2], HERE)
    assert found.cut
    assert 100 < len(found.pages) < 2_000
    assert found.pages == parse_sitemap(many, HERE).pages[: len(found.pages)]


def test_a_sitemap_broken_in_the_middle_gives_what_stands_before():
    found = parse_sitemap(urlset(f"{url(A)}<url><loc>{B}</url>{url(B)}").encode(), HERE)
    assert found.cut
    assert [entry.url for entry in found.pages] == [A]


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize("count", [3, 4])
def test_too_many_entries_are_cut(monkeypatch, count, as_list):
    for module in (xml_records, sitemap):
        monkeypatch.setattr(module, "MAX_RECORDS", 3)
    addresses = [f"{H}/{number}/" for number in range(count)]
    body = ("\n".join(addresses) if as_list else urlset("".join(map(url, addresses)))).encode()
    found = parse_sitemap(body, HERE)
    assert [entry.url for entry in found.pages] == addresses[:3]
    assert found.cut is (count > 3)


def test_a_list_cut_within_an_address_does_not_name_it(monkeypatch):
    monkeypatch.setattr(xml_records, "MAX_BYTES", len(A) + 1 + len(f"{H}/b"))
    assert parse_sitemap(f"{A}\n{H}/b-story/\n".encode(), HERE) == Sitemap(pages=(Entry(A, None),), cut=True)


def test_elements_without_end_are_cut(monkeypatch):
    monkeypatch.setattr(xml_records, "_MOST_ELEMENTS", 1_000)
    found = parse_sitemap(urlset(url(A) + "<a/>" * 40_000 + url(B)).encode(), HERE)
    assert (found.pages, found.cut) == ((Entry(A, None),), True)


def test_what_is_large_is_not_mended(monkeypatch):
    monkeypatch.setattr(xml_records, "_MOST_MENDED", 10)
    found = parse_sitemap(urlset(url(A) + url(f"{B}?x=1&y=2")).encode(), HERE)
    assert (found.pages, found.cut) == ((Entry(A, None),), True)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("as_list", [False, True])
def test_too_many_bytes_are_cut(monkeypatch, zipped, as_list):
    addresses = [f"{H}/{number}/" for number in range(100)]
    body = ("\n".join(addresses) if as_list else urlset("".join(map(url, addresses)))).encode()
    monkeypatch.setattr(xml_records, "MAX_BYTES", len(body) // 2)
    found = parse_sitemap(gzip.compress(body) if zipped else body, HERE)
    assert found.cut
    assert 40 < len(found.pages) < 51
    assert [entry.url for entry in found.pages] == addresses[: len(found.pages)]


LAUGHS = '<!DOCTYPE urlset [<!ENTITY a "ha">{}]>'.format(
    "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)).replace("&a0;", "&a;")
)
PARAMETER = '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HOSTILE = {
    "nothing": (b"", "nothing in it"),
    "space": (b" \n\t ", "nothing in it"),
    "NULs": (b"\0" * 1_000, "nothing in it"),
    "a login page": (b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form></form></body></html>", "an HTML page"),
    "an old login page": (b"<HTML><BODY><P>Log in<BR></BODY>", "an HTML page"),
    "XHTML": (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "a" "b"><html xmlns="x"/>', "an HTML page"),
    "a warning of PHP": (b"<br />\n<b>Warning</b>: x in y\n<?xml version='1.0'?><urlset/>", "neither sitemap nor feed: <br>"),
    "words": (b"Too many connections", "neither XML nor a list of addresses"),
    "JSON": (b'{"code": "rest_no_route"}', "neither XML nor a list of addresses"),
    "another document": (b"<opml><url><loc>https://newsjournos.com/a/</loc></url></opml>", "neither sitemap nor feed: <opml>"),
    "cut before anything": (b"<?xml version='1.0' enc", "no XML"),
    "cut in the first tag": (b"<urlset xmlns='http", "no XML"),
    "cut before an entry is whole": (urlset(TWO).encode()[:130], "breaks before its first entry"),
    "billion laughs": (f"{LAUGHS}<urlset>{url('&a9;')}</urlset>".encode(), "neither sitemap nor feed"),
    "a file of this machine": (f"{OUTSIDE}<urlset>{url(f'{H}/&a;')}</urlset>".encode(), "neither sitemap nor feed"),
    "a file of the network": (f"{PARAMETER}<urlset>{url(A)}</urlset>".encode(), "neither sitemap nor feed"),
    "laughs in UTF-16": (f"{LAUGHS}<urlset>{url('&a9;')}</urlset>".encode("utf-16"), "neither sitemap nor feed"),
    "an include": (b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>', "neither sitemap nor feed"),
    "endless depth": (b"<urlset>" + b"<url>" * 100_000, "breaks before its first entry"),
    "broken gzip": (gzip.compress(b"", mtime=0)[:10] + b"\xff" * 40, "broken gzip"),
    "the head of gzip": (b"\x1f\x8b\x08", "nothing in it"),
    "gzip of HTML": (gzip.compress(b"<!Doctype html><p>"), "an HTML page"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "neither XML"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "problem"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_sitemap_is_one_clear_line(body, problem):
    with pytest.raises(UnreadableSourceError) as raised:
        parse_sitemap(body, HERE)
    message = str(raised.value)
    assert message.startswith(f"{HERE}: ")
    assert problem in message
    assert "\n" not in message
    assert len(message) < 200


@pytest.mark.parametrize("parse", [parse_sitemap, parse_feed, parse_posts])
def test_whatever_bytes_come_nothing_else_is_raised(parse):
    chance = random.Random(7)
    seeds = [text.encode() for text, _ in SITEMAPS.values()] + [
        body for body, _ in HOSTILE.values() if len(body) < 9_000
    ]
    seeds += [
        json.dumps([{"id": 1, "link": A, "date_gmt": "2025-05-03T14:15:00"}]).encode(),
        RSS.encode(),
        ATOM.encode(),
    ]
    for _ in range(1_500):
        body = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 6)):
            place = chance.randrange(len(body) + 1)
            piece = chance.choice(
                [b"<", b">", b"&", b"]]>", b"\xff", b"\0", b"<url>", b"</item>", b"{", b'"', b"9" * 20]
            )
            body[place : place + chance.randrange(9)] = piece
        with suppress(UnreadableSourceError):
            parse(bytes(body), HERE)


def test_a_bomb_fills_no_memory(monkeypatch):
    monkeypatch.setattr(xml_records, "MAX_BYTES", 100_000)
    plain, cut = xml_records.unzip(gzip.compress(b" " * 20_000_000))
    assert (len(plain), cut) == (100_000, True)


KINDS = {
    "wp-sitemap-posts-post-1.xml": True,
    "wp-sitemap-posts-page-1.xml": False,
    "wp-sitemap-posts-essay-2.xml": True,
    "wp-sitemap-taxonomies-category-1.xml": False,
    "wp-sitemap-taxonomies-region-1.xml": False,
    "wp-sitemap-users-1.xml": False,
    "post-sitemap.xml": True,
    "post-sitemap12.xml": True,
    "post-sitemap2.xml.gz": True,
    "POST-SITEMAP.XML": True,
    "news-sitemap.xml": True,
    "page-sitemap.xml": False,
    "page-sitemap2.xml.gz": False,
    "category-sitemap.xml": False,
    "post_tag-sitemap3.xml": False,
    "post_format-sitemap.xml": False,
    "author-sitemap.xml": False,
    "local-sitemap.xml": False,
    "attachment-sitemap1.xml": False,
    "video-sitemap.xml": False,
    "product-sitemap.xml": False,
    "product_cat-sitemap.xml": False,
    "elementor_library-sitemap.xml": False,
    "post-archive-sitemap.xml": False,
    "addl-sitemap.xml": False,
    "date-sitemap.xml": False,
    "image-sitemap-1.xml": False,
    "video-sitemap-index-1.xml": False,
    "sitemap-1.xml": True,
    "sitemap-pt-post-2025-05.xml": True,
    "sitemap-pt-page-2025-05.xml": False,
    "sitemap-pt-post-p1-2025-05.xml": True,
    "sitemap-tax-category.xml": False,
    "sitemap-misc.xml": False,
    "sitemap-posts.xml": True,
    "sitemap-authors.xml": False,
    "sitemap.rss": True,
    "home-page-of-the-week-sitemap.xml": True,
    "?sitemap=posts&sitemap-subtype=post&paged=1": True,
    "?sitemap=posts&sitemap-subtype=page&paged=1": False,
    "?sitemap=taxonomies&sitemap-subtype=category&paged=1": False,
    "?sitemap=users&paged=1": False,
    "?sitemap=post&sitemap_n=2": True,
    "": True,
}


@pytest.mark.parametrize(("name", "articles"), KINDS.items())
def test_the_name_of_a_child_tells_what_it_holds(name, articles):
    assert names_articles(f"{H}/{name}") is articles


ROBOTS = {
    "one": (f"User-agent: *\nDisallow: /wp-admin/\n\nSitemap: {H}/wp-sitemap.xml\n", ["/wp-sitemap.xml"]),
    "in order, each once": (f"sitemap:{H}/b.xml\nSITEMAP : {H}/a.xml # why\nSitemap: {H}/b.xml", ["/b.xml", "/a.xml"]),
    "relative": ("Sitemap: /sitemap.xml\rSitemap: news.xml", ["/sitemap.xml", "/news.xml"]),
    "after a mark": (f"\ufeffSitemap: {H}/a.xml", ["/a.xml"]),
    "another origin": ("Sitemap: https://cdn.example/a.xml", ["https://cdn.example/a.xml"]),
    "none": ("User-agent: *\nAllow: /\n# Sitemap: /a.xml", []),
    "nonsense": ("Sitemap:\nSitemap: ftp://newsjournos.com/a\nSitemap: http://[\nSitemap\x00: /b", []),
    "a page": ("<!DOCTYPE html><p>Sitemap</p>", []),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "found"), ROBOTS.values(), ids=ROBOTS)
def test_robots_txt_names_sitemaps(text, found):
    expected = [address if address.startswith("http") else f"{H}{address}" for address in found]
    assert robots_sitemaps(text.encode(), f"{H}/robots.txt") == expected


def test_a_robots_txt_without_end_is_read_to_a_size():
    body = b"Sitemap: /a.xml\n" + b"# words\n" * (MAX_ROBOTS // 8) + b"Sitemap: /b.xml\n"
    assert robots_sitemaps(body, f"{H}/robots.txt") == [f"{H}/a.xml"]


def rss(items: str, head: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f'<title>News</title><atom:link href="{HERE}" rel="self" /><link>{H}</link>{head}'
        f"<image><url>{H}/i.png</url><link>{H}</link></image>{items}</channel></rss>"
    )


ITEM = (
    f"<item><title>A &#8217;quoted&#8217; word</title><link>\n\t{A}\n</link><comments>{A}?noamp=mobile#respond</comments>"
    "<pubDate>Sat, 03 May 2025 14:15:00 +0000</pubDate><category><![CDATA[World & more]]></category>"
    f'<guid isPermaLink="false">{H}/?p=37700</guid><content:encoded><![CDATA[<a href="{B}">B</a> & ]]></content:encoded></item>'
)
RSS = rss(ITEM)
ATOM = (
    f'<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="{HERE}"/><link rel="alternate" href="{H}"/><id>{H}</id>'
    f'<entry><id>{H}/?p=37700</id><link rel="replies" href="{A}#comments"/><link rel="alternate" href="{A}"/>'
    f'<published>2025-05-03T10:15:00-04:00</published><updated>2025-06-01T00:00:00Z</updated><source><link href="{B}"/></source>'
    f"</entry></feed>"
)
FULL = FeedEntry(A, 37700, MAY)
FEEDS = {
    "RSS": (RSS, (FULL,)),
    "Atom": (ATOM, (FULL,)),
    "RSS 1.0": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>{H}</link></channel><item rdf:about="{A}"><link>{A}</link>'
        "<dc:date>2025-05-03T14:15:00Z</dc:date></item></rdf:RDF>",
        (FeedEntry(A, None, MAY),),
    ),
    "no items": (rss(""), ()),
    "a link of Atom in an item": (
        rss(f'<item><atom:link rel="self" href="{B}"/><atom:link href="{B}" rel="enclosure"/><link>{A}</link></item>'),
        (FeedEntry(A, None, None),),
    ),
    "a permalink for a guid": (rss(f"<item><guid>{A}</guid></item>"), (FeedEntry(A, None, None),)),
    "a guid that is none": (rss(f'<item><guid isPermaLink="false">{A}</guid></item>'), ()),
    "a guid that is no address": (rss(f"<item><link>{A}</link><guid>37700</guid></item>"), (FeedEntry(A, None, None),)),
    "a guid from elsewhere": (
        rss(f"<item><link>{A}</link><guid>https://old.example/?p=5</guid></item>"),
        (FeedEntry(A, None, None),),
    ),
    "a guid of a comment": (
        rss(f"<item><link>{A}</link><guid>{H}/?p=5#comment-9</guid></item>"),
        (FeedEntry(A, None, None),),
    ),
    "a guid of another type": (
        rss(f"<item><link>{A}</link><guid>{H}/?post_type=essay&#038;p=5</guid></item>"),
        (FeedEntry(A, 5, None),),
    ),
    "a number beyond reason": (
        rss(f"<item><link>{A}</link><guid>{H}/?p={'9' * 30}</guid></item>"),
        (FeedEntry(A, None, None),),
    ),
    "entities of HTML": (rss(f"<item><title>A &hellip; B & C</title><link>{A}</link></item>{ITEM}"), (FeedEntry(A, None, None), FULL)),
    "control characters": (rss(f"<item><title>A\x0b</title><link>{A}</link></item>"), (FeedEntry(A, None, None),)),
    "an item without an address": (rss(f"<item><title>A</title></item>{ITEM}"), (FULL,)),
    "cut in the second item": (rss(ITEM + ITEM)[:-180], (FULL,)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "entries"), FEEDS.values(), ids=FEEDS)
def test_a_feed_names_its_items_and_nothing_else(text, entries):
    assert parse_feed(text.encode(), HERE).entries == entries


@pytest.mark.parametrize(
    "body",
    [body for body, _ in HOSTILE.values()] + [urlset(TWO).encode(), RSS[:300].encode()],
    ids=[*HOSTILE, "a sitemap", "cut in its head"],
)
def test_what_is_no_feed_is_said(body):
    with pytest.raises(UnreadableSourceError, match=f"^{HERE}: "):
        parse_feed(body, HERE)


PAGES = [
    (f"{H}/feed/", f"{H}/feed/?paged=2"),
    (f"{H}/feed/?paged=2", f"{H}/feed/?paged=3"),
    (f"{H}/?feed=rss2&paged=9", f"{H}/?feed=rss2&paged=10"),
    (f"{H}/feed/?cat[]=1&paged=2&cat[]=2", f"{H}/feed/?cat%5B%5D=1&cat%5B%5D=2&paged=3"),
    (f"{H}/feed/?paged=0", f"{H}/feed/?paged=2"),
    (f"{H}/feed/?paged=x", f"{H}/feed/?paged=2"),
    (f"{H}/feed/?paged={'9' * 5_000}", f"{H}/feed/?paged=2"),
]


@pytest.mark.parametrize(("page", "following"), PAGES, ids=range(len(PAGES)))
def test_feed_pages_count_up(page, following):
    assert next_feed_page(page) == following


def record(**values: object) -> dict[str, object]:
    return {"id": 5, "link": A, "date_gmt": "2025-05-03T14:15:00", "modified_gmt": "2025-06-01T00:00:00"} | values


POST = RestPost(A, 5, MAY, "2025-06-01T00:00:00+00:00")
RECORDS = {
    "one": (record(), POST),
    "published": (record(status="publish"), POST),
    "never dated": (record(date_gmt=None, modified_gmt="0000-00-00T00:00:00"), RestPost(A, 5, None, None)),
    "dates of another type": (record(date_gmt=7, modified_gmt=["x"]), RestPost(A, 5, None, None)),
    "a draft": (record(status="draft"), None),
    "no number": (record(id=None), None),
    "a number as text": (record(id="5"), None),
    "a truth for a number": (record(id=True), None),
    "a number below one": (record(id=0), None),
    "a number beyond the store": (record(id=2**63), None),
    "no address": (record(link=None), None),
    "a relative address": (record(link="/a/"), None),
    "a list": ([], None),
    "nothing": (None, None),
}


@pytest.mark.parametrize(("given", "post"), RECORDS.values(), ids=RECORDS)
def test_a_post_is_whole_or_dropped(given, post):
    body = json.dumps([given, record(id=6)]).encode()
    assert parse_posts(body, HERE)[:-1] == ((post,) if post else ())


ANSWERS = {
    "an error": (b'{"code":"rest_not_logged_in","message":"You are not\\n logged in.","data":{"status":401}}', "rest_not_logged_in: You are not logged in."),
    "a long error": (json.dumps({"code": "x", "message": "y" * 5_000}).encode(), "x: yyy"),
    "an error without words": (b'{"code":"x"}', "x: no message"),
    "an object": (b'{"0": {"id": 1}}', "no list"),
    "a number": (b"7", "no list"),
    "HTML": (b"<!DOCTYPE html><p>Log in", "no JSON"),
    "a warning of PHP": (b"<br />\nWarning: x [{}]", "no JSON"),
    "cut": (b'[{"id": 5, "li', "no JSON"),
    "nothing": (b"", "no JSON"),
    "brackets without end": (b"[" * 100_000, "no JSON"),
    "digits without end": (b"9" * 100_000, "no JSON"),
    "another encoding": (b"\xff\xfe[\0]\0", "no JSON"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "problem"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_list_of_posts_is_said(body, problem):
    with pytest.raises(UnreadableSourceError, match=f"^{HERE}: ") as raised:
        parse_posts(body, HERE)
    assert problem in str(raised.value)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300


def test_a_list_after_a_mark_is_read():
    assert parse_posts(b"\xef\xbb\xbf[]", HERE) == ()


QUERY = "_fields=id,link,date_gmt,modified_gmt&orderby=modified&order=desc&per_page=100&page=1"
REQUESTS = {
    "/wp-json/": f"/wp-json/wp/v2/posts?{QUERY}",
    "/wp-json": f"/wp-json/wp/v2/posts?{QUERY}",
    "/?rest_route=/": f"/?rest_route=/wp/v2/posts&{QUERY}",
    "/?rest_route=%2F": f"/?rest_route=/wp/v2/posts&{QUERY}",
    "/index.php?rest_route=/": f"/index.php?rest_route=/wp/v2/posts&{QUERY}",
    "/en/wp-json/?lang=en": f"/en/wp-json/wp/v2/posts?lang=en&{QUERY}",
}


@pytest.mark.parametrize(("root", "address"), REQUESTS.items())
def test_posts_are_asked_for_below_either_root(root, address):
    assert posts_url(f"{H}{root}") == f"{H}{address}"


@pytest.mark.parametrize("root", ROOTS)
def test_a_moment_survives_the_address(root):
    address = posts_url(f"{H}{root}", page=3, per_page=20, modified_after=FAR_FUTURE, orderby="date")
    assert address.endswith("&orderby=date&order=desc&per_page=20&page=3&modified_after=2100-01-01T00:00:00Z")
    other = posts_url(f"{H}{root}", modified_after="2025-05-03T10:15:00-04:00")
    assert other.endswith("&modified_after=2025-05-03T10:15:00-04:00")


def posts(*changes: str | None) -> list[RestPost]:
    return [RestPost(A, number, None, change) for number, change in enumerate(changes, 1)]


@pytest.mark.parametrize(
    ("given", "ordered"),
    [
        (posts(), True),
        (posts(MAY), True),
        (posts(MAY, MAY, "2025-05-03T14:14:59+00:00"), True),
        (posts("2025-05-03T14:14:59+00:00", MAY), False),
        (posts(MAY, None), False),
        (posts(None, MAY), False),
    ],
    ids=["none", "one", "falling", "rising", "undated", "undated first"],
)
def test_order_is_proved_by_the_dates(given, ordered):
    assert in_order(given) is ordered
