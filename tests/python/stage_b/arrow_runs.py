"""Runs as the models hand them to the Stage-B functions."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

TICKETS = pa.schema(
    [
        ("run_id", pa.string()),
        ("mission", pa.string()),
        ("group_id", pa.string()),
        ("global_step", pa.int64()),
        ("label_match", pa.bool_()),
        ("is_hard", pa.bool_()),
        ("is_hard_beyond_wrong", pa.bool_()),
    ]
)
OPERATION = pa.struct([("op", pa.string()), ("key", pa.string()), ("merged_from", pa.list_(pa.string()))])
POLICY = {
    "feedback_window_steps": 256,
    "uplift_window_steps": 512,
    "uplift_min_tickets": 10,
    "uplift_placebo_steps": 999,
    "uplift_min_placebo_steps": 99,
    "uplift_seed": 20260101,
}
REFLECTIONS = pa.schema(
    [
        ("run_id", pa.string()),
        ("mission", pa.string()),
        ("reflection_id", pa.string()),
        ("global_step", pa.int64()),
        ("application_order", pa.int64()),
        ("is_noop", pa.bool_()),
        ("evidence_group_ids", pa.list_(pa.string())),
        ("operations", pa.list_(OPERATION)),
        ("last_known_step", pa.int64()),
        *[(name, pa.int64()) for name in POLICY],
    ]
)


def ticket_table(tickets: list[dict[str, Any]], run_id: str = "r", mission: str = "m") -> pa.Table:
    rows = [{"run_id": run_id, "mission": mission, "group_id": "g", **ticket} for ticket in tickets]
    return pa.Table.from_pylist(rows, schema=TICKETS)


def reflection_table(
    reflections: list[dict[str, Any]], last_known_step: int, run_id: str = "r", mission: str = "m", **policy: int
) -> pa.Table:
    applied = sorted(
        (r for r in reflections if r.get("applied", True)),
        key=lambda r: (
            r["global_step"],
            -1 if r.get("guidance_step_after") is None else r["guidance_step_after"],
            r["reflection_id"],
        ),
    )
    rows = [
        {
            "run_id": run_id,
            "mission": mission,
            "application_order": number,
            "last_known_step": last_known_step,
            "evidence_group_ids": [],
            "operations": [{"op": "upsert", "key": "k", "merged_from": []}],
            **POLICY,
            **policy,
            **reflection,
        }
        for number, reflection in enumerate(applied, 1)
    ]
    rows = [row | {"is_noop": len(row["operations"]) == 0} for row in rows]
    return pa.Table.from_pylist(rows, schema=REFLECTIONS)
