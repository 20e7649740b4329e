"""What is said of an experiment: what its verdict rests on, which test spoke, what would change it, and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from learning_loop.experiments.pace import Span

if TYPE_CHECKING:
    from learning_loop.experiments.gate import Arm, Gate, Metric

ARMS = ("control", "treatment")
COUNTED_NOUNS = {
    "mean_edit_distance": "promoted candidates with a final text",
    "heavy_rewrite_share": "reviewed candidates with a rewrite severity",
    "duplicate_confirmed_rate": "reviewed candidates known to be a duplicate or not",
    "median_hours_to_decision": "decided candidates",
}
# The share of experiments without an effect that a plain p under .05, looked at daily for four weeks, takes for one.
PEEKING = "looked at daily, about one experiment in four without an effect shows a p under .05 on some day"


@dataclass(frozen=True)
class Wait:
    """How many more reviews it takes, of both arms, and when they should have come; None where no number does it."""

    reviews: int | None
    span: Span | None


@dataclass(frozen=True)
class Facts:
    """All that was found out of one experiment at one instant."""

    row: Mapping[str, Any]
    arms: Mapping[str, Arm]
    gate: Gate
    primary: Metric | None
    guardrails: Sequence[Metric]
    factors: Mapping[str, float]
    ratio_p_value: float | None
    sign: int | None
    is_over: bool

    @cached_property
    def has_mismatch(self) -> bool:
        """The arms are not those of the plan. What is in shadow is never reviewed, and so not split for it."""
        is_exempt = self.row["deployment_mode"] == "shadow"
        return not is_exempt and max(self.factors.values()) >= self.row["mismatch_bayes_factor"]

    @cached_property
    def blocking(self) -> list[Metric]:
        """The guardrails that say no."""
        return [metric for metric in self.guardrails if ruling(self.row, metric) == "regressed"]

    @cached_property
    def lacking(self) -> list[Metric]:
        """The required guardrails that do not say yes."""
        return [m for m in self.guardrails if m.is_required and ruling(self.row, m) != "ok"]

    @cached_property
    def is_tested(self) -> bool:
        """A sequence is tested at every look, a planned end at its end alone."""
        return not self.row["is_end_planned"] or self.row["planned_stop_at"] is not None

    @cached_property
    def one_look_p_value(self) -> float:
        """The two-sided p of one planned look; 1 where there is none."""
        found = self.primary.comparison["p_value"] if self.primary else None
        return 1.0 if found is None else found

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The bounds of the lift in the wanted direction, of the test that speaks."""
        assert self.primary is not None
        if self.row["is_end_planned"]:
            lower, upper = self.primary.comparison["lower"], self.primary.comparison["upper"]
        else:
            lower, upper = self.primary.sequence_lower, self.primary.sequence_upper
        if lower is None or upper is None:
            return float("-inf"), float("inf")
        return (lower, upper) if self.sign != -1 else (-upper, -lower)


def ruling(row: Mapping[str, Any], metric: Metric) -> str | None:
    """Return what the rule that blocks says of a guardrail."""
    return metric.strict_rule if row["guardrail_rule"] == "strict" else metric.statistical_rule


def counted_noun(metric_name: str) -> str:
    """Name what counts towards the gate."""
    return COUNTED_NOUNS.get(metric_name, "reviewed candidates")


def test_that_spoke(facts: Facts, verdict: str) -> str:
    """Name the test that the verdict rests on."""
    if verdict == "sample_ratio_mismatch":
        return "sample_ratio"
    if verdict == "insufficient_data":
        return "sample_gate"
    if verdict in ("guardrail_regression", "guardrails_undecided"):
        return "guardrails"
    if facts.primary is None or facts.primary.variance is None or facts.sign is None or _has_few_sources(facts):
        return "none"
    return "fixed_horizon" if facts.row["is_end_planned"] else "confidence_sequence"


