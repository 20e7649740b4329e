"""The sample-size gate and the verdict on an experiment, from the sums of its arms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from learning_loop.experiments import statistics
from learning_loop.experiments.statistics import Comparison, ConfidenceSequence, Estimate, Sums

ARMS = ("control", "treatment")
UNDECIDED = "undecided"
METRIC = pa.struct([
    ("metric_name", pa.string()), ("kind", pa.string()), ("role", pa.string()), ("is_primary", pa.bool_()),
    ("control_count", pa.int64()), ("control_value", pa.float64()),
    ("control_lower", pa.float64()), ("control_upper", pa.float64()),
    ("treatment_count", pa.int64()), ("treatment_value", pa.float64()),
    ("treatment_lower", pa.float64()), ("treatment_upper", pa.float64()),
    ("difference", pa.float64()), ("difference_lower", pa.float64()), ("difference_upper", pa.float64()),
    ("relative", pa.float64()), ("relative_lower", pa.float64()), ("relative_upper", pa.float64()),
    ("p_value", pa.float64()), ("p_value_holm", pa.float64()), ("margin", pa.float64()),
    ("statistical_rule", pa.string()), ("strict_rule", pa.string()),
])  # fmt: skip
VERDICTS_SCHEMA = pa.schema([
    ("experiment_id", pa.string()), ("judged_at", pa.timestamp("us", tz="UTC")), ("sample_gate", pa.string()),
    ("missing_evidence", pa.list_(pa.string())), ("expected_open_date", pa.string()),
    ("sample_ratio_p_value", pa.float64()), ("lift", pa.float64()), ("lift_lower", pa.float64()),
    ("lift_upper", pa.float64()), ("relative_lift", pa.float64()), ("always_valid_p_value", pa.float64()),
    ("guardrail_status", pa.string()), ("verdict", pa.string()), ("reasons", pa.list_(pa.string())),
    ("metrics", pa.list_(METRIC)),
])  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """What the gate asks of an arm. ``review_days`` are days of 24 hours between the first and the last review."""

    reviewed_count: int
    review_days: float
    active_days: int
    reviews_per_day: float
    first_review_at: datetime | None
    assigned_count: int
    source_count: int


@dataclass(frozen=True)
class Gate:
    """Whether both arms have enough items and enough days; if not, what is missing and when it should be there."""

    is_open: bool
    missing: list[str]
    expected_open_date: str | None


@dataclass(frozen=True)
class Metric:
    """A metric of both arms. ``statistical_rule`` and ``strict_rule`` are said of guardrails alone."""

    metric_name: str
    kind: str
    role: str
    margin: float | None
    control: Estimate
    treatment: Estimate
    comparison: Comparison
    sequence: ConfidenceSequence | None
    statistical_rule: str | None
    strict_rule: str | None


def judge(inputs: pa.Table) -> pa.Table:
    """Judge every experiment at every instant at which it is asked.

    Args:
        inputs: the rows of int_experiments__gate_inputs: the bars in force, the counts of both arms, the metrics' sums.

    Returns:
        A table of VERDICTS_SCHEMA, a row per row of ``inputs``, in their order.
    """
    return pa.Table.from_pylist([judge_one(row) for row in inputs.to_pylist()], schema=VERDICTS_SCHEMA)


def judge_one(row: Mapping[str, Any]) -> dict[str, Any]:
    """Judge one experiment at one instant."""
    arms = {name: Arm(**{key: row[name][key] for key in Arm.__dataclass_fields__}) for name in ARMS}
    is_over = row["ended_at"] is not None and row["ended_at"] <= row["judged_at"]
    gate = sample_gate(arms, row["min_reviewed"], row["min_days"], row["judged_at"], is_over)
    units = [arms[name].source_count if row["is_clustered"] else arms[name].assigned_count for name in ARMS]
    ratio_p = statistics.sample_ratio_p_value(units[0], units[1], row["planned_treatment_share"])
    metrics = [measure(metric, row["is_clustered"], row["alpha"]) for metric in row["metrics"]]
    primary = next((metric for metric in metrics if metric.metric_name == row["primary_metric"]), None)
    guardrails = [metric for metric in metrics if metric.role == "guardrail"]
    blocking = [
        m
        for m in guardrails
        if (m.strict_rule if row["guardrail_rule"] == "strict" else m.statistical_rule) == "regressed"
    ]
    verdict, why = _verdict(row, arms, gate, ratio_p, primary, blocking)
    sequence = primary.sequence if primary else None
    return {
        "experiment_id": row["experiment_id"],
        "judged_at": row["judged_at"],
        "sample_gate": "open" if gate.is_open else "shut",
        "missing_evidence": gate.missing,
        "expected_open_date": gate.expected_open_date,
        "sample_ratio_p_value": ratio_p,
        "lift": primary.comparison.difference if primary else None,
        "lift_lower": sequence.lower if sequence else None,
        "lift_upper": sequence.upper if sequence else None,
        "relative_lift": primary.comparison.relative if primary else None,
        "always_valid_p_value": sequence.p_value if sequence else None,
        "guardrail_status": _guardrail_status(guardrails, blocking),
        "verdict": verdict,
        "reasons": [*why, *_cares(row, arms, gate, guardrails, is_over)],
        "metrics": _metric_rows(metrics, row["primary_metric"]),
    }


def sample_gate(arms: Mapping[str, Arm], min_reviewed: int, min_days: float, at: datetime, is_over: bool) -> Gate:
    """Open only when both arms have both: of "200 items or 14 days, whichever is longer" the longer counts.

    Args:
        arms: control and treatment.
        min_reviewed: reviewed candidates that an arm needs.
        min_days: days between its first and last review that an arm needs.
        at: the instant of the judgement.
        is_over: the experiment has ended: no review will come.
    """
    missing, opens = [], []
    for name in ARMS:
        arm = arms[name]
        lacks_items = arm.reviewed_count < min_reviewed
        lacks_days = round(arm.review_days, 9) < min_days
        if lacks_items:
            missing.append(f"{name} has {arm.reviewed_count} of {min_reviewed} reviewed candidates")
        if lacks_days:
            missing.append(f"{name} has {_floored(arm.review_days)} of {min_days:g} days")
        if lacks_items or lacks_days:
            opens.append(_opens_at(arm, min_reviewed, min_days, at))
    if not missing:
        return Gate(True, [], None)
    known = [instant for instant in opens if instant is not None]
    if is_over or len(known) < len(opens):
        return Gate(False, missing, UNDECIDED)
    return Gate(False, missing, max(known).astimezone(UTC).date().isoformat())


def measure(metric: Mapping[str, Any], is_clustered: bool, alpha: float) -> Metric:
    """Return a metric's values, their comparison and, for a guardrail, what both rules say."""
    sums = {name: [part for part in metric["sums"] if part["arm"] == name] for name in ARMS}
    control, treatment, comparison = _compared(metric["kind"], sums["control"], sums["treatment"], is_clustered, alpha)
    sequence = None
    if control.variance is not None and treatment.variance is not None and control.variance + treatment.variance > 0:
        sequence = statistics.always_valid(
            comparison.difference or 0.0, control.variance + treatment.variance, metric["mixture_sd"], alpha
        )
    statistical = strict = None
    if metric["role"] == "guardrail":
        # One-sided at alpha: the bounds of the two-sided interval at twice alpha.
        _, _, wide = _compared(metric["kind"], sums["control"], sums["treatment"], is_clustered, 2 * alpha)
        statistical = non_inferiority(wide.lower, wide.upper, metric["margin"])
        strict = UNDECIDED
        if comparison.difference is not None:
            strict = "regressed" if round(comparison.difference, 9) > 0 else "ok"
    return Metric(
        metric["metric_name"], metric["kind"], metric["role"], metric["margin"], control, treatment, comparison,
        sequence, statistical, strict,
    )  # fmt: skip


