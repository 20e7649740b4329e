"""Rule uplift: did the hit rate of the groups a reflection speaks about move more than that of the others?

Difference in differences (Card and Krueger 1994) judged by a placebo test in time (Bertrand, Duflo and Mullainathan
2004): the same statistic at steps at which nothing happened to these groups. A base rate that rises for all cancels
out, which it does not in the windowed credit.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import false_discovery_control

from learning_loop.stage_b.tables import Bools, Ints, bools, ints, run_numbers, runs_of

Floats = npt.NDArray[np.float64]
CELLS = ("evidence_before", "evidence_after", "others_before", "others_after")
UPLIFT_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("mission", pa.string()),
        ("reflection_id", pa.string()),
        ("global_step", pa.int64()),
        ("before_start_step", pa.int64()),
        ("after_end_step", pa.int64()),
        *[(f"{cell}_{what}", pa.int64()) for cell in CELLS for what in ("hits", "tickets")],
        ("uplift", pa.float64()),
        ("uplift_lower", pa.float64()),
        ("uplift_upper", pa.float64()),
        ("placebo_steps", pa.int64()),
        ("placebo_p_value", pa.float64()),
        ("q_value", pa.float64()),
    ]
)
Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Series:
    """Hard tickets in the order of their steps, with the running number of hits before each."""

    steps: Ints
    hits_before: Ints

    @classmethod
    def of(cls, steps: Ints, is_hit: Bools) -> Series:
        """Sort tickets into a series."""
        order = np.argsort(steps, kind="stable")
        return cls(steps[order], np.concatenate([[0], np.cumsum(is_hit[order])]).astype(np.int64))

    def counts(self, first: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Return (hits, tickets) within the half-open step windows [first, end)."""
        low, high = np.searchsorted(self.steps, first), np.searchsorted(self.steps, end)
        return self.hits_before[high] - self.hits_before[low], high - low


def rule_uplift(tickets: pa.Table, reflections: pa.Table) -> pa.Table:
    """Measure the uplift of each applied reflection on the groups that it names as its evidence.

    Before is the ``uplift_window_steps`` steps before its own, after as many from it on, both cut short at the next
    applied reflection that speaks about one of the same groups and at the ends of the run. The others are the groups
    that no applied reflection speaks about within those windows: one that helps them would look like harm here.

    The placebo p-value is the share of placebos with a statistic (uplift over its standard error) at least as far from
    0. Placebos are the same statistic at random steps, whose windows of the same length no reflection about the same
    groups touches; those of all reflections of the run and mission are taken together, because a run holds only a
    handful of windows that do not overlap, and a p-value from so few says "extreme" of one null reflection in five.
    q-values are Benjamini and Hochberg's within a run and mission.

    Args:
        tickets: run_id, mission, group_id (string), global_step (int64), label_match (bool, null: left out), is_hard;
            in any order.
        reflections: run_id, mission, reflection_id, global_step, application_order, evidence_group_ids (list of
            string), last_known_step and the policy columns uplift_window_steps, uplift_min_tickets,
            uplift_placebo_steps, uplift_min_placebo_steps, uplift_seed (int64); in any order.

    Returns:
        UPLIFT_SCHEMA, one row per reflection, ordered by run_id, mission, application_order. uplift is null where one
        of the four cells has under uplift_min_tickets tickets, the p-value also where the run has under
        uplift_min_placebo_steps placebos. Rates and p-values are rounded to 9 decimals.
    """
    if reflections.num_rows == 0:
        return UPLIFT_SCHEMA.empty_table()
    used = tickets.filter(pc.and_(tickets["is_hard"], tickets["label_match"].is_valid()))
    runs = runs_of(reflections)
    run = run_numbers(used, runs)
    order = np.argsort(run, kind="stable")
    bounds = np.searchsorted(run[order], np.arange(len(runs) + 1))
    groups = used["group_id"].combine_chunks().dictionary_encode()
    group_names = groups.dictionary.to_pylist()
    group, step, is_hit = (
        groups.indices.to_numpy()[order],
        ints(used, "global_step")[order],
        bools(used, "label_match")[order],
    )
    by_run: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    sort_keys = [(name, "ascending") for name in ("run_id", "mission", "application_order")]
    for row in reflections.sort_by(sort_keys).to_pylist():
        by_run[row["run_id"], row["mission"]].append(row)
    found: list[dict[str, Any]] = []
    for number, key in enumerate(runs):
        part = slice(bounds[number], bounds[number + 1])
        found += _of_run(by_run[key], group[part], group_names, step[part], is_hit[part])
    return pa.Table.from_pylist(found, schema=UPLIFT_SCHEMA)


