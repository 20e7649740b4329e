"""The vectorised credit and the ledger against the plain replay, on random runs and by hand."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from arrow_runs import REFLECTIONS, TICKETS, reflection_table, ticket_table
from hypothesis import given, settings
from hypothesis import strategies as st
from stage_b_reference import replay

from learning_loop.stage_b.credit import windowed_credit
from learning_loop.stage_b.ledger import rule_ledger

KEYS = ["a", "b", "c", "d"]
# Steps crowd together and lie around the end of a window, so that borders and ties are met often.
STEPS = st.one_of(
    st.integers(0, 6), st.sampled_from([255, 256, 257, 258, 300, 511, 512, 513, 514]), st.integers(0, 900)
)
TICKET = st.builds(
    lambda step, match, hard, beyond: {
        "global_step": step,
        "label_match": match,
        "is_hard": hard or beyond,
        "is_hard_beyond_wrong": beyond,
    },
    STEPS, st.sampled_from([True, False, None]), st.booleans(), st.booleans(),
)  # fmt: skip
OPERATION = st.builds(
    lambda op, key, merged: {"op": op, "key": key, "merged_from": merged if op == "merge" else []},
    st.sampled_from(["upsert", "merge", "merge", "remove"]),
    st.sampled_from(KEYS),
    st.lists(st.sampled_from([*KEYS, "unknown"]), max_size=4),
)
REFLECTION = st.builds(
    lambda step, after, applied, operations: {
        "global_step": step,
        "guidance_step_after": after,
        "applied": applied,
        "operations": operations,
    },
    STEPS, st.one_of(st.none(), st.integers(0, 3)), st.sampled_from([True, True, True, False]),
    st.lists(OPERATION, max_size=4),
)  # fmt: skip


@st.composite
def run(draw: st.DrawFn) -> tuple[list[dict], list[dict]]:
    tickets = draw(st.lists(TICKET, max_size=40))
    reflections = draw(st.lists(REFLECTION, max_size=10))
    return tickets, [reflection | {"reflection_id": f"x{number}"} for number, reflection in enumerate(reflections)]


@settings(max_examples=400)
@given(runs=st.lists(run(), min_size=1, max_size=3), seed=st.integers(0, 1000))
def test_credit_and_ledger_equal_the_plain_replay(runs: list[tuple[list[dict], list[dict]]], seed: int) -> None:
    last_steps = [max([0, *(row["global_step"] for row in [*tickets, *reflections])]) for tickets, reflections in runs]
    numbered = list(zip(runs, last_steps, strict=True))
    tickets = pa.concat_tables(ticket_table(t, f"r{n}") for n, ((t, _), _) in enumerate(numbered))
    reflections = pa.concat_tables(reflection_table(r, last, f"r{n}") for n, ((_, r), last) in enumerate(numbered))
    shuffled = list(range(tickets.num_rows))
    random.Random(seed).shuffle(shuffled)
    credit = windowed_credit(tickets.take(pa.array(shuffled, pa.int64())), reflections)
    events = rule_ledger(reflections, credit).to_pylist()
    for number, ((run_tickets, run_reflections), last) in enumerate(numbered):
        expected_credit, expected_rules = replay(run_tickets, run_reflections, 256, last)
        of_run = [row for row in credit.to_pylist() if row["run_id"] == f"r{number}"]
        assert [{name: row[name] for name in expected_credit[0]} for row in of_run] == expected_credit
        rules: dict[str, dict] = {}
        for event in (event for event in events if event["run_id"] == f"r{number}"):
            rule = rules.setdefault(event["rule_key"], {"hits": 0, "misses": 0, "beyond": 0, "is_retired": True})
            for name, column in (("hits", "hit"), ("misses", "miss"), ("beyond", "hard_beyond_wrong")):
                assert rule[name] == event[f"{column}_count_before"]
                rule[name] += event[f"{column}_count_after"] - event[f"{column}_count_before"]
            rule["is_retired"] = event["is_retired_after"]
        assert rules == expected_rules


def hard(step: int, match: bool | None = True) -> dict:
    return {"global_step": step, "label_match": match, "is_hard": True, "is_hard_beyond_wrong": True}


@pytest.mark.parametrize(
    ("ticket_step", "is_credited"), [(9, False), (10, True), (266, True), (267, False)],
    ids=["the step before", "its own step", "256 steps later", "257 steps later"],
)  # fmt: skip
def test_window_includes_both_its_borders(ticket_step: int, is_credited: bool) -> None:
    reflections = reflection_table([{"reflection_id": "x", "global_step": 10}], 999)
    credit = windowed_credit(ticket_table([hard(ticket_step)]), reflections).to_pylist()
    assert credit[0]["hit_count"] == is_credited


def test_of_two_reflections_at_one_step_the_last_applied_gets_the_step() -> None:
    both = [
        {"reflection_id": "b", "global_step": 10, "guidance_step_after": 1},
        {"reflection_id": "a", "global_step": 10, "guidance_step_after": 2},
    ]
    credit = windowed_credit(ticket_table([hard(10)]), reflection_table(both, 999)).to_pylist()
    assert [(row["reflection_id"], row["hit_count"], row["end_global_step"]) for row in credit] == [
        ("b", 0, 9),
        ("a", 1, 266),
    ]


def test_a_reflection_that_changes_nothing_ends_no_window() -> None:
    both = [
        {"reflection_id": "real", "global_step": 10, "operations": upsert("a")},
        {"reflection_id": "nothing", "global_step": 20, "operations": []},
    ]
    reflections = reflection_table(both, 999)
    credit = windowed_credit(ticket_table([hard(15), hard(25, False)]), reflections)
    assert [(row["reflection_id"], row["hit_count"], row["miss_count"]) for row in credit.to_pylist()] == [
        ("real", 1, 1),
        ("nothing", 0, 0),
    ]
    assert [row["miss_count_after"] for row in rule_ledger(reflections, credit).to_pylist()] == [0, 1]


@pytest.mark.parametrize(
    ("last_known_step", "is_provisional"), [(265, True), (266, True), (267, False)],
    ids=["within the window", "on its last step", "past it"],
)  # fmt: skip
def test_window_is_provisional_until_its_last_step_is_passed(last_known_step: int, is_provisional: bool) -> None:
    reflections = reflection_table([{"reflection_id": "x", "global_step": 10}], last_known_step)
    assert windowed_credit(ticket_table([]), reflections)["is_provisional"].to_pylist() == [is_provisional]


def test_unknown_match_is_neither_hit_nor_miss() -> None:
    credit = windowed_credit(
        ticket_table([hard(10, None)]), reflection_table([{"reflection_id": "x", "global_step": 10}], 99)
    )
    row = credit.to_pylist()[0]
    assert [row[name] for name in ("hit_count", "miss_count", "all_hit_count", "all_miss_count")] == [0, 0, 0, 0]


def test_missions_of_a_run_do_not_credit_each_other() -> None:
    tickets = ticket_table([hard(10)], mission="other")
    credit = windowed_credit(tickets, reflection_table([{"reflection_id": "x", "global_step": 10}], 99)).to_pylist()
    assert credit[0]["all_hit_count"] == 0


@pytest.mark.parametrize(
    "tickets", [TICKETS.empty_table(), ticket_table([hard(1)])], ids=["no tickets", "no reflections"]
)
def test_what_is_missing_is_empty_not_an_error(tickets: pa.Table) -> None:
    credit = windowed_credit(tickets, REFLECTIONS.empty_table())
    assert credit.num_rows == 0
    assert rule_ledger(REFLECTIONS.empty_table(), credit).num_rows == 0


def upsert(*keys: str) -> list[dict]:
    return [{"op": "upsert", "key": key, "merged_from": []} for key in keys]


@pytest.mark.parametrize(
    ("last_known_step", "credited_at", "is_provisional"),
    [(200, 200, True), (265, 265, True), (266, 266, True), (267, 266, False), (999, 266, False)],
    ids=["amid the window", "a step before its end", "on its last step", "a step past it", "far past it"],
)  # fmt: skip
def test_an_open_window_is_credited_at_the_last_step_that_is_known(
    last_known_step: int, credited_at: int, is_provisional: bool
) -> None:
    reflections = reflection_table(
        [{"reflection_id": "x", "global_step": 10, "operations": upsert("a")}], last_known_step
    )
    events = rule_ledger(reflections, windowed_credit(ticket_table([hard(20)]), reflections)).to_pylist()
    told = [(row["event_type"], row["global_step"], row["hit_count_after"], row["is_provisional"]) for row in events]
    assert told == [("created", 10, 0, False), ("credited", credited_at, 1, is_provisional)]


@pytest.mark.parametrize(
    ("tickets", "events"),
    [
        ([], ["created"]),
        ([hard(20, None)], ["created"]),
        ([{"global_step": 20, "label_match": True, "is_hard": False, "is_hard_beyond_wrong": False}], ["created"]),
        ([hard(20)], ["created", "credited"]),
        ([hard(20, False)], ["created", "credited"]),
        ([hard(20) | {"is_hard_beyond_wrong": False}], ["created", "credited"]),
    ],
    ids=["no ticket", "a match that is unknown", "a ticket that was not hard", "a hit", "a miss", "a hit alone"],
)  # fmt: skip
def test_a_window_without_hit_or_miss_makes_no_event(tickets: list[dict], events: list[str]) -> None:
    reflections = reflection_table([{"reflection_id": "x", "global_step": 10, "operations": upsert("a")}], 999)
    told = rule_ledger(reflections, windowed_credit(ticket_table(tickets), reflections)).to_pylist()
    assert [row["event_type"] for row in told] == events
