"""What the content shows or leads to beside its text: images, embeds, links. Asked after the noise is removed."""

from lxml import etree

from newscrawl.extraction.page import Page
from newscrawl.extraction.query import select
from newscrawl.extraction.sources import text_of
from newscrawl.extraction.text import clean
from newscrawl.items import Embed, Image, Link

LAZY_ATTRIBUTES = ("data-src", "data-lazy-src", "data-original")
_SOCIAL_HOSTS = (
    "twitter.com", "x.com", "instagram.com", "facebook.com", "tiktok.com", "bsky.app", "threads.net", "reddit.com",
    "linkedin.com", "t.me", "mastodon.social", "pinterest.com",
)  # fmt: skip
_VIDEO_HOSTS = (
    "youtube.com", "youtube-nocookie.com", "youtu.be", "vimeo.com", "dailymotion.com", "twitch.tv", "rumble.com",
    "videopress.com", "ted.com", "jwplatform.com", "brightcove.net",
)  # fmt: skip
_AUDIO_HOSTS = ("soundcloud.com", "spotify.com", "podcasts.apple.com", "anchor.fm", "megaphone.fm")
_QUOTED_POST = frozenset(
    {
        "twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "bluesky-embed", "text-post-media",
        "reddit-embed-bq", "reddit-card", "fb-post", "fb-video",
    }
)  # fmt: skip
_FRAMES = frozenset({"iframe", "video", "audio", "embed", "object"})
_LONGEST_CAPTION = 5_000
_PERMALINKS = ("data-instgrm-permalink", "data-text-post-permalink", "data-href", "cite")


def images_of(page: Page, content: etree._Element) -> list[Image]:
    """Images inside the body, lazy ones by the address that the reader will see."""
    found: list[Image] = []
    captions = _Captions(content)
    for element in select(content, "img"):
        url = page.absolute(shown_address(element))
        if url:
            found.append(
                {
                    "url": url,
                    "alt": clean(element.get("alt") or "") or None,
                    "caption": captions.of(element),
                    "width": pixels(element.get("width")),
                    "height": pixels(element.get("height")),
                }
            )
    return found


def shown_address(image: etree._Element) -> str | None:
    """The address of an image element: the lazy one before the placeholder, never a data URI."""
    candidates = [image.get(name) for name in LAZY_ATTRIBUTES] + [image.get("src")]
    return next((url for url in candidates if url and not url.startswith("data:")), None)


def pixels(text: str | int | None) -> int | None:
    """A number of pixels that is stated as one."""
    digits = str(text).strip().removesuffix("px") if text is not None else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else None


class _Captions:
    """The captions of one content element; what holds many images is looked at once."""

    def __init__(self, content: etree._Element) -> None:
        self._known: dict[etree._Element, str | None] = {content: None}
        self._texts: dict[etree._Element, str | None] = {}

    def of(self, image: etree._Element) -> str | None:
        """The caption in the box that the image stands in."""
        passed = []
        for parent in image.iterancestors():
            if parent not in self._known:
                passed.append(parent)
                if not _is_box(parent):
                    continue
                self._known[parent] = self._caption(parent)
            self._known |= dict.fromkeys(passed, self._known[parent])
            return self._known[parent]
        return None

    def _caption(self, box: etree._Element) -> str | None:
        found = select(box, "figcaption, .wp-caption-text") or box.findall("p")
        if not found:
            return None
        if found[0] not in self._texts:
            text = clean(text_of(found[0]))
            self._texts[found[0]] = text if 0 < len(text) <= _LONGEST_CAPTION else None  # else each image repeats it
        return self._texts[found[0]]


def _is_box(element: etree._Element) -> bool:
    return element.tag == "figure" or "wp-caption" in (element.get("class") or "").split() or _holds_caption(element)


def _holds_caption(element: etree._Element) -> bool:
    return any(
        child.tag == "figcaption" or "wp-caption-text" in (child.get("class") or "").split()
        for child in element.iterchildren(etree.Element)
    )


def embeds_of(page: Page, content: etree._Element) -> list[Embed]:
    """Videos, audio, social posts and other frames in the body, in order, each address once."""
    found: dict[str, Embed] = {}
    for element in content.iterdescendants(etree.Element):
        url = page.absolute(_embed_address(element)) if _is_embed(element) else None
        if url and url not in found:
            found[url] = {"kind": _embed_kind(element, url), "url": url}
    return list(found.values())


def _is_embed(element: etree._Element) -> bool:
    """Whether it is a frame, or a post that a script of its network would replace. By hand: XPath takes ten times."""
    tag, stated = element.tag, element.keys()
    if tag in _FRAMES or ("class" in stated and not _QUOTED_POST.isdisjoint((element.get("class") or "").split())):
        return True
    if tag == "blockquote" and any(_is_status(link.get("href") or "") for link in element.iterchildren("a")):
        return True
    return "data-instgrm-permalink" in stated


def _is_status(url: str) -> bool:
    return "/status/" in url and ("twitter.com/" in url or "//x.com/" in url)


def _embed_address(element: etree._Element) -> str | None:
    if element.tag not in _FRAMES:
        for name in _PERMALINKS:
            if url := element.get(name):
                return url
        links = select(element, "a[href]")
        return links[-1].get("href") if links else None
    for name in ("src", *LAZY_ATTRIBUTES, "data"):
        url = element.get(name)
        if url and not url.startswith(("data:", "about:")):
            return url
    inner = select(element, "source[src]")
    return inner[0].get("src") if inner else None


def _embed_kind(element: etree._Element, url: str) -> str:
    if element.tag in {"video", "audio"}:
        return str(element.tag)
    if element.tag not in _FRAMES:
        return "social"
    host = url.split("/", 3)[2].rsplit("@", 1)[-1].split(":", 1)[0]
    for kind, hosts in (("video", _VIDEO_HOSTS), ("social", _SOCIAL_HOSTS), ("audio", _AUDIO_HOSTS)):
        if any(host == known or host.endswith(f".{known}") for known in hosts):
            return kind
    return "iframe"


def links_of(page: Page, content: etree._Element) -> list[Link]:
    """Links with text in the body, in order."""
    found: list[Link] = []
    for element in select(content, "a[href]"):
        text = clean(text_of(element))
        url = page.absolute(element.get("href")) if text else None
        if url:
            found.append({"text": text, "url": url})
    return found
