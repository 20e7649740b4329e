"""The truth table of the gate and of the verdicts."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest
from scipy import stats

from experiments.rows import AT, arm, metric, part, row, sums
from learning_loop.experiments import gate

ITEMS = [199, 200, 201]
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
        ({"metrics": [metric("promotion_rate", sums((0, 200), (0, 200)))]}, "undecided", "promotion_rate +0"),
        ({"control": EMPTY}, "insufficient_data", "control has 0 of 200"),
        ({"control": arm(assigned_count=300)}, "sample_ratio_mismatch", "300 and 200 candidates"),
        ({"control": arm(assigned_count=300), "planned_treatment_share": 0.4}, "ready_for_approval", "promotion"),
        ({"control": arm(assigned_count=300), "treatment": arm(review_days=13.0)},
         "insufficient_data", "treatment has 13"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("safety_flag_rate", sums((2, 200), (20, 200)), margin=0.02)]},
         "guardrail_regression", "safety_flag_rate rose from 1.00% to 10.00%"),
        ({"metrics": [metric("promotion_rate", sums((40, 200), (80, 200))),
                      metric("safety_flag_rate", sums((2, 200), (4, 200)), margin=0.02)]},
         "ready_for_approval", "safety_flag_rate may have got worse"),
        ({"guardrail_rule": "strict", "metrics": [
            metric("promotion_rate", sums((40, 200), (80, 200))),
            metric("safety_flag_rate", sums((2, 200), (4, 200)), margin=0.02)]},
         "guardrail_regression", "safety_flag_rate rose"),
        ({"primary_metric": "delight"}, "undecided", "nothing is known to measure delight by"),
        ({"direction": "sideways"}, "undecided", "neither up nor down"),
        ({"metrics": [metric("promotion_rate", sums((0, 0), (0, 0)))]}, "undecided", "cannot be compared yet"),
        ({"status": "aborted"}, "undecided", "was aborted"),
        ({"control": arm(active_days=6)}, "ready_for_approval", "all reviews fall on 6 days"),
        ({"is_split_unread": True}, "ready_for_approval", "planned split could not be read"),
        ({"deployment_mode": "shadow", "control": arm(reviewed_count=0), "treatment": arm(reviewed_count=0)},
         "insufficient_data", "stays shut by nature"),
        ({"ended_at": AT, "treatment": arm(review_days=13.0)}, "insufficient_data", "the gate will not open"),
    ],
    ids=[
        "a clear winner", "up where down was wanted", "down where down was wanted", "a clear loser", "a small lift",
        "nobody promoted anywhere", "one empty arm", "more in one arm than planned", "the planned split kept",
        "mismatch behind a shut gate", "a guardrail regresses", "a guardrail cannot be told",
        "a guardrail under the strict rule",
        "an unknown primary metric", "an unknown direction", "nothing said on the primary metric", "aborted",
        "reviews bunched", "a split nobody can read", "shadow", "ended too early",
    ],
)  # fmt: skip
def test_each_case_gets_its_verdict_and_its_reason(changes, verdict, reason):
    told = gate.judge_one(row(**changes))
    assert told["verdict"] == verdict
    assert any(reason in line for line in told["reasons"]), told["reasons"]


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
    told = gate.judge_one(clustered(10) | {"control": arm(assigned_count=900, source_count=10)})
    assert told["sample_ratio_p_value"] == 1.0


@pytest.mark.parametrize(
    ("changes", "opens"),
    [
        ({"reviewed_count": 100, "reviews_per_day": 10.0}, "2026-02-26"),
        ({"reviewed_count": 100, "reviews_per_day": 0.0}, "undecided"),
        ({"review_days": 4.0, "first_review_at": AT - timedelta(days=4)}, "2026-02-26"),
        ({"reviewed_count": 100, "reviews_per_day": 100.0, "review_days": 4.0,
          "first_review_at": AT - timedelta(days=4)}, "2026-02-26"),
        ({"reviewed_count": 0, "reviews_per_day": 0.0, "first_review_at": None, "review_days": 0.0}, "undecided"),
    ],
    ids=["items short", "no pace", "days short", "both short, the longer counts", "nothing yet"],
)  # fmt: skip
def test_the_date_at_which_the_gate_should_open(changes, opens):
    assert gate.judge_one(row(treatment=arm(**changes)))["expected_open_date"] == opens


@pytest.mark.parametrize(
    ("lower", "upper", "status"),
    [
        (-0.01, 0.0499, "ok"), (0.001, 0.0499, "ok"), (-0.01, 0.05, "undecided"), (0.0, 0.06, "undecided"),
        (0.001, 0.05, "regressed"), (0.06, 0.09, "regressed"), (None, None, "undecided"),
    ],
    ids=["harm excluded", "small harm shown", "on the margin", "on nought", "harm shown", "harm beyond", "no data"],
)  # fmt: skip
def test_a_guardrail_is_judged_by_its_margin(lower, upper, status):
    assert gate.non_inferiority(lower, upper, 0.05) == status


@pytest.mark.parametrize(
    ("p_value", "verdict"), [(0.0499, "ready_for_approval"), (0.05, "ready_for_approval"), (0.0501, "undecided")]
)
def test_alpha_is_met_on_the_bar(monkeypatch, p_value, verdict):
    sequence = gate.ConfidenceSequence(p_value, -0.01, 0.1)
    monkeypatch.setattr(gate.statistics, "always_valid", lambda *_: sequence)
    assert gate.judge_one(row())["verdict"] == verdict


@pytest.mark.parametrize(("upper", "verdict"), [(-0.0001, "no_improvement"), (0.0, "undecided"), (0.0001, "undecided")])
def test_no_improvement_lies_below_the_minimum_lift(monkeypatch, upper, verdict):
    sequence = gate.ConfidenceSequence(1.0, -0.1, upper)
    monkeypatch.setattr(gate.statistics, "always_valid", lambda *_: sequence)
    assert gate.judge_one(row())["verdict"] == verdict


@pytest.mark.parametrize(("p_value", "verdict"), [(0.0009, "sample_ratio_mismatch"), (0.001, "ready_for_approval")])
def test_a_split_is_broken_below_its_bar(monkeypatch, p_value, verdict):
    monkeypatch.setattr(gate.statistics, "sample_ratio_p_value", lambda *_: p_value)
    assert gate.judge_one(row())["verdict"] == verdict


def test_no_experiment_is_an_empty_table_of_the_schema():
    assert gate.judge(pa.table({})).schema == gate.VERDICTS_SCHEMA
    assert gate.judge(pa.Table.from_pylist([row()])).schema == gate.VERDICTS_SCHEMA


def test_the_order_of_sources_changes_nothing():
    given = clustered(12)
    turned = given | {"metrics": [m | {"sums": m["sums"][::-1]} for m in given["metrics"]]}
    assert gate.judge_one(given) == gate.judge_one(turned)


def of_metric(told: dict, name: str) -> dict:
    return next(found for found in told["metrics"] if found["metric_name"] == name)


# Newcombe's bounds of the second case are -0.2 % to 6.8 % at 95 % and 0.4 % to 6.0 % at 90 %, of the first -3.7 % to
# 5.8 % and -2.9 % to 4.9 %: which of both is read decides.
@pytest.mark.parametrize(
    ("harmed", "margin", "status"),
    [((10, 12), 0.05, "ok"), ((2, 8), 0.02, "regressed")],
    ids=["harm beyond the margin excluded", "harm shown"],
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
