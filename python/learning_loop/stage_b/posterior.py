"""What is known of a rule's hit rate once its own hits and misses have moved the prior of all rules."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.special import betaincinv

POSTERIOR_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("mission", pa.string()),
        ("rule_key", pa.string()),
        ("posterior_alpha", pa.float64()),
        ("posterior_beta", pa.float64()),
        ("posterior_mean", pa.float64()),
        ("posterior_lower", pa.float64()),
        ("posterior_upper", pa.float64()),
    ]
)
LEVEL = 0.95


def beta_posteriors(rules: pa.Table) -> pa.Table:
    """Return the Beta posterior of each rule with its equal-tailed 95 % interval.

    Args:
        rules: run_id, mission, rule_key (string), hit_count, miss_count (int64), prior_alpha, prior_beta (float64).

    Returns:
        POSTERIOR_SCHEMA, in the order of ``rules``, rounded to 9 decimals.
    """
    alpha = rules["prior_alpha"].to_numpy() + rules["hit_count"].to_numpy()
    beta = rules["prior_beta"].to_numpy() + rules["miss_count"].to_numpy()
    values = [alpha, beta, alpha / (alpha + beta)]
    values += [betaincinv(alpha, beta, tail) for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)]
    names = [rules[name].combine_chunks() for name in ("run_id", "mission", "rule_key")]
    return pa.table(names + [pa.array(np.round(value, 9)) for value in values], schema=POSTERIOR_SCHEMA)
