"""Every rate of the performance tables equals that of a plain-Python oracle, on random worlds."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from editorial.harness import AS_OF, World
from editorial.oracle import performance
from editorial.worlds import random_world

MACHINE = "u_" + hashlib.sha256(b"test:machine:auto-promote").hexdigest()[:24]
COUNTS = ("label_count", "reviewed_count", "promoted_count", "rejected_count", "needs_work_count", "open_count")
RATES = ("promotion_rate", "rejection_rate", "duplicate_confirmed_rate", "heavy_rewrite_share")
NUMBERS = ("mean_edit_distance", "median_hours_to_decision", "p90_hours_to_decision")


def fill(world: World, candidates: list[dict[str, Any]], labels: list[dict[str, Any]]) -> None:
    """Store candidates and labels; the idea key plays no part here."""
    world.store("ingest_candidates", [row | {"idea_key": row["candidate_id"]} for row in candidates])
    world.store("ingest_editor_labels", labels)


def test_performance_equals_the_oracle_on_100_worlds(world: World) -> None:
    for seed in range(100):
        candidates, labels = random_world(seed, AS_OF, MACHINE)
        fill(world, candidates, labels)
        world.compute(
            "int_editorial__touched_candidates", "int_editorial__edited_texts", "int_editorial__edit_distances",
            "ingest_editor_labels", "int_editorial__window_counts", "int_editorial__times_to_decision",
            "int_editorial__quarantined_labels", "int_editorial__top_reject_reasons", "int_editorial__performance",
        )  # fmt: skip
        expected = performance(candidates, labels, {MACHINE}, AS_OF)
        bounds = [f"{rate}{end}" for rate in RATES for end in ("", "_lower", "_upper")]
        columns = [*COUNTS, *bounds, *NUMBERS, "top_reject_reason"]
        found = {
            row[:4]: dict(zip(columns, row[4:], strict=True))
            for row in world.rows(
                f"select grain, source_key, strategy, window_days, {', '.join(columns)} "
                "from intermediate.int_editorial__performance"
            )
        }
        assert set(found) == set(expected), seed
        for key, figures in expected.items():
            for column in (*COUNTS, "top_reject_reason"):
                assert found[key][column] == figures[column], (seed, key, column)
            for rate in RATES:
                given = [found[key][f"{rate}{end}"] for end in ("", "_lower", "_upper")]
                assert given == ([None] * 3 if figures[rate] is None else pytest.approx(figures[rate], abs=1e-9)), (
                    seed,
                    key,
                )
            for column in NUMBERS:
                wanted = figures[column]
                assert found[key][column] == (None if wanted is None else pytest.approx(wanted, abs=1e-8)), (
                    seed,
                    key,
                    column,
                )
        machine = sum(row["actor_user_id"] == MACHINE and row["created_at"] <= AS_OF for row in labels)
        assert world.rows("select count(*) from main.ingest_editor_labels where is_machine") == [(machine,)]
