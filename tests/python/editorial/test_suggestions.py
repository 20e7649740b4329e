"""What should be changed about a source: planted changes of each kind are found, and nothing where nothing differs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from house import manifest

_FILE = Path(__file__).parents[3] / "benchmarks" / "suggestions.py"
sys.path.insert(0, str(_FILE.parent))  # it reads its neighbours
_SPEC = importlib.util.spec_from_file_location("nights_of_suggestions", _FILE)
nights: Any = importlib.util.module_from_spec(_SPEC)  # type: ignore[arg-type]
sys.modules["nights_of_suggestions"] = nights
_SPEC.loader.exec_module(nights)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def desk() -> Any:
    made = nights.Desk(nights.compiled(manifest()))
    yield made
    made.connection.close()


@pytest.fixture(scope="module")
def planted(desk: Any) -> set[tuple[str, ...]]:
    """Fill the desk with a source per kind and direction, and return what its night confirms."""
    rng = np.random.default_rng(1)
    made = [nights.planted(rng, what) for what in nights.PLANTED]
    desk.fill(
        nights.together(one[0] for one in made), nights.together(one[1] for one in made), [one[2] for one in made]
    )
    return set(desk.night(nights.WINDOW - 1))


@pytest.mark.parametrize("what", nights.PLANTED, ids=" ".join)
def test_a_planted_change_of_each_kind_and_direction_is_confirmed(planted: set, what: tuple[str, str, str]) -> None:
    kind, direction, value = what
    assert (f"{kind}-{direction}", kind, direction, value) in planted


def test_a_source_is_not_told_to_be_what_it_is(planted: set) -> None:
    told = {row[1:3] for row in planted if row[0] == "include_pattern-remove"}
    assert ("include_pattern", "remove") in told
    # Its folder is included already, so the source that promotes less of it gets no advice to include it.
    assert not [
        row
        for row in planted
        if row[0] == "include_pattern-remove" and row[2:] == ("add", "/good/") and row[1] == "include_pattern"
    ]
    assert not [row for row in planted if row[1:3] == ("pause", "pause") and row[0] == "pause-resume"]


def test_the_chance_is_the_tail_of_the_deviance_and_the_bar_that_of_the_night(desk: Any, planted: set) -> None:
    rows = desk.connection.execute(
        "select held_out_in_count, held_out_in_successes, held_out_out_count, held_out_out_successes, bar, p_value,"
        " p_value_bar, verdict, kind, direction from tuning_suggestions"
        " where p_value is not null and held_out_design_effect = 1"
    ).fetchall()
    assert len(rows) > 10
    for n, k, n_out, k_out, bar, p_value, _, _, kind, direction in rows:
        up = (kind, direction) in {
            ("include_pattern", "add"), ("exclude_pattern", "remove"), ("selector_priority", "prefer"),
            ("quality_threshold", "lower"), ("pause", "resume"), ("run_frequency", "more"),
            ("text_normalisation_rule", "add"),
        }  # fmt: skip
        sign = 1 if up else -1
        rate = min(max(k - sign / 2, 0), n) / n
        other = bar if n_out is None else min(max(k_out + sign / 2, 0), n_out) / n_out
        both = bar if n_out is None else (n * rate + n_out * other) / (n + n_out)
        deviance = 2 * (n * _entropy(rate, both) + (0 if n_out is None else n_out * _entropy(other, both)))
        assert p_value == pytest.approx(norm.sf(np.sqrt(deviance) if sign * (rate - other) > 0 else 0), abs=1e-6)
    told = sorted((row[5], row[7]) for row in rows)
    assert [verdict for _, verdict in told] == sorted(verdict for _, verdict in told)
    assert len({row[6] for row in rows}) == 1


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_nights_on_which_nothing_differs_confirm_nothing(desk: Any, correlation: float) -> None:
    rng = np.random.default_rng(4)
    wrong = 0
    for _ in range(6):
        desk.fill(*nights.noise(rng, correlation, nights.WINDOW, 20))
        wrong += bool(desk.night(nights.WINDOW - 1))
    # Two of six nights at .05 come once in thirty times.
    assert wrong <= 2


def _entropy(a: float, b: float) -> float:
    return sum(x * np.log(x / y) for x, y in ((a, b), (1 - a, 1 - b)) if x > 0)
