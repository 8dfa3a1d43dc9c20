"""Images, embeds, links and the featured image."""

import pytest

from newscrawl import extract_article

from .post_page import HEADER, URL, post_page

SITE = "https://newsjournos.com"
GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


def image(url, alt=None, caption=None, width=None, height=None):
    return {"url": url, "alt": alt, "caption": caption, "width": width, "height": height}


IMAGES = {
    "block image": (
        '<figure class="wp-block-image"><img src="/u/a-1024x640.jpg" alt="A pier" width="1024" height="640">'
        "<figcaption>Low <em>tide</em></figcaption></figure>",
        image(f"{SITE}/u/a-1024x640.jpg", "A pier", "Low tide", 1024, 640),
    ),
    "classic caption": (
        '<div class="wp-caption"><a href="/u/a.jpg"><img src="/u/a.jpg" alt=""></a><p class="wp-caption-text">Low</p></div>',
        image(f"{SITE}/u/a.jpg", None, "Low"),
    ),
    "caption in a box of another name": (
        '<div class="v2"><img src="/u/a.jpg"><p class="wp-caption-text">Low</p></div>',
        image(f"{SITE}/u/a.jpg", None, "Low"),
    ),
    "caption in a box that is no figure": (
        '<div class="wp-block-image"><img src="/u/a.jpg"><figcaption>Low</figcaption></div>',
        image(f"{SITE}/u/a.jpg", None, "Low"),
    ),
    "lazy": (f'<p><img src="{GIF}" data-src="/u/a.jpg" width="10px"></p>', image(f"{SITE}/u/a.jpg", width=10)),
    "lazy by another plugin": (f'<img src="{GIF}" data-lazy-src="/u/a.jpg">', image(f"{SITE}/u/a.jpg")),
    "lazy with a twin": (
        f'<img src="{GIF}" class="lazyload"><noscript><img src="/u/a.jpg"></noscript>',
        image(f"{SITE}/u/a.jpg"),
    ),
}


@pytest.mark.parametrize(("markup", "expected"), IMAGES.values(), ids=IMAGES)
def test_images(markup, expected):
    article = extract_article(post_page(f"<p>One</p>{markup}"), URL)
    assert article.images == [expected]
    assert article.body == "One"


def test_images_of_advertisements_are_none():
    markup = '<div class="code-block"><img src="/ad.jpg"></div><section class="block-wrap"><img src="/c.jpg"></section>'
    assert extract_article(post_page(f"<p>One</p>{markup}"), URL).images == []


EMBEDS = {
    "video block": (
        '<figure class="wp-block-embed is-type-video"><div><iframe src="https://www.youtube.com/embed/x?feature=oembed">'
        "</iframe></div></figure>",
        {"kind": "video", "url": "https://www.youtube.com/embed/x?feature=oembed"},
    ),
    "lazy frame": (
        '<iframe src="about:blank" data-src="https://player.vimeo.com/video/1"></iframe>',
        {"kind": "video", "url": "https://player.vimeo.com/video/1"},
    ),
    "other frame": ('<iframe src="//maps.example/x"></iframe>', {"kind": "iframe", "url": "https://maps.example/x"}),
    "video file": ('<video><source src="/v.mp4"></video>', {"kind": "video", "url": f"{SITE}/v.mp4"}),
    "audio file": ('<audio controls src="/a.mp3"></audio>', {"kind": "audio", "url": f"{SITE}/a.mp3"}),
    "quoted post": (
        '<blockquote class="twitter-tweet"><p>Fog <a href="https://t.co/x">x</a></p><a href="https://twitter.com/p/status/1">'
        "May 3</a></blockquote>",
        {"kind": "social", "url": "https://twitter.com/p/status/1"},
    ),
    "quoted picture": (
        '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/x/"><a href="#">y</a>'
        "</blockquote>",
        {"kind": "social", "url": "https://www.instagram.com/p/x/"},
    ),
    "quoted post of another class": (
        '<blockquote class="v2"><p>Fog</p>&mdash; Tide <a href="https://x.com/p/status/1">May 3</a></blockquote>',
        {"kind": "social", "url": "https://x.com/p/status/1"},
    ),
    "quoted picture of another class": (
        '<section data-instgrm-permalink="https://www.instagram.com/p/x/"><a href="#">y</a></section>',
        {"kind": "social", "url": "https://www.instagram.com/p/x/"},
    ),
}


@pytest.mark.parametrize(("markup", "expected"), EMBEDS.values(), ids=EMBEDS)
def test_embeds(markup, expected):
    assert extract_article(post_page(f"<p>One</p>{markup}"), URL).embeds == [expected]


