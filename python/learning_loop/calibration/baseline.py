"""How far a stream's outcomes lie from its stated confidence, as one shift in logits with its uncertainty."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CLIPPED_TO = (0.01, 0.99)
NEWTON_STEPS = 10
LONGEST_STEP = 1.0
KEYS = ["claim_class", "parser_version", "watched_from", "period_starts_on"]
DECIMALS = 9


def fit(bins: pa.Table) -> pa.Table:
    """Fit the logit shift of each stream before each watched week.

    The posterior mode of ``a`` under p' = expit(logit(p) + a), binomial outcomes and the prior N(0, prior_sd^2), by
    Newton's method from 0; a step is at most a logit long, since a whole one from far away can overshoot for ever.

    Args:
        bins: rows per stream, start of watching, week and bin, ordered by them: claim_class, parser_version,
            watched_from, period_starts_on, prior_sd, claim_weight, claim_count, right_count, confidence (a mean).

    Returns:
        One row per stream, start and week: the keys, claim_count, shift and shift_sd (logits, to 9 decimals).
    """
    starts, of_fit = _fits(bins)
    keys, count = bins.take(pa.array(starts)), len(starts)
    weight = bins["claim_weight"].to_numpy()
    claims, right = (weight * bins[name].to_numpy() for name in ("claim_count", "right_count"))
    stated = np.clip(bins["confidence"].to_numpy(), *CLIPPED_TO)
    logits = np.log(stated) - np.log1p(-stated)
    precision = 1 / keys["prior_sd"].to_numpy().astype(float) ** 2
    shift = np.zeros(count)
    for _ in range(NEWTON_STEPS):
        slope, curvature = _derivatives(logits + shift[of_fit], claims, right, of_fit, count)
        step = (slope - precision * shift) / (curvature + precision)
        shift = shift + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
    _, curvature = _derivatives(logits + shift[of_fit], claims, right, of_fit, count)
    claim_count = np.bincount(of_fit, bins["claim_count"].to_numpy(), count)
    return pa.table(
        {
            **{key: keys[key] for key in KEYS},
            "claim_count": pa.array(claim_count.astype(np.int64)),
            "shift": pa.array(np.round(shift, DECIMALS), pa.float64()),
            "shift_sd": pa.array(np.round(1 / np.sqrt(curvature + precision), DECIMALS), pa.float64()),
        }
    )


def _fits(bins: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each fit, and of each row the number of its fit: the bins are ordered by key."""
    is_new = np.zeros(bins.num_rows, dtype=bool)
    is_new[:1] = True
    for key in KEYS:
        codes = pc.dictionary_encode(bins[key].combine_chunks()).indices.to_numpy(zero_copy_only=False)
        is_new[1:] |= codes[1:] != codes[:-1]
    return np.flatnonzero(is_new), np.cumsum(is_new) - 1


def _derivatives(
    logits: np.ndarray, claims: np.ndarray, right: np.ndarray, of_fit: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return slope and curvature of each fit's log-likelihood in its shift."""
    expected = 1 / (1 + np.exp(-logits))
    slope = np.bincount(of_fit, right - claims * expected, count)
    curvature = np.bincount(of_fit, claims * expected * (1 - expected), count)
    return slope, curvature
