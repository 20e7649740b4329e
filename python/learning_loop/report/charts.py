"""The charts, one function each: rows of a query in, an altair chart out. Titles and units stand in the page.

Nothing is said by colour alone: series differ in shape and dash too, and tables of counts carry their numbers.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from learning_loop.report.reading import Row
from learning_loop.report.svg import COLOURS

SHARE = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
ROW_HEIGHT = 24  # pixels for a line of a chart with names on its left
LONG_NAME = 13  # characters: two of them stand beside each other in a legend
STATUSES = ["drift alert", "degraded", "monitor", "healthy"]
BACKLOG_STATUSES = ["candidate", "approved", "promoted", "dismissed"]
AGES = ["under 1", "1 to 2", "2 to 4", "4 to 8", "8+"]  # weeks


def cluster_scores(rows: list[Row], top: float) -> alt.LayerChart:
    """One cluster's score by week, 0 to `top`; a week in which it was no cluster is a gap."""
    base = alt.Chart(_data(rows)).encode(
        x=_weeks(),
        y=alt.Y("score:Q", title="score", scale=alt.Scale(domain=[0, top], nice=True), axis=alt.Axis(tickCount=3)),
    )
    return _layers(base.mark_line(strokeWidth=2), base.mark_point(size=36, filled=True, opacity=1))


def score_factors(row: Row) -> alt.LayerChart:
    """The four factors of a cluster's score, each 0 to 1; the score is their product."""
    names = ["frequency", "severity", "impact", "reproducibility"]
    base = alt.Chart(_data([{"factor": name, "value": row[name]} for name in names])).encode(
        x=alt.X("value:Q", title=None, scale=alt.Scale(domain=[0, 1.15]), axis=None),
        y=alt.Y("factor:N", title=None, sort=names, axis=_names()),
    )
    return _layers(base.mark_bar(height=9), _numbers(base, ".2f"))


def count_table(
    rows: list[Row], x: str, y: str, count: str, x_order: list[str], y_order: list[str], label: str = "datum.label"
) -> alt.LayerChart:
    """Counts as a shaded table with the numbers in it; `label` is a Vega expression that writes the columns' names."""
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            f"{x}:N", title=None, scale=alt.Scale(domain=x_order),
            axis=alt.Axis(
                orient="top", labelAngle=0, domain=False, ticks=False, labelExpr=label, labelOverlap="greedy"
            ),
        ),
        y=alt.Y(f"{y}:N", title=None, scale=alt.Scale(domain=y_order), axis=_names(domain=False)),
    )  # fmt: skip
    shade = base.mark_rect(fill=COLOURS["shade"], stroke=COLOURS["paper"], strokeWidth=2).encode(
        fillOpacity=alt.FillOpacity(
            f"{count}:Q", legend=None, scale=alt.Scale(type="sqrt", domainMin=0, range=[0.05, 0.9])
        )
    )
    form = "," if max(row[count] for row in rows) < 1000 else ".2~s"
    return _layers(shade, base.mark_text().encode(text=alt.Text(f"{count}:Q", format=form)))


def reliability(rows: list[Row]) -> alt.LayerChart:
    """Accuracy by stated confidence with 95 % intervals; on the dashed line confidence is what it says."""
    bins = [row | {"claims": f"{row['sample_count']:,}"} for row in rows]
    share = alt.Scale(domain=[0, 1])
    x = alt.X("mean_confidence:Q", title="stated confidence", scale=share, axis=SHARE)
    base = alt.Chart(_data(bins)).encode(x=x)
    line = alt.Chart(_data([{"at": 0}, {"at": 1}])).mark_line(strokeDash=[5, 4], strokeWidth=1.2, color=COLOURS["soft"])
    return _layers(
        line.encode(x=alt.X("at:Q", scale=share), y=alt.Y("at:Q", scale=share)),
        base.mark_rule(strokeWidth=2, color=COLOURS["first"]).encode(y="accuracy_lower:Q", y2="accuracy_upper:Q"),
        base.mark_point(size=70, filled=True, opacity=1, color=COLOURS["first"]).encode(
            y=alt.Y("accuracy:Q", title="left standing", scale=share, axis=SHARE)
        ),
        base.mark_text(dy=-5, baseline="bottom").encode(y="accuracy_upper:Q", text="claims:N"),
    )


def brier_parts(rows: list[Row]) -> alt.LayerChart:
    """The Brier score of a stream and its parts by week."""
    parts = ["brier_score", "reliability", "resolution", "uncertainty"]
    names = dict(zip(parts, ["Brier score", "unreliability", "resolution", "uncertainty"], strict=True))
    long = [{"week": row["week"], "part": names[part], "value": row[part]} for row in rows for part in parts]
    order = list(names.values())
    base = alt.Chart(_data(long)).encode(
        x=_weeks(), y=alt.Y("value:Q", title="squared error (0 is best)", axis=alt.Axis(tickCount=5))
    )
    return _layers(
        *(
            base.transform_filter(f"datum.part === '{part}'").mark_line(strokeWidth=2, color=colour, strokeDash=dash)
            for part, colour, dash in zip(order, PALETTE, DASHES, strict=False)
        ),
        base.mark_point(size=40, filled=True, opacity=1).encode(
            color=_series("part", order), shape=_shapes("part", order)
        ),
    )


