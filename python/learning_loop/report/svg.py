"""Charts as still pictures: lines, points and texts in the page's colours, and nothing that could run.

Every text goes through `escape`, so none of the data can become anything else than text. Colours are classes of the
page's style sheet (`m` measured, `good`, `bad`, `unsure`, `ref` the bar or what is compared with), so that light, dark
and print are one picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from learning_loop.terminal import plain

WIDTH = 344  # pixels: a phone's width less its margins
CHARACTER = 8  # pixels, of the 12 px text that is shown, in a wide font
Point = tuple[float, float | None]


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high`, drawn from pixel `start` to pixel `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value; one outside is drawn at the edge."""
        inside = min(max(value, self.low), self.high)
        return self.start + (self.end - self.start) * (inside - self.low) / ((self.high - self.low) or 1)


@dataclass
class Canvas:
    """A picture that grows shape by shape."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, css: str = "", anchor: str = "start") -> None:
        """Write a text; `y` is its foot."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">{escape(plain(text))}</text>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str, title: str = "") -> None:
        """Draw a straight line."""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}">{_title(title)}</line>'
        )

    def path(self, points: Sequence[Point], css: str) -> None:
        """Draw a line through points in pixels; where one has no `y` it breaks."""
        steps, is_drawing = [], False
        for x, y in points:
            if y is not None:
                steps.append(f"{'L' if is_drawing else 'M'}{x:.1f} {y:.1f}")
            is_drawing = y is not None
        if steps:
            self.parts.append(f'<path d="{"".join(steps)}" class="line {css}"/>')

    def area(self, points: Sequence[tuple[float, float]], css: str) -> None:
        """Fill what lies within points in pixels."""
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path d="M{steps}Z" class="{css}"/>')

    def rect(self, x: float, y: float, width: float, height: float, css: str, title: str = "") -> None:
        """Draw a bar."""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" class="{css}">'
            f"{_title(title)}</rect>"
        )

    def dot(self, x: float, y: float, css: str, title: str = "", shape: str = "circle") -> None:
        """Draw a point; its shape says what its colour says."""
        if shape == "circle":
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="mark {css}">{_title(title)}</circle>')
            return
        outlines: dict[str, list[tuple[float, float]]] = {
            "diamond": [(0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0)],
            "square": [(-4, -4), (4, -4), (4, 4), (-4, 4)],
            "up": [(0, -5), (5, 4), (-5, 4)],
            "down": [(0, 5), (5, -4), (-5, -4)],
        }
        steps = "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in outlines[shape])
        self.parts.append(f'<path d="M{steps}Z" class="mark {css}">{_title(title)}</path>')

    def drawn(self, label: str, css: str = "") -> Markup:
        """Return the picture; `label` says what it shows, for those who do not see it."""
        return Markup(
            f'<svg viewBox="0 0 {self.width:.0f} {self.height:.0f}" width="{self.width:.0f}" height="{self.height:.0f}"'
            f' class="{css}" role="img" aria-label="{escape(plain(label))}">{"".join(self.parts)}</svg>'
        )


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Return some `count` round numbers from `low` to `high`: 1, 2 or 5 times a power of ten apart."""
    span = (high - low) or 1
    power = 10 ** math.floor(math.log10(span / count))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= span / count)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def fit(text: str, width: float) -> str:
    """Cut a name in its middle, where long ones are alike, so that it is no wider than so many pixels."""
    most = int(width / CHARACTER)
    half = most // 2
    return text if len(text) <= most else f"{text[:half]}…{text[-(most - half - 1) :]}"


def _title(text: str) -> str:
    return f"<title>{escape(plain(text, keep_newlines=True))}</title>" if text else ""
