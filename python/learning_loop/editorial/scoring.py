"""Models of what editors will make of a candidate: fitted once a week, put to the test on the last of the decisions.

A model is a regularised logistic regression over the features that SQL made, calibrated by Platt's line, which is
folded into its weights: to score is to add products, and SQL does it. Libraries are loaded when there is something to
fit, which is once a week.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TARGETS = ("promoted", "rewrite", "duplicate")
LABELS = {"promoted": "is_promoted", "rewrite": "is_rewritten", "duplicate": "is_duplicate"}
HIDDEN_SHARES = (0.1, 0.2, 0.3, 0.5)
FOLDS = 5
INTERCEPT, PLAIN = 1, slice(2, 10)  # slots of macro model_features: of the others a candidate has some
WEIGHTS = pa.list_(
    pa.struct([("slot", pa.int32()), ("feature", pa.string()), ("weight", pa.float64()), ("usual", pa.float64())])
)
BINS = pa.list_(pa.struct([
    ("source_key", pa.string()), ("bin", pa.int32()), ("item_count", pa.int64()), ("promoted_count", pa.int64()),
    ("score_sum", pa.float64()),
]))  # fmt: skip
NUMBERS = (
    "auc", "auc_lower", "auc_upper", "rules_auc", "lift", "lift_lower", "lift_upper", "brier", "usual_brier",
    "calibration_error",
)  # fmt: skip
SCHEMA = pa.schema([
    ("target", pa.string()), ("feature_set", pa.int32()), ("state", pa.string()), ("because", pa.string()),
    ("label_count", pa.int64()), ("positive_count", pa.int64()), ("holdout_count", pa.int64()),
    ("holdout_positive_count", pa.int64()), ("holdout_from", pa.timestamp("us", "UTC")),
    *((name, pa.float64()) for name in NUMBERS),
    ("calibration", pa.string()), ("threshold_costs", pa.string()), ("holdout_bins", BINS),
    ("weights", WEIGHTS),
])  # fmt: skip


def fit(examples: pa.Table) -> pa.Table:
    """Fit a model of each target that has labels enough.

    Args:
        examples: the rows of int_scoring__candidates that are learnt from, in the order of labelled_at, candidate_id;
            none in a week that has its models.

    Returns:
        A table of SCHEMA, a row per target that was fitted: its evidence on the holdout, and weights fitted on all.
    """
    found = []
    for target in TARGETS if examples.num_rows else ():
        known = examples.filter(examples[LABELS[target]].is_valid())
        if known.num_rows and known.num_rows >= known["min_labels"][0].as_py():
            found.append(_of_target(target, known))
    return pa.Table.from_pylist(found, schema=SCHEMA)


def _of_target(target: str, rows: pa.Table) -> dict[str, Any]:
    bars = {name: rows[name][0].as_py() for name in (
        "holdout_share", "regularisation", "holdout_draws", "min_of_each", "feature_set"
    )}  # fmt: skip
    y = rows[LABELS[target]].to_numpy(zero_copy_only=False).astype(float)
    days = rows["labelled_at"].cast(pa.timestamp("us", "UTC")).to_numpy().astype("datetime64[D]").astype(int)
    x, names, usual = _matrix(rows["features"])
    rules = {
        "promoted": rows["rules_total"].to_numpy(), "rewrite": -rows["rules_total"].to_numpy(),
        "duplicate": rows["similarity"].to_numpy(),
    }[target]  # fmt: skip
    # Whole days: what is decided on one day has its luck in common.
    first = days[min(int(len(days) * (1 - bars["holdout_share"])), len(days) - 1)]
    is_held = days >= first
    row = {
        "target": target, "feature_set": bars["feature_set"], "label_count": len(y), "positive_count": int(y.sum()),
        "holdout_count": int(is_held.sum()), "holdout_positive_count": int(y[is_held].sum()),
        "holdout_from": np.datetime64(int(first), "D").astype("datetime64[us]").item(), "weights": [],
    }  # fmt: skip
    least = min(np.bincount(y[part].astype(int), minlength=2).min() for part in (is_held, ~is_held))
    if least < bars["min_of_each"]:
        return row | {"state": "shadow", "because": "too few of one kind to check it on the holdout"}
    learnt = _weights(x[~is_held], y[~is_held], days[~is_held], bars["regularisation"])
    p = _expit(x[is_held] @ learnt)
    told = evidence(y[is_held], p, rules[is_held], days[is_held], float(y[~is_held].mean()), bars["holdout_draws"])
    weights = _weights(x, y, days, bars["regularisation"])
    used = {}
    if target == "promoted":
        sources = np.array(rows["source_key"].to_pylist())[is_held]
        used = {"threshold_costs": threshold_costs(y[is_held], p), "holdout_bins": _bins(sources, y[is_held], p)}
    return row | told | used | {
        "weights": [
            {"slot": slot, "feature": names[slot], "weight": weights[slot], "usual": usual[slot]}
            for slot in sorted(names)
        ],
    }  # fmt: skip


def evidence(
    y: Floats, p: Floats, rules: Floats, days: NDArray[np.int64], usual: float, draws: int, seed: int = 7
) -> dict[str, Any]:
    """Return how a model does on decisions that it has not seen, beside what the rules say, and the state it earns.

    Args:
        y: 0 or 1, the outcomes.
        p: the model's chances.
        rules: what the rules say, in any unit: more is likelier.
        days: of each decision; intervals come of draws of whole days.
        usual: the share of ones among what was learnt from.
        draws: how many.
        seed: of the draws.
    """
    _, day = np.unique(days, return_inverse=True)
    count = int(day.max()) + 1
    rng = np.random.default_rng(seed)
    times = rng.multinomial(count, np.full(count, 1 / count), size=draws)[:, day].astype(float)
    every = np.ones((1, len(y)))
    auc, rules_auc = auc_of(y, p, every)[0], auc_of(y, rules, every)[0]
    drawn, drawn_rules = auc_of(y, p, times), auc_of(y, rules, times)
    lower, upper = np.nanquantile(drawn, [0.025, 0.975])
    lift_lower, lift_upper = np.nanquantile(drawn - drawn_rules, [0.025, 0.975])
    brier, usual_brier = float(np.mean((p - y) ** 2)), float(np.mean((usual - y) ** 2))
    bins = np.minimum((p * 10).astype(int), 9)
    table = [
        {
            "from": b / 10, "count": int(n), "mean_score": round(float(p[bins == b].mean()), 6),
            "share": round(float(y[bins == b].mean()), 6),
        }
        for b in range(10) if (n := (bins == b).sum())
    ]  # fmt: skip
    error = sum(one["count"] * abs(one["mean_score"] - one["share"]) for one in table) / len(y)
    because = (
        "no better than chance on the holdout" if lower <= 0.5
        else "no better than the rules on the holdout" if lift_lower <= 0
        else "its chances err more than the usual share does" if brier > usual_brier
        else "better than the rules on the holdout"
    )  # fmt: skip
    numbers = (auc, lower, upper, rules_auc, auc - rules_auc, lift_lower, lift_upper, brier, usual_brier, error)
    return {
        **{name: round(float(value), 6) for name, value in zip(NUMBERS, numbers, strict=True)},
        "state": "active" if because.startswith("better") else "shadow", "because": because,
        "calibration": json.dumps(table),
    }  # fmt: skip


def auc_of(y: Floats, score: Floats, times: Floats) -> Floats:
    """Return the area under the curve of each draw (ties count half); nan where a draw has one kind alone.

    Args:
        y: outcomes (n).
        score: what is to tell them apart (n).
        times: how often each counts, draws x n.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(score[order]) != 0])
    ones = np.add.reduceat((times * y)[:, order], starts, axis=1)
    noughts = np.add.reduceat((times * (1 - y))[:, order], starts, axis=1)
    below = np.cumsum(noughts, axis=1) - noughts / 2
    pairs = ones.sum(axis=1) * noughts.sum(axis=1)
    found: Floats = np.divide((ones * below).sum(axis=1), pairs, out=np.full(len(times), np.nan), where=pairs > 0)
    return found


