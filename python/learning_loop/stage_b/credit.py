"""Windowed credit: the hits and misses of hard tickets while a reflection was the active context."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from learning_loop.stage_b.tables import bools, ints, run_numbers, runs_of

CREDIT_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("mission", pa.string()),
        ("reflection_id", pa.string()),
        ("application_order", pa.int64()),
        ("start_global_step", pa.int64()),
        ("end_global_step", pa.int64()),
        ("rule_keys", pa.list_(pa.string())),
        ("hit_count", pa.int64()),
        ("miss_count", pa.int64()),
        ("hard_beyond_wrong_count", pa.int64()),
        ("all_hit_count", pa.int64()),
        ("all_miss_count", pa.int64()),
        ("is_provisional", pa.bool_()),
    ]
)


def windowed_credit(tickets: pa.Table, reflections: pa.Table) -> pa.Table:
    """Credit each applied reflection with the tickets of the steps at which it was the active context.

    A context is active from its step for ``feedback_window_steps`` (inclusive), cut short by the step before the next
    one's. Of several at one step only the last applied is active; the others' windows are empty (they end one step
    before they start). The tickets are gone through by one binary search over all of them: sorted or not.

    Args:
        tickets: run_id, mission (string), global_step (int64), label_match (bool, null: unknown), is_hard,
            is_hard_beyond_wrong (bool); one row per processed ticket, in any order.
        reflections: run_id, mission, reflection_id (string), global_step, application_order (int64, total within a run
            and mission), operations (list of structs op, key, merged_from), last_known_step, feedback_window_steps
            (int64); one row per applied reflection, in any order.

    Returns:
        CREDIT_SCHEMA, one row per reflection, ordered by run_id, mission, application_order. A window is provisional
        while its last step is not yet passed: more tickets may come.
    """
    if reflections.num_rows == 0:
        return CREDIT_SCHEMA.empty_table()
    reflections = reflections.sort_by([(name, "ascending") for name in ("run_id", "mission", "application_order")])
    runs = runs_of(reflections)
    run = run_numbers(reflections, runs)
    start = ints(reflections, "global_step")
    ticket_run = run_numbers(tickets, runs)
    ticket_step = ints(tickets, "global_step")

    # One ascending key for (run, step): the last reflection at or below a ticket's key is the newest one before it.
    span = int(max(start.max(), ticket_step.max(initial=0))) + 1
    key = run * span + start
    is_followed_at_its_step = np.append(key[1:] == key[:-1], False)
    next_start = np.where(np.append(run[1:] == run[:-1], False), np.append(start[1:], 0), np.iinfo(np.int64).max)
    end = np.minimum(start + ints(reflections, "feedback_window_steps"), next_start - 1)

    newest = np.searchsorted(key, ticket_run * span + ticket_step, side="right") - 1
    is_inside = (ticket_run >= 0) & (newest >= 0)
    newest = np.where(is_inside, newest, 0)
    is_inside &= (run[newest] == ticket_run) & (ticket_step <= end[newest])

    keys = [rule_keys(operations) for operations in reflections["operations"].to_pylist()]
    match = tickets["label_match"].combine_chunks()
    is_known = np.asarray(match.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    is_hit = bools(tickets, "label_match")
    is_miss = is_known & ~is_hit
    is_hard, is_hard_beyond_wrong = bools(tickets, "is_hard"), bools(tickets, "is_hard_beyond_wrong")

    def count(condition: Any) -> Any:
        return np.bincount(newest[is_inside & condition], minlength=len(start))

    return pa.table(
        [
            reflections["run_id"].combine_chunks(),
            reflections["mission"].combine_chunks(),
            reflections["reflection_id"].combine_chunks(),
            reflections["application_order"].combine_chunks().cast(pa.int64()),
            pa.array(start),
            pa.array(end),
            pa.array(keys, CREDIT_SCHEMA.field("rule_keys").type),
            pa.array(count(is_hard & is_hit)),
            pa.array(count(is_hard & is_miss)),
            pa.array(count(is_hard_beyond_wrong & is_known)),
            pa.array(count(is_hit)),
            pa.array(count(is_miss)),
            pa.array((end >= ints(reflections, "last_known_step")) & ~is_followed_at_its_step),
        ],
        schema=CREDIT_SCHEMA,
    )


def rule_keys(operations: list[dict[str, Any]] | None) -> list[str]:
    """List the keys that a reflection upserted or merged into, once each, in the order of their first mention."""
    return list(dict.fromkeys(operation["key"] for operation in operations or [] if operation["op"] != "remove"))
