"""Effects of rules, multi-touch: what each rule does to the tickets of its evidence groups, beside all other rules.

A regression over all tickets of a run and mission: an intercept and a trend for each group that any rule speaks about
(the others share one of each), a linear spline of time for what happens to everybody, and a column per rule that is 1
while the rule stands, in its evidence groups. A rule cannot be credited with what another one did at the same time in
the same group, nor with a group's own trend. Errors are clustered by group and stretch of steps (Liang and Zeger 1986),
and widened until rules that are made up, of the same shape, look like chance.

It is fitted twice, with effects that add up in hit rates and in log odds: which of the two holds is not known, and
where many rules meet near 0 or 1, each sees effects that are only the other's curve. A call must hold on both scales.

Tickets enter as cells (group, stretch, set of rules in force), so that the cost of the fit does not grow with them;
groups are eliminated (Schur complement), so that it grows with the rules alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import linalg, sparse
from scipy.special import expit, ndtr, ndtri

from learning_loop.stage_b.tables import Bools, Ints, bools, encoded, ints, run_numbers, runs_of

Floats = npt.NDArray[np.float64]
EFFECT_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("mission", pa.string()),
        ("rule_key", pa.string()),
        ("active_tickets", pa.int64()),
        ("inactive_tickets", pa.int64()),
        ("effect", pa.float64()),
        ("effect_lower", pa.float64()),
        ("effect_upper", pa.float64()),
        ("standard_error", pa.float64()),
        ("log_odds", pa.float64()),
        ("placebo_scale", pa.float64()),
        ("p_value", pa.float64()),
        ("q_value", pa.float64()),
        ("why_not", pa.string()),
    ]
)
Z_95 = 1.959963984540054
NEWTON_STEPS = 30
# Groups that were always right have no finite intercept: a hundredth of a ticket keeps it near.
GROUP_RIDGE = 0.01


@dataclass(frozen=True)
class Cells:
    """The tickets of a run, summed; in the order of group, then time. ``pool`` is the group; the others have the last.

    ``first_of[g] : first_of[g + 1]`` are the cells of pool g; ``stretch`` ascends within them.
    """

    pool: Ints
    stretch: Ints
    time: Floats
    tickets: Floats
    hits: Floats
    first_of: Ints


@dataclass(frozen=True)
class Fit:
    """The fitted regression, and what a further column must be cleared of before its own share is seen.

    ``columns`` are spline and rules, ``groups`` intercepts and trends, ``crossed`` their weighted products, ``inverse``
    that of the information on the columns once the groups are eliminated. ``clusters`` sums the residuals of cells,
    ``scores`` those of the columns less what the groups say of them, and ``meat`` is their square.
    """

    columns: sparse.csr_matrix
    groups: sparse.csr_matrix
    weight: Floats
    beta: Floats
    crossed: sparse.csr_matrix
    group_inverse: sparse.csr_matrix
    inverse: Floats
    clusters: sparse.csr_matrix
    scores: sparse.csr_matrix
    meat: Floats


def rule_effects(tickets: pa.Table, spans: pa.Table) -> pa.Table:
    """Estimate the effect of each rule on the hit rate of its evidence groups.

    Args:
        tickets: run_id, mission, group_id (string), global_step (int64), label_match (bool, null: left out); in any
            order.
        spans: run_id, mission, rule_key, group_id (string), start_step (int64), end_step (int64, exclusive; null: it
            stands) and the policy columns cluster_steps, clusters_at_most, spline_knots, placebo_draws,
            placebo_rules_at_most, min_tickets, effects_seed (int64), rule_ridge, placebo_quantile (float64): in which
            groups a rule was in force and when; in any order.

    Returns:
        EFFECT_SCHEMA, one row per run, mission and rule of ``spans``, in that order. ``effect`` is in hit rate. Where
        nothing can be told, ``why_not`` says all_groups, few_tickets or same_as_another_rule and the numbers are null.
        q-values are Benjamini and Hochberg's within a run and mission. Numbers are rounded to 9 decimals.
    """
    if spans.num_rows == 0:
        return EFFECT_SCHEMA.empty_table()
    used = tickets.filter(tickets["label_match"].is_valid())
    order = [(name, "ascending") for name in ("run_id", "mission", "rule_key", "group_id", "start_step")]
    spans = spans.sort_by(order)
    runs = runs_of(spans)
    run = run_numbers(used, runs)
    by_run = np.argsort(run, kind="stable")
    bounds = np.searchsorted(run[by_run], np.arange(len(runs) + 1))
    unsorted, codes = encoded(used, "group_id")
    # By name, and not as they came: placebos are drawn among them.
    names = sorted(unsorted)
    place = {name: number for number, name in enumerate(names)}
    groups = np.array([place[name] for name in unsorted], dtype=np.int64)[codes] if names else codes
    group, step, is_hit = groups[by_run], ints(used, "global_step")[by_run], bools(used, "label_match")[by_run]
    found: list[dict[str, Any]] = []
    for number, (run_id, mission) in enumerate(runs):
        part = slice(bounds[number], bounds[number + 1])
        mine = spans.filter(pc.and_(pc.equal(spans["run_id"], run_id), pc.equal(spans["mission"], mission)))
        found += [
            {"run_id": run_id, "mission": mission} | row
            for row in _of_run(mine.to_pylist(), names, group[part], step[part], is_hit[part])
        ]
    return pa.Table.from_pylist(found, schema=EFFECT_SCHEMA)


def _of_run(
    spans: list[dict[str, Any]], names: list[str], group: Ints, step: Ints, is_hit: Bools
) -> list[dict[str, Any]]:
    policy = spans[0]
    rules = sorted({span["rule_key"] for span in spans})
    if len(step) == 0:
        return [_cannot_tell(rule, "few_tickets", 0, 0) for rule in rules]
    known = np.unique(group)
    code = {names[number]: int(number) for number in known}
    about = np.unique([code[span["group_id"]] for span in spans if span["group_id"] in code]).astype(np.int64)
    pool = np.searchsorted(about, group)
    pool = np.where(np.isin(group, about), pool, len(about))
    place = {names[number]: position for position, number in enumerate(about)}
    number_of = {rule: number for number, rule in enumerate(rules)}
    first, last = int(step.min()), int(step.max())
    table = np.array(
        [
            (
                number_of[span["rule_key"]],
                place[span["group_id"]],
                min(max(span["start_step"], first), last + 1) - first,
                (last + 1 if span["end_step"] is None else min(max(span["end_step"], first), last + 1)) - first,
            )
            for span in spans
            if span["group_id"] in place
        ],
        dtype=np.int64,
    ).reshape(-1, 4)
    cells, ranges = _cells(policy, pool, len(about), step - first, is_hit, table)
    active = _columns(ranges, table[:, 0], len(cells.pool), len(rules))
    named = sparse.csr_matrix(
        (np.ones(len(table)), (table[:, 1], table[:, 0])), shape=(len(about) + 1, len(rules))
    ).minimum(1)
    per_pool = np.bincount(cells.pool, cells.tickets, len(about) + 1)
    under = active.T @ cells.tickets
    inactive = named.T @ per_pool - under
    why = _why_not(policy, active, named, len(known), under, inactive)
    judged = [number for number, reason in enumerate(why) if reason is None]
    rows = [
        _cannot_tell(rule, why[number] or "", int(under[number]), int(inactive[number]))
        for rule, number in number_of.items()
    ]
    if not judged:
        return rows
    from scipy.stats import false_discovery_control  # a second to import: only where there is something to correct

    # A column that nothing can be told of still takes its part of the others' way; twins enter once.
    kept = [number for number, reason in enumerate(why) if reason in (None, "few_tickets", "all_groups")]
    kept += list(_first_twins(active, why).values())
    at = np.array([kept.index(number) for number in judged]) + policy["spline_knots"]
    shapes = [table[table[:, 0] == number, 1] for number in judged]
    (effect, error, scale), (log_odds, log_error, log_scale) = (
        _measured(policy, cells, _fit(policy, cells, active[:, kept], is_rate), at, shapes) for is_rate in (True, False)
    )
    is_agreed = np.sign(effect) == np.sign(log_odds)
    surest = np.minimum(np.abs(effect) / error / scale, np.abs(log_odds) / log_error / log_scale)
    p_values = np.clip(2 * ndtr(-np.where(is_agreed, surest, 0)), 1e-300, 1)
    reach = Z_95 * error * scale
    numbers = {
        "effect": effect,
        "effect_lower": effect - reach,
        "effect_upper": effect + reach,
        "standard_error": error,
        "log_odds": log_odds,
        "placebo_scale": np.full(len(judged), scale),
        "p_value": p_values,
        "q_value": false_discovery_control(p_values),
    }
    for order, number in enumerate(judged):
        rows[number] |= {"why_not": None} | {name: round(float(of[order]), 9) for name, of in numbers.items()}
    return rows


def _measured(
    policy: dict[str, Any], cells: Cells, fit: Fit, at: Ints, shapes: list[Ints]
) -> tuple[Floats, Floats, float]:
    """Return of the rules at these columns the coefficient, its error, and what the errors are to be widened by."""
    variance = np.einsum("ij,jk,ik->i", fit.inverse[at], fit.meat, fit.inverse[at])
    return fit.beta[at], np.sqrt(np.maximum(variance, 1e-18)), _placebo_scale(policy, cells, fit, shapes)


def _cannot_tell(rule: str, why: str, active: int, inactive: int) -> dict[str, Any]:
    return {"rule_key": rule, "active_tickets": active, "inactive_tickets": inactive, "why_not": why}


def _cells(
    policy: dict[str, Any], pool: Ints, others: int, step: Ints, is_hit: Bools, table: Ints
) -> tuple[Cells, Ints]:
    """Sum the tickets, and return of each span the cells [first, end) that it covers.

    A cell holds one group's tickets of one stretch of steps between two changes of the rules in force there.
    """
    length = int(step.max()) + 1
    width = max(policy["cluster_steps"], -(-length // policy["clusters_at_most"]))
    span = length + 1
    changes = np.unique(np.concatenate([table[:, 1] * span + table[:, 2], table[:, 1] * span + table[:, 3]]))
    stretches = length // width + 1
    # Within a group the number of changes so far and the stretch both ascend with time.
    so_far = np.searchsorted(changes, pool * span + step, side="right")
    key = (pool * (len(changes) + 1) + so_far) * stretches + step // width
    keys, inverse = np.unique(key, return_inverse=True)
    tickets = np.bincount(inverse).astype(np.float64)
    held = keys // stretches
    cells = Cells(
        pool=held // (len(changes) + 1),
        stretch=keys % stretches,
        time=np.bincount(inverse, step) / tickets / max(length - 1, 1),
        tickets=tickets,
        hits=np.bincount(inverse, is_hit).astype(np.float64),
        first_of=np.searchsorted(held // (len(changes) + 1), np.arange(others + 2)),
    )
    from_change, to_change = (
        np.searchsorted(changes, table[:, 1] * span + table[:, edge], side="right") for edge in (2, 3)
    )
    first, end = (
        np.searchsorted(held, table[:, 1] * (len(changes) + 1) + change) for change in (from_change, to_change)
    )
    return cells, np.stack([first, end], axis=1).astype(np.int64)


def _columns(ranges: Ints, column: Ints, height: int, width: int) -> sparse.csc_matrix:
    """Return a matrix that is 1 where a column's ranges of rows say so."""
    length = np.maximum(ranges[:, 1] - ranges[:, 0], 0)
    row = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + np.repeat(ranges[:, 0], length)
    found = sparse.csc_matrix((np.ones(len(row)), (row, np.repeat(column, length))), shape=(height, width))
    found.sum_duplicates()
    found.data[:] = 1
    return found


