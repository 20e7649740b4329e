"""How sure Krippendorff's alpha is: draws of candidates, in one step over the patterns in which editors judged them."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DRAWS = 1000
SCHEMA = pa.schema([
    ("scheme", pa.string()), ("editor_a", pa.string()), ("editor_b", pa.string()), ("alpha_lower", pa.float64()),
    ("alpha_upper", pa.float64()),
])  # fmt: skip


def bounds(judgements: pa.Table, seed: int = 7) -> pa.Table:
    """Return 95 % bounds of alpha (nominal), per scheme for each two editors and for all of them ('*').

    Args:
        judgements: the rows of int_editorial__paired_judgements, in the order of their columns.
        seed: of the draws, which begin anew for each row.

    Returns:
        A table of SCHEMA. Bounds are null where hardly a draw tells: nothing could have disagreed.
    """
    by_candidate: dict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
    gap = judgements["max_gap_us"][0].as_py() if judgements.num_rows else 0
    for row in judgements.to_pylist():
        by_candidate[row["scheme"], row["candidate_id"]].append(
            (row["actor_user_id"], row["category"], row["decided_us"])
        )
    groups: dict[tuple[str, str, str], Counter[tuple[str, ...]]] = defaultdict(Counter)
    for (scheme, _), said in by_candidate.items():
        groups[scheme, "*", "*"][tuple(sorted(one[1] for one in said))] += 1
        for a, b in combinations(sorted(said), 2):
            if abs(a[2] - b[2]) <= gap:
                groups[scheme, a[0], b[0]][tuple(sorted((a[1], b[1])))] += 1
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