def alarm_statistic(rows: list[Row]) -> alt.LayerChart:
    """An alarm's statistic by week against its dashed bar, as powers of ten; squares since it began to rise."""
    kinds = ["before", "since it began"]
    points = [
        {"week": row["week"], "statistic": row["statistic"], "when": kinds[bool(row["is_since_it_began"])]}
        for row in rows
        if row["statistic"] is not None
    ]
    y = alt.Y("statistic:Q", title="evidence, log10", axis=alt.Axis(tickCount=5))
    base = alt.Chart(_data(rows)).encode(x=_weeks())
    return _layers(
        base.mark_line(strokeDash=[5, 4], color=COLOURS["ink"]).encode(y=alt.Y("bar:Q")),
        base.mark_line(strokeWidth=2, color=COLOURS["first"]).encode(y=y),
        alt.Chart(_data(points))
        .mark_point(size=40, filled=True, opacity=1)
        .encode(x=_weeks(), y=y, color=_series("when", kinds), shape=_shapes("when", kinds)),
    )


def promotion_rates(rows: list[Row]) -> alt.LayerChart:
    """Promotion rate by source with its interval; a diamond for the rate drawn to the usual."""
    order = [row["source"] for row in rows]
    kinds = ["raw", "drawn to the usual"]
    points = [
        {"source": row["source"], "rate": row[column], "kind": kind}
        for row in rows
        for column, kind in zip(("promotion_rate", "promotion_rate_shrunk"), kinds, strict=True)
    ]
    y = alt.Y("source:N", title=None, sort=order, axis=_names())
    share = alt.Scale(zero=True, nice=True)
    axis = alt.Axis(format="~%", tickCount=4, labelOverlap="greedy", labelSeparation=6)
    interval = (
        alt.Chart(_data(rows))
        .mark_rule(strokeWidth=2, color=COLOURS["first"])
        .encode(
            x=alt.X("promotion_rate_lower:Q", title="promoted of reviewed", scale=share, axis=axis),
            x2="promotion_rate_upper:Q",
            y=y,
        )
    )
    rates = (
        alt.Chart(_data(points))
        .mark_point(size=60, opacity=1, strokeWidth=2)
        .encode(x=alt.X("rate:Q", scale=share), y=y, color=_series("kind", kinds), shape=_shapes("kind", kinds))
    )
    return _layers(interval, rates)


def intervals(
    rows: list[Row], name: str, value: str, title: str, kind: str, kinds: list[str], is_share: bool, rule: float | None
) -> alt.LayerChart:
    """Values with their intervals, a line each, against a dashed rule; shapes say what was made of them."""
    order = [row[name] for row in rows]
    y = alt.Y(f"{name}:N", title=None, sort=order, axis=_names())
    axis = SHARE if is_share else alt.Axis(format="+~%", tickCount=4, labelOverlap="greedy", labelSeparation=6)
    scale = alt.Scale(domain=[0, 1]) if is_share else alt.Scale(zero=True, nice=True)
    lines = (
        alt.Chart(_data(rows))
        .mark_rule(strokeWidth=2, color=COLOURS["soft"])
        .encode(x=alt.X(f"{value}_lower:Q", title=title, axis=axis, scale=scale), x2=f"{value}_upper:Q", y=y)
    )
    present = [entry for entry in kinds if any(row[kind] == entry for row in rows)]
    points = (
        alt.Chart(_data(rows))
        .mark_point(size=70, filled=True, opacity=1)
        .encode(
            x=alt.X(f"{value}:Q", scale=scale),
            y=y,
            color=_series(kind, kinds, present),
            shape=_shapes(kind, kinds, present),
        )
    )
    if rule is None:
        return _layers(lines, points)
    bar = alt.Chart(_data([{"at": rule}])).mark_rule(strokeDash=[5, 4], color=COLOURS["ink"]).encode(x="at:Q")
    return _layers(bar, lines, points)


def counts(rows: list[Row], name: str, count: str) -> alt.LayerChart:
    """Counts as bars with their numbers."""
    top = max(row[count] for row in rows) * 1.4
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(f"{count}:Q", title=None, axis=None, scale=alt.Scale(domain=[0, top], nice=True)),
        y=alt.Y(f"{name}:N", title=None, sort=[row[name] for row in rows], axis=_names(limit=190)),
    )
    return _layers(base.mark_bar(height=13), _numbers(base, ",", count))


