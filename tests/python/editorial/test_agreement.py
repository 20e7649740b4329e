"""How sure the agreement of editors is."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from learning_loop.editorial import agreement

HOUR = 3_600_000_000


def judged(*pairs: tuple[str, str], gap: int = 0) -> pa.Table:
    """Two editors on a candidate each; the second decides `gap` later."""
    return pa.Table.from_pylist([
        {
            "scheme": "decision", "candidate_id": f"c{number}", "actor_user_id": editor, "category": category,
            "decided_us": at, "max_gap_us": 72 * HOUR,
        }
        for number, pair in enumerate(pairs)
        for editor, category, at in zip("ab", pair, (0, gap), strict=True)
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


def test_two_that_decided_too_far_apart_have_no_row_of_their_own() -> None:
    far = [("promoted", "rejected"), ("rejected", "rejected")]
    assert [row["editor_a"] for row in agreement.bounds(judged(*far, gap=72 * HOUR)).to_pylist()] == ["*", "a"]
    assert [row["editor_a"] for row in agreement.bounds(judged(*far, gap=72 * HOUR + 1)).to_pylist()] == ["*"]
