"""The charts, one function each: rows of a query in, a picture out. Titles and units stand in the page.

A colour says one thing on the whole page (its key stands on top of it), and nothing is said by colour alone: what is
compared with is dashed, verdicts differ in shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date

from markupsafe import Markup

from learning_loop.report.reading import Row
from learning_loop.report.svg import CHARACTER, WIDTH, Canvas, Scale, fit, ticks

STATUSES = ["drift alert", "degraded", "monitor", "healthy"]
BACKLOG_STATUSES = ["candidate", "approved", "promoted", "dismissed"]
AGES = ["under 1", "1 to 2", "2 to 4", "4 to 8", "8+"]  # weeks
# What a verdict is drawn as: better, worse, or not to be told; what is none of these was measured and not judged.
LOOKS = {
    "ready for approval": ("good", "up"), "improving": ("good", "up"), "helped": ("good", "up"), "keep": ("good", "up"),
    "guardrail regression": ("bad", "down"), "no improvement": ("bad", "down"), "decaying": ("bad", "down"),
    "hurt": ("bad", "down"), "drop": ("bad", "down"), "sample ratio mismatch": ("bad", "square"),
    "undecided": ("unsure", "circle"), "insufficient data": ("unsure", "circle"),
    "guardrails undecided": ("unsure", "circle"), "no worthwhile effect": ("unsure", "diamond"),
}  # fmt: skip
SPARK_WEEKS = 26
LITTLE = 0.2
LEFT, RIGHT, FOOT = 46, 12, 40
Form = Callable[[float], str]


def percent(value: float) -> str:
    """Write a share; a small one in two digits, for 0 % is another thing."""
    return f"{100 * value:.2g} %" if 0.0001 <= abs(value) < 0.0995 else f"{100 * value:.0f} %"


def points(value: float) -> str:
    """Write a difference of shares, a small one in two digits."""
    small = 0.0001 <= abs(value) < 0.0995
    return f"{100 * value:+.2g}" if small else f"{100 * value:+.0f}" if value else "0"


def spark(weeks: Sequence[Row], label: str, is_share: bool) -> Markup:
    """Half a year of a problem, a column per week, and the bar as a dashed line; a week without a column had none."""
    width, height = 240.0, 44.0
    canvas = Canvas(width, height)
    top = max([row["value"] for row in weeks] + [row["bar"] or 0 for row in weeks] + [1e-9])
    y = Scale(0, top * 1.08, height - 2, 2)
    step = width / SPARK_WEEKS
    canvas.line(0, height - 1.5, width, height - 1.5, "axis")
    bars: list[tuple[float, float | None]] = []
    ago = None
    for row in weeks:
        if is_share and ago is not None and row["weeks_ago"] != ago - 1:
            bars.append((0, None))
        ago = row["weeks_ago"]
        x = width - (row["weeks_ago"] + 1) * step
        shown = percent(row["value"]) if is_share else f"{row['value']:,.0f}"
        bar = "" if row["bar"] is None else percent(row["bar"]) if is_share else f"{row['bar']:,.0f}"
        css = "mark m" if row["weeks_ago"] == 0 else "mark m old"
        title = f"{row['period_key']}: {shown}" + (f"\nbar: {bar}" if bar else "")
        canvas.rect(x + 1, y(row["value"]), step - 2, height - 2 - y(row["value"]), css, title)
        if row["bar"] is not None:
            bars += [(x, y(row["bar"])), (x + step, y(row["bar"]))]
    canvas.path(bars, "ref")
    return canvas.drawn(label, "spark")


def interval_rows(
    rows: Sequence[Row],
    name: str,
    value: str,
    label: str,
    axis: str,
    *,
    verdict: str = "",
    second: str = "",
    is_share: bool,
    rule: float | None,
) -> Markup:
    """Values with their intervals, a line each under its name, against a dashed rule; `second` is a hollow diamond."""
    height = len(rows) * 36 + FOOT
    canvas = Canvas(WIDTH, height)
    known = [
        row[key]
        for row in rows
        for key in (value, f"{value}_lower", f"{value}_upper", second)
        if row.get(key) is not None
    ] + ([rule] if rule is not None else [])
    # Shares are seen from 0 to 1, but where all are so small that they would lie on the axis.
    top = max(known, default=1.0)
    low, high = (0.0, 1.0 if top > LITTLE else max(1.2 * top, 1e-4)) if is_share else _around(known)
    x = Scale(low, high, 8, WIDTH - RIGHT)
    form = percent if is_share or rule is None else points
    _x_axis(canvas, x, height - FOOT + 4, axis, form, ticks(low, high))
    if rule is not None:
        canvas.line(x(rule), 4, x(rule), height - FOOT + 4, "line ref")
    for place, row in enumerate(rows):
        y = place * 36 + 26
        css, shape = LOOKS.get(row.get(verdict) or "", ("m", "circle"))
        told = "" if row[value] is None else form(row[value])
        canvas.text(0, y - 11, fit(str(row[name]), WIDTH - 60))
        canvas.text(WIDTH, y - 11, told, "soft", "end")
        if row[f"{value}_lower"] is not None:
            span = f"{form(row[f'{value}_lower'])} to {form(row[f'{value}_upper'])}"
            canvas.line(x(row[f"{value}_lower"]), y, x(row[f"{value}_upper"]), y, f"line {css}", f"{row[name]}: {span}")
        if second and row[second] is not None:
            canvas.dot(x(row[second]), y, "hollow", f"{row[name]}: {form(row[second])}", "diamond")
        if row[value] is not None:
            also = f", {row[verdict]}" if verdict and row.get(verdict) else ""
            canvas.dot(x(row[value]), y, css, f"{row[name]}: {told}{also}", shape)
    return canvas.drawn(label)


def counts(rows: Sequence[Row], name: str, count: str, label: str) -> Markup:
    """Counts as bars under their names, with their numbers."""
    canvas = Canvas(WIDTH, len(rows) * 30 + 4)
    x = Scale(0, max(row[count] for row in rows), 0, WIDTH - 70)
    for place, row in enumerate(rows):
        y = place * 30 + 14
        canvas.text(0, y, fit(str(row[name]), WIDTH))
        canvas.rect(0, y + 4, x(row[count]), 8, "mark m", f"{row[name]}: {row[count]:,}")
        canvas.text(x(row[count]) + 6, y + 12, f"{row[count]:,}")
    return canvas.drawn(label)


def reliability(rows: Sequence[Row], label: str) -> Markup:
    """How often claims were right by stated confidence, with 95 % intervals; on the dashed line both are the same."""
    height = 230
    canvas = Canvas(WIDTH, height)
    x, y = Scale(0, 1, LEFT, WIDTH - 20), Scale(0, 1, height - FOOT, 18)
    _x_axis(canvas, x, height - FOOT, "stated confidence", percent, [0, 0.25, 0.5, 0.75, 1])
    _y_axis(canvas, y, x, percent, [0, 0.5, 1])
    canvas.line(x(0), y(0), x(1), y(1), "line ref")
    for row in rows:
        at = x(row["mean_confidence"])
        canvas.line(at, y(row["accuracy_lower"]), at, y(row["accuracy_upper"]), "line m")
        title = f"said {percent(row['mean_confidence'])}, right {percent(row['accuracy'])} of {row['sample_count']:,}"
        canvas.dot(at, y(row["accuracy"]), "m", title)
        canvas.text(at, y(row["accuracy_upper"]) - 5, f"{row['sample_count']:,}", "soft", "middle")
    return canvas.drawn(label)


def weekly_lines(
    rows: Sequence[Row], series: Sequence[tuple[str, str, str]], label: str, form: Form, is_from_zero: bool = True
) -> Markup:
    """Values by week; `series` are a column, its name in the key and its look. A week without a value is a gap."""
    height = 170 + 18 * len(series)
    floor = height - FOOT - 18 * len(series) + 16
    canvas = Canvas(WIDTH, height)
    known = [row[key] for row in rows for key, _, _ in series if row[key] is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    low = min(low, 0.0) if is_from_zero else low
    x = Scale(0, max(len(rows) - 1, 1), LEFT, WIDTH - 20)
    y = Scale(low, high + (high - low) * 0.05, floor, 8)
    _y_axis(canvas, y, x, form, ticks(low, high, 3))
    canvas.line(LEFT, floor, WIDTH - 20, floor, "axis")
    for place in {0, (len(rows) - 1) // 2, len(rows) - 1}:
        anchor = "start" if place == 0 else "end" if place == len(rows) - 1 else "middle"
        canvas.text(x(place), floor + 15, _week(rows[place]["week"]), "soft", anchor if len(rows) > 1 else "start")
    for number, (key, name, css) in enumerate(series):
        canvas.path([(x(place), None if row[key] is None else y(row[key])) for place, row in enumerate(rows)], css)
        for place, row in enumerate(rows):
            if row[key] is not None and "ref" not in css:
                canvas.rect(
                    x(place) - 2.5, y(row[key]) - 2.5, 5, 5, f"mark {css}", f"{row['week']}: {name} {form(row[key])}"
                )
        foot = floor + 36 + 18 * number
        canvas.path([(LEFT, foot - 4), (LEFT + 26, foot - 4)], css)
        canvas.text(LEFT + 34, foot, name)
    return canvas.drawn(label)


def decision_curve(rows: Sequence[Row], label: str) -> Markup:
    """Kaplan-Meier: the share still open by hours waited, with its 95 % band; the dashed line is the median."""
    marks = {1: "1 h", 6: "6 h", 24: "1 d", 72: "3 d", 168: "1 w", 720: "30 d", 2160: "90 d"}
    height = 216
    canvas = Canvas(WIDTH, height)
    last = max(max(row["waited_hours"] for row in rows), 24)
    x = Scale(math.log10(0.5), math.log10(last), LEFT, WIDTH - 20)
    y = Scale(0, 1, height - FOOT, 8)
    _y_axis(canvas, y, x, percent, [0, 0.5, 1])
    canvas.line(LEFT, height - FOOT, WIDTH - 20, height - FOOT, "axis")
    shown = -100.0
    for hours, name in marks.items():
        if hours <= last and x(math.log10(hours)) - shown > 36:
            shown = x(math.log10(hours))
            canvas.text(shown, height - FOOT + 15, name, "soft", "middle")
    canvas.text((LEFT + WIDTH - 20) / 2, height - 3, "time since the candidate came", "soft", "middle")
    curve = [{"waited_hours": 0.5, "open_share": 1, "open_share_lower": 1, "open_share_upper": 1}, *rows]
    lower, upper = _steps(curve, "open_share_lower", x, y), _steps(curve, "open_share_upper", x, y)
    canvas.area([*lower, *reversed(upper)], "band")
    canvas.line(LEFT, y(0.5), WIDTH - 20, y(0.5), "line ref")
    canvas.path(_steps(curve, "open_share", x, y), "m mark")
    for row in rows:
        at, title = (
            x(math.log10(row["waited_hours"])),
            f"after {row['waited_hours']:,} h: {percent(row['open_share'])} open",
        )
        canvas.rect(at - 2, y(row["open_share"]) - 2, 4, 4, "m", title)
    return canvas.drawn(label)


def gate_distance(rows: Sequence[Row], label: str) -> Markup:
    """How far the thinner arm of each experiment is on the way to the gate, in reviews and in days."""
    height = len(rows) * 36 + FOOT + 26
    canvas = Canvas(WIDTH, height)
    floor = height - FOOT - 22
    x = Scale(0, 1.5, 8, WIDTH - RIGHT)
    _x_axis(canvas, x, floor, "of what the gate asks", percent, [0, 0.5, 1, 1.5])
    canvas.line(x(1), 4, x(1), floor, "line ref")
    for place, row in enumerate(rows):
        y = place * 36 + 26
        canvas.text(0, y - 11, fit(str(row["name"]), WIDTH - 8))
        canvas.line(x(0), y, x(1.5), y, "axis")
        for kind, have, need, shape in (
            ("days", "day_count", "min_days", "diamond"),
            ("reviews", "reviewed_count", "min_reviewed", "circle"),
        ):
            css = "m" if kind == "reviews" else "hollow"
            canvas.dot(
                x((row[have] or 0) / row[need]), y, css, f"{kind}: {row[have] or 0:,.0f} of {row[need]:,.0f}", shape
            )
    canvas.dot(60, height - 10, "m")
    canvas.text(70, height - 6, "reviews")
    canvas.dot(160, height - 10, "hollow", shape="diamond")
    canvas.text(170, height - 6, "days")
    return canvas.drawn(label)


def _steps(rows: Sequence[Row], key: str, x: Scale, y: Scale) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for row in rows:
        at = x(math.log10(row["waited_hours"]))
        if found:
            found.append((at, found[-1][1]))
        share = row["open_share"] if row[key] is None else row[key]  # at 0 and 1 there are no bounds
        found.append((at, y(share)))
    return found


def _around(known: Sequence[float]) -> tuple[float, float]:
    low, high = min(0.0, *known), max(0.0, *known)
    room = (high - low) * 0.04 or 0.05
    return (low - room if low < 0 else 0.0), high + room


def _x_axis(canvas: Canvas, x: Scale, floor: float, title: str, form: Form, marks: Sequence[float]) -> None:
    canvas.line(x.start, floor, x.end, floor, "axis")
    for mark in marks:
        name = form(mark)
        half = len(name) * CHARACTER / 2
        canvas.line(x(mark), 4, x(mark), floor, "grid")
        canvas.text(min(max(x(mark), half), canvas.width - half), floor + 15, name, "soft", "middle")
    canvas.text((x.start + x.end) / 2, floor + 30, title, "soft", "middle")


def _y_axis(canvas: Canvas, y: Scale, x: Scale, form: Form, marks: Sequence[float]) -> None:
    for mark in marks:
        canvas.line(x.start, y(mark), x.end, y(mark), "grid")
        canvas.text(LEFT - 6, y(mark) + 4, form(mark), "soft", "end")


def _week(text: str) -> str:
    return f"{date.fromisoformat(text):%-d %b}"