def threshold_costs(y: Floats, p: Floats) -> str:
    """Say what hiding the lowest shares of the holdout would have lost: JSON, with Wilson's bounds at 95 %."""
    from statsmodels.stats.proportion import proportion_confint

    order, total = np.argsort(p, kind="stable"), int(y.sum())
    costs: list[Mapping[str, Any]] = []
    for share in HIDDEN_SHARES:
        hidden = int(len(y) * share)
        lost = int(y[order[:hidden]].sum())
        lower, upper = proportion_confint(lost, total, method="wilson")
        costs.append({
            "hide_share": share, "below": round(float(p[order[hidden]]), 6), "promotions": total, "lost": lost,
            "lost_share": round(lost / total, 6), "lost_lower": round(lower, 6), "lost_upper": round(upper, 6),
        })  # fmt: skip
    return json.dumps(costs)


def _bins(sources: NDArray[np.str_], y: Floats, p: Floats) -> list[dict[str, Any]]:
    """Return per source and tenth of the chances what came of them on the holdout."""
    tenth = np.minimum((p * 10).astype(int), 9)
    found = []
    for source in np.unique(sources):
        for one in range(10):
            if (here := (sources == source) & (tenth == one)).any():
                found.append({
                    "source_key": str(source), "bin": one, "item_count": int(here.sum()),
                    "promoted_count": int(y[here].sum()), "score_sum": round(float(p[here].sum()), 6),
                })  # fmt: skip
    return found


