"""The effects of rules in small worlds of known effects (benchmarks/credit.py), and what cannot be told."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from learning_loop.stage_b.effects import rule_effects

_FILE = Path(__file__).parents[3] / "benchmarks" / "credit.py"
_SPEC = importlib.util.spec_from_file_location("benchmark_credit", _FILE)
assert _SPEC is not None and _SPEC.loader is not None
credit = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = credit
_SPEC.loader.exec_module(credit)

RUNS = range(500, 503)


@pytest.mark.parametrize(
    "world",
    [
        credit.World("dense, own trends", 0.3, rules_per_group=2, trends=0.2),
        credit.World("15 points", 0.15, steps=5400),
        credit.World("slow noise", 0.3, noise=0.3),
    ],
    ids=lambda world: world.name,
)
def test_nine_calls_of_ten_are_right_and_every_second_effect_is_found(world: Any) -> None:
    found = credit.shares(credit.calls(world, RUNS))
    (right, called), (_, real), (null_calls, nulls) = found["precision"], found["power"], found["nulls"]
    assert right / called >= 0.9
    assert right / real >= 0.5
    assert null_calls / nulls <= 0.13  # of so few; what is claimed is in docs/honesty.md


def test_what_happens_to_everybody_or_was_a_groups_own_way_is_no_rules_doing() -> None:
    world = credit.World("nothing but trends", 0.0, trends=0.6, noise=0.2)
    found = credit.calls(world, range(600, 602))
    assert sum(count for (_, verdict), count in found.items() if verdict != "undecided") <= 1


def test_order_of_rows_and_where_steps_begin_change_nothing() -> None:
    tickets, spans, _ = credit.draw(credit.World("small", 0.3, steps=900), 1)
    expected = rule_effects(tickets, spans)
    rng = np.random.default_rng(1)
    shuffled = rule_effects(
        tickets.take(pa.array(rng.permutation(tickets.num_rows))),
        spans.take(pa.array(rng.permutation(spans.num_rows))),
    )
    assert shuffled.equals(expected)

    def later(table: pa.Table, name: str) -> pa.Table:
        return table.set_column(table.column_names.index(name), name, pc.add(table[name], 10**9))

    assert rule_effects(later(tickets, "global_step"), later(spans, "start_step")).equals(expected)


def spans_of(*given: tuple[str, str, int, int | None]) -> pa.Table:
    names = ("rule_key", "group_id", "start_step", "end_step")
    rows = [{"run_id": "r", "mission": "m"} | credit.POLICY | dict(zip(names, row, strict=True)) for row in given]
    return credit.span_table(rows)


EVERY_GROUP = [("k", f"g{number}", 300, None) for number in range(12)]


@pytest.mark.parametrize(
    ("spans", "why"),
    [
        (EVERY_GROUP, {"k": "all_groups"}),
        ([("k", "g1", 0, None)], {"k": "few_tickets"}),
        ([("k", "g1", 880, None)], {"k": "few_tickets"}),
        ([("k", "unheard of", 300, None)], {"k": "few_tickets"}),
        ([("k", "g1", 300, None), ("twin", "g1", 300, None)], dict.fromkeys(("k", "twin"), "same_as_another_rule")),
        ([("k", "g1", 300, None), ("later", "g1", 600, None)], {"k": None, "later": None}),
        ([("k", "g1", 300, 600), ("k", "g1", 700, None), *EVERY_GROUP[2:]], {"k": None}),
    ],
    ids=["every group", "from the start", "too late", "no ticket", "twins", "two in turn", "left out one group"],
)
def test_where_there_is_nothing_to_compare_with_it_says_so(
    spans: list[tuple[str, str, int, int | None]], why: dict[str, str | None]
) -> None:
    tickets, _, _ = credit.draw(credit.World("small", 0.0, steps=900), 2)
    found = rule_effects(tickets, spans_of(*spans)).to_pylist()
    assert {row["rule_key"]: row["why_not"] for row in found} == why
    assert all((row["effect"] is None) == (row["why_not"] is not None) for row in found)


def test_without_tickets_or_rules_there_is_nothing_to_tell() -> None:
    tickets, spans, _ = credit.draw(credit.World("small", 0.0, steps=60), 3)
    assert rule_effects(tickets, spans[:0]).num_rows == 0
    found = rule_effects(tickets[:0], spans).to_pylist()
    assert {row["why_not"] for row in found} == {"few_tickets"}


def test_a_long_run_costs_what_its_tickets_cost_and_no_more() -> None:
    """The fit sees cells: of a run ten times as long, at most the stretches that the policy allows."""
    spans = [("k", "g1", 300, None)]
    seen = []
    for steps in (40_000, 400_000):
        step = np.repeat(np.arange(0, steps, 10), 3)
        rng = np.random.default_rng(steps)
        count = len(step)
        tickets = pa.table(
            {
                "run_id": ["r"] * count,
                "mission": ["m"] * count,
                "group_id": pa.array(["g1", "g2"]).take(pa.array(rng.integers(0, 2, count))),
                "global_step": step,
                "label_match": rng.random(count) < 0.5,
            }
        )
        seen.append(rule_effects(tickets, spans_of(*spans)).to_pylist()[0]["standard_error"])
    assert seen[1] < seen[0] / 2
