"""Rule uplift: did the hit rate of the groups a reflection speaks about move more than that of the others?

Difference in differences (Card and Krueger 1994) judged by a placebo test in time (Bertrand, Duflo and Mullainathan
2004): the same statistic at steps at which nothing happened to these groups. A base rate that rises for all cancels
out, which it does not in the windowed credit.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from learning_loop.stage_b.tables import Bools, Ints, bools, encoded, ints, run_numbers, runs_of

Floats = npt.NDArray[np.float64]
Counts = tuple[Ints, Ints]
"""(hits, tickets)."""
Edges = tuple[Ints, Ints, Ints]
"""Of each window its first step, the step after which is after, and the step after its last."""
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
class Run:
    """The tickets of a run and mission, ready to be counted by group within windows of steps.

    ``keys`` is group * span + step of each ticket, ascending, ``steps`` the steps alone, ascending; ``*_hits`` hold
    the running number of hits before each. ``applied_at`` are the steps of the reflections, ascending;
    ``spoken[first_spoken[i] : first_spoken[i + 1]]`` the groups that the i-th speaks about.
    """

    span: int
    keys: Ints
    key_hits: Ints
    steps: Ints
    step_hits: Ints
    applied_at: Ints
    first_spoken: Ints
    spoken: Ints

    @classmethod
    def of(cls, group: Ints, step: Ints, is_hit: Bools, applied_at: Ints, named: list[Ints]) -> Run:
        """Sort tickets, and the groups that each reflection names, for counting."""
        span = int(max(step.max(initial=0), applied_at.max(initial=0))) + 2
        by_step = np.argsort(step, kind="stable")
        key = group * span + step
        by_key = np.argsort(key, kind="stable")
        lengths = [len(groups) for groups in named]
        return cls(
            span,
            key[by_key],
            _running(is_hit[by_key]),
            step[by_step],
            _running(is_hit[by_step]),
            applied_at,
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.concatenate([np.empty(0, dtype=np.int64), *named]),
        )

    def of_all(self, edges: Edges) -> list[Counts]:
        """Return (hits, tickets) of all groups, before and after."""
        at = [np.searchsorted(self.steps, edge) for edge in edges]
        return [(self.step_hits[high] - self.step_hits[low], high - low) for low, high in pairwise(at)]

    def of_groups(self, group: Ints, window: Ints, edges: Edges) -> list[Counts]:
        """Return (hits, tickets) per window, before and after, over the pairs of a group and a window's number.

        Fast where the pairs ascend, and the edges with the windows: each look-up then begins where the last one ended.
        """
        within = [np.clip(edge, 0, self.span - 1) for edge in edges]
        at = [np.searchsorted(self.keys, group * self.span + edge[window]) for edge in within]
        count = len(edges[0])
        return [
            (
                np.bincount(window, self.key_hits[high] - self.key_hits[low], count).astype(np.int64),
                np.bincount(window, high - low, count).astype(np.int64),
            )
            for low, high in pairwise(at)
        ]

    def cells(self, named: Ints, at: Ints, before: int, after: int) -> list[Counts]:
        """Return (hits, tickets) of the four CELLS for each step of ``at``, in any order.

        The others leave out the groups that a reflection speaks about within the windows: one that helps them would
        look like harm here.
        """
        order = np.argsort(at, kind="stable")
        steps = at[order]
        edges = (steps - before, steps, steps + after)
        group, window = self._spoken_within(edges[0], edges[2])
        pairs = np.repeat(np.sort(named), len(at)), np.tile(np.arange(len(at)), len(named))
        evidence = self.of_groups(*pairs, edges)
        touched = np.unique(np.concatenate([group * len(at) + window, pairs[0] * len(at) + pairs[1]]))
        of_touched = self.of_groups(touched // len(at), touched % len(at), edges)
        others = [
            (hits - touched_hits, count - touched_count)
            for (hits, count), (touched_hits, touched_count) in zip(self.of_all(edges), of_touched, strict=True)
        ]
        as_asked = np.argsort(order)
        return [(hits[as_asked], count[as_asked]) for hits, count in (*evidence, *others)]

    def _spoken_within(self, first: Ints, end: Ints) -> tuple[Ints, Ints]:
        """Return the pairs (group spoken about after a window's first step and before its end, the window)."""
        low = self.first_spoken[np.searchsorted(self.applied_at, first, side="right")]
        high = self.first_spoken[np.searchsorted(self.applied_at, end)]
        length = np.maximum(high - low, 0)
        window = np.repeat(np.arange(len(first)), length)
        place = np.arange(len(window)) - np.repeat(np.cumsum(length) - length, length) + np.repeat(low, length)
        return self.spoken[place], window


def _running(is_hit: Bools) -> Ints:
    return np.concatenate([[0], np.cumsum(is_hit)]).astype(np.int64)


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
        tickets: run_id, mission, group_id (string), global_step (int64), label_match (bool, null: left out); in any
            order.
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
    used = tickets.filter(tickets["label_match"].is_valid())
    runs = runs_of(reflections)
    run = run_numbers(used, runs)
    order = np.argsort(run, kind="stable")
    bounds = np.searchsorted(run[order], np.arange(len(runs) + 1))
    group_names, groups = encoded(used, "group_id")
    group, step, is_hit = (
        groups[order],
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
    codes = {name: number for number, name in enumerate(names)}
    # Groups without a ticket have no rate; they drop out here.
    named = [
        np.array(sorted({codes[name] for name in reflection["evidence_group_ids"] or [] if name in codes}), np.int64)
        for reflection in reflections
    ]
    applied_at = np.array([reflection["global_step"] for reflection in reflections], dtype=np.int64)
    run = Run.of(group, step, is_hit, applied_at, named)
    spoken_at: dict[int, list[int]] = defaultdict(list)
    for groups, at in zip(named, applied_at.tolist(), strict=True):
        for code in groups.tolist():
            spoken_at[code].append(at)
    first = int(run.steps[0]) if len(run.steps) else 0
    found, statistics, placebos = [], [], []
    for reflection, groups in zip(reflections, named, strict=True):
        spoken = np.unique(np.array([at for code in groups.tolist() for at in spoken_at[code]], dtype=np.int64))
        windows = _windows(reflection, spoken, first)
        row, statistic = _measure(reflection, run, groups, windows)
        found.append(row)
        statistics.append(statistic)
        if statistic is not None:
            own = _placebos(reflection, run, groups, windows, spoken, first)
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


def _measure(
    reflection: dict[str, Any], run: Run, named: Ints, windows: Windows
) -> tuple[dict[str, Any], float | None]:
    """Return a reflection's row, still without p-value, and its statistic; None where tickets are too few."""
    before, after = windows.at - windows.start, windows.end - windows.at
    cells = run.cells(named, np.array([windows.at], dtype=np.int64), before, after)
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


def _placebos(reflection: dict[str, Any], run: Run, named: Ints, windows: Windows, spoken: Ints, first: int) -> Floats:
    """Return the absolute statistic at random steps at which no reflection spoke about the same groups."""
    before, after = windows.at - windows.start, windows.end - windows.at
    steps = _placebo_steps(reflection, spoken, first, before, after)
    wanted = int(reflection["uplift_placebo_steps"])
    statistics = np.empty(0)
    # Four times as many are drawn as are wanted: the rest is looked at only where many have too few tickets.
    for first_step in range(0, len(steps), wanted):
        at = steps[first_step : first_step + wanted]
        uplift, error, is_enough = _difference(run.cells(named, at, before, after), reflection["uplift_min_tickets"])
        statistics = np.concatenate([statistics, np.abs(uplift[is_enough] / error[is_enough])])
        if len(statistics) >= wanted:
            break
    return statistics[:wanted]


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
    from scipy.stats import false_discovery_control  # a second to import: only where there is something to correct

    # A hair below the statistic: what is equal but for the last digit of a division is as far.
    as_far = len(placebos) - np.searchsorted(placebos, np.array([statistic for _, statistic in tested]) - 1e-9)
    p_values = (1 + as_far) / (1 + len(placebos))
    for (row, _), p_value, q_value in zip(tested, p_values, false_discovery_control(p_values), strict=True):
        row["placebo_p_value"] = round(float(p_value), 9)
        row["q_value"] = round(float(q_value), 9)


def _difference(cells: list[Counts], minimum: int) -> tuple[Floats, Floats, Bools]:
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
    wanted = 4 * int(reflection["uplift_placebo_steps"])
    if high < low:
        return np.empty(0, dtype=np.int64)
    if high - low < wanted:
        steps = rng.permutation(np.arange(low, high + 1))
    else:
        steps = rng.permutation(np.unique(rng.integers(low, high, wanted, endpoint=True)))
    # A reflection at the very first step of a window changes nothing within it.
    touching = np.searchsorted(spoken, steps + after) - np.searchsorted(spoken, steps - before, side="right")
    untouched: Ints = steps[touching == 0]
    return untouched