def non_inferiority(lower: float | None, upper: float | None, margin: float) -> str:
    """Judge a rate of harm by the one-sided bounds of treatment less control.

    Returns:
        ``ok`` when harm beyond the margin is excluded, ``regressed`` when harm is shown and harm beyond the margin is
        not excluded, else ``undecided``.
    """
    if lower is None or upper is None:
        return UNDECIDED
    if round(upper, 9) < margin:
        return "ok"
    return "regressed" if round(lower, 9) > 0 else UNDECIDED


def _verdict(
    row: Mapping[str, Any], arms: Mapping[str, Arm], gate: Gate, ratio_p: float | None, primary: Metric | None,
    blocking: Sequence[Metric],
) -> tuple[str, list[str]]:  # fmt: skip
    """Return the first verdict that applies, and why."""
    if not gate.is_open:
        return "insufficient_data", list(gate.missing)
    if ratio_p is not None and round(ratio_p, 9) < row["sample_ratio_alpha"]:
        unit = "sources" if row["is_clustered"] else "candidates"
        share = row["planned_treatment_share"]
        return "sample_ratio_mismatch", [
            f"{_units(row, arms, 'control')} and {_units(row, arms, 'treatment')} {unit} were assigned where "
            f"{1 - share:.0%} and {share:.0%} were planned (p = {ratio_p:.2g})"
        ]
    fewest = min(arm.source_count for arm in arms.values())
    if row["is_clustered"] and fewest < row["min_sources_per_arm"]:
        return UNDECIDED, [
            f"the arms share no source and one has {fewest}: under {row['min_sources_per_arm']} sources an arm, "
            "sources and change cannot be told apart"
        ]
    if blocking:
        return "guardrail_regression", [_regression(metric) for metric in blocking]
    if primary is None:
        return UNDECIDED, [f"nothing is known to measure {row['primary_metric']} by"]
    if primary.sequence is None or primary.comparison.difference is None:
        return UNDECIDED, [f"{primary.metric_name} cannot be compared yet"]
    if row["direction"] not in ("up", "down"):
        return UNDECIDED, [f"direction {row['direction']!r} is neither up nor down"]
    return _lift_verdict(row, primary.metric_name, primary.comparison.difference, primary.sequence)


