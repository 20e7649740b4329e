"""The curve of waits against lifelines."""

from __future__ import annotations

from typing import Any

import pytest
from lifelines import KaplanMeierFitter

from learning_loop.report import charts


@pytest.mark.parametrize("window", [7, 30, 90])
def test_curve_and_bounds_are_those_of_lifelines(nights: Any, window: int) -> None:
    found = nights[0].query(
        "select waited_hours, decided_count, censored_count, open_share, open_share_lower, open_share_upper"
        " from time_to_decision_curve where window_days = $1 order by waited_hours",
        window,
    )
    fitted = KaplanMeierFitter().fit(
        [row[0] for row in found for _ in range(row[1] + row[2])],
        [outcome for row in found for outcome in [1] * row[1] + [0] * row[2]],
    )
    assert len(found) > 3
    for hours, _, _, share, lower, upper in found:
        assert share == pytest.approx(fitted.survival_function_at_times(hours).iloc[0], abs=1e-8)
        bounds = fitted.confidence_interval_.loc[hours]
        assert (lower, upper) == pytest.approx(tuple(bounds), abs=1e-6)


def test_a_curve_whose_bounds_cannot_be_told_at_its_end_is_drawn() -> None:
    ends = {"waited_hours": 3, "open_share": 0.0, "open_share_lower": None, "open_share_upper": None}
    assert "<svg" in charts.decision_curve([ends], "all decided within three hours")
