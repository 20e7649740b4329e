"""Time and memory of the Stage-B functions on one run: python benchmarks/stage_b_credit.py [TICKETS] [REFLECTIONS].

Each step runs in a process of its own, so that its peak memory is its own; the peak before the call (tables read,
libraries loaded) stands beside it.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from typing import Any

import credit
import numpy as np
import pyarrow as pa

from learning_loop.stage_b.credit import windowed_credit
from learning_loop.stage_b.effects import rule_effects
from learning_loop.stage_b.ledger import rule_ledger
from learning_loop.stage_b.uplift import rule_uplift

POLICY = {
    "feedback_window_steps": 256,
    "uplift_window_steps": 512,
    "uplift_min_tickets": 10,
    "uplift_placebo_steps": 999,
    "uplift_min_placebo_steps": 99,
    "uplift_seed": 20260101,
}
GROUPS = 200
TICKETS_PER_STEP = 4


def world(tickets: int, reflections: int) -> tuple[pa.Table, pa.Table]:
    """Return a run of that many tickets, a quarter of them hard, and reflections on three groups each."""
    rng = np.random.default_rng(6)
    steps = tickets // TICKETS_PER_STEP
    hard = rng.random(tickets) < 0.25
    ticket_table = pa.table(
        {
            "run_id": pa.array(["run"]).take(pa.array(np.zeros(tickets, dtype=np.int64))),
            "mission": pa.array(["mission"]).take(pa.array(np.zeros(tickets, dtype=np.int64))),
            "group_id": pa.array([f"g{n}" for n in range(GROUPS)]).take(pa.array(rng.integers(0, GROUPS, tickets))),
            "global_step": rng.integers(0, steps, tickets),
            "label_match": rng.random(tickets) < 0.6,
            "is_hard": hard,
            "is_hard_beyond_wrong": hard & (rng.random(tickets) < 0.5),
        }
    )
    rows: list[dict[str, Any]] = [
        {
            "run_id": "run",
            "mission": "mission",
            "reflection_id": f"x{number}",
            "global_step": int(step),
            "application_order": number,
            "evidence_group_ids": [f"g{n}" for n in rng.choice(GROUPS, 3, replace=False)],
            "is_noop": False,
            "operations": [{"op": "upsert", "key": f"k{number % 300}", "merged_from": [""][:0]}],
            "last_known_step": steps - 1,
            **POLICY,
        }
        for number, step in enumerate(np.sort(rng.integers(0, steps, reflections)), 1)
    ]
    return ticket_table, pa.Table.from_pylist(rows)


def spans_of(reflections: pa.Table) -> pa.Table:
    """Return where and from when on each rule is in force: none is retired."""
    begun: dict[tuple[str, str], int] = {}
    for row in reflections.to_pylist():
        for group in row["evidence_group_ids"]:
            begun.setdefault((row["operations"][0]["key"], group), row["global_step"])
    rows = [
        {
            "run_id": "run",
            "mission": "mission",
            "rule_key": key,
            "group_id": group,
            "start_step": step,
            "end_step": None,
        }
        | credit.POLICY
        for (key, group), step in begun.items()
    ]
    table = pa.Table.from_pylist(rows)
    return table.set_column(table.column_names.index("end_step"), "end_step", table["end_step"].cast(pa.int64()))


def measure(step: str, tickets: int, reflections: int, report: Any) -> None:
    """Run one step and put (seconds, peak MB before, peak MB after, rows) into ``report``."""
    ticket_table, reflection_table = world(tickets, reflections)
    credit = windowed_credit(ticket_table, reflection_table) if step == "rule_ledger" else None
    spans = spans_of(reflection_table)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.perf_counter()
    if credit is not None:
        found = rule_ledger(reflection_table, credit)
    elif step == "rule_effects":
        found = rule_effects(ticket_table, spans)
    else:
        found = {"windowed_credit": windowed_credit, "rule_uplift": rule_uplift}[step](ticket_table, reflection_table)
    seconds = time.perf_counter() - start
    report.put((seconds, before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, found.num_rows))


def main() -> None:
    """Print a line per step."""
    given = [int(text) for text in sys.argv[1:3]]
    tickets, reflections = [*given, *(1_000_000, 2000)[len(given) :]]
    context = multiprocessing.get_context("spawn")
    print(f"{tickets} tickets, {reflections} reflections, {GROUPS} groups")
    for step in ("windowed_credit", "rule_ledger", "rule_uplift", "rule_effects"):
        report = context.Queue()
        process = context.Process(target=measure, args=(step, tickets, reflections, report))
        process.start()
        seconds, before, after, rows = report.get()
        process.join()
        print(f"{step:16} {seconds:7.2f} s, peak {after} MB ({before} MB before), {rows} rows")


if __name__ == "__main__":
    main()