def _lift_verdict(
    row: Mapping[str, Any], name: str, difference: float, sequence: ConfidenceSequence
) -> tuple[str, list[str]]:
    sign = 1 if row["direction"] == "up" else -1
    best = sequence.upper if sign == 1 else -sequence.lower
    told = f"{name} {difference:+.4g} ({sequence.lower:+.4g} to {sequence.upper:+.4g})"
    told += f", always-valid p = {sequence.p_value:.2g}"
    if round(sequence.p_value, 9) <= row["alpha"] and round(sign * difference, 9) > row["min_lift"]:
        if row["status"] == "aborted":
            return UNDECIDED, [f"the experiment was aborted; {told}"]
        return "ready_for_approval", [told]
    if round(best, 9) < row["min_lift"]:
        return "no_improvement", [told]
    return UNDECIDED, [told]


def _cares(
    row: Mapping[str, Any], arms: Mapping[str, Arm], gate: Gate, guardrails: Sequence[Metric], is_over: bool
) -> list[str]:
    """Return what a reader should know beside the verdict."""
    cares = []
    if row["deployment_mode"] == "shadow" and not gate.is_open:
        cares.append("a shadow experiment is never reviewed: its gate stays shut by nature")
    if not gate.is_open and is_over:
        cares.append("the experiment has ended: the gate will not open")
    if row["is_split_unread"]:
        cares.append("the planned split could not be read; equal arms are taken as planned")
    for name in ARMS:
        if 0 < arms[name].active_days < row["bunched_below_active_days"]:
            cares.append(f"{name}: all reviews fall on {arms[name].active_days} days")
    if row["is_clustered"]:
        cares.append("the arms share no source: intervals are by source")
    cares += [f"{m.metric_name} may have got worse: undecided" for m in guardrails if m.statistical_rule == UNDECIDED]
    return cares


