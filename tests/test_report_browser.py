"""The page of ``scrapy report`` in a real browser, opened from disk."""

import re

import pytest

from tests.browser import CHROMIUM, Browser
from tests.needed import needs
from tests.reported import lived, page_of

pytestmark = needs("Debian's chromium", CHROMIUM)
ACTIVE = "((e) => e.id || e.getAttribute('href') || e.tagName)(document.activeElement)"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("page") / "report.html"
    place.write_text(page_of(lived(tmp_path_factory.getbasetemp())), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def opened(tmp_path_factory, place):
    """The browser with the page open; once, since nothing of the page is changed by looking at it."""
    browser = Browser(tmp_path_factory.mktemp("browser"))
    try:
        browser.window(1000)
        browser.open(place.as_uri())
        yield browser
    finally:
        browser.close()


@pytest.fixture
def browser(opened):
    """The same, in a window as at first."""
    opened.window(1000)
    opened.run(
        "document.activeElement.blur(); document.querySelectorAll('details').forEach((one) => {one.open = false})"
    )
    return opened


def test_it_asks_the_network_for_nothing_and_complains_of_nothing(browser, place):
    assert browser.requests == [place.as_uri()]
    assert browser.complaints == []
    browser.run("console.error('tried')")
    assert len(browser.complaints) == 1, "a complaint would be seen"
    browser.complaints.clear()


def test_a_page_that_asks_for_something_would_be_seen(tmp_path, tmp_path_factory):
    other = Browser(tmp_path_factory.mktemp("other"))
    try:
        (tmp_path / "a.html").write_text("<title>a</title><img src='b.png'><script>throw Error('x')</script>")
        other.open((tmp_path / "a.html").as_uri())
        assert [url.rpartition("/")[2] for url in other.requests] == ["a.html", "b.png"]
        assert other.complaints
    finally:
        other.close()


def test_charts_are_drawn(browser):
    charts = browser.run(
        """[...document.querySelectorAll('svg')].map((svg) => {
            const box = svg.getBoundingClientRect(), bars = [...svg.querySelectorAll('rect')];
            const inside = bars.every((bar) => {
                const one = bar.getBoundingClientRect();
                return one.left >= box.left && one.right <= box.right && one.top >= box.top && one.bottom <= box.bottom + 1;
            });
            return [svg.getAttribute('aria-labelledby'), box.width > 100 && box.height > 20, inside];
        })"""
    )
    assert len(charts) > 35
    assert [name for name, is_large, is_inside in charts if not (is_large and is_inside)] == []
    fills = browser.run("[...document.querySelectorAll('rect')].map((bar) => getComputedStyle(bar).fill)")
    assert len(fills) > 150
    assert {"rgb(59, 110, 158)"} < set(fills)
    assert "rgb(0, 0, 0)" not in fills, "a colour is missing"


def test_labels_do_not_overlap_on_screen_or_phone(browser):
    script = """[...document.querySelectorAll('svg .axis')].flatMap((axis) => {
        const boxes = [...axis.querySelectorAll('text')].map((text) => [text.textContent, text.getBoundingClientRect()])
            .filter(([, a]) => a.width > 0);
        const svg = axis.closest('svg').getBoundingClientRect();
        const hits = boxes.flatMap(([name, a], at) => boxes.slice(at + 1)
            .filter(([, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
            .map(([other]) => `${name} / ${other}`));
        const cut = boxes.filter(([, a]) => a.left < svg.left - 2 || a.right > svg.right + 2 || a.bottom > svg.bottom + 2);
        return [...hits, ...cut.map(([name]) => `${name} is cut`)];
    })"""
    for width in (1000, 360, 320):
        browser.window(width)
        assert browser.run(script) == [], width
        size = browser.run("parseFloat(getComputedStyle(document.querySelector('svg text')).fontSize)")
        scale = browser.run("document.querySelector('svg').getBoundingClientRect().width / 720")
        assert size * scale >= 10, f"{size * scale} pixels are not readable"


@pytest.mark.parametrize("width", [320, 390, 500, 1000])
def test_names_of_small_charts_are_whole(browser, width):
    browser.window(width)
    names = "[...document.querySelectorAll('.many b')]"
    assert browser.run(f"{names}.length") > 20
    assert (
        browser.run(f"{names}.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)") == []
    )


@pytest.mark.parametrize("width", [320, 360, 800, 1600])
def test_nothing_is_wider_than_the_window(browser, width):
    browser.window(width)
    browser.run("document.querySelectorAll('details').forEach((one) => {one.open = true})")
    assert browser.run("document.documentElement.scrollWidth") <= width
    wide = browser.run(
        """[...document.querySelectorAll('.wide')].filter((one) => one.scrollWidth > one.clientWidth && one.tabIndex < 0)
            .map((one) => one.textContent.trim().slice(0, 40))"""
    )
    assert width < 800 or wide == [], "what is scrolled can be reached by keyboard"


def test_light_and_dark(browser):
    script = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    light = browser.run(script)
    browser.window(1000, scheme="dark")
    dark = browser.run(script)
    assert (light, dark) == (["rgb(252, 251, 249)", "rgb(34, 37, 42)"], ["rgb(22, 24, 28)", "rgb(228, 227, 223)"])


def test_light_dark_and_phone_are_pictures_of_their_own(browser):
    pictures = []
    for width, scheme in ((1000, "light"), (1000, "dark"), (360, "light")):
        browser.window(width, scheme=scheme)
        pictures.append(browser.picture(0, 600))
    assert len(set(pictures)) == 3
    assert all(picture.startswith(b"\x89PNG") and len(picture) > 5_000 for picture in pictures)


def test_everything_can_be_reached_and_opened_by_keyboard(browser):
    browser.run("window.getSelection().removeAllRanges()")
    wanted = browser.run(
        """[...document.querySelectorAll('a, summary, .wide[tabindex]')]
            .filter((one) => !one.closest('details:not([open])') || one.matches('summary')).length"""
    )
    seen, visible = [], []
    for _ in range(wanted):
        browser.press("Tab")
        seen.append(browser.run(ACTIVE))
        visible.append(
            browser.run(
                """((e) => parseFloat(getComputedStyle(e).outlineWidth) > 0 && getComputedStyle(e).outlineStyle !== 'none')
                (document.activeElement)"""
            )
        )
        if seen[-1] == "SUMMARY" and seen.count("SUMMARY") == 1:
            browser.press("Enter")
            assert browser.run("document.activeElement.parentElement.open"), "Enter unfolds"
            browser.press("Enter")
    assert seen[:3] == ["#content", "#published", "#seen"]
    assert seen.count("SUMMARY") == browser.run("document.querySelectorAll('summary').length")
    assert all(visible), "where the focus is can be seen"
    assert "BODY" not in seen


def test_links_of_the_page_lead_to_its_sections(browser):
    browser.run("document.querySelector('.skip').focus()")
    browser.press("Tab")
    browser.press("Enter")
    assert browser.run("location.hash") == "#published"
    assert browser.run("document.querySelector('#published').getBoundingClientRect().top < innerHeight")


def test_a_screen_reader_is_told_what_a_chart_shows(browser):
    browser.call("Accessibility.enable")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = {}
    for node in nodes:
        if not node["ignored"]:
            name = node.get("name", {}).get("value", "")
            roles.setdefault(node["role"]["value"], []).append((name, node.get("description", {}).get("value", "")))
    charts = [*roles.get("image", []), *roles.get("img", []), *roles.get("graphics-document", [])]
    assert any(name.startswith("Articles a day,") and "articles in" in said for name, said in charts)
    assert all(name and said for name, said in charts)
    assert len(charts) == browser.run("document.querySelectorAll('svg').length")
    assert len(roles["navigation"]) == 1
    assert "main" in roles


def test_it_prints(browser):
    printed = browser.pdf()
    assert printed.startswith(b"%PDF")
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 4 <= pages <= 20
    browser.window(1000, media="print")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    folded = browser.run("[...document.querySelectorAll('.fold p')].filter((one) => one.checkVisibility()).length")
    assert folded == browser.run("document.querySelectorAll('.fold p').length"), "on paper nothing can be unfolded"
