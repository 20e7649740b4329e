"""How sure the agreement of editors is."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from learning_loop.editorial import agreement


def judged(*pairs: tuple[str, str]) -> pa.Table:
    """Two editors on a candidate each."""
    return pa.Table.from_pylist([
        {"scheme": "decision", "editor_a": a, "editor_b": b, "categories": list(said), "candidate_count": count}
        for said, count in Counter(pairs).items()
        for a, b in ("**", "ab")
    ])  # fmt: skip


def test_bounds_hold_the_alpha_that_editors_have_in_95_of_100_worlds() -> None:
    rng, covered = np.random.default_rng(2), 0
    for _ in range(60):
        first = rng.random(60) < 0.5
        second = np.where(rng.random(60) < 0.8, first, ~first)  # alpha .6 in the long run
        words = np.array(["rejected", "promoted"])
        told = agreement.bounds(judged(*zip(words[first.astype(int)], words[second.astype(int)], strict=True)))
        (row,) = [one for one in told.to_pylist() if one["editor_a"] == "a"]
        covered += row["alpha_lower"] <= 0.6 <= row["alpha_upper"]
    assert covered >= 52


def test_where_nothing_could_have_disagreed_there_are_no_bounds() -> None:
    told = agreement.bounds(judged(*[("promoted", "promoted")] * 30)).to_pylist()
    assert [(row["alpha_lower"], row["alpha_upper"]) for row in told] == [(None, None)] * 2
