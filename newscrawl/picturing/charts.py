"""Bar charts as SVG: pygal draws them, what a page that stands alone does not need is taken out."""

import math
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree
from markupsafe import Markup
from pygal import StackedBar
from pygal.style import Style

from newscrawl.picturing.text import plain

# pygal leaves an import hook of the old kind, for maps that nobody has here; Python 3.11 warns of it at every import
# that fails, and others have to fail.
sys.meta_path[:] = [hook for hook in sys.meta_path if type(hook).__module__ != "pygal"]

WIDTH, HEIGHT = 720, 250
SMALL = 240, 70
_LABEL_SIZE = 26
"""Of the room that is left for labels: the size they have on a phone, see report.css."""
MOST_LABELS = 5
_OURS = Style(label_font_size=_LABEL_SIZE, major_label_font_size=_LABEL_SIZE)
_LONG = re.compile(r"(\d+\.\d)\d+")
_TAGS = frozenset({"defs", "desc", "title"})
_CLASSES = frozenset({"background", "titles", "plot overlay", "plot text-overlay", "plot tooltip-overlay"})


def bars(
    name: str,
    title: str,
    summary: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    all_labels: bool = False,
) -> Markup:
    """
    A chart of stacked bars.

    :param name: an identifier that no other chart of the page has
    :param title: what is shown; :param summary: what is to be seen, in words
    :param labels: of the bars; :param series: a value for each bar, by what it counts
    :param all_labels: whether each label is written below its bar; else five of them at most
    """
    ticks = _ticks(max([1, *map(sum, zip(*series.values(), strict=True))]))
    chart = _chart(
        WIDTH, HEIGHT, labels, range=(0, ticks[-1]), y_labels=ticks, spacing=6, margin_top=14, margin_bottom=10
    )
    chart.x_labels_major = [*labels] if all_labels else [labels[at] for at in _some(len(labels))]
    return _drawn(chart, "chart dense" if all_labels else "chart", name, title, summary, series)


def small_bars(
    name: str, title: str, summary: str, labels: Sequence[str], series: Mapping[str, Sequence[float]], top: float
) -> Markup:
    """The same without axes, for one among many that all reach up to ``top``."""
    chart = _chart(*SMALL, labels, range=(0, top), show_x_labels=False, show_y_labels=False, spacing=0)
    return _drawn(chart, "chart small", name, title, summary, series)


def _chart(width: int, height: int, labels: Sequence[str], **more: Any) -> StackedBar:
    """A chart without script, fonts, legend and title, all of which are the page's."""
    names = {"x_labels": list(labels), "show_minor_x_labels": False, "truncate_label": -1}
    bare = {"js": [], "css": [], "show_legend": False, "disable_xml_declaration": True, "no_data_text": ""}
    return StackedBar(width=width, height=height, margin=2, style=_OURS, **names, **bare, **more)


def _drawn(
    chart: StackedBar, look: str, name: str, title: str, summary: str, series: Mapping[str, Sequence[float]]
) -> Markup:
    for label, values in series.items():
        chart.add(str(plain(label)), [value or None for value in values])

    def strip(root: Any) -> Any:
        return _stripped(root, [] if look.endswith("small") else [*series])

    chart.add_xml_filter(strip)
    drawn = _LONG.sub(r"\1", chart.render()).partition(">")[2]
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="{5}" viewBox="0 0 {0} {1}" role="img"'
        ' aria-labelledby="{2}-title" aria-describedby="{2}-desc"><title id="{2}-title">{3}</title>'
        '<desc id="{2}-desc">{4}</desc>'
    )
    return head.format(chart.config.width, chart.config.height, name, plain(title), plain(summary), look) + Markup(
        drawn
    )


def _stripped(root: Any, names: Sequence[str]) -> Any:
    """
    The drawing alone: the script, the style sheet and the places of tooltips go.

    :param names: of the series; with them, each bar says what it is when it is pointed at
    """
    for bar in [one for one in root.iter("g") if one.get("class") == "bar"]:
        shape = bar[0]
        if names:
            told = {one.get("class"): one.text for one in bar.iter("desc")}
            series = names[int(bar.getparent().getparent().get("class").rpartition("-")[2])]
            etree.SubElement(shape, "title").text = f"{told['x_label']}: {told['value']} {plain(series)}"
        for attribute in ("class", "rx", "ry"):
            del shape.attrib[attribute]
        bar.getparent().replace(bar, shape)
        if not float(shape.get("height")):
            shape.getparent().remove(shape)
    for parent in [*root.iter("svg", "g")]:
        for child in [*parent]:
            if _is_litter(child):
                parent.remove(child)
    return root


def _is_litter(node: Any) -> bool:
    """Comments, script and style sheet (in ``defs``), what scripts would use, and backgrounds."""
    return not isinstance(node.tag, str) or node.tag in _TAGS or node.get("class") in _CLASSES


def _ticks(highest: float) -> list[float]:
    """
    At most five round numbers from 0 up to the highest value or beyond.

    >>> _ticks(17), _ticks(1)
    ([0, 5, 10, 15, 20], [0, 1])
    """
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * 4 >= highest:
                return [step * at for at in range(math.ceil(highest / step) + 1)]
        size *= 10


def _some(count: int) -> list[int]:
    """
    Places of the bars that get a label, evenly spread, the first among them.

    >>> _some(3), _some(90)
    ([0, 1, 2], [0, 18, 36, 54, 72])
    """
    return [*range(0, count, max(1, math.ceil(count / MOST_LABELS)))]
