"""The sample-size gate and the verdict on an experiment, from the sums of its arms."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from learning_loop.experiments import pace, sentences, statistics
from learning_loop.experiments.pace import Span
from learning_loop.experiments.statistics import Comparison, Estimate, Floats, Sums

ARMS = ("control", "treatment")
UNDECIDED = "undecided"
NO_EVIDENCE = "no_evidence"
# Of several guardrails the worst status is said.
WORST_FIRST = ("regressed", NO_EVIDENCE, UNDECIDED, "ok")
METRIC = pa.struct([
    ("metric_name", pa.string()), ("kind", pa.string()), ("role", pa.string()), ("is_primary", pa.bool_()),
    ("control_count", pa.int64()), ("control_value", pa.float64()),
    ("control_lower", pa.float64()), ("control_upper", pa.float64()),
    ("treatment_count", pa.int64()), ("treatment_value", pa.float64()),
    ("treatment_lower", pa.float64()), ("treatment_upper", pa.float64()),
    ("difference", pa.float64()), ("difference_lower", pa.float64()), ("difference_upper", pa.float64()),
    ("relative", pa.float64()), ("relative_lower", pa.float64()), ("relative_upper", pa.float64()),
    ("p_value", pa.float64()), ("p_value_holm", pa.float64()), ("margin", pa.float64()),
    ("statistical_rule", pa.string()), ("strict_rule", pa.string()), ("is_required", pa.bool_()),
    ("sequence_lower", pa.float64()), ("sequence_upper", pa.float64()),
])  # fmt: skip
VERDICTS_SCHEMA = pa.schema([
    ("experiment_id", pa.string()), ("judged_at", pa.timestamp("us", tz="UTC")), ("sample_gate", pa.string()),
    ("missing_evidence", pa.list_(pa.string())), ("expected_open_date", pa.string()),
    ("earliest_open_date", pa.string()), ("latest_open_date", pa.string()),
    ("control_counted", pa.int64()), ("treatment_counted", pa.int64()),
    ("sample_ratio_p_value", pa.float64()), ("sample_ratio_factor", pa.float64()),
    ("review_ratio_factor", pa.float64()), ("lift", pa.float64()), ("lift_lower", pa.float64()),
    ("lift_upper", pa.float64()), ("relative_lift", pa.float64()), ("always_valid_p_value", pa.float64()),
    ("one_look_p_value", pa.float64()), ("test_that_spoke", pa.string()),
    ("guardrail_status", pa.string()), ("verdict", pa.string()), ("reviews_needed", pa.int64()),
    ("expected_verdict_date", pa.string()), ("verdict_sentence", pa.string()), ("reasons", pa.list_(pa.string())),
    ("metrics", pa.list_(METRIC)),
])  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """What the gate asks of an arm. ``review_days`` are days of 24 hours between the first and the last review.

    ``counted`` are the candidates that say something on the primary metric: of the edit distance, those promoted with
    a final text.
    """

    reviewed_count: int
    review_days: float
    active_days: int
    reviews_per_day: float
    first_review_at: datetime | None
    assigned_count: int
    source_count: int
    recent_days: Sequence[Mapping[str, Any]]
    counted: int


@dataclass(frozen=True)
class Gate:
    """Whether both arms have enough items and enough days; if not, what is missing and when it should be there."""

    is_open: bool
    missing: list[str]
    opens: Span | None


@dataclass(frozen=True)
class Metric:
    """A metric of both arms. ``statistical_rule`` and ``strict_rule`` are said of guardrails alone.

    ``variance`` is that of the difference; with ``sequence_lower`` and ``sequence_upper`` it is None where no test of
    daily looks can be made.
    """

    metric_name: str
    kind: str
    role: str
    margin: float | None
    mixture_sd: float
    worthwhile_lift: float | None
    is_required: bool
    control: Mapping[str, Any]
    treatment: Mapping[str, Any]
    comparison: Mapping[str, Any]
    variance: float | None
    sequence_lower: float | None
    sequence_upper: float | None
    statistical_rule: str | None
    strict_rule: str | None


@dataclass(frozen=True)
class Measured:
    """One metric of many experiments, or of one at many looks: arrays of one shape."""

    control: Estimate
    treatment: Estimate
    comparison: Comparison
    variance: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Standing:
    """What the verdict follows from: arrays of one shape, or single truths. The order of verdicts is `verdicts`'."""

    is_mismatch: Any
    is_open: Any
    is_too_few_sources: Any
    is_blocked: Any
    is_comparable: Any
    is_aborted: Any
    has_won: Any
    is_required_ok: Any
    is_no_improvement: Any
    is_no_worthwhile_effect: Any