def _matrix(features: pa.ChunkedArray) -> tuple[Any, dict[int, str], Floats]:
    """Return the features less what is usual as a sparse matrix, candidates x slots; what each slot is; the usual.

    Usual is the mean of a feature that every candidate has; of the others nought, since they are there or not.
    """
    from scipy import sparse

    lists = features.combine_chunks()
    flat = lists.flatten()
    slots, values = flat.field("slot").to_numpy(), flat.field("value").to_numpy()
    rows = np.repeat(np.arange(len(lists)), np.diff(lists.offsets.to_numpy()))
    known = pa.table([flat.field("slot"), flat.field("feature")], names=["slot", "feature"])
    # Each slot is of one feature: a few hundred texts, not one for each value.
    distinct = known.group_by(["slot", "feature"]).aggregate([])
    names = dict(zip(distinct["slot"].to_pylist(), distinct["feature"].to_pylist(), strict=True))
    usual = np.zeros(max(names) + 1)
    usual[PLAIN] = (np.bincount(slots, values, minlength=len(usual)) / len(lists)).round(6)[PLAIN]
    return sparse.csr_matrix((values - usual[slots], (rows, slots)), shape=(len(lists), len(usual))), names, usual


def _weights(x: Any, y: Floats, days: NDArray[np.int64], regularisation: float) -> Floats:
    """Return the weights of a calibrated model, rounded as they are stored."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import PredefinedSplit, cross_val_predict
    from threadpoolctl import threadpool_limits

    made = LogisticRegression(C=regularisation, max_iter=1000)
    folds = PredefinedSplit(days % FOLDS)
    # One thread: such sums are short, and come out alike on every machine that has as many.
    with threadpool_limits(1):
        plain = made.fit(x, y)
        weights = plain.coef_[0].copy()
        weights[INTERCEPT] += plain.intercept_[0]
        # Platt 1999: a line through what models say that have not seen the day.
        if all(0 < y[learnt].sum() < len(learnt) for learnt, _ in folds.split()):
            out = cross_val_predict(made, x, y, cv=folds, method="decision_function")
            line = LogisticRegression(C=1e6).fit(out[:, None], y)
            weights *= max(float(line.coef_[0, 0]), 0.0)
            weights[INTERCEPT] += line.intercept_[0]
    rounded: Floats = weights.round(6)
    return rounded


def _expit(logits: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
