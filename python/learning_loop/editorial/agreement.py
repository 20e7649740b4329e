"""How sure Krippendorff's alpha is: draws of candidates, in one step over the patterns in which editors judged them."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DRAWS = 1000
SCHEMA = pa.schema([
    ("scheme", pa.string()), ("editor_a", pa.string()), ("editor_b", pa.string()), ("alpha_lower", pa.float64()),
    ("alpha_upper", pa.float64()),
])  # fmt: skip


def bounds(judged: pa.Table, seed: int = 7) -> pa.Table:
    """Return 95 % bounds of alpha (nominal), per scheme for each two editors and for all of them ('*').

    Args:
        judged: the rows of int_editorial__judgement_patterns, in any order.
        seed: of the draws, which begin anew for each row.

    Returns:
        A table of SCHEMA. Bounds are null where hardly a draw tells: nothing could have disagreed.
    """
    groups: dict[tuple[str, str, str], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for row in judged.to_pylist():
        # Who of two said which is nothing to alpha.
        pattern = tuple(sorted(row["categories"]))
        groups[row["scheme"], row["editor_a"], row["editor_b"]][pattern] += row["candidate_count"]
    found = [(*key, *_bounds(patterns, seed)) for key, patterns in sorted(groups.items())]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in found], schema=SCHEMA)


def _bounds(patterns: Counter[tuple[str, ...]], seed: int) -> tuple[float | None, float | None]:
    forms = sorted(patterns)
    categories = sorted({category for form in forms for category in form})
    table = np.array([[form.count(category) for category in categories] for form in forms], dtype=float)
    times = np.array([patterns[form] for form in forms])
    draws = np.random.default_rng(seed).multinomial(times.sum(), times / times.sum(), size=DRAWS).astype(float)
    drawn = alpha_of(table, draws)
    known = drawn[~np.isnan(drawn)]
    if len(known) < DRAWS / 2:
        return None, None
    lower, upper = np.quantile(known, [0.025, 0.975]).round(6).tolist()
    return lower, upper


def alpha_of(table: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return alpha (Krippendorff 2011, nominal) of each draw; nan where all judgements are of one category.

    Args:
        table: how many judged so, patterns x categories.
        times: how often each pattern counts, draws x patterns.
    """
    each = table.sum(axis=1)
    apart = (each**2 - (table**2).sum(axis=1)) / (each - 1)
    total, of_category = times @ each, times @ table
    expected = total**2 - (of_category**2).sum(axis=1)
    observed = (total - 1) * (times @ apart)
    found: NDArray[np.float64] = 1 - np.divide(observed, expected, out=np.full(len(times), np.nan), where=expected > 0)
    return found
