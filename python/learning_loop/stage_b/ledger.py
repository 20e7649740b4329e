"""The rule ledger: everything that changed a rule, in order, with its counts before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import pyarrow as pa

EVENT_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("mission", pa.string()),
        ("event_number", pa.int64()),
        ("rule_key", pa.string()),
        ("event_type", pa.string()),
        ("reflection_id", pa.string()),
        ("global_step", pa.int64()),
        ("other_rule_key", pa.string()),
        ("hit_count_before", pa.int64()),
        ("hit_count_after", pa.int64()),
        ("miss_count_before", pa.int64()),
        ("miss_count_after", pa.int64()),
        ("hard_beyond_wrong_count_before", pa.int64()),
        ("hard_beyond_wrong_count_after", pa.int64()),
        ("is_retired_after", pa.bool_()),
        ("is_provisional", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Counts:
    """What a rule has to its name. ``hard_beyond_wrong``: credited tickets that were not chosen for being wrong."""

    hits: int = 0
    misses: int = 0
    hard_beyond_wrong: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Return the counts of both together."""
        return Counts(
            self.hits + other.hits, self.misses + other.misses, self.hard_beyond_wrong + other.hard_beyond_wrong
        )


@dataclass
class _Rules:
    """The rules of one run and mission as its reflections leave them, and what happened to them so far."""

    counts: dict[str, Counts] = field(default_factory=dict)
    standing: set[str] = field(default_factory=set)
    events: list[tuple[Any, ...]] = field(default_factory=list)

    def set(
        self, key: str, kind: str, after: Counts, at: tuple[str, int], other: str | None = None, is_open: bool = False
    ) -> None:
        before = self.counts.get(key, Counts())
        self.counts[key] = after
        self.events.append((key, kind, *at, other, before, after, key not in self.standing, is_open))

    def upsert(self, key: str, at: tuple[str, int]) -> None:
        if key in self.standing:
            self.set(key, "reinforced", self.counts[key] + Counts(hits=1), at)
        else:
            # A key that was retired comes back as a new rule: its event takes the old counts away.
            self.standing.add(key)
            self.set(key, "created", Counts(), at)

    def retire(self, key: str, at: tuple[str, int], into: str | None = None) -> None:
        self.standing.remove(key)
        self.set(key, "retired", self.counts[key], at, into)

    def apply(self, operation: dict[str, Any], at: tuple[str, int]) -> None:
        key = operation["key"]
        if operation["op"] == "remove":
            if key in self.standing:
                self.retire(key, at)
            return
        self.upsert(key, at)
        if operation["op"] == "merge":
            for source in operation["merged_from"] or []:
                # What is retired was folded or dropped before; a second fold would count it twice.
                if source != key and source in self.standing:
                    self.set(key, "merged", self.counts[key] + self.counts[source], at, source)
                    self.retire(source, at, key)

    def credit(self, context: dict[str, Any]) -> None:
        gain = Counts(context["hit_count"], context["miss_count"], context["hard_beyond_wrong_count"])
        if gain == replace(gain, hits=0, misses=0):
            return
        for key in context["rule_keys"]:
            # A rule that its own reflection retired was not in force in the window.
            if key in self.standing:
                at = (context["reflection_id"], context["credited_at"])
                self.set(key, "credited", self.counts[key] + gain, at, is_open=context["is_provisional"])


def rule_ledger(reflections: pa.Table, credit: pa.Table) -> pa.Table:
    """Replay the applied reflections of each run and mission and write down what each did to which rule.

    A context's credit is written back before the next reflection's operations, the last one's at the end. A loop over
    reflections and their operations, never over tickets: those are counted already.

    Args:
        reflections: run_id, mission, reflection_id, global_step, application_order, is_noop (it changed nothing: passed
            over), operations (list of structs op, key, merged_from), last_known_step, in any order.
        credit: what `windowed_credit` made of the same reflections.

    Returns:
        EVENT_SCHEMA, ordered by run_id, mission, event_number (from 1). The sums over a key's events of after minus
        before are its counts.
    """
    contexts = {(row["run_id"], row["mission"], row["reflection_id"]): row for row in credit.to_pylist()}
    order = [(name, "ascending") for name in ("run_id", "mission", "application_order")]
    columns = [
        "run_id",
        "mission",
        "reflection_id",
        "global_step",
        "application_order",
        "is_noop",
        "operations",
        "last_known_step",
    ]
    rows = [row for row in reflections.select(columns).sort_by(order).to_pylist() if not row["is_noop"]]
    found = [
        {"run_id": run[0], "mission": run[1], "event_number": number} | _event(*event)
        for run, applied in groupby(rows, key=lambda row: (row["run_id"], row["mission"]))
        for number, event in enumerate(_replay(list(applied), contexts), 1)
    ]
    return pa.Table.from_pylist(found, schema=EVENT_SCHEMA)


def _replay(applied: list[dict[str, Any]], contexts: dict[Any, dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    rules = _Rules()
    previous: dict[str, Any] | None = None
    for reflection in applied:
        if previous is not None:
            rules.credit(previous)
        for operation in reflection["operations"] or []:
            rules.apply(operation, (reflection["reflection_id"], reflection["global_step"]))
        context = contexts[reflection["run_id"], reflection["mission"], reflection["reflection_id"]]
        # An open window is credited with what is known so far.
        at = min(context["end_global_step"], reflection["last_known_step"])
        previous = context | {"credited_at": at}
    if previous is not None:
        rules.credit(previous)
    yield from rules.events


def _event(
    key: str, kind: str, reflection_id: str, step: int, other: str | None, before: Counts, after: Counts,
    is_retired: bool, is_open: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "rule_key": key,
        "event_type": kind,
        "reflection_id": reflection_id,
        "global_step": step,
        "other_rule_key": other,
        "hit_count_before": before.hits,
        "hit_count_after": after.hits,
        "miss_count_before": before.misses,
        "miss_count_after": after.misses,
        "hard_beyond_wrong_count_before": before.hard_beyond_wrong,
        "hard_beyond_wrong_count_after": after.hard_beyond_wrong,
        "is_retired_after": is_retired,
        "is_provisional": is_open,
    }