def _why_not(
    policy: dict[str, Any],
    active: sparse.csc_matrix,
    named: sparse.csr_matrix,
    groups: int,
    under: Floats,
    inactive: Floats,
) -> list[str | None]:
    """Return of each rule why nothing can be told of it, or None."""
    enough = policy["min_tickets"]
    about = np.asarray((named[:-1] > 0).sum(axis=0)).ravel()
    seen: dict[bytes, int] = {}
    why: list[str | None] = []
    for number in range(active.shape[1]):
        cells = active.indices[active.indptr[number] : active.indptr[number + 1]]
        if about[number] >= groups:
            why.append("all_groups")
        elif under[number] < enough or inactive[number] < enough:
            why.append("few_tickets")
        else:
            twin = seen.setdefault(cells.tobytes(), number)
            why.append(None)
            if twin != number:
                why[twin] = why[number] = "same_as_another_rule"
    return why


def _first_twins(active: sparse.csc_matrix, why: list[str | None]) -> dict[bytes, int]:
    first: dict[bytes, int] = {}
    for number, reason in enumerate(why):
        if reason == "same_as_another_rule":
            first.setdefault(active.indices[active.indptr[number] : active.indptr[number + 1]].tobytes(), number)
    return first


def _fit(policy: dict[str, Any], cells: Cells, rules: sparse.csc_matrix, is_rate: bool) -> Fit:
    knots = np.arange(1, policy["spline_knots"] + 1) / (policy["spline_knots"] + 1)
    spline = np.maximum(cells.time[:, None] - knots, 0)
    columns = sparse.hstack([sparse.csr_matrix(spline), rules], format="csr")
    pools, rows = len(cells.first_of) - 1, np.arange(len(cells.pool))
    groups = sparse.csr_matrix(
        (
            np.concatenate([np.ones(len(rows)), cells.time - 0.5]),
            (np.tile(rows, 2), np.concatenate([cells.pool * 2, cells.pool * 2 + 1])),
        ),
        shape=(len(rows), 2 * pools),
    )
    ridge = np.concatenate([np.full(len(knots), GROUP_RIDGE), np.full(rules.shape[1], policy["rule_ridge"])])
    beta, gamma = np.zeros(columns.shape[1]), np.zeros(2 * pools)
    for _ in range(NEWTON_STEPS):
        level = columns @ beta + groups @ gamma
        rate = level if is_rate else expit(level)
        weight = cells.tickets if is_rate else cells.tickets * rate * (1 - rate)
        residual = cells.hits - cells.tickets * rate
        crossed, group_inverse, information = _information(columns, groups, weight, ridge)
        of_groups = groups.T @ residual - GROUP_RIDGE * gamma
        step = linalg.solve(
            information,
            columns.T @ residual - ridge * beta - crossed @ (group_inverse @ of_groups),
            assume_a="pos",
        )
        of_group = group_inverse @ (of_groups - crossed.T @ step)
        longest = max(np.abs(step).max(), np.abs(of_group).max())
        # A step beyond 4 in log odds overshoots where a group was nearly always right.
        damped = min(1.0, 4 / longest) if longest > 0 else 1.0
        beta, gamma = beta + damped * step, gamma + damped * of_group
        if longest < 1e-8:
            break
    stretches = int(cells.stretch.max()) + 1
    _, cluster = np.unique(cells.pool * stretches + cells.stretch, return_inverse=True)
    clusters = sparse.csr_matrix((residual, (cluster, rows)), shape=(int(cluster.max()) + 1, len(rows)))
    scores = (clusters @ columns - (clusters @ groups) @ (group_inverse @ crossed.T)).tocsr()
    return Fit(
        columns, groups, weight, beta, crossed, group_inverse, linalg.inv(information), clusters, scores,
        (scores.T @ scores).toarray(),
    )  # fmt: skip