def judge(inputs: pa.Table) -> pa.Table:
    """Judge every experiment at every instant at which it is asked.

    Args:
        inputs: the rows of int_experiments__gate_inputs: the bars in force, the counts of both arms, the metrics' sums.

    Returns:
        A table of VERDICTS_SCHEMA, a row per row of ``inputs``, in their order.
    """
    return pa.Table.from_pylist(judge_all(inputs.to_pylist()), schema=VERDICTS_SCHEMA)


def judge_one(row: Mapping[str, Any]) -> dict[str, Any]:
    """Judge one experiment at one instant."""
    return judge_all([row])[0]


def judge_all(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Judge experiments; what is computed is computed of all in one call."""
    return [_judged(row, metrics) for row, metrics in zip(rows, measure_all(rows), strict=True)]


def verdicts(told: Standing) -> NDArray[np.str_]:
    """Return the first verdict that applies, of each element."""
    won = np.asarray(told.has_won)
    return np.select(
        [
            told.is_mismatch,
            np.logical_not(told.is_open),
            told.is_too_few_sources,
            told.is_blocked,
            np.logical_not(told.is_comparable) | (won & told.is_aborted),
            won & told.is_required_ok,
            won,
            told.is_no_improvement,
            told.is_no_worthwhile_effect,
        ],
        [
            "sample_ratio_mismatch",
            "insufficient_data",
            UNDECIDED,
            "guardrail_regression",
            UNDECIDED,
            "ready_for_approval",
            "guardrails_undecided",
            "no_improvement",
            "no_worthwhile_effect",
        ],
        UNDECIDED,
    )


def measured_rates(
    control: tuple[Any, Any],
    treatment: tuple[Any, Any],
    mixture_sd: float,
    alpha: float = 0.05,
    looks: tuple[float, float] | None = None,
) -> Measured:
    """Compare rates given as (successes, count).

    Args:
        control: of the control arms.
        treatment: of the treatment arms.
        mixture_sd: the size of effect that the sequence is tuned to.
        alpha: of the bounds.
        looks: of guardrails, the least items of an arm and how the bound of one look grows beyond (look_growth).
    """
    first, second = statistics.rate(*control, alpha), statistics.rate(*treatment, alpha)
    stretched = statistics.stretch(np.minimum(first.count, second.count), *looks, alpha) if looks else 1.0
    told = statistics.compare_rates(control, treatment, alpha, stretched)
    return _measured(first, second, told, mixture_sd, alpha)


def measured_means(control: Sums, treatment: Sums, mixture_sd: float, alpha: float = 0.05) -> Measured:
    """Compare means."""
    return _measured(*statistics.means(control, treatment, alpha), mixture_sd, alpha)


def measured_clusters(
    control: Sums, treatment: Sums, is_rate: bool, mixture_sd: float, alpha: float = 0.05
) -> Measured:
    """Compare rates or means of arms whose sources were given to them whole; the sources lie along the last axis."""
    return _measured(*statistics.clusters(control, treatment, is_rate, alpha), mixture_sd, alpha)


def guardrail_rule(told: Measured, margin: Any, has_spoken: Any = True) -> NDArray[np.str_]:
    """Judge rates of harm.

    Returns:
        ``no_evidence`` where the feed did not speak or says nothing of anybody; ``ok`` where one look excludes harm
        beyond the margin, by a bound that widens as looks go on; ``regressed`` where harm is shown at any look and harm
        beyond the margin is not excluded; else ``undecided``. One look blocked 12 to 38 % of harmless experiments on
        some day, the sequence does not.
    """
    is_silent = np.logical_not(has_spoken) | (told.control.count + told.treatment.count == 0)
    with np.errstate(invalid="ignore"):
        is_ok = np.round(told.comparison.upper_once, 9) < margin
        is_harm = (np.round(told.lower, 9) > 0) & (np.round(told.upper, 9) >= margin)
    return np.select([is_silent, is_ok, is_harm], [NO_EVIDENCE, "ok", "regressed"], UNDECIDED)


def has_won(lift: Any, p_value: Any, alpha: float, min_lift: float) -> Any:
    """Say whether a lift, in the wanted direction, is shown; ``p_value`` of the sequence, or of a planned end."""
    with np.errstate(invalid="ignore"):
        return (np.round(p_value, 9) <= alpha) & (np.round(lift, 9) > min_lift)


def is_under(upper: Any, bar: float) -> Any:
    """Say whether all that is possible lies under a bar."""
    with np.errstate(invalid="ignore"):
        return np.round(upper, 9) < bar


def is_within(lower: Any, upper: Any, worthwhile_lift: float | None) -> Any:
    """Say whether all that is possible is too small, either way, to be worth a change."""
    if worthwhile_lift is None:
        return np.zeros(np.shape(lower), dtype=bool)
    with np.errstate(invalid="ignore"):
        return (np.round(lower, 9) > -worthwhile_lift) & (np.round(upper, 9) < worthwhile_lift)


def ratio_factor(control: Any, treatment: Any, share: float, concentrations: Sequence[float]) -> Any:
    """Return the largest Bayes factor against the planned split over the days; counts so far along the last axis."""
    if not np.shape(control)[-1]:
        return np.ones(np.shape(control)[:-1])
    evidence = statistics.log_ratio_evidence(control, treatment, share, concentrations).max(axis=-1)
    return np.exp(np.clip(evidence, 0, 700))


def gap_factor(control: tuple[Any, Any], treatment: tuple[Any, Any], mixture_sd: float) -> Any:
    """Return the largest evidence over the days that one arm is reviewed less; (reviewed, due) along the last axis."""
    if not np.shape(control[0])[-1]:
        return np.ones(np.shape(control[0])[:-1])
    evidence = statistics.log_gap_evidence(control, treatment, mixture_sd).max(axis=-1)
    return np.exp(np.clip(evidence, 0, 700))


def sample_gate(row: Mapping[str, Any], arms: Mapping[str, Arm], is_over: bool) -> Gate:
    """Open only when both arms have both: of "200 items or 14 days, whichever is longer" the longer counts.

    Args:
        row: the bars: reviewed candidates and days between first and last review that an arm needs.
        arms: control and treatment.
        is_over: the experiment has ended: no review will come.
    """
    missing, opens = [], []
    for name in ARMS:
        arm = arms[name]
        lacks_items = arm.counted < row["min_reviewed"]
        lacks_days = round(arm.review_days, 9) < row["min_days"]
        if lacks_items:
            noun = sentences.counted_noun(row["primary_metric"])
            missing.append(f"{name} has {arm.counted} of {row['min_reviewed']} {noun}")
        if lacks_days:
            missing.append(f"{name} has {_floored(arm.review_days)} of {row['min_days']:g} days")
        if lacks_items or lacks_days:
            opens.append(_opens(row, arm))
    if not missing:
        return Gate(True, [], None)
    known = [span for span in opens if span is not None]
    return Gate(False, missing, None if is_over or len(known) < len(opens) else pace.last_of(known))


def measure_all(rows: Sequence[Mapping[str, Any]]) -> list[list[Metric]]:
    """Return each row's metrics: values, comparison and, for a guardrail, what both rules say."""
    groups: dict[tuple[Any, ...], list[tuple[int, int]]] = defaultdict(list)
    for at, row in enumerate(rows):
        for place, metric in enumerate(row["metrics"]):
            looks = (row["min_reviewed"], row["look_growth"])
            groups[metric["kind"], row["is_clustered"], row["alpha"], metric["mixture_sd"], looks].append((at, place))
    found: dict[tuple[int, int], Metric] = {}
    for (kind, is_clustered, alpha, mixture_sd, looks), places in groups.items():
        given = [rows[at]["metrics"][place] for at, place in places]
        told = _measure(kind, is_clustered, alpha, mixture_sd, looks, given)
        margins = np.array([np.nan if metric["margin"] is None else metric["margin"] for metric in given])
        rules = guardrail_rule(told, margins, np.array([metric["has_spoken"] for metric in given]))
        for n, (key, metric) in enumerate(zip(places, given, strict=True)):
            found[key] = _metric(metric, told, n, str(rules[n]))
    return [[found[at, place] for place in range(len(row["metrics"]))] for at, row in enumerate(rows)]


def _measure(
    kind: str,
    is_clustered: bool,
    alpha: float,
    mixture_sd: float,
    looks: tuple[float, float],
    given: Sequence[Mapping[str, Any]],
) -> Measured:
    parts = [[[part for part in metric["sums"] if part["arm"] == name] for metric in given] for name in ARMS]
    if kind == "median":
        estimates = [
            _stacked([
                statistics.median(
                    [value for part in arm for value in part["sorted_values"] or []],
                    [value for part in arm for value in part["open_values"] or []],
                    alpha,
                )
                for arm in arms
            ])
            for arms in parts
        ]  # fmt: skip
        comparison = statistics.compare_medians(estimates[0], estimates[1], is_clustered, alpha)
        if is_clustered:
            # Order statistics take the items for independent, which items of few sources are not.
            estimates = [Estimate(e.count, e.value, *(np.full_like(e.value, np.nan),) * 3) for e in estimates]
        return _measured(estimates[0], estimates[1], comparison, mixture_sd, alpha)
    control, treatment = ([_sums(arm) for arm in arms] for arms in parts)
    if is_clustered:
        return measured_clusters(_padded(control), _padded(treatment), kind == "rate", mixture_sd, alpha)
    one, two = (
        Sums(*(np.array([getattr(arm, key).sum() for arm in arms]) for key in ("count", "total", "squares")))
        for arms in (control, treatment)
    )
    if kind == "mean":
        return measured_means(one, two, mixture_sd, alpha)
    counts = [(np.round(arm.total), arm.count) for arm in (one, two)]
    return measured_rates(counts[0], counts[1], mixture_sd, alpha, looks)


def _measured(
    control: Estimate, treatment: Estimate, comparison: Comparison, mixture_sd: float, alpha: float
) -> Measured:
    variance = control.variance + treatment.variance
    half = statistics.reach(variance, mixture_sd, alpha)
    difference = comparison.difference
    return Measured(control, treatment, comparison, variance, difference - half, difference + half)


def _metric(given: Mapping[str, Any], told: Measured, at: int, rule: str) -> Metric:
    statistical = strict = None
    comparison = _element(told.comparison, at)
    if given["role"] == "guardrail":
        statistical = rule
        strict = NO_EVIDENCE if statistical == NO_EVIDENCE else UNDECIDED
        if statistical != NO_EVIDENCE and comparison["difference"] is not None:
            strict = "regressed" if round(comparison["difference"], 9) > 0 else "ok"
    return Metric(
        given["metric_name"], given["kind"], given["role"], given["margin"], given["mixture_sd"],
        given["worthwhile_lift"], given["is_required"], _element(told.control, at), _element(told.treatment, at),
        comparison, _number(told.variance[at]), _number(told.lower[at]), _number(told.upper[at]), statistical, strict,
    )  # fmt: skip


def _judged(row: Mapping[str, Any], metrics: Sequence[Metric]) -> dict[str, Any]:
    primary = next((metric for metric in metrics if metric.metric_name == row["primary_metric"]), None)
    arms = {name: _arm(row, name, primary) for name in ARMS}
    is_over = row["ended_at"] is not None and row["ended_at"] <= row["judged_at"]
    gate = sample_gate(row, arms, is_over or row["planned_stop_at"] is not None)
    guardrails = [metric for metric in metrics if metric.role == "guardrail"]
    factors = _factors(row)
    sign = {"up": 1, "down": -1}.get(row["direction"])
    units = [arm.source_count if row["is_clustered"] else arm.assigned_count for arm in arms.values()]
    ratio_p = statistics.sample_ratio_p_value(units[0], units[1], row["planned_treatment_share"])
    facts = sentences.Facts(row, arms, gate, primary, guardrails, factors, ratio_p, sign, is_over)
    p_value = _p_value(primary, sign)
    verdict = str(verdicts(_standing(facts, p_value)))
    wait = _needed(facts, verdict)
    return {
        "experiment_id": row["experiment_id"],
        "judged_at": row["judged_at"],
        "sample_gate": "open" if gate.is_open else "shut",
        "missing_evidence": gate.missing,
        "expected_open_date": None if gate.is_open else _date(gate.opens, "expected"),
        "earliest_open_date": None if gate.is_open else _date(gate.opens, "earliest"),
        "latest_open_date": None if gate.is_open else _date(gate.opens, "latest"),
        "control_counted": arms["control"].counted,
        "treatment_counted": arms["treatment"].counted,
        "sample_ratio_p_value": ratio_p,
        "sample_ratio_factor": factors["sample"],
        "review_ratio_factor": max(factors["review"], factors["share"]),
        "lift": primary.comparison["difference"] if primary else None,
        "lift_lower": primary.sequence_lower if primary else None,
        "lift_upper": primary.sequence_upper if primary else None,
        "relative_lift": primary.comparison["relative"] if primary else None,
        "always_valid_p_value": p_value,
        "one_look_p_value": primary.comparison["p_value"] if primary else None,
        "test_that_spoke": sentences.test_that_spoke(facts, verdict),
        "guardrail_status": _guardrail_status(row, guardrails),
        "verdict": verdict,
        "reviews_needed": wait.reviews if wait else None,
        "expected_verdict_date": _date(wait.span, "expected") if wait else None,
        "verdict_sentence": sentences.verdict_sentence(facts, verdict, p_value, wait),
        "reasons": [*sentences.why(facts, verdict, p_value), *sentences.cares(facts)],
        "metrics": _metric_rows(metrics, row["primary_metric"]),
    }


def _standing(facts: sentences.Facts, p_value: float | None) -> Standing:
    row, primary, sign = facts.row, facts.primary, facts.sign
    fewest = min(arm.source_count for arm in facts.arms.values())
    is_comparable = primary is not None and p_value is not None
    won = worse = small = False
    if primary is not None and p_value is not None and facts.is_tested:
        lower, upper = facts.bounds
        p_value = facts.one_look_p_value if row["is_end_planned"] else p_value
        won = bool(has_won((sign or 1) * primary.comparison["difference"], p_value, row["alpha"], row["min_lift"]))
        worse = bool(is_under(upper, row["min_lift"]))
        small = bool(is_within(lower, upper, primary.worthwhile_lift))
    return Standing(
        is_mismatch=facts.has_mismatch,
        is_open=facts.gate.is_open,
        is_too_few_sources=row["is_clustered"] and fewest < row["min_sources_per_arm"],
        is_blocked=bool(facts.blocking),
        is_comparable=is_comparable,
        is_aborted=row["status"] == "aborted",
        has_won=won,
        is_required_ok=not facts.lacking,
        is_no_improvement=worse,
        is_no_worthwhile_effect=small,
    )


def _p_value(primary: Metric | None, sign: int | None) -> float | None:
    """Return the one-sided p-value of the wanted direction that may be looked at daily."""
    if primary is None or primary.variance is None or sign is None:
        return None
    lift = sign * primary.comparison["difference"]
    return float(statistics.always_valid_p_value(lift, primary.variance, primary.mixture_sd))


def _needed(facts: sentences.Facts, verdict: str) -> sentences.Wait | None:
    """Return what more it takes: until the required guardrails are ok, or until a lift worth a change would show."""
    row, primary = facts.row, facts.primary
    if verdict == "guardrails_undecided":
        factors = [_times_until_ok(metric, row) for metric in facts.lacking]
        known = [factor for factor in factors if factor is not None]
        return _wait(facts, max(known) if known and len(known) == len(factors) else None)
    if verdict != UNDECIDED or primary is None or primary.variance is None or row["is_end_planned"]:
        return None
    if primary.worthwhile_lift is None or not facts.gate.is_open:
        return None
    times = np.geomspace(1, 1e4, 800)
    reaches = statistics.reach(primary.variance / times, primary.mixture_sd, row["alpha"])
    enough = reaches <= primary.worthwhile_lift
    return _wait(facts, float(times[np.argmax(enough)]) if enough.any() else None)


def _times_until_ok(metric: Metric, row: Mapping[str, Any]) -> float | None:
    """Return how many times as many items at present rates would make a guardrail ok; None: they never would."""
    margin, difference = metric.margin, metric.comparison["difference"]
    if metric.statistical_rule == NO_EVIDENCE or margin is None or difference is None or metric.variance is None:
        return None
    times = np.geomspace(1, 1e4, 800)
    if row["is_clustered"] or metric.kind != "rate":
        once = metric.comparison["upper_once"] - difference if metric.comparison["upper_once"] is not None else np.nan
        upper = difference + once / np.sqrt(times)
    else:
        arms = [
            (one["value"] * one["count"] * times, one["count"] * times) for one in (metric.control, metric.treatment)
        ]
        fewest = np.minimum(arms[0][1], arms[1][1])
        stretched = statistics.stretch(fewest, row["min_reviewed"], row["look_growth"], row["alpha"])
        upper = statistics.compare_rates(arms[0], arms[1], row["alpha"], stretched).upper_once
    enough = is_under(upper, margin)
    return float(times[np.argmax(enough)]) if enough.any() else None


def _wait(facts: sentences.Facts, times: float | None) -> sentences.Wait:
    if times is None:
        return sentences.Wait(None, None)
    needs = {name: (times - 1) * arm.reviewed_count for name, arm in facts.arms.items()}
    spans = [
        pace.reached(_pace(facts.row, arm), needs[name], facts.row["judged_at"]) for name, arm in facts.arms.items()
    ]
    known = [span for span in spans if span is not None]
    is_told = len(known) == len(spans) and not facts.is_over
    return sentences.Wait(math.ceil(round(sum(needs.values()), 6)), pace.last_of(known) if is_told else None)


def _opens(row: Mapping[str, Any], arm: Arm) -> Span | None:
    """Return when an arm will have its items and its days."""
    at = row["judged_at"]
    found = _pace(row, arm)
    if arm.reviews_per_day <= 0 or arm.first_review_at is None or not arm.counted or found is None:
        return None
    # Of the reviews, only those that say something on the metric count.
    short = max(0, row["min_reviewed"] - arm.counted) * arm.reviewed_count / arm.counted
    spans = [pace.reached(found, short, at)]
    # Long enough is an arm with a review at or after that instant.
    long_enough_at = arm.first_review_at + timedelta(days=row["min_days"])
    if round(arm.review_days, 9) < row["min_days"]:
        spans.append(pace.reached(found, 1, max(at, _midnight(long_enough_at))))
    return None if None in spans else pace.last_of([span for span in spans if span is not None])


def _pace(row: Mapping[str, Any], arm: Arm) -> pace.Pace | None:
    if arm.first_review_at is None:
        return None
    today = row["judged_at"].astimezone(UTC).date()
    first = max(arm.first_review_at.astimezone(UTC).date(), today - timedelta(days=row["pace_history_days"]))
    return pace.pace_of(arm.recent_days, first, today - timedelta(days=1))


def _arm(row: Mapping[str, Any], name: str, primary: Metric | None) -> Arm:
    counted = int(getattr(primary, name)["count"]) if primary else row[name]["reviewed_count"]
    given = {key: row[name][key] for key in Arm.__dataclass_fields__ if key != "counted"}
    return Arm(**given, counted=counted)


def _guardrail_status(row: Mapping[str, Any], guardrails: Sequence[Metric]) -> str:
    found = {sentences.ruling(row, metric) for metric in guardrails}
    return next((status for status in WORST_FIRST if status in found), UNDECIDED)


def _metric_rows(metrics: Sequence[Metric], primary: str) -> list[dict[str, Any]]:
    # Guardrails are not adjusted for their number: an alarm must not get fainter because more is watched.
    tested = [m for m in metrics if m.role == "effect" and m.comparison["p_value"] is not None]
    adjusted = dict(zip(
        (m.metric_name for m in tested), statistics.holm([m.comparison["p_value"] for m in tested]), strict=True
    ))  # fmt: skip
    rows = []
    for m in metrics:
        arms = {f"{arm}_{key}": getattr(m, arm)[key] for arm in ARMS for key in ("value", "lower", "upper")}
        arms |= {f"{arm}_count": int(getattr(m, arm)["count"]) for arm in ARMS}
        told = m.comparison
        rows.append(arms | {
            "metric_name": m.metric_name, "kind": m.kind, "role": m.role, "is_primary": m.metric_name == primary,
            "difference": told["difference"], "difference_lower": told["lower"], "difference_upper": told["upper"],
            "relative": told["relative"], "relative_lower": told["relative_lower"],
            "relative_upper": told["relative_upper"],
            "p_value": told["p_value"], "p_value_holm": adjusted.get(m.metric_name), "margin": m.margin,
            "statistical_rule": m.statistical_rule, "strict_rule": m.strict_rule,
            "is_required": m.is_required if m.role == "guardrail" else None,
            "sequence_lower": m.sequence_lower, "sequence_upper": m.sequence_upper,
        })  # fmt: skip
    return rows


def _sums(parts: Sequence[Mapping[str, Any]]) -> Sums:
    return Sums(
        np.array([part["item_count"] for part in parts], dtype=float),
        np.array([part["total"] or 0.0 for part in parts], dtype=float),
        np.array([part["total_of_squares"] or 0.0 for part in parts], dtype=float),
    )


def _padded(arms: Sequence[Sums]) -> Sums:
    width = max(1, *(arm.count.size for arm in arms))
    return Sums(*(
        np.array([np.pad(getattr(arm, key), (0, width - arm.count.size)) for arm in arms])
        for key in ("count", "total", "squares")
    ))  # fmt: skip


def _stacked(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(*(np.array([getattr(one, key) for one in estimates]) for key in Estimate.__dataclass_fields__))


def _element(told: Estimate | Comparison, at: int) -> dict[str, float | None]:
    return {key: _number(getattr(told, key)[at]) for key in told.__dataclass_fields__}


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def _factors(row: Mapping[str, Any]) -> dict[str, float]:
    """Return the evidence against the plan: of what was assigned, and of what was reviewed once there was time to."""
    share, concentrations = row["planned_treatment_share"], (row["wide_concentration"], row["narrow_concentration"])
    one, two = _in_all(row["sample_ratio_days"])
    reviewed, due = ({day["day"]: day for day in row[f"{what}_ratio_days"]} for what in ("review", "due"))
    days, none = sorted(reviewed | due), {"control_count": 0, "treatment_count": 0}
    r0, r1 = _in_all([reviewed.get(day, none) for day in days])
    d0, d1 = _in_all([due.get(day, none) for day in days])
    return {
        "sample": float(ratio_factor(one, two, share, concentrations)),
        "review": float(ratio_factor(r0, r1, share, concentrations)),
        "share": float(gap_factor((r0, d0), (r1, d1), row["review_rate_sd"])),
    }


def _in_all(days: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    one, two = (np.cumsum([day[f"{arm}_count"] for day in days], dtype=float) for arm in ARMS)
    return one, two


def _date(span: Span | None, which: str) -> str:
    day: date | None = getattr(span, which) if span else None
    return UNDECIDED if day is None or day == date.max else day.isoformat()


def _midnight(at: datetime) -> datetime:
    day = at.astimezone(UTC)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _floored(days: float) -> str:
    """Write days so that one short of the bar never reads as the bar."""
    return f"{math.floor(round(days, 9) * 100) / 100:g}"