def _guardrail_status(guardrails: Sequence[Metric], blocking: Sequence[Metric]) -> str:
    if blocking:
        return "regressed"
    return "ok" if guardrails and all(m.statistical_rule == "ok" for m in guardrails) else UNDECIDED


def _regression(metric: Metric) -> str:
    return (
        f"{metric.metric_name} rose from {metric.control.value:.2%} to {metric.treatment.value:.2%} "
        f"(margin {metric.margin:.2%})"
    )


def _metric_rows(metrics: Sequence[Metric], primary: str) -> list[dict[str, Any]]:
    # Guardrails are not adjusted for their number: an alarm must not get fainter because more is watched.
    tested = [m for m in metrics if m.role == "effect" and m.comparison.p_value is not None]
    adjusted = dict(zip(
        (m.metric_name for m in tested), statistics.holm([m.comparison.p_value or 0.0 for m in tested]), strict=True
    ))  # fmt: skip
    rows = []
    for m in metrics:
        arms = {
            f"{arm}_{key}": asdict(getattr(m, arm))[key] for arm in ARMS for key in ("count", "value", "lower", "upper")
        }
        told = m.comparison
        rows.append(arms | {
            "metric_name": m.metric_name, "kind": m.kind, "role": m.role, "is_primary": m.metric_name == primary,
            "difference": told.difference, "difference_lower": told.lower, "difference_upper": told.upper,
            "relative": told.relative, "relative_lower": told.relative_lower, "relative_upper": told.relative_upper,
            "p_value": told.p_value, "p_value_holm": adjusted.get(m.metric_name), "margin": m.margin,
            "statistical_rule": m.statistical_rule, "strict_rule": m.strict_rule,
        })  # fmt: skip
    return rows


def _compared(
    kind: str,
    control: Sequence[Mapping[str, Any]],
    treatment: Sequence[Mapping[str, Any]],
    is_clustered: bool,
    alpha: float,
) -> tuple[Estimate, Estimate, Comparison]:
    if kind == "median":
        first, second = (
            statistics.median(sorted(value for part in arm for value in part["sorted_values"]), alpha)
            for arm in (control, treatment)
        )
        if is_clustered:
            # Order statistics take the items for independent, which items of few sources are not.
            first, second = (Estimate(arm.count, arm.value) for arm in (first, second))
        return first, second, statistics.compare_estimates(first, second, None, alpha)
    if is_clustered:
        first, second = (
            statistics.ratio_over_sources([_sums([part]) for part in arm], alpha) for arm in (control, treatment)
        )
        freedom = len(control) + len(treatment) - 2
        return first, second, statistics.compare_estimates(first, second, freedom, alpha)
    one, two = _sums(control), _sums(treatment)
    if kind == "mean":
        return statistics.mean(one, alpha), statistics.mean(two, alpha), statistics.compare_means(one, two, alpha)
    counts = (round(one.total), one.count), (round(two.total), two.count)
    return (
        statistics.rate(*counts[0], alpha), statistics.rate(*counts[1], alpha), statistics.compare_rates(*counts, alpha)
    )  # fmt: skip


def _sums(parts: Sequence[Mapping[str, Any]]) -> Sums:
    return Sums(
        sum(part["item_count"] for part in parts),
        math.fsum(part["total"] for part in parts),
        math.fsum(part["total_of_squares"] for part in parts),
    )


def _opens_at(arm: Arm, min_reviewed: int, min_days: float, at: datetime) -> datetime | None:
    if arm.reviews_per_day <= 0 or arm.first_review_at is None:
        return None
    items_at = at + timedelta(days=max(0, min_reviewed - arm.reviewed_count) / arm.reviews_per_day)
    # Long enough is an arm with its first review at or after that day.
    return max(items_at, arm.first_review_at + timedelta(days=min_days), at)


def _floored(days: float) -> str:
    """Write days so that one short of the bar never reads as the bar."""
    return f"{math.floor(round(days, 9) * 100) / 100:g}"


def _units(row: Mapping[str, Any], arms: Mapping[str, Arm], name: str) -> int:
    return arms[name].source_count if row["is_clustered"] else arms[name].assigned_count
