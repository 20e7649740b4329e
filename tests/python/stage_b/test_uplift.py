"""Uplift on runs with planted effects under a rising base rate, beside what the windowed credit makes of them."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from arrow_runs import TICKETS, reflection_table, ticket_table

from learning_loop.sample.stage_b import EFFECTS, STEPS, planted_world
from learning_loop.stage_b.credit import windowed_credit
from learning_loop.stage_b.uplift import rule_uplift

SEEDS = range(100)
RIGHT = {"helps": "helped", "hurts": "hurt", "does_nothing": "undecided"}
# The bars of the first policy row: q_value for uplift; for last touch, confidence, and its mirror image for help.
FALSE_DISCOVERY_RATE, DROP_CONFIDENCE = 0.05, 0.35


def tables(seed: int) -> tuple[pa.Table, pa.Table]:
    world = planted_world(seed)
    count = len(world["step"])
    tickets = pa.table(
        [
            pa.array(["r"] * count),
            pa.array(["m"] * count),
            pa.array([f"g{group}" for group in world["group"]]),
            world["step"],
            world["is_hit"],
            ~world["is_hit"] | world["is_conflict"],
            world["is_conflict"],
        ],
        schema=TICKETS,
    )
    reflections = [
        {"reflection_id": name, "global_step": at, "evidence_group_ids": [f"g{group}"]}
        for name, at, group, _ in world["reflections"]
    ]
    return tickets, reflection_table(reflections, STEPS - 1)


def verdict(row: dict[str, Any]) -> str:
    if row["q_value"] is None or row["q_value"] > FALSE_DISCOVERY_RATE:
        return "undecided"
    return "helped" if row["uplift_lower"] > 0 else "hurt" if row["uplift_upper"] < 0 else "undecided"


def last_touch(row: dict[str, Any]) -> str:
    confidence = row["hit_count"] / (row["hit_count"] + row["miss_count"] + 1e-5)
    return "hurt" if confidence < DROP_CONFIDENCE else "helped" if confidence >= 1 - DROP_CONFIDENCE else "undecided"


@cache
def calls() -> tuple[Counter, Counter]:
    """Count (planted kind, what was said) over all seeds: by uplift, and by the windowed credit alone."""
    by_uplift: Counter = Counter()
    by_last_touch: Counter = Counter()
    for seed in SEEDS:
        tickets, reflections = tables(seed)
        for row in rule_uplift(tickets, reflections).to_pylist():
            by_uplift[row["reflection_id"].rsplit("-", 1)[0], verdict(row)] += 1
        for row in windowed_credit(tickets, reflections).to_pylist():
            by_last_touch[row["reflection_id"].rsplit("-", 1)[0], last_touch(row)] += 1
    return by_uplift, by_last_touch


def share_right(counted: Counter) -> float:
    """Return the share of helped and hurt calls that are right."""
    called = {pair: count for pair, count in counted.items() if pair[1] != "undecided"}
    return sum(count for (kind, said), count in called.items() if RIGHT[kind] == said) / sum(called.values())


def test_nine_of_ten_calls_of_uplift_are_right() -> None:
    by_uplift, by_last_touch = calls()
    assert share_right(by_uplift) >= 0.9
    # Under a rising base rate the windows alone name whoever acted early as harmful.
    assert share_right(by_last_touch) < share_right(by_uplift)


def test_at_most_one_null_rule_in_twenty_is_called_anything() -> None:
    by_uplift, _ = calls()
    null_rules = sum(count for (kind, _), count in by_uplift.items() if kind == "does_nothing")
    assert by_uplift["does_nothing", "undecided"] / null_rules >= 0.95


@pytest.mark.parametrize("kind", [kind for kind in EFFECTS if kind != "does_nothing"])
def test_most_effects_are_found(kind: str) -> None:
    by_uplift, _ = calls()
    planted = sum(count for (of, _), count in by_uplift.items() if of == kind)
    assert by_uplift[kind, RIGHT[kind]] / planted >= 0.8


def test_order_of_rows_changes_nothing() -> None:
    tickets, reflections = tables(1)
    rng = np.random.default_rng(1)
    shuffled = rule_uplift(
        tickets.take(pa.array(rng.permutation(tickets.num_rows))),
        reflections.take(pa.array(rng.permutation(reflections.num_rows))),
    )
    assert shuffled.equals(rule_uplift(tickets, reflections))


@pytest.mark.parametrize("later", [10**6, 10**9, 10**12 - 10**6])
def test_a_run_whose_steps_are_counted_from_far_on_is_judged_alike(later: int) -> None:
    tickets, reflections = tables(1)
    expected = rule_uplift(tickets, reflections)
    steps = [name for name in expected.column_names if name.endswith("_step")]

    def moved(table: pa.Table, names: list[str]) -> pa.Table:
        for name in names:
            table = table.set_column(table.column_names.index(name), name, pc.add(table[name], later))
        return table

    found = rule_uplift(moved(tickets, ["global_step"]), moved(reflections, ["global_step", "last_known_step"]))
    assert found.equals(moved(expected, steps))


def about(groups: list[str], tickets: pa.Table | None = None) -> dict[str, Any]:
    given = tables(1)[0] if tickets is None else tickets
    reflections = reflection_table(
        [{"reflection_id": "x", "global_step": 1800, "evidence_group_ids": groups}], STEPS - 1
    )
    return dict(rule_uplift(given, reflections).to_pylist()[0])


@pytest.mark.parametrize(
    "row",
    [about([]), about(["unheard of"]), about([f"g{n}" for n in range(12)]), about(["g1"], ticket_table([]))],
    ids=["no evidence groups", "groups without tickets", "all groups, none to compare with", "no tickets"],
)
def test_uplift_without_both_sides_cannot_tell(row: dict[str, Any]) -> None:
    assert (row["uplift"], row["placebo_p_value"], row["q_value"]) == (None, None, None)


def cells(hits: tuple[int, int, int, int], tickets: tuple[int, int, int, int]) -> dict[str, Any]:
    rows = [
        {"group_id": group, "global_step": step, "label_match": number < hits[cell], "is_hard": True}
        for cell, (group, step) in enumerate([("g", 99), ("g", 100), ("other", 99), ("other", 100)])
        for number in range(tickets[cell])
    ]
    reflections = reflection_table([{"reflection_id": "x", "global_step": 100, "evidence_group_ids": ["g"]}], 200)
    return dict(rule_uplift(ticket_table(rows), reflections).to_pylist()[0])


def test_uplift_is_the_change_of_the_evidence_less_that_of_the_others() -> None:
    row = cells((2, 8, 3, 5), (10, 10, 10, 10))
    assert row["uplift"] == pytest.approx((0.8 - 0.2) - (0.5 - 0.3))
    # Four rates with a hit and a miss added: 3/12, 9/12, 4/12, 6/12.
    error = sum(rate * (1 - rate) / 12 for rate in (3 / 12, 9 / 12, 4 / 12, 6 / 12)) ** 0.5
    assert row["uplift_upper"] - row["uplift"] == pytest.approx(1.959963984540054 * error)


@pytest.mark.parametrize(("fewest", "is_known"), [(10, True), (9, False)], ids=["on the bar", "one short of it"])
def test_every_cell_needs_its_tickets(fewest: int, is_known: bool) -> None:
    assert (cells((2, 8, 3, 5), (10, 10, 10, fewest))["uplift"] is not None) == is_known
