"""The truth table of the gate and of the verdicts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from experiments.rows import AT, arm, metric, part, ratio_day, row, sums
from learning_loop.experiments import gate
from learning_loop.experiments.statistics import Comparison, Estimate

ITEMS = [199, 200, 201]


def constant(value: float) -> list[dict]:
    """Return 200 equal values in each arm."""
    return [
        part(name, "s", 200 * value, 200, total_of_squares=200 * value**2) for name in ("control", "treatment")
    ]  # fmt: skip


EMPTY = arm(reviewed_count=0, review_days=0.0, reviews_per_day=0.0, first_review_at=None, assigned_count=0)
DAYS = [13.99, 14.0, 14.01]


@pytest.mark.parametrize("treatment_days", DAYS, ids=lambda days: f"treatment {days} days")
@pytest.mark.parametrize("control_days", DAYS, ids=lambda days: f"control {days} days")
@pytest.mark.parametrize("treatment_items", ITEMS, ids=lambda items: f"treatment {items} items")
@pytest.mark.parametrize("control_items", ITEMS, ids=lambda items: f"control {items} items")
def test_the_gate_is_open_only_when_both_arms_have_both(control_items, treatment_items, control_days, treatment_days):
    told = gate.judge_one(row(
        control=arm(reviewed_count=control_items, review_days=control_days),
        treatment=arm(reviewed_count=treatment_items, review_days=treatment_days),
    ))  # fmt: skip
    short = [
        f"{name} has {have} of {need}"
        for name, items, days in (
            ("control", control_items, control_days),
            ("treatment", treatment_items, treatment_days),
        )
        for have, need, is_short in (
            (f"{items}", "200 reviewed candidates", items < 200),
            (f"{days:g}", "14 days", days < 14),
        )
        if is_short
    ]
    assert told["missing_evidence"] == short
    assert told["sample_gate"] == ("shut" if short else "open")
    assert told["verdict"] == ("insufficient_data" if short else "ready_for_approval")
    assert (told["expected_open_date"] is None) == (not short)


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({}, "ready_for_approval", "promotion_rate +0.2"),
        ({"direction": "down"}, "no_improvement", "promotion_rate +0.2"),
        ({"direction": "down", "metrics": [metric("promotion_rate", sums((80, 200), (40, 200)))]},
         "ready_for_approval", "promotion_rate -0.2"),
        ({"metrics": [metric("promotion_rate", sums((80, 200), (40, 200)))]}, "no_improvement", "promotion_rate -0.2"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (44, 200)))]}, "undecided", "promotion_rate +0.02"),
        ({"metrics": [metric("promotion_rate", sums((0, 200), (0, 200)))]},
         "no_worthwhile_effect", "promotion_rate +0"),
        ({"metrics": [metric("promotion_rate", sums((5000, 20000), (5010, 20000)))]},
         "no_worthwhile_effect", "promotion_rate +0.0005"),
        ({"control": EMPTY}, "sample_ratio_mismatch", "0 and 200 candidates"),
        ({"control": EMPTY, "treatment": arm(assigned_count=5)}, "insufficient_data", "control has 0 of 200"),
        ({"control": arm(assigned_count=320)}, "sample_ratio_mismatch", "320 and 200 candidates"),
        ({"control": arm(assigned_count=320), "planned_treatment_share": 0.385}, "ready_for_approval", "promotion"),
        ({"control": arm(assigned_count=320), "treatment": arm(review_days=13.0)},
         "sample_ratio_mismatch", "320 and 200 candidates"),
        ({"control": arm(assigned_count=275)}, "ready_for_approval", "the split is odd at one look"),
        ({"review_ratio_days": [ratio_day(320, 200)]},
         "sample_ratio_mismatch", "assigned 14 days ago or more were reviewed"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("safety_flag_rate", sums((2, 200), (20, 200)), margin=0.02)]},
         "guardrail_regression", "safety_flag_rate rose from 1.00% to 10.00%"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("safety_flag_rate", sums((2, 200), (4, 200)), margin=0.02)]},
         "guardrails_undecided", "safety_flag_rate may have risen by 3.47%"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("safety_flag_rate", sums((2, 200), (4, 200)), margin=0.02, is_required=False)]},
         "ready_for_approval", "safety_flag_rate may have got worse"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("safety_flag_rate", sums((0, 200), (0, 200)), margin=0.02, has_spoken=False)]},
         "guardrails_undecided", "quality_flags was not delivered for the period"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("duplicate_confirmed_rate", [], margin=0.05, feed=None)]},
         "guardrails_undecided", "no label says yes or no to it"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("safety_flag_rate", sums((0, 200), (0, 200)), margin=0.02, has_spoken=False,
                             is_required=False)]},
         "ready_for_approval", "safety_flag_rate: no evidence"),
        ({"guardrail_rule": "strict", "metrics": [
            metric("promotion_rate", sums((40, 200), (80, 200))),
            metric("safety_flag_rate", sums((2, 200), (4, 200)), margin=0.02)]},
         "guardrail_regression", "safety_flag_rate rose"),
        ({"primary_metric": "delight"}, "undecided", "nothing is known to measure delight by"),
        ({"direction": "sideways"}, "undecided", "neither up nor down"),
        ({"metrics": [metric("promotion_rate", sums((0, 0), (0, 0)))]}, "insufficient_data", "control has 0 of 200"),
        ({"primary_metric": "mean_edit_distance", "metrics": [metric("mean_edit_distance", constant(3), kind="mean")]},
         "undecided", "cannot be compared yet"),
        ({"status": "aborted"}, "undecided", "was aborted"),
        ({"control": arm(active_days=6)}, "ready_for_approval", "all reviews fall on 6 days"),
        ({"is_split_unread": True}, "ready_for_approval", "planned split could not be read"),
        ({"deployment_mode": "shadow", "control": arm(reviewed_count=0), "treatment": arm(reviewed_count=0)},
         "insufficient_data", "stays shut by nature"),
        ({"ended_at": AT, "treatment": arm(review_days=13.0)}, "insufficient_data", "the gate will not open"),
    ],
    ids=[
        "a clear winner", "up where down was wanted", "down where down was wanted", "a clear loser", "a small lift",
        "nobody promoted anywhere", "no effect worth a change",
        "one empty arm", "one empty arm of a few", "more in one arm than planned", "the planned split kept",
        "mismatch behind a shut gate", "a split that is odd at one look", "one arm reviewed less",
        "a guardrail regresses",
        "a required guardrail cannot be told", "another guardrail cannot be told", "a feed that was never delivered",
        "labels that never say", "a silent guardrail that is not required", "a guardrail under the strict rule",
        "an unknown primary metric", "an unknown direction", "nothing said on the primary metric",
        "all values are one value", "aborted",
        "reviews bunched", "a split nobody can read", "shadow", "ended too early",
    ],
)  # fmt: skip
def test_each_case_gets_its_verdict_and_its_reason(changes, verdict, reason):
    told = gate.judge_one(row(**changes))
    assert told["verdict"] == verdict
    assert any(reason in line for line in told["reasons"]), told["reasons"]
    assert told["verdict_sentence"].endswith(".") and "\n" not in told["verdict_sentence"]
    assert "nan" not in told["verdict_sentence"] and "None" not in told["verdict_sentence"]


@pytest.mark.parametrize(("active_days", "is_said"), [(6, True), (7, False)], ids=["6 of 7", "7 of 7"])
def test_bunched_reviews_are_said_below_the_bar(active_days, is_said):
    reasons = gate.judge_one(row(control=arm(active_days=active_days)))["reasons"]
    assert any("all reviews fall" in reason for reason in reasons) == is_said


def clustered(sources: int) -> dict:
    parts = [part("control", f"c{n}", 8 + n % 3, 40) for n in range(sources)]
    parts += [part("treatment", f"t{n}", 20 + n % 3, 40) for n in range(sources)]
    counts = arm(reviewed_count=40 * sources, assigned_count=40 * sources, source_count=sources)
    return row(is_clustered=True, control=counts, treatment=counts, metrics=[metric("promotion_rate", parts)])


@pytest.mark.parametrize(
    ("sources", "verdict"), [(6, "undecided"), (9, "undecided"), (10, "ready_for_approval"), (11, "ready_for_approval")]
)
def test_arms_that_share_no_source_need_ten_sources_each(sources, verdict):
    assert gate.judge_one(clustered(sources))["verdict"] == verdict


def test_the_sample_ratio_of_clustered_arms_is_that_of_their_sources():
    given = arm(reviewed_count=400, assigned_count=900, source_count=10)
    told = gate.judge_one(clustered(10) | {"control": given})
    assert told["sample_ratio_p_value"] == 1.0
    assert told["verdict"] == "ready_for_approval"


def test_a_mismatch_of_some_day_stays():
    """Judged on every UTC day: what was broken then is not mended by what comes later."""
    healed = [ratio_day(60, 0), ratio_day(0, 60), *(ratio_day(30, 30) for _ in range(10))]
    assert gate.judge_one(row(sample_ratio_days=healed))["verdict"] == "sample_ratio_mismatch"
    assert gate.judge_one(row(sample_ratio_days=[ratio_day(360, 360)]))["verdict"] == "ready_for_approval"


def test_an_arm_whose_weak_items_are_left_lying_is_a_mismatch():
    """The counts of the reviewed alone would take weeks to show it; their share of those that were due does not."""
    due = {"due_ratio_days": [ratio_day(300, 300)]}
    told = gate.judge_one(row(**due, review_ratio_days=[ratio_day(299, 255)]))
    assert told["verdict"] == "sample_ratio_mismatch"
    assert "299 of 300 and 255 of 300 candidates" in told["verdict_sentence"]
    assert told["review_ratio_factor"] > 1000 > gate.ratio_factor([[299]], [[255]], 0.5, (2.0, 1000.0))[0]
    for reviewed in ((150, 140), (300, 296)):
        assert gate.judge_one(row(**due, review_ratio_days=[ratio_day(*reviewed)]))["verdict"] == "ready_for_approval"


def test_the_bound_of_one_look_widens_with_the_looks():
    """At the least reviews it is the bound of one look; at ten times as many, of a look at a smaller alpha."""
    assert gate.statistics.stretch([50, 200], 200, 0.5) == pytest.approx([1, 1])
    z = stats.norm.ppf(0.95)
    assert gate.statistics.stretch(2000, 200, 0.5) * z == pytest.approx((z**2 + 0.5 * np.log(10)) ** 0.5)
    parts = sums((100, 2000), (134, 2000))
    for growth, status in ((0.0, "ok"), (0.5, "undecided")):
        harm = metric("harm_rate", parts, margin=0.03)
        assert (
            of_metric(gate.judge_one(row(look_growth=growth, metrics=[harm])), "harm_rate")["statistical_rule"]
            == status
        )


def test_what_is_in_shadow_is_split_for_nobody():
    told = gate.judge_one(row(deployment_mode="shadow", sample_ratio_days=[ratio_day(60, 0)]))
    assert told["verdict"] == "ready_for_approval"


@pytest.mark.parametrize(
    ("changes", "opens"),
    [
        ({"reviewed_count": 100, "reviews_per_day": 10.0}, "2026-02-26"),
        ({"reviewed_count": 100, "reviews_per_day": 0.0}, "undecided"),
        ({"review_days": 4.0, "first_review_at": AT - timedelta(days=4)}, "2026-02-26"),
        ({"reviewed_count": 100, "reviews_per_day": 100.0, "review_days": 4.0,
          "first_review_at": AT - timedelta(days=4)}, "2026-02-26"),
        # 20 on every Monday: five more Mondays, the first of them today, a Monday.
        ({"reviewed_count": 100, "reviews_per_day": 3.0,
          "recent_days": [{"day": AT.date() - timedelta(days=n), "reviewed_count": 20} for n in (7, 14)]},
         "2026-03-23"),
        ({"reviewed_count": 0, "reviews_per_day": 0.0, "first_review_at": None, "review_days": 0.0}, "undecided"),
    ],
    ids=["items short", "no pace", "days short", "both short, the longer counts", "weekly batches", "nothing yet"],
)  # fmt: skip
def test_the_date_at_which_the_gate_should_open(changes, opens):
    assert gate.judge_one(row(treatment=arm(**changes)))["expected_open_date"] == opens


def bounded(lower: float | None, upper: float | None, upper_once: float | None) -> gate.Measured:
    """A guardrail with these bounds of the sequence and of one look; without any, of nobody."""
    count, nothing = np.float64(0 if lower is None else 200), np.float64(np.nan)
    lower, upper, once = (nothing if bound is None else np.float64(bound) for bound in (lower, upper, upper_once))
    arm_ = Estimate(count, nothing, nothing, nothing, nothing)
    told = Comparison(nothing, nothing, nothing, once, *(nothing,) * 4)
    return gate.Measured(arm_, arm_, told, nothing, lower, upper)


@pytest.mark.parametrize(
    ("lower", "upper", "upper_once", "status"),
    [
        (-0.01, 0.07, 0.0499, "ok"), (0.001, 0.07, 0.0499, "ok"), (-0.01, 0.07, 0.05, "undecided"),
        (0.0, 0.06, 0.05, "undecided"), (0.001, 0.05, 0.05, "regressed"), (0.06, 0.09, 0.07, "regressed"),
        (0.001, 0.0499, 0.05, "undecided"), (None, None, None, "no_evidence"),
    ],
    ids=["harm excluded", "small harm shown", "on the margin", "on nought", "harm shown", "harm beyond",
         "the sequence excludes harm beyond", "nobody"],
)  # fmt: skip
def test_a_guardrail_is_judged_by_its_margin(lower, upper, upper_once, status):
    assert gate.guardrail_rule(bounded(lower, upper, upper_once), 0.05) == status
    assert gate.guardrail_rule(bounded(lower, upper, upper_once), 0.05, has_spoken=False) == "no_evidence"


@pytest.mark.parametrize(("p_value", "is_won"), [(0.0499, True), (0.05, True), (0.0501, False), (np.nan, False)])
def test_alpha_is_met_on_the_bar(p_value, is_won, monkeypatch):
    assert gate.has_won(0.1, p_value, 0.05, 0.0) == is_won
    monkeypatch.setattr(gate.statistics, "always_valid_p_value", lambda *_: p_value)
    assert gate.judge_one(row())["verdict"] == ("ready_for_approval" if is_won else "undecided")


@pytest.mark.parametrize(("upper", "is_under"), [(-0.0001, True), (0.0, False), (0.0001, False)])
def test_no_improvement_lies_below_the_minimum_lift(upper, is_under):
    assert gate.is_under(upper, 0.0) == is_under


@pytest.mark.parametrize(
    ("lower", "upper", "is_within"),
    [(-0.0299, 0.0299, True), (-0.03, 0.0299, False), (-0.0299, 0.03, False), (np.nan, np.nan, False)],
)
def test_no_worthwhile_effect_lies_within_the_bar_on_both_sides(lower, upper, is_within):
    assert gate.is_within(lower, upper, 0.03) == is_within
    assert not gate.is_within(lower, upper, None)


@pytest.mark.parametrize(("factor", "verdict"), [(1000.0, "sample_ratio_mismatch"), (999.9, "ready_for_approval")])
def test_a_split_is_broken_from_its_bar_on(monkeypatch, factor, verdict):
    monkeypatch.setattr(gate, "ratio_factor", lambda *_: factor)
    assert gate.judge_one(row())["verdict"] == verdict


def test_the_order_of_verdicts():
    """Each truth overrules all after it."""
    told = {name: np.array(False) for name in gate.Standing.__dataclass_fields__} | {
        "is_open": True,
        "is_comparable": True,
    }
    found = [str(gate.verdicts(gate.Standing(**told)))]
    for name, value in (
        ("is_no_worthwhile_effect", True), ("is_no_improvement", True), ("has_won", True), ("is_required_ok", True),
        ("is_aborted", True), ("is_comparable", False), ("is_blocked", True), ("is_too_few_sources", True),
        ("is_open", False), ("is_mismatch", True),
    ):  # fmt: skip
        told[name] = np.array(value)
        found.append(str(gate.verdicts(gate.Standing(**told))))
    assert found == [
        "undecided", "no_worthwhile_effect", "no_improvement", "guardrails_undecided", "ready_for_approval",
        "undecided", "undecided", "guardrail_regression", "undecided", "insufficient_data", "sample_ratio_mismatch",
    ]  # fmt: skip


PLANNED = {"is_end_planned": True, "planned_items_per_arm": 200}


@pytest.mark.parametrize(
    ("counts", "stop", "verdict"),
    [((40, 80), None, "undecided"), ((40, 80), AT, "ready_for_approval"), ((40, 58), AT, "ready_for_approval"),
     ((40, 56), AT, "undecided"), ((80, 40), AT, "no_improvement"), ((80, 40), None, "undecided")],
    ids=["not yet", "a clear winner", "enough for one look alone", "not even for one", "a clear loser",
         "a loser, not yet"],
)  # fmt: skip
def test_with_a_planned_end_the_fixed_horizon_test_speaks_once_there(counts, stop, verdict):
    parts = sums(*((count, 200) for count in counts))
    told = gate.judge_one(row(**PLANNED, planned_stop_at=stop, metrics=[metric("promotion_rate", parts)]))
    assert told["verdict"] == verdict
    assert told["test_that_spoke"] == "fixed_horizon"
    assert told["always_valid_p_value"] is not None
    if stop is None:
        assert "speaks once, at 200 reviewed candidates an arm" in told["verdict_sentence"]
    # Without the plan, the sequence needs more than one look does.
    daily = gate.judge_one(row(metrics=[metric("promotion_rate", parts)]))
    assert daily["test_that_spoke"] == "confidence_sequence"
    assert (daily["verdict"] == "ready_for_approval") == (counts == (40, 80))


def test_approval_wants_as_many_values_of_the_metric_as_of_anything():
    """Two promoted candidates with a final text are no ground, however many were reviewed."""
    parts = [part("control", "s", 0.8, 2, total_of_squares=0.32), part("treatment", "s", 20, 200, total_of_squares=2.0)]
    told = gate.judge_one(row(
        primary_metric="mean_edit_distance", direction="down",
        metrics=[metric("mean_edit_distance", parts, kind="mean")],
    ))  # fmt: skip
    assert told["verdict"] == "insufficient_data"
    assert told["missing_evidence"] == ["control has 2 of 200 promoted candidates with a final text"]


def test_a_constant_arm_has_no_zero_variance():
    values = [0.02 * (n % 5) for n in range(200)]
    parts = [constant(0.05)[0], part("treatment", "s", sum(values), 200, total_of_squares=sum(v * v for v in values))]
    told = gate.judge_one(row(
        primary_metric="mean_edit_distance", metrics=[metric("mean_edit_distance", parts, kind="mean")]
    ))  # fmt: skip
    one_look = of_metric(told, "mean_edit_distance")
    half = (told["lift_upper"] - told["lift_lower"]) / 2
    assert half > 2.5 * (one_look["difference_upper"] - one_look["difference"]) / 1.97


def test_ties_that_make_a_median_one_point_decide_nothing():
    parts = [
        part(name, "s", 0, 200, sorted_values=[day] * 200) for name, day in (("control", 48.0), ("treatment", 24.0))
    ]
    told = gate.judge_one(row(
        primary_metric="median_hours_to_decision", direction="down",
        metrics=[metric("median_hours_to_decision", parts, kind="median", mixture_sd=6.0)],
    ))  # fmt: skip
    assert told["verdict"] == "undecided"
    assert told["lift"] == -24.0


def test_many_experiments_in_one_call_are_judged_as_each_alone():
    rows = [row(experiment_id=f"e{n}", metrics=[
        metric("promotion_rate", sums((40, 200), (40 + 5 * n, 200))),
        metric("safety_flag_rate", sums((2, 200), (n, 200)), margin=0.02),
    ]) for n in range(12)] + [clustered(12) | {"experiment_id": "clustered"}]  # fmt: skip
    assert gate.judge_all(rows) == [gate.judge_one(one) for one in rows]


def test_no_experiment_is_an_empty_table_of_the_schema():
    assert gate.judge(pa.table({})).schema == gate.VERDICTS_SCHEMA
    assert gate.judge(pa.Table.from_pylist([row()])).schema == gate.VERDICTS_SCHEMA


def test_the_order_of_sources_changes_nothing():
    given = clustered(12)
    turned = given | {"metrics": [m | {"sums": m["sums"][::-1]} for m in given["metrics"]]}
    assert gate.judge_one(given) == gate.judge_one(turned)


def of_metric(told: dict, name: str) -> dict:
    return next(found for found in told["metrics"] if found["metric_name"] == name)


# Newcombe's upper bounds of the first case are 5.8 % at 95 % and 4.9 % at 90 %; of the others, the sequence's lower
# bound is just above nought at 5 % on one side, and below it at 2.5 %, or at 13 events: which of both is read decides.
@pytest.mark.parametrize(
    ("harmed", "margin", "status"),
    [((10, 12), 0.05, "ok"), ((2, 14), 0.02, "regressed"), ((2, 13), 0.02, "undecided")],
    ids=["harm beyond the margin excluded", "harm shown", "harm not quite shown"],
)
def test_a_guardrail_is_held_to_alpha_on_one_side(harmed, margin, status):
    control, treatment = harmed
    told = gate.judge_one(row(metrics=[metric("harm_rate", sums((control, 200), (treatment, 200)), margin=margin)]))
    assert of_metric(told, "harm_rate")["statistical_rule"] == status


@pytest.mark.parametrize(("control", "treatment"), [(10.0, 5.0), (5.0, 10.0)], ids=["treatment last", "control last"])
def test_of_two_short_arms_the_later_says_when_the_gate_opens(control, treatment):
    short = [arm(reviewed_count=100, reviews_per_day=pace) for pace in (control, treatment)]
    assert gate.judge_one(row(control=short[0], treatment=short[1]))["expected_open_date"] == "2026-03-08"


@pytest.mark.parametrize(
    ("ended_at", "opens"),
    [(AT - timedelta(days=1), "undecided"), (AT, "undecided"), (AT + timedelta(seconds=1), "2026-02-26")],
    ids=["yesterday", "at this instant", "a second later"],
)
def test_an_experiment_that_has_ended_has_no_date_at_which_it_opens(ended_at, opens):
    told = gate.judge_one(row(ended_at=ended_at, treatment=arm(reviewed_count=100, reviews_per_day=10.0)))
    assert told["expected_open_date"] == opens


@pytest.mark.parametrize("turned", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(
    ("min_lift", "verdict"), [(0.1999, "ready_for_approval"), (0.2, "undecided"), (0.2001, "undecided")]
)
def test_a_lift_exactly_on_the_bar_does_not_exceed_it(min_lift, verdict, turned):
    counts = [(80, 200), (40, 200)] if turned else [(40, 200), (80, 200)]
    given = row(
        min_lift=min_lift, direction="down" if turned else "up", metrics=[metric("promotion_rate", sums(*counts))]
    )
    assert gate.judge_one(given)["verdict"] == verdict


def test_clustered_arms_are_compared_with_two_degrees_fewer_than_they_have_sources():
    totals = {"control": [8, 9, 11, 12, 10], "treatment": [10, 13, 12, 9, 14]}
    parts = [part(name, f"{name}{n}", total, 40) for name in totals for n, total in enumerate(totals[name])]
    told = gate.judge_one(row(is_clustered=True, metrics=[metric("promotion_rate", parts)]))
    # Of sources of one size the ratio is the mean of their rates, and Student's test on the rates says the same.
    student = stats.ttest_ind(*([total / 40 for total in totals[name]] for name in ("treatment", "control")))
    bounds = student.confidence_interval(0.95)
    found = of_metric(told, "promotion_rate")
    assert found["p_value"] == pytest.approx(student.pvalue, rel=1e-9)
    assert (found["difference_lower"], found["difference_upper"]) == pytest.approx((bounds.low, bounds.high), rel=1e-9)


def test_only_effects_are_adjusted_for_their_number():
    told = gate.judge_one(row(metrics=[
        metric("promotion_rate", sums((40, 200), (80, 200))),
        metric("rejection_rate", sums((100, 200), (110, 200))),
        metric("harm_rate", sums((10, 200), (11, 200)), margin=0.1),
    ]))  # fmt: skip
    first, second, harm = told["metrics"]
    assert first["p_value"] < second["p_value"] < harm["p_value"]
    assert first["p_value_holm"] == pytest.approx(2 * first["p_value"], rel=1e-9)
    assert second["p_value_holm"] == pytest.approx(second["p_value"], rel=1e-9)
    assert harm["p_value_holm"] is None


@pytest.mark.parametrize(
    ("treatment", "status"), [(9, "ok"), (10, "ok"), (11, "regressed")], ids=["less harm", "equal", "more harm"]
)
def test_equal_rates_are_no_regression_under_the_strict_rule(treatment, status):
    harm = metric("harm_rate", sums((10, 200), (treatment, 200)), margin=0.1)
    assert of_metric(gate.judge_one(row(metrics=[harm])), "harm_rate")["strict_rule"] == status


@pytest.mark.parametrize(
    ("harms", "status"),
    [([], "undecided"), ([(10, 10)], "ok"), ([(10, 10), (2, 4)], "undecided"), ([(10, 10), (2, 20)], "regressed")],
    ids=["none", "one that is ok", "one cannot be told", "one regressed"],
)
def test_without_guardrails_their_status_is_undecided(harms, status):
    guardrails = [
        metric(f"harm_{n}", sums((control, 200), (treatment, 200)), margin=0.05 if control == 10 else 0.02)
        for n, (control, treatment) in enumerate(harms)
    ]
    told = gate.judge_one(row(metrics=[metric("promotion_rate", sums((40, 200), (80, 200))), *guardrails]))
    assert told["guardrail_status"] == status


@pytest.mark.parametrize("is_clustered", [False, True], ids=["items given by chance", "sources given by chance"])
def test_a_median_over_clustered_arms_has_no_interval(is_clustered):
    hours = {"control": 2.0, "treatment": 1.0}
    parts = [
        part(name, f"{name}{n}", 0, 4) | {"sorted_values": [first + n / 10 + i / 100 for i in range(4)]}
        for name, first in hours.items()
        for n in range(10)
    ]
    counts = arm(source_count=10)
    told = gate.judge_one(row(
        is_clustered=is_clustered, control=counts, treatment=counts, primary_metric="median_hours", direction="down",
        min_reviewed=40,
        metrics=[metric("median_hours", parts, kind="median", mixture_sd=0.5)],
    ))  # fmt: skip
    found = of_metric(told, "median_hours")
    assert found["difference"] == pytest.approx(-1.0, rel=1e-9)
    bounds = [found[key] for key in ("control_lower", "treatment_upper", "difference_lower", "p_value")]
    assert all(bound is None for bound in bounds) == is_clustered
    assert told["verdict"] == ("undecided" if is_clustered else "ready_for_approval")


@pytest.mark.parametrize(
    ("days", "said"),
    [(13.996, "13.99"), (13.999999, "13.99"), (13.5, "13.5"), (0.0, "0")],
    ids=["13.996", "a second short", "half a day short", "none"],
)
def test_days_just_under_the_bar_never_read_as_the_bar(days, said):
    told = gate.judge_one(row(control=arm(review_days=days)))
    assert told["missing_evidence"] == [f"control has {said} of 14 days"]


@pytest.mark.parametrize(("active_days", "is_said"), [(0, False), (1, True)], ids=["no review", "all on one day"])
def test_an_arm_without_reviews_is_not_called_bunched(active_days, is_said):
    reasons = gate.judge_one(row(control=EMPTY | {"active_days": active_days}))["reasons"]
    assert any("all reviews fall" in reason for reason in reasons) == is_said


def test_a_shadow_with_an_open_gate_is_not_told_that_its_gate_stays_shut():
    told = gate.judge_one(row(deployment_mode="shadow"))
    assert told["sample_gate"] == "open"
    assert not any("stays shut" in reason for reason in told["reasons"])


def counted(control: tuple[int, int], treatment: tuple[int, int], **changes) -> dict:
    """An experiment of 23 days on (promoted, reviewed) of both arms; the flags were delivered and empty."""
    arms = {
        name: arm(reviewed_count=n, assigned_count=n, review_days=23.0, reviews_per_day=n / 23)
        for name, (_, n) in (("control", control), ("treatment", treatment))
    }
    rails = [
        metric(name, sums((0, control[1]), (0, treatment[1])), margin=margin)
        for name, margin in (("safety_flag_rate", 0.02), ("compliance_incident_rate", 0.01))
    ]
    return row(**arms, metrics=[metric("promotion_rate", sums(control, treatment)), *rails], **changes)


UDACITY = (3785, 17293), (3423, 17260)
GLOBOX = (954, 24343), (1139, 24600)
COOKIE_CATS = (8502, 44700), (8279, 45489)
UNDELIVERED = [
    metric("safety_flag_rate", sums((0, 24343), (0, 24600)), margin=0.02, has_spoken=False),
    metric("duplicate_confirmed_rate", [], margin=0.05, feed=None),
]


@pytest.mark.parametrize(
    ("given", "verdict", "says"),
    [
        (counted(*UDACITY), "no_improvement", ["-0.02055", "excludes any lift above 0 points", "does not help"]),
        (counted(*UDACITY, direction="down"), "ready_for_approval", ["-0.02055", "a person may adopt it"]),
        (counted(*GLOBOX), "ready_for_approval", ["+0.007111", "always-valid p = 0.0072"]),
        (counted(*GLOBOX) | {"metrics": [*counted(*GLOBOX)["metrics"][:1], *UNDELIVERED]}, "guardrails_undecided",
         ["safety_flag_rate has no evidence (quality_flags was not delivered", "no label says yes or no to it"]),
        (counted(*COOKIE_CATS, status="completed", ended_at=AT), "no_worthwhile_effect",
         ["-0.008201", "effect of 3 points or more either way", "p = 0.0016 of one look is not at odds",
          "planned_end"]),
        (counted(*COOKIE_CATS, status="completed", ended_at=AT, is_end_planned=True, planned_items_per_arm=44_000,
                 planned_stop_at=AT), "no_improvement", ["fixed-horizon test", "p of the planned look = 0.0016"]),
    ],
    ids=["Udacity, up", "Udacity, down", "GloBox", "GloBox without flags", "Cookie Cats", "Cookie Cats, planned"],
)  # fmt: skip
def test_known_experiments_get_the_verdict_they_deserve_and_a_sentence_that_makes_sense(given, verdict, says):
    told = gate.judge_one(given)
    assert told["verdict"] == verdict
    assert not [part_ for part_ in says if part_ not in told["verdict_sentence"]], told["verdict_sentence"]


def test_a_small_p_of_one_look_is_reconciled_where_the_sequence_cannot_tell():
    """90,189 units, p = .0016, completed: undecided where a lift of a point would be worth a change."""
    given = counted(*COOKIE_CATS, status="completed", ended_at=AT)
    given["metrics"][0]["worthwhile_lift"] = 0.01
    told = gate.judge_one(given)
    assert told["verdict"] == "undecided"
    for said in (
        "effects under -1.7 points and above +0.022 points are excluded",
        "as the experiment is over that will not change",
        "the p = 0.0016 of one look is not at odds with that: it holds for a single look planned before the start",
    ):  # fmt: skip
        assert said in told["verdict_sentence"]


def test_undecided_says_what_is_excluded_and_when_a_lift_worth_a_change_would_show():
    told = gate.judge_one(row(metrics=[metric("promotion_rate", sums((40, 200), (44, 200)))]))
    assert told["verdict"] == "undecided"
    assert "effects under -10 points and above +14 points are excluded" in told["verdict_sentence"]
    assert (
        f"a lift of 3 points would show after about {told['reviews_needed']:,} more reviews" in told["verdict_sentence"]
    )
    # So many reviews on, the bound of a lift of three points would lie at nought.
    times = 1 + told["reviews_needed"] / 400
    later = [(round(40 * times), round(200 * times)), (round(44 * times), round(200 * times))]
    told = gate.judge_one(row(metrics=[metric("promotion_rate", sums(*later))]))
    assert (told["lift_upper"] - told["lift_lower"]) / 2 == pytest.approx(0.03, rel=0.02)


def test_undecided_guardrails_say_how_many_more_reviews_it_takes_at_present_rates():
    def of(times: float) -> dict:
        n = round(200 * times)
        return gate.judge_one(row(metrics=[
            metric("promotion_rate", sums((round(40 * times), n), (round(80 * times), n))),
            metric("safety_flag_rate", sums((round(2 * times), n), (round(4 * times), n)), margin=0.02),
        ]))  # fmt: skip

    told = of(1)
    assert told["verdict"] == "guardrails_undecided"
    assert f"takes about {told['reviews_needed']:,} more reviews" in told["verdict_sentence"]
    assert of(1 + told["reviews_needed"] / 400 * 1.05)["verdict"] == "ready_for_approval"
    assert of(1 + told["reviews_needed"] / 400 * 0.9)["verdict"] == "guardrails_undecided"


def test_at_rates_beyond_the_margin_no_number_of_reviews_will_do():
    told = gate.judge_one(row(metrics=[
        metric("promotion_rate", sums((40, 200), (80, 200))),
        metric("safety_flag_rate", sums((2, 200), (7, 200)), margin=0.02),
    ]))  # fmt: skip
    assert told["verdict"] == "guardrails_undecided" and told["reviews_needed"] is None
    assert "no number of reviews would exclude harm" in told["verdict_sentence"]