def why(facts: Facts, verdict: str, p_value: float | None) -> list[str]:
    """Return the reasons of the verdict, one line each."""
    row, primary = facts.row, facts.primary
    if verdict == "sample_ratio_mismatch":
        return [_mismatch(facts)]
    if verdict == "insufficient_data":
        return list(facts.gate.missing)
    if _has_few_sources(facts):
        fewest = min(arm.source_count for arm in facts.arms.values())
        return [
            f"the arms share hardly a source and one has {fewest}: under {row['min_sources_per_arm']} sources an arm, "
            "sources and change cannot be told apart"
        ]
    if verdict == "guardrail_regression":
        return [_regression(metric) for metric in facts.blocking]
    if primary is None:
        return [f"nothing is known to measure {row['primary_metric']} by"]
    if primary.variance is None or primary.sequence_lower is None:
        return [f"{primary.metric_name} cannot be compared yet"]
    if facts.sign is None:
        return [f"direction {row['direction']!r} is neither up nor down"]
    told = [_lift(facts, p_value)]
    if verdict == "guardrails_undecided":
        told += [_lacking(row, metric) for metric in facts.lacking]
    if verdict == "undecided" and row["status"] == "aborted":
        told.insert(0, "the experiment was aborted: that is never ready")
    if (clash := _reconciled(facts, p_value)) is not None:
        told.append(clash)
    return told


def cares(facts: Facts) -> list[str]:
    """Return what a reader should know beside the verdict."""
    row, found = facts.row, []
    if row["deployment_mode"] == "shadow" and not facts.gate.is_open:
        found.append("a shadow experiment is never reviewed: its gate stays shut by nature")
    if not facts.gate.is_open and facts.is_over:
        found.append("the experiment has ended: the gate will not open")
    if row["is_split_unread"]:
        found.append("the planned split could not be read; equal arms are taken as planned")
    is_odd = facts.ratio_p_value is not None and round(facts.ratio_p_value, 9) < row["sample_ratio_alpha"]
    if is_odd and not facts.has_mismatch and row["deployment_mode"] != "shadow":
        found.append(f"the split is odd at one look (chi-square p = {facts.ratio_p_value:.2g}): look for a leak")
    if row["is_plan_late"]:
        found.append("a planned end was named after the start: it does not count, and looks are daily")
    for name in ARMS:
        if 0 < facts.arms[name].active_days < row["bunched_below_active_days"]:
            found.append(f"{name}: all reviews fall on {facts.arms[name].active_days} days")
    if row["is_clustered"]:
        found.append("the arms share hardly a source: intervals are by source")
    for metric in facts.guardrails:
        if metric.statistical_rule == "no_evidence":
            found.append(f"{metric.metric_name}: no evidence, {_silence(row, metric)}")
        elif metric.statistical_rule == "undecided":
            found.append(f"{metric.metric_name} may have got worse: undecided")
    return found


def verdict_sentence(facts: Facts, verdict: str, p_value: float | None, wait: Wait | None) -> str:
    """Say in one sentence what the verdict rests on, which test spoke, what would change it, and by when."""
    row, primary = facts.row, facts.primary
    if verdict == "sample_ratio_mismatch":
        return (
            f"{_capital(_mismatch(facts))}, so no metric can be read: the sequential test of the split spoke, no later "
            "night takes it back, and only a new experiment with a mended split can be judged."
        )
    if verdict == "insufficient_data":
        short = "; ".join(facts.gate.missing)
        return f"The sample gate spoke, and nothing is said of the lift yet: {short}; {_opens(facts)}."
    if verdict == "guardrail_regression":
        lines = "; ".join(_regression(metric) for metric in facts.blocking)
        test = "its strict rule" if row["guardrail_rule"] == "strict" else "its confidence sequence, at any look,"
        return (
            f"A guardrail blocks whatever {row['primary_metric']} gained: {lines}, and {test} shows harm; it would "
            "take reviews in which the harm is gone to change that, so stop it or mend it."
        )
    if primary is None or p_value is None or _has_few_sources(facts):
        return f"No test could speak, because {why(facts, verdict, p_value)[0]}; {_mend(facts)}."
    told, clash = _lift(facts, p_value), _reconciled(facts, p_value)
    tail = f"; {clash}" if clash else ""
    if row["status"] == "aborted" and verdict == "undecided":
        return f"It was aborted, which no number outweighs ({told}): run it anew to have a verdict."
    if verdict == "ready_for_approval":
        return (
            f"{_capital(_spoke(facts))} shows a lift ({told}) and every required guardrail excludes harm beyond its "
            f"margin: a person may adopt it now{_reverts(facts)}{tail}."
        )
    if verdict == "guardrails_undecided":
        lines = "; ".join(_lacking(row, metric) for metric in facts.lacking)
        return (
            f"{_capital(_spoke(facts))} shows a lift ({told}), but not that it does no harm: {lines}; "
            f"{_until_ok(facts, wait)}{tail}."
        )
    if verdict == "no_improvement":
        return (
            f"{_capital(_spoke(facts))} excludes any lift above {_size(facts, row['min_lift'])} ({told}): "
            f"the change does not help{_reverts(facts)}{tail}."
        )
    if verdict == "no_worthwhile_effect":
        return (
            f"{_capital(_spoke(facts))} excludes any effect of {_size(facts, primary.worthwhile_lift)} or more either "
            f"way ({told}), which is the least that is worth a change: it can be stopped{_reverts(facts)}{tail}."
        )
    return _undecided(facts, told, wait, tail)