def _of_run(
    reflections: list[dict[str, Any]], group: Ints, names: list[str], step: Ints, is_hit: Bools
) -> list[dict[str, Any]]:
    everyone = Series.of(step, is_hit)
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(len(names) + 1))
    tickets_of = {name: order[bounds[number] : bounds[number + 1]] for number, name in enumerate(names)}
    named = [sorted(set(reflection["evidence_group_ids"] or [])) for reflection in reflections]
    at = np.array([reflection["global_step"] for reflection in reflections], dtype=np.int64)
    spoken_at: dict[str, list[int]] = defaultdict(list)
    for names_of_one, step_of_one in zip(named, at.tolist(), strict=True):
        for name in names_of_one:
            spoken_at[name].append(step_of_one)
    first = int(everyone.steps[0]) if len(everyone.steps) else 0

    def series_of(wanted: set[str]) -> Series:
        places = np.concatenate([order[:0], *[tickets_of[name] for name in sorted(wanted) if name in tickets_of]])
        return Series.of(step[places], is_hit[places])

    found, statistics, placebos = [], [], []
    for number, reflection in enumerate(reflections):
        spoken = np.unique(np.array([s for name in named[number] for s in spoken_at[name]], dtype=np.int64))
        windows = _windows(reflection, spoken, first)
        # A reflection at the very first step of a window changes nothing within it.
        nearby = np.flatnonzero((at > windows.start) & (at < windows.end))
        touched = {name for other in nearby.tolist() for name in named[other]} | set(named[number])
        compare = Comparison(series_of(set(named[number])), series_of(touched), everyone)
        row, statistic = _measure(reflection, compare, windows)
        found.append(row)
        statistics.append(statistic)
        if statistic is not None:
            own = _placebos(reflection, compare, windows, spoken, first)
            row["placebo_steps"] = len(own)
            placebos.append(own)
    _judge(reflections, found, statistics, np.sort(np.concatenate([np.empty(0), *placebos])))
    return found


@dataclass(frozen=True)
class Windows:
    """Before: the steps [start, at); after: [at, end)."""

    start: int
    at: int
    end: int


def _windows(reflection: dict[str, Any], spoken: Ints, first: int) -> Windows:
    at, width, last = reflection["global_step"], reflection["uplift_window_steps"], reflection["last_known_step"]
    start = max(at - width, first, int(spoken[spoken < at].max(initial=np.iinfo(np.int64).min)))
    end = min(at + width, last + 1, int(spoken[spoken > at].min(initial=np.iinfo(np.int64).max)))
    return Windows(min(start, at), at, max(end, at))


@dataclass(frozen=True)
class Comparison:
    """The groups a reflection speaks about, and those that are no fit comparison (with the former), among everyone."""

    evidence: Series
    touched: Series
    everyone: Series

    def cells(self, at: Ints, before: int, after: int) -> list[tuple[Ints, Ints]]:
        """Return (hits, tickets) of the four CELLS for each step of ``at``."""
        found: dict[str, tuple[Ints, Ints]] = {}
        for when, low, high in (("before", at - before, at), ("after", at, at + after)):
            found[f"evidence_{when}"] = self.evidence.counts(low, high)
            hits, count = self.everyone.counts(low, high)
            touched_hits, touched_count = self.touched.counts(low, high)
            found[f"others_{when}"] = hits - touched_hits, count - touched_count
        return [found[name] for name in CELLS]


