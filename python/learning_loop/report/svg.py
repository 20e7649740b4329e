"""Charts as still pictures: altair's specification, drawn once, with the page's colours and nothing that could run.

The picture is taken apart and only known elements and attributes are put back, so that no text of the data can become
anything else than text.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import altair as alt
import vl_convert
from markupsafe import Markup

from learning_loop.terminal import plain

# Placeholders that the page's style sheet answers, in light, dark and print.
COLOURS = {
    "ink": "#010101",
    "soft": "#020202",
    "grid": "#030303",
    "first": "#040404",
    "second": "#050505",
    "third": "#060606",
    "bad": "#070707",
    "paper": "#080808",
    "shade": "#090909",
}
WIDTH = 344  # pixels: a phone's width less its margins
# Texts are measured larger than the page shows them (12 px): readers' fonts are up to a quarter wider.
MEASURED = 15

SVG = "http://www.w3.org/2000/svg"
ELEMENTS = {"svg", "g", "path", "text", "tspan", "rect", "line", "circle", "defs", "clipPath", "title"}
ATTRIBUTES = {
    "class", "width", "height", "viewBox", "transform", "d", "x", "y", "x1", "x2", "y1", "y2", "r", "cx", "cy", "id",
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
    "stroke-linejoin", "stroke-miterlimit", "opacity", "clip-path", "text-anchor", "font-weight",
    "font-style", "dx", "dy", "aria-hidden", "aria-label", "role",
}  # fmt: skip
PLACEHOLDERS = {colour: f"var(--{name})" for name, colour in COLOURS.items()}

CONFIG: dict[str, Any] = {
    "background": None,
    "font": "sans-serif",
    "padding": {"left": 6, "right": 12, "top": 4, "bottom": 0},
    "view": {"stroke": None},
    "mark": {"color": COLOURS["first"]},
    "text": {"color": COLOURS["ink"], "fontSize": MEASURED},
    "rule": {"color": COLOURS["soft"]},
    "bar": {"color": COLOURS["first"]},
    "axis": {
        "labelColor": COLOURS["ink"], "titleColor": COLOURS["soft"], "gridColor": COLOURS["grid"],
        "domainColor": COLOURS["soft"], "tickColor": COLOURS["soft"],
        "labelFontSize": MEASURED, "titleFontSize": MEASURED, "titleFontWeight": "normal", "labelLimit": 150,
        "titleLimit": 320, "gridWidth": 1,
    },
    "legend": {
        "labelColor": COLOURS["ink"], "labelFontSize": MEASURED, "title": None, "orient": "bottom",
        "symbolStrokeWidth": 1.5, "symbolSize": 80, "labelLimit": 170, "columns": 2,
        "rowPadding": 2, "offset": 6, "padding": 0,
    },
}  # fmt: skip

ElementTree.register_namespace("", SVG)


def draw(chart: alt.LayerChart | alt.Chart, name: str, label: str, height: int) -> Markup:
    """Draw a chart.

    Args:
        chart: a single or layered chart with its rows inline.
        name: unique on the page; keeps the ids of its pictures apart.
        label: what it shows, for those who do not see it.
        height: in pixels, axes and legend included.

    Returns:
        An `<svg>` element that holds shapes and text only.
    """
    spec = chart.properties(
        width=WIDTH, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding")
    ).to_dict(validate=False)
    spec = _shown(spec) | {"config": CONFIG}
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(spec, vl_version="6.4", allowed_base_urls=[]))
    clean = _clean(root, f"{name}-")
    clean.set("role", "img")
    clean.set("aria-label", plain(label))
    return Markup(ElementTree.tostring(clean, encoding="unicode"))


def _shown(part: Any) -> Any:
    """Return a part of a specification whose texts, of data and of scales alike, hold nothing that cannot be seen."""
    if isinstance(part, dict):
        return {key: _shown(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_shown(value) for value in part]
    return plain(part) if isinstance(part, str) else part


def _clean(element: ElementTree.Element, prefix: str) -> ElementTree.Element:
    kept = ElementTree.Element(element.tag)
    for name, value in element.attrib.items():
        if name not in ATTRIBUTES:
            continue
        if name == "id":
            value = prefix + value
        elif name == "clip-path":
            value = value.replace("url(#", f"url(#{prefix}")
        elif name in ("fill", "stroke"):
            value = PLACEHOLDERS.get(value, value)
        kept.set(name, value)
    kept.text = element.text
    for child in element:
        if child.tag.removeprefix(f"{{{SVG}}}") in ELEMENTS:
            kept.append(_clean(child, prefix))
    label = kept.attrib.pop("aria-label", None)
    if label and kept.get("role") == "graphics-symbol" and not len(kept):
        title = ElementTree.SubElement(kept, f"{{{SVG}}}title")
        title.text = re.sub(r"; ", "\n", label)
    kept.attrib.pop("role", None)
    return kept