def decision_curve(rows: list[Row]) -> alt.LayerChart:
    """Kaplan-Meier: the share still open by hours waited, with its 95 % band; the dashed line is the median."""
    marks = [1, 6, 24, 72, 168, 720, 2160]
    names = {1: "1 h", 6: "6 h", 24: "1 d", 72: "3 d", 168: "1 w", 720: "30 d", 2160: "90 d"}
    texts = " : ".join(f"datum.value == {hours} ? '{text}'" for hours, text in names.items()) + " : ''"
    start = {"waited_hours": 0.5, "open_share": 1, "open_share_lower": 1, "open_share_upper": 1}
    curve = [start, *rows]
    last = max(row["waited_hours"] for row in rows)
    x = alt.X(
        "waited_hours:Q",
        title="time since the candidate came",
        scale=alt.Scale(type="log", domain=[0.5, max(last, 24)], nice=False),
        axis=alt.Axis(values=[mark for mark in marks if mark <= max(last, 24)], labelExpr=texts),
    )
    base = alt.Chart(_data(curve)).encode(x=x)
    half = alt.Chart(_data([{"at": 0.5}])).mark_rule(strokeDash=[5, 4]).encode(y="at:Q")
    return _layers(
        base.mark_area(interpolate="step-after", opacity=0.25, color=COLOURS["first"]).encode(
            y="open_share_lower:Q", y2="open_share_upper:Q"
        ),
        half,
        base.mark_line(interpolate="step-after", strokeWidth=2).encode(
            y=alt.Y("open_share:Q", title="still open", scale=alt.Scale(domain=[0, 1]), axis=SHARE)
        ),
    )


def gate_distance(rows: list[Row]) -> alt.LayerChart:
    """How far the thinner arm of each experiment is on the way to the gate, in reviews and in days."""
    order = [row["name"] for row in rows]
    kinds = ["reviews", "days"]
    long = [
        {"name": row["name"], "kind": kind, "way": min(1.5, (row[have] or 0) / row[need]), "have": row[have]}
        for row in rows
        for kind, have, need in zip(
            kinds, ("reviewed_count", "day_count"), ("min_reviewed", "min_days"), strict=True
        )
    ]  # fmt: skip
    gate = alt.Chart(_data([{"at": 1}])).mark_rule(strokeDash=[5, 4], color=COLOURS["ink"])
    points = alt.Chart(_data(long)).mark_point(size=80, opacity=1, strokeWidth=2)
    return _layers(
        gate.encode(x="at:Q"),
        points.encode(
            x=alt.X(
                "way:Q", title="of what the gate asks", scale=alt.Scale(domain=[0, 1.5]),
                axis=alt.Axis(format="%", values=[0, 0.5, 1, 1.5]),
            ),
            y=alt.Y("name:N", title=None, sort=order, axis=_names()),
            color=_series("kind", kinds),
            shape=_shapes("kind", kinds),
        ),
    )  # fmt: skip


def height_of(line_count: int, legend: int = 0) -> int:
    """Pixels for a chart with a line per row, an axis with a title, and `legend` rows of a legend."""
    return line_count * ROW_HEIGHT + 44 + legend * 22


def bars_height(line_count: int) -> int:
    """Pixels for bars with their numbers, without an axis."""
    return line_count * ROW_HEIGHT + 8


def _layers(*charts: alt.Chart) -> alt.LayerChart:
    return alt.LayerChart(layer=list(charts))


def _data(rows: list[Row]) -> Any:
    return alt.InlineData(values=rows)


def _weeks() -> alt.X:
    return alt.X(
        "week:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format="%-d %b", tickCount=4, labelFlush=True, labelOverlap=True),
    )


def _names(limit: int = 160, domain: bool = True) -> alt.Axis:
    return alt.Axis(labelLimit=limit, ticks=False, domain=domain, labelPadding=6, minExtent=96)


def _numbers(base: alt.Chart, form: str, field: str = "value") -> alt.Chart:
    numbers: alt.Chart = base.mark_text(align="left", dx=5).encode(text=alt.Text(f"{field}:Q", format=form))
    return numbers


PALETTE = [COLOURS["first"], COLOURS["second"], COLOURS["third"], COLOURS["soft"], COLOURS["bad"]]
# Beyond five series colours come again: their shapes tell them apart.
PALETTE += PALETTE[:2]
SHAPES = ["circle", "diamond", "square", "triangle-up", "cross", "triangle-down", "triangle-left"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4]]


def _series(field: str, order: list[str], present: list[str] | None = None) -> alt.Color:
    return alt.Color(f"{field}:N", scale=_scale(order, PALETTE, present), **_legend(order))


def _shapes(field: str, order: list[str], present: list[str] | None = None) -> alt.Shape:
    return alt.Shape(f"{field}:N", scale=_scale(order, SHAPES, present), **_legend(order))


def _legend(order: list[str]) -> dict[str, Any]:
    """A single series needs no legend; long names stand below each other."""
    if len(order) < 2:
        return {"legend": None}
    return {"legend": alt.Legend(columns=1)} if max(map(len, order)) > LONG_NAME else {}


def _scale(order: list[str], values: list[Any], present: list[str] | None) -> alt.Scale:
    """Give each name of `order` its value; the legend shows only those `present`."""
    shown = [(name, value) for name, value in zip(order, values, strict=False) if present is None or name in present]
    return alt.Scale(domain=[name for name, _ in shown], range=[value for _, value in shown])