def _undecided(facts: Facts, told: str, wait: Wait | None, tail: str) -> str:
    row, primary = facts.row, facts.primary
    assert primary is not None
    if row["is_end_planned"] and not facts.is_tested:
        return (
            f"A planned end was named before the start, so no test speaks before it ({told} is shown, not judged): "
            f"the fixed-horizon test speaks once, {_planned_end(row)}."
        )
    lower, upper = facts.bounds
    excluded = f"effects under {_size(facts, lower, True)} and above {_size(facts, upper, True)} are excluded"
    if row["is_end_planned"]:
        return (
            f"The fixed-horizon test spoke once, at the planned end, and found neither a lift nor its absence "
            f"({told}); {excluded}, and only a new experiment can say more{tail}."
        )
    head = f"{_capital(_spoke(facts))} spoke and cannot tell yet ({told}): {excluded}"
    if facts.is_over:
        return f"{head}, and as the experiment is over that will not change{tail}."
    if primary.worthwhile_lift is None or wait is None:
        return f"{head}{tail}."
    size = _size(facts, primary.worthwhile_lift)
    if wait.reviews is None:
        return f"{head}, and at this spread no number of reviews in sight would show a lift of {size}{tail}."
    when = f", {_span(wait.span, 'about')}" if wait.span else ""
    return f"{head}, and a lift of {size} would show after about {wait.reviews:,} more reviews{when}{tail}."


def _until_ok(facts: Facts, wait: Wait | None) -> str:
    silent = [m.metric_name for m in facts.lacking if m.statistical_rule == "no_evidence"]
    if silent:
        return f"what changes that is evidence on {' and '.join(silent)}, or a policy row that does not require it"
    if wait is None or wait.reviews is None:
        return "at present rates no number of reviews would exclude harm beyond the margin"
    if facts.is_over:
        return f"it would have taken about {wait.reviews:,} more reviews at present rates, and the experiment is over"
    when = f", {_span(wait.span, 'about')}" if wait.span else ""
    return f"at present rates that takes about {wait.reviews:,} more reviews{when}"


def _reconciled(facts: Facts, p_value: float | None) -> str | None:
    """Say why a small p of one look does not decide, where the sequence does not."""
    row, primary = facts.row, facts.primary
    if row["is_end_planned"] or primary is None or p_value is None or facts.sign is None:
        return None
    alpha = row["alpha"]
    _, upper = facts.bounds
    if round(facts.one_look_p_value, 9) > alpha or round(p_value, 9) <= alpha or upper < row["min_lift"]:
        return None
    return (
        f"the p = {facts.one_look_p_value:.2g} of one look is not at odds with that: it holds for a single look "
        f"planned before the start (scope_json.planned_end or planned_items_per_arm), and {PEEKING}"
    )


def _spoke(facts: Facts) -> str:
    return "the fixed-horizon test at the planned end" if facts.row["is_end_planned"] else "the confidence sequence"


def _reverts(facts: Facts) -> str:
    if facts.row["is_end_planned"]:
        return ", and as the test speaks once, later reviews do not change that"
    if facts.is_over:
        return ", and as the experiment is over only late rows could change that"
    return ", and only reviews that move the interval back over that bound would change it"


def _mend(facts: Facts) -> str:
    if _has_few_sources(facts):
        return "more sources in each arm would change that, not more reviews"
    if facts.primary is None:
        return "a row in experiment_metrics would change that"
    if facts.sign is None:
        return "scope_json.direction must say up or down"
    return "values of both arms that differ among themselves would change that"


def _lift(facts: Facts, p_value: float | None) -> str:
    primary = facts.primary
    assert primary is not None
    difference = primary.comparison["difference"]
    if facts.row["is_end_planned"]:
        lower, upper = primary.comparison["lower"], primary.comparison["upper"]
        test = f"p of the planned look = {facts.one_look_p_value:.2g}"
    else:
        lower, upper = primary.sequence_lower, primary.sequence_upper
        test = f"always-valid p = {p_value:.2g}"
    bounds = f" ({lower:+.4g} to {upper:+.4g})" if lower is not None and upper is not None else ""
    return f"{primary.metric_name} {difference:+.4g}{bounds}, {test}"