def _measure(reflection: dict[str, Any], compare: Comparison, windows: Windows) -> tuple[dict[str, Any], float | None]:
    """Return a reflection's row, still without p-value, and its statistic; None where tickets are too few."""
    before, after = windows.at - windows.start, windows.end - windows.at
    cells = compare.cells(np.array([windows.at], dtype=np.int64), before, after)
    row: dict[str, Any] = {
        "run_id": reflection["run_id"],
        "mission": reflection["mission"],
        "reflection_id": reflection["reflection_id"],
        "global_step": windows.at,
        "before_start_step": windows.start,
        "after_end_step": windows.end - 1,
        "placebo_steps": 0,
    }
    for name, (hits, count) in zip(CELLS, cells, strict=True):
        row |= {f"{name}_hits": int(hits[0]), f"{name}_tickets": int(count[0])}
    uplift, error, is_enough = _difference(cells, reflection["uplift_min_tickets"])
    if not is_enough[0]:
        return row, None
    row["uplift"] = round(float(uplift[0]), 9)
    row["uplift_lower"] = round(float(uplift[0] - Z_95 * error[0]), 9)
    row["uplift_upper"] = round(float(uplift[0] + Z_95 * error[0]), 9)
    return row, abs(float(uplift[0] / error[0]))


def _placebos(reflection: dict[str, Any], compare: Comparison, windows: Windows, spoken: Ints, first: int) -> Floats:
    """Return the absolute statistic at random steps at which no reflection spoke about the same groups."""
    before, after = windows.at - windows.start, windows.end - windows.at
    steps = _placebo_steps(reflection, spoken, first, before, after)
    uplift, error, is_enough = _difference(compare.cells(steps, before, after), reflection["uplift_min_tickets"])
    statistics: Floats = np.abs(uplift[is_enough] / error[is_enough])[: reflection["uplift_placebo_steps"]]
    return statistics


def _judge(
    reflections: list[dict[str, Any]], rows: list[dict[str, Any]], statistics: list[float | None], placebos: Floats
) -> None:
    """Add p-values, from the sorted placebo statistics of the whole run, and q-values."""
    tested = [
        (row, statistic)
        for reflection, row, statistic in zip(reflections, rows, statistics, strict=True)
        if statistic is not None and len(placebos) >= reflection["uplift_min_placebo_steps"]
    ]
    if not tested:
        return
    # A hair below the statistic: what is equal but for the last digit of a division is as far.
    as_far = len(placebos) - np.searchsorted(placebos, np.array([statistic for _, statistic in tested]) - 1e-9)
    p_values = (1 + as_far) / (1 + len(placebos))
    for (row, _), p_value, q_value in zip(tested, p_values, false_discovery_control(p_values), strict=True):
        row["placebo_p_value"] = round(float(p_value), 9)
        row["q_value"] = round(float(q_value), 9)


def _difference(cells: list[tuple[Ints, Ints]], minimum: int) -> tuple[Floats, Floats, Bools]:
    """Return (difference in differences, its standard error, each cell has enough tickets).

    The error is of rates with one hit and one miss added (Agresti and Caffo 2000): a cell of
    hits only has an error too.
    """
    is_enough = np.all([count >= max(minimum, 1) for _, count in cells], axis=0)
    rates = [hits / np.maximum(count, 1) for hits, count in cells]
    added = [((hits + 1) / (count + 2), count + 2) for hits, count in cells]
    error = np.sqrt(sum(rate * (1 - rate) / count for rate, count in added))
    return (rates[1] - rates[0]) - (rates[3] - rates[2]), error, is_enough


def _placebo_steps(reflection: dict[str, Any], spoken: Ints, first: int, before: int, after: int) -> Ints:
    """Draw steps whose windows lie within the run and hold no reflection about the same groups, in random order.

    The draw follows from the seed and the reflection's name alone: other reflections, and their order, do not move it.
    """
    name = f"{reflection['uplift_seed']}:{reflection['run_id']}:{reflection['mission']}:{reflection['reflection_id']}"
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))
    low, high = first + before, reflection["last_known_step"] + 1 - after
    wanted = 8 * int(reflection["uplift_placebo_steps"])
    if high < low:
        return np.empty(0, dtype=np.int64)
    if high - low < wanted:
        steps = rng.permutation(np.arange(low, high + 1))
    else:
        steps = rng.permutation(np.unique(rng.integers(low, high, wanted, endpoint=True)))
    touching = np.searchsorted(spoken, steps + after) - np.searchsorted(spoken, steps - before, side="right")
    return steps[touching == 0]
