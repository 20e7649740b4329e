"""Experiments without an effect, put to the gate: how often it calls chance an effect on the labels that there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import special

from learning_loop.experiments import gate, statistics
from learning_loop.experiments.statistics import Floats, Sums

VERDICTS_SCHEMA = pa.schema([
    ("placebo_id", pa.string()), ("metric_name", pa.string()), ("control_count", pa.int64()),
    ("treatment_count", pa.int64()), ("pooled_value", pa.float64()), ("is_low_rate", pa.bool_()),
    ("is_opened", pa.bool_()), ("is_rejected", pa.bool_()), ("is_planted_found", pa.bool_()),
])  # fmt: skip
BOUNDS_SCHEMA = pa.schema([
    ("metric_name", pa.string()), ("rate_group", pa.string()), ("rejected_lower", pa.float64()),
    ("rejected_upper", pa.float64()), ("found_lower", pa.float64()), ("found_upper", pa.float64()),
])  # fmt: skip
# Placebos that differ in none of these are judged in one call.
BARS = (
    "kind", "role", "is_clustered", "look_count", "margin", "mixture_sd", "min_reviewed", "min_days", "alpha",
    "min_lift", "min_sources_per_arm", "look_growth", "low_rate_below",
)  # fmt: skip
Parts = dict[str, NDArray[Any]]
CALLED_AN_EFFECT = ("ready_for_approval", "guardrail_regression")


def judge(inputs: pa.Table) -> pa.Table:
    """Judge every metric of every placebo at every look.

    Args:
        inputs: the rows of int_experiments__placebo_inputs.

    Returns:
        A table of VERDICTS_SCHEMA, a row per row of ``inputs``, in their order.
    """
    rows, parts = inputs.drop_columns("sums").to_pylist(), _parts(inputs["sums"])
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        groups[tuple(row[bar] for bar in BARS)].append(at)
    found: list[dict[str, Any]] = [{}] * len(rows)
    for places in groups.values():
        told = _judged([rows[at] for at in places], _of(parts, np.array(places)))
        for at, one in zip(places, told, strict=True):
            found[at] = one
    return pa.Table.from_pylist(found, schema=VERDICTS_SCHEMA)


def bounds(counts: pa.Table) -> pa.Table:
    """Return the bounds of both rates of int_experiments__placebo_counts, in its order."""
    of = counts["opened_count"].to_numpy()
    rejected = clopper_pearson(counts["rejected_count"].to_numpy(), of)
    found = clopper_pearson(counts["found_count"].to_numpy(), of)
    columns = [counts["metric_name"], counts["rate_group"], *rejected, *found]
    return pa.table([pa.chunked_array([c]) if isinstance(c, np.ndarray) else c for c in columns], schema=BOUNDS_SCHEMA)


def clopper_pearson(successes: Any, count: Any, alpha: float = 0.05) -> tuple[Floats, Floats]:
    """Return the exact two-sided bounds of rates (Clopper and Pearson 1934); of nothing, nought and one."""
    k, n = np.asarray(successes, dtype=float), np.asarray(count, dtype=float)
    lower = np.where(k > 0, special.betaincinv(np.maximum(k, 1), n - k + 1, alpha / 2), 0.0)
    upper = np.where(k < n, special.betaincinv(k + 1, np.maximum(n - k, 1), 1 - alpha / 2), 1.0)
    return lower, upper


def _judged(rows: Sequence[Mapping[str, Any]], parts: Parts) -> list[dict[str, Any]]:
    """Judge metrics that share their bars."""
    bars, looks = rows[0], rows[0]["look_count"]
    counts, totals, squares, planted, planted_squares = (
        _by_look(parts, key, looks)
        for key in ("item_count", "total", "total_of_squares", "planted_total", "planted_squares")
    )
    is_open = (counts.sum(-1) >= bars["min_reviewed"]).all(0) & (_days(parts, looks) >= bars["min_days"]).all(0)
    known = (_by_look(parts, "known_count", looks) > 0).sum(-1).min(0)
    is_too_few = known < (bars["min_sources_per_arm"] if bars["is_clustered"] else 0)
    told = _measured(bars, counts, totals, squares)
    as_it_is = _verdicts(bars, told, is_open, is_too_few)
    with_effect = _verdicts(bars, _measured(bars, counts, planted, planted_squares), is_open, is_too_few)
    # A gate that opens and cannot compare, or has too few sources, says nothing of an effect.
    is_opened = (is_open & ~is_too_few & np.isfinite(told.variance)).any(-1)
    control, treatment = counts.sum(-1)[:, :, -1]
    values = totals.sum((0, -1))[:, -1] / np.maximum(1, control + treatment)
    return [
        {
            "placebo_id": row["placebo_id"],
            "metric_name": row["metric_name"],
            "control_count": int(control[n]),
            "treatment_count": int(treatment[n]),
            "pooled_value": round(float(values[n]), 6),
            "is_low_rate": bool(bars["kind"] == "rate" and values[n] < bars["low_rate_below"]),
            "is_opened": bool(is_opened[n]),
            "is_rejected": bool(np.isin(as_it_is[n], CALLED_AN_EFFECT).any()),
            "is_planted_found": bool(is_opened[n] and np.isin(with_effect[n], CALLED_AN_EFFECT).any()),
        }
        for n, row in enumerate(rows)
    ]


def _verdicts(
    bars: Mapping[str, Any], told: gate.Measured, is_open: NDArray[np.bool_], is_too_few: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """Return what the gate says at each look; the arms are of chance, so that neither split nor review can mismatch."""
    is_guardrail = bars["role"] == "guardrail"
    lift = told.comparison.difference
    p_value = statistics.always_valid_p_value(lift, told.variance, bars["mixture_sd"])
    margin = np.nan if bars["margin"] is None else bars["margin"]
    return gate.verdicts(gate.Standing(
        is_mismatch=np.zeros_like(is_open),
        is_open=is_open,
        is_too_few_sources=is_too_few,
        is_blocked=is_guardrail & (gate.guardrail_rule(told, margin) == "regressed"),
        is_comparable=np.isfinite(told.variance),
        is_aborted=False,
        has_won=gate.has_won(lift, p_value, bars["alpha"], bars["min_lift"]) & (not is_guardrail),
        is_required_ok=True,
        is_no_improvement=gate.is_under(told.upper, bars["min_lift"]),
        is_no_worthwhile_effect=False,
    ))  # fmt: skip


def _measured(bars: Mapping[str, Any], counts: Floats, totals: Floats, squares: Floats) -> gate.Measured:
    alpha, mixture_sd = bars["alpha"], bars["mixture_sd"]
    control, treatment = (Sums(*arm) for arm in zip(counts, totals, squares, strict=True))
    if bars["is_clustered"]:
        return gate.measured_clusters(control, treatment, bars["kind"] == "rate", mixture_sd, alpha)
    one, two = (Sums(arm.count.sum(-1), arm.total.sum(-1), arm.squares.sum(-1)) for arm in (control, treatment))
    if bars["kind"] == "mean":
        return gate.measured_means(one, two, mixture_sd, alpha)
    looks = (bars["min_reviewed"], bars["look_growth"])
    return gate.measured_rates((one.total, one.count), (two.total, two.count), mixture_sd, alpha, looks)


def _parts(sums: pa.ChunkedArray) -> Parts:
    """Return the parts of all placebos as columns; ``place`` counts the sources of each placebo from nought."""
    listed = sums.combine_chunks()
    flat, row = listed.flatten(), pc.list_parent_indices(listed).to_numpy()
    names = ("look", "item_count", "known_count", "total", "total_of_squares", "planted_total", "planted_squares",
             "first_day", "last_day")  # fmt: skip
    parts = {name: flat.field(name).to_numpy(zero_copy_only=False) for name in names}
    parts["row"], parts["look"] = row.astype(int), parts["look"].astype(int) - 1
    parts["arm"] = pc.equal(flat.field("arm"), gate.ARMS[1]).to_numpy(zero_copy_only=False).astype(int)
    # By name, so that the order of rows says nothing.
    source = pc.rank(flat.field("source_key"), tiebreaker="dense").to_numpy().astype(int)
    pairs, place = np.unique(np.stack([parts["row"], source]), axis=1, return_inverse=True)
    parts["place"] = place.reshape(-1) - np.searchsorted(pairs[0], parts["row"])
    return parts


def _of(parts: Parts, places: NDArray[np.int_]) -> Parts:
    """Return the parts of some placebos, counted anew from nought."""
    is_wanted = np.isin(parts["row"], places)
    told = {name: column[is_wanted] for name, column in parts.items()}
    told["row"] = np.searchsorted(places, told["row"])
    return told


def _by_look(parts: Parts, key: str, looks: int) -> Floats:
    """Return the sums up to each look: (arm, placebo, look, source)."""
    told = np.zeros((2, parts["row"].max() + 1, looks, parts["place"].max() + 1))
    np.add.at(told, (parts["arm"], parts["row"], parts["look"], parts["place"]), parts[key])
    # Of what is taken back, no speck may stay.
    return np.round(told.cumsum(2), 9)


def _days(parts: Parts, looks: int) -> Floats:
    """Return the days between the first and the last review up to each look: (arm, placebo, look)."""
    first = np.full((2, parts["row"].max() + 1, looks), np.inf)
    last, at = -first, (parts["arm"], parts["row"], parts["look"])
    # A look that only takes back has no first and no last: fmin and fmax leave NaN out.
    np.fmin.at(first, at, parts["first_day"].astype(float))
    np.fmax.at(last, at, parts["last_day"].astype(float))
    with np.errstate(invalid="ignore"):
        return np.round(np.maximum.accumulate(last, 2) - np.minimum.accumulate(first, 2), 9)