def _mismatch(facts: Facts) -> str:
    row = facts.row
    share, what = row["planned_treatment_share"], max(facts.factors, key=lambda name: facts.factors[name])
    unit = "sources" if row["is_clustered"] else "candidates"
    against = f"{_odds(facts.factors[what])} to one against chance on some day, bar {row['mismatch_bayes_factor']:,.0f}"
    if what == "sample":
        counts = [arm.source_count if row["is_clustered"] else arm.assigned_count for arm in facts.arms.values()]
        did = "were assigned"
    else:
        counts = [sum(day[f"{arm}_count"] for day in row["review_ratio_days"]) for arm in ARMS]
        did = f"that were assigned {row['review_after_days']} days ago or more were reviewed"
    if what == "share":
        due = [sum(day[f"{arm}_count"] for day in row["due_ratio_days"]) for arm in ARMS]
        return (
            f"{counts[0]:,} of {due[0]:,} and {counts[1]:,} of {due[1]:,} {unit} {did} ({against}):"
            " what editors leave lying in one arm flatters the rest of it"
        )
    return (
        f"{counts[0]:,} and {counts[1]:,} {unit} {did} where {1 - share:.0%} and {share:.0%} were planned ({against})"
    )


def _odds(factor: float) -> str:
    """Write odds in two digits, and in full while that can be read."""
    return f"{float(f'{factor:.2g}'):,.0f}" if 100 <= factor < 1e9 else f"{factor:.2g}"


def _regression(metric: Metric) -> str:
    return (
        f"{metric.metric_name} rose from {metric.control['value']:.2%} to {metric.treatment['value']:.2%} "
        f"(margin {metric.margin:.2%})"
    )


def _lacking(row: Mapping[str, Any], metric: Metric) -> str:
    if metric.statistical_rule == "no_evidence":
        return f"{metric.metric_name} has no evidence ({_silence(row, metric)})"
    once = metric.comparison["upper_once"]
    if once is None or metric.margin is None:
        return f"{metric.metric_name} cannot be compared"
    return f"{metric.metric_name} may have risen by {once:.2%} (margin {metric.margin:.2%})"


def _silence(row: Mapping[str, Any], metric: Metric) -> str:
    feed = next(given["feed"] for given in row["metrics"] if given["metric_name"] == metric.metric_name)
    if not metric.control["count"] and not metric.treatment["count"]:
        return "no label says yes or no to it" if feed is None else "nobody is reviewed"
    return f"{feed} was not delivered for the period"


def _opens(facts: Facts) -> str:
    if facts.is_over:
        return "the experiment has ended, so it will not open"
    if facts.row["planned_stop_at"] is not None:
        return "the planned end has passed, so it will not open"
    if facts.gate.opens is None:
        return "at the present pace nobody can say when it opens"
    return f"by the pace of each weekday it should open {_span(facts.gate.opens)}"


def _planned_end(row: Mapping[str, Any]) -> str:
    ends = []
    if row["planned_end"] is not None:
        ends.append(f"on {row['planned_end']:%Y-%m-%d}")
    if row["planned_items_per_arm"] is not None:
        ends.append(f"at {row['planned_items_per_arm']:,} reviewed candidates an arm")
    return " or ".join(ends)


def _span(span: Span, at: str = "on") -> str:
    latest = "an unknown day" if span.latest.year == 9999 else span.latest.isoformat()
    if latest == span.earliest.isoformat():
        return f"{at} {span.expected}"
    return f"{at} {span.expected} (between {span.earliest} and {latest})"


def _size(facts: Facts, value: float | None, is_signed: bool = False) -> str:
    """Write a difference in its unit: points of a rate, hours of a wait."""
    value, sign = value or 0.0, "+" if is_signed else ""
    kind = facts.primary.kind if facts.primary else "rate"
    if kind == "rate":
        return f"{100 * value:{sign}.2g} points"
    return f"{value:{sign}.3g} hours" if kind == "median" else f"{value:{sign}.2g}"


def _has_few_sources(facts: Facts) -> bool:
    fewest = min(arm.source_count for arm in facts.arms.values())
    return bool(facts.row["is_clustered"]) and fewest < facts.row["min_sources_per_arm"]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