def test_a_quotation_that_names_a_post_is_no_embed():
    markup = '<blockquote><p>As <a href="https://x.com/p/status/1">she wrote</a>: fog.</p></blockquote>'
    assert extract_article(post_page(f"<p>One</p>{markup}"), URL).embeds == []


def test_links_are_absolute_and_have_text():
    markup = (
        '<p><a href="/b/"><strong>B</strong> &amp; c</a> <a href="#top">up</a> <a href="javascript:x()">js</a>'
        '<a href="mailto:a@b.example">mail</a> <a href="/a.jpg"><img src="/a.jpg"></a> <a href="http://[">bad</a></p>'
        '<table><tr><th>Key Points</th></tr><tr><td><a href="https://x.example/r.pdf">report</a></td></tr></table>'
        '<div class="main-pagination post-pagination"><a href="/a-story/2/" class="post-page-numbers">2</a></div>'
    )
    assert extract_article(post_page(markup), URL).links == [
        {"text": "B & c", "url": f"{SITE}/b/"},
        {"text": "report", "url": "https://x.example/r.pdf"},
    ]


RENDITION = (
    f'<img class="wp-post-image" src="{GIF}" data-src="/u/pic-1024x640.jpg" alt="Pier" width="1200" height="574">'
)
SRCSET = RENDITION.replace(" alt=", ' data-srcset="/u/pic-1024x640.jpg 1024w, /u/pic.jpg 1280w" alt=')
OBJECT = (
    '<script type="application/ld+json">{"@graph": [{"@type": "ImageObject", "@id": "#i", "url": '
    f'"{SITE}/u/pic.jpg", "width": "1280", "height": 800}}, {{"@type": "Article", "image": {{"@id": "#i"}}}}]}}</script>'
)
OG = (
    f'<meta property="og:image" content="{SITE}/u/pic.jpg"><meta property="og:image:width" content="640">'
    '<meta property="og:image:height" content="400">'
)
FEATURED = {
    "link, size in JSON-LD": (
        f'<a class="image-link" href="/u/pic.jpg">{RENDITION}</a><div class="caption"> Low tide </div>',
        OBJECT,
        image(f"{SITE}/u/pic.jpg", "Pier", "Low tide", 1280, 800),
    ),
    "link, size in meta": (
        f'<a class="image-link" href="/u/pic.jpg">{RENDITION}</a>',
        OG,
        image(f"{SITE}/u/pic.jpg", "Pier", None, 640, 400),
    ),
    "link, width alone in JSON-LD": (
        f'<a class="image-link" href="/u/pic.jpg">{RENDITION}</a>',
        OBJECT.replace("height", "v2-height") + OG,
        image(f"{SITE}/u/pic.jpg", "Pier", None, 640, 400),
    ),
    "link, size not stated": (
        f'<a class="image-link" href="/u/pic.jpg">{RENDITION}</a>',
        "",
        image(f"{SITE}/u/pic.jpg", "Pier"),
    ),
    "size of another file": (
        f'<a class="image-link" href="/u/pic.jpg">{RENDITION}</a>',
        OG.replace("pic.jpg", "other.jpg"),
        image(f"{SITE}/u/pic.jpg", "Pier"),
    ),
    "no link, original in srcset": (
        f'<figure class="image-link">{SRCSET}</figure>',
        "",
        image(f"{SITE}/u/pic.jpg", "Pier"),
    ),
    "no link, original in JSON-LD": (
        f'<figure class="image-link">{RENDITION}</figure>',
        OBJECT,
        image(f"{SITE}/u/pic.jpg", "Pier", None, 1280, 800),
    ),
    "no link, original not stated": (
        f'<figure class="image-link">{RENDITION}</figure>',
        "",
        image(f"{SITE}/u/pic-1024x640.jpg", "Pier"),
    ),
    "no image, a default in meta": ("", OG, None),
    "no image, a face": ('<div class="overlay"><span class="by"><img src="/face.jpg"></span></div>', "", None),
    "image and link of another class": (
        f'<a class="v2" href="/u/pic.jpg">{RENDITION.replace("wp-post-image", "v2")}</a>',
        OBJECT,
        image(f"{SITE}/u/pic.jpg", "Pier", None, 1280, 800),
    ),
}


@pytest.mark.parametrize(("featured", "head", "expected"), FEATURED.values(), ids=FEATURED)
def test_featured_image(featured, head, expected):
    header = HEADER.replace('<div class="featured"></div>', f'<div class="featured">{featured}</div>')
    assert extract_article(post_page("<p>One</p>", header=header, head=head), URL).image == expected


def test_a_video_post_takes_the_image_that_the_head_names():
    page = post_page("<p>One</p>", head=OG).replace("post-7 post type-post", "post-7 post type-post has-post-thumbnail")
    assert extract_article(page, URL).image == image(f"{SITE}/u/pic.jpg", None, None, 640, 400)
