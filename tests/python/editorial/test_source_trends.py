"""Which sources fell: the chance and the correlation by libraries and hand, and how often a night is wrong."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from house import manifest

_FILE = Path(__file__).parents[3] / "benchmarks" / "sources.py"
sys.path.insert(0, str(_FILE.parent))  # it reads its neighbour
_SPEC = importlib.util.spec_from_file_location("nights_of_sources", _FILE)
sources: Any = importlib.util.module_from_spec(_SPEC)  # type: ignore[arg-type]
sys.modules["nights_of_sources"] = sources
_SPEC.loader.exec_module(sources)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def desk() -> Any:
    made = sources.Desk(sources.compiled(manifest()))
    yield made
    made.connection.close()


@pytest.mark.parametrize(("correlation", "at_least"), [(0.0, 0.85), (0.1, 0.5), (0.3, 0.1)])
def test_nights_without_a_change_list_nobody_and_falls_are_found(
    desk: Any, correlation: float, at_least: float
) -> None:
    rng = np.random.default_rng(3)
    wrong = [(desk.trends(*sources.night(rng, correlation, 0, 100)) == "decaying").any() for _ in range(16)]
    # More than five of 16 nights at .10 come once in three hundred times; a bar for each source alone fails on all.
    assert sum(wrong) <= 5
    found = [(desk.trends(*sources.night(rng, correlation, 5, 100)) == "decaying")[:5].mean() for _ in range(4)]
    assert np.mean(found) >= at_least


def test_correlation_of_a_day_is_found_as_it_was_made(desk: Any) -> None:
    rng = np.random.default_rng(5)
    for correlation in (0.0, 0.3):
        desk.trends(*sources.night(rng, correlation))
        [(measured,)] = desk.connection.execute(
            "select distinct day_correlation from scratch.int_editorial__trend_windows"
        ).fetchall()
        assert measured == pytest.approx(correlation, abs=0.03)


def test_chance_is_that_of_scipy_and_the_bar_that_of_benjamini_and_hochberg(desk: Any) -> None:
    desk.trends(*sources.night(np.random.default_rng(6), 0.1, 5))
    rows = desk.connection.execute(
        "select recent_count, recent_promoted_count, earlier_count, earlier_promoted_count, recent_design_effect,"
        " earlier_design_effect, change, p_value, p_value_bar, trend from source_trends where p_value is not null"
    ).fetchall()
    falls = []
    for n, k, earlier_n, earlier_k, effect, earlier_effect, change, p_value, bar, trend in rows:
        rate = (k + earlier_k) / (n + earlier_n)
        spread = rate * (1 - rate) * (effect / n + earlier_effect / earlier_n)
        assert p_value == pytest.approx(norm.sf(abs(change) / np.sqrt(spread)), abs=1e-7)
        if change <= 0:
            falls.append((p_value, bar, trend == "decaying"))
    falls.sort()
    listed = max((rank for rank, fall in enumerate(falls, 1) if fall[0] <= 0.1 * rank / len(rows)), default=0)
    assert listed > 0
    assert [fall[2] for fall in falls] == [rank <= listed for rank in range(1, len(falls) + 1)]
    assert {round(fall[1], 9) for fall in falls} == {round(0.1 * listed / len(rows), 9)}
