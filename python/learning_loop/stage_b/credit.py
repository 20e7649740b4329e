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
    before they start), and so is that of a reflection without operations: it changes nothing, so what was in force goes
    on. The tickets are gone through by one binary search over all of them: sorted or not.

    Args:
        tickets: run_id, mission (string), global_step (int64), label_match (bool, null: unknown), is_hard,
            is_hard_beyond_wrong (bool); one row per processed ticket, in any order.
        reflections: run_id, mission, reflection_id (string), global_step, application_order (int64, total within a run
            and mission), is_noop (bool), operations (list of structs op, key, merged_from), last_known_step,
            feedback_window_steps (int64); one row per applied reflection, in any order.

    Returns:
        CREDIT_SCHEMA, one row per reflection, ordered by run_id, mission, application_order. A window is provisional
        while its last step is not yet passed: more tickets may come.
    """
    if reflections.num_rows == 0:
        return CREDIT_SCHEMA.empty_table()
    reflections = reflections.sort_by([(name, "ascending") for name in ("run_id", "mission", "application_order")])
    runs = runs_of(reflections)
    every_run, every_start = run_numbers(reflections, runs), ints(reflections, "global_step")
    is_noop = bools(reflections, "is_noop")
    run, start = every_run[~is_noop], every_start[~is_noop]
    ticket_run = run_numbers(tickets, runs)
    ticket_step = ints(tickets, "global_step")

    # One ascending key for (run, step): the last reflection at or below a ticket's key is the newest one before it.
    span = int(max(start.max(initial=0), ticket_step.max(initial=0))) + 1
    key = run * span + start
    is_followed_at_its_step = np.append(key[1:] == key[:-1], False)[: len(key)]
    is_followed = np.append(run[1:] == run[:-1], False)[: len(run)]
    next_start = np.where(is_followed, np.append(start[1:], 0)[: len(start)], np.iinfo(np.int64).max)
    end = np.minimum(start + ints(reflections, "feedback_window_steps")[~is_noop], next_start - 1)

    newest = np.searchsorted(key, ticket_run * span + ticket_step, side="right") - 1
    is_inside = (ticket_run >= 0) & (newest >= 0)
    # Every ticket before the first context is of none; without any context, all are.
    place = newest[is_inside]
    is_inside[is_inside] = (run[place] == ticket_run[is_inside]) & (ticket_step[is_inside] <= end[place])

    keys = [rule_keys(operations) for operations in reflections["operations"].to_pylist()]
    match = tickets["label_match"].combine_chunks()
    is_known = np.asarray(match.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    is_hit = bools(tickets, "label_match")
    is_miss = is_known & ~is_hit
    is_hard, is_hard_beyond_wrong = bools(tickets, "is_hard"), bools(tickets, "is_hard_beyond_wrong")

    def count(condition: Any) -> Any:
        found = np.zeros(len(every_start), dtype=np.int64)
        found[~is_noop] = np.bincount(newest[is_inside & condition], minlength=len(start))
        return found

    every_end, is_open = every_start - 1, np.zeros(len(every_start), dtype=np.bool_)
    every_end[~is_noop] = end
    is_open[~is_noop] = (end >= ints(reflections, "last_known_step")[~is_noop]) & ~is_followed_at_its_step

    return pa.table(
        [
            reflections["run_id"].combine_chunks(),
            reflections["mission"].combine_chunks(),
            reflections["reflection_id"].combine_chunks(),
            reflections["application_order"].combine_chunks().cast(pa.int64()),
            pa.array(every_start),
            pa.array(every_end),
            pa.array(keys, CREDIT_SCHEMA.field("rule_keys").type),
            pa.array(count(is_hard & is_hit)),
            pa.array(count(is_hard & is_miss)),
            pa.array(count(is_hard_beyond_wrong & is_known)),
            pa.array(count(is_hit)),
            pa.array(count(is_miss)),
            pa.array(is_open),
        ],
        schema=CREDIT_SCHEMA,
    )


def rule_keys(operations: list[dict[str, Any]] | None) -> list[str]:
    """List the keys that a reflection upserted or merged into, once each, in the order of their first mention."""
    return list(dict.fromkeys(operation["key"] for operation in operations or [] if operation["op"] != "remove"))
