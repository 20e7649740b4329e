"""The planted chapter of the backlog, over six weekly nights that each see the files that had arrived by then."""

from __future__ import annotations

from house import House
from learning_loop.sample import backlog
from learning_loop.sample.plan import DEFAULT_AS_OF, Plan

PLAN = Plan(7, 56, 1, DEFAULT_AS_OF)


def test_every_planted_candidate_ends_as_planted(told: tuple[House, dict]) -> None:
    house, truth = told
    rows = house.query("select candidate_key, status, is_regressed, reopened_count from learning_backlog_candidates")
    found = {row[0]: dict(zip(("status", "is_regressed", "reopened_count"), row[1:], strict=True)) for row in rows}
    assert {role: found[truth["keys"][role]] for role in truth["candidates"]} == truth["candidates"]


def test_every_planted_verdict_is_given(told: tuple[House, dict]) -> None:
    house, truth = told
    rows = house.query("select proposed_at, candidate_key, verdict from learning_backlog_verdicts")
    found = {(at, key): verdict for at, key, verdict in rows}
    for names, keys in (("verdicts", truth["keys"]), ("class_verdicts", None)):
        for weeks_ago, verdicts in truth[names].items():
            at = backlog.night(PLAN, int(weeks_ago))
            assert {name: found[at, keys[name] if keys else name] for name in verdicts} == verdicts, weeks_ago


def test_what_brought_a_key_back_is_in_its_history(told: tuple[House, dict]) -> None:
    house, truth = told
    rows = house.query(
        "select candidate_key, reason from learning_backlog_history where entry_kind = 'run' and reason is not null"
    )
    roles = {key: role for role, key in truth["keys"].items()}
    assert {roles[key]: reason for key, reason in rows} == truth["reopened_because"]


def test_refused_decisions_are_listed_with_the_rule(told: tuple[House, dict]) -> None:
    house, truth = told
    assert dict(house.query("select decision_id, reason_code from rejected_decisions")) == truth["rejected"]


def test_a_regression_carries_its_evidence(told: tuple[House, dict]) -> None:
    house, truth = told
    rows = house.query(
        "select source_period_key, issue_ref, evidence from learning_backlog_regressions where candidate_key = ?",
        truth["keys"]["promoted-returns"],
    )
    assert [row[:2] for row in rows] == [("2026-W06", "TRACKER-101")]
    assert "bl-interval-saved-as-one-long-run-1-" in rows[0][2]


def test_what_each_fix_did_is_found(told: tuple[House, dict]) -> None:
    house, truth = told
    roles = {key: role for role, key in truth["keys"].items()}
    found = house.query("select candidate_key, effect, rate_ratio_lower, rate_ratio_upper from fix_effects")
    assert {roles[key]: effect for key, effect, _, _ in found} == truth["fix_effects"]
    planted = {role: since / before for role, (before, since) in backlog.FIXES.items()}
    for key, _, lower, upper in found:
        if roles[key] in planted:
            assert lower <= planted[roles[key]] <= upper, roles[key]


def test_runs_change_nothing_of_an_approved_row(told: tuple[House, dict]) -> None:
    house, truth = told
    rows = house.query(
        "select computed_at, updated_at, source_period_key, times_seen, quiet_weeks from learning_backlog_candidates"
        " where candidate_key = ?", truth["keys"]["settled-1"],
    )  # fmt: skip
    approved = backlog.night(PLAN, 5).replace(hour=9)
    assert rows == [(backlog.night(PLAN, 5), approved, "2026-W02", 1, 0)]


def test_a_second_run_at_one_as_of_replaces_its_rows(told: tuple[House, dict], copy: House) -> None:
    copy.night(DEFAULT_AS_OF)
    query = "select * exclude (evidence) from learning_backlog_proposals order by all"
    assert copy.query(query) == told[0].query(query)