def _information(
    columns: sparse.csr_matrix, groups: sparse.csr_matrix, weight: Floats, ridge: Floats
) -> tuple[sparse.csr_matrix, sparse.csr_matrix, Floats]:
    """Return (columns by groups, the inverse of groups by groups, columns by columns less what the groups explain)."""
    weighted = sparse.diags(weight)
    crossed = (columns.T @ weighted @ groups).tocsr()
    one, tilt = groups[:, 0::2], groups[:, 1::2]
    a = np.asarray(one.T @ weight).ravel() + GROUP_RIDGE
    b = np.asarray(tilt.T @ weight).ravel()
    c = np.asarray(tilt.multiply(tilt).T @ weight).ravel() + GROUP_RIDGE
    det = a * c - b * b
    even = np.arange(len(a)) * 2
    group_inverse = sparse.csr_matrix(
        (
            np.concatenate([c / det, -b / det, -b / det, a / det]),
            (np.concatenate([even, even, even + 1, even + 1]), np.concatenate([even, even + 1, even, even + 1])),
        ),
        shape=(2 * len(a), 2 * len(a)),
    )
    own = (columns.T @ weighted @ columns).toarray() + np.diag(ridge)
    return crossed, group_inverse, own - (crossed @ group_inverse @ crossed.T).toarray()


def _placebo_scale(policy: dict[str, Any], cells: Cells, fit: Fit, shapes: list[Ints]) -> float:
    """Return what divides z: the quantile of |z| over placebo rules as a multiple of what chance would make it."""
    statistics: list[float] = []
    for draw in range(policy["placebo_draws"]):
        name = f"{policy['effects_seed']}:{policy['run_id']}:{policy['mission']}:{draw}"
        rng = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))
        chosen = rng.permutation(len(shapes))[: policy["placebo_rules_at_most"]]
        ranges, column = _placebos(rng, cells, [shapes[number] for number in chosen])
        placebos = _columns(ranges, column, len(cells.pool), len(chosen))
        statistics += _scores(fit, placebos)
    if not statistics:
        return 1.0
    usual = float(ndtri((1 + policy["placebo_quantile"]) / 2))
    return max(1.0, float(np.quantile(statistics, policy["placebo_quantile"]) / usual))


def _placebos(rng: np.random.Generator, cells: Cells, shapes: list[Ints]) -> tuple[Ints, Ints]:
    """Draw for each rule, given by its groups, one of its shape: in as many groups, from a random moment on."""
    length = int(cells.stretch.max()) + 1
    pools = len(cells.first_of) - 2
    ranges, column = [], []
    for number, shape in enumerate(shapes):
        start = rng.uniform(0.1, 0.9) * length
        for pool in rng.permutation(pools)[: len(np.unique(shape))]:
            own = slice(cells.first_of[pool], cells.first_of[pool + 1])
            first = cells.first_of[pool] + np.searchsorted(cells.stretch[own], start)
            ranges.append((first, cells.first_of[pool + 1]))
            column.append(number)
    return np.array(ranges, dtype=np.int64).reshape(-1, 2), np.array(column, dtype=np.int64)


def _scores(fit: Fit, placebos: sparse.csc_matrix) -> list[float]:
    """Return |z| of each placebo, beside all real rules: one step from the fit, which has none of them."""
    weighted = sparse.diags(fit.weight) @ placebos
    of_groups = fit.group_inverse @ (fit.groups.T @ weighted)
    along = fit.inverse @ ((fit.columns.T @ weighted) - fit.crossed @ of_groups).toarray()
    scores = (fit.clusters @ placebos - (fit.clusters @ fit.groups) @ of_groups).tocsc()
    score = np.asarray(scores.sum(axis=0)).ravel() - along.T @ np.asarray(fit.scores.sum(axis=0)).ravel()
    own = np.asarray(scores.multiply(scores).sum(axis=0)).ravel()
    mixed = np.einsum("ij,ij->j", along, (fit.scores.T @ scores).toarray())
    variance = own - 2 * mixed + np.einsum("ij,ik,kj->j", along, fit.meat, along)
    is_seen = variance > 1e-9 * np.maximum(own, 1e-9)
    found: Floats = np.abs(score[is_seen]) / np.sqrt(variance[is_seen])
    return [float(value) for value in found]
