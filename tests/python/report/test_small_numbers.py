"""Small rates keep their digits on the page: .46 % is not nothing, and an axis to 100 % would hide it."""

from __future__ import annotations

import re

import pytest

from learning_loop.experiments.sentences import _odds
from learning_loop.report.charts import interval_rows, percent, points


@pytest.mark.parametrize(
    ("value", "share", "difference"),
    [
        (0.0, "0 %", "0"), (0.0046, "0.46 %", "+0.46"), (0.034, "3.4 %", "+3.4"), (0.05, "5 %", "+5"),
        (0.0995, "10 %", "+10"), (0.5, "50 %", "+50"), (1.0, "100 %", "+100"), (0.00001, "0 %", "+0"),
    ],
)  # fmt: skip
def test_a_small_share_is_written_in_two_digits(value: float, share: str, difference: str) -> None:
    assert (percent(value), points(value)) == (share, difference)


def test_rates_that_are_all_small_are_drawn_on_an_axis_of_their_size() -> None:
    def place(rate: float) -> float:
        row = {"source": "a", "rate": rate, "rate_lower": rate / 2, "rate_upper": rate * 2}
        drawn = interval_rows([row], "source", "rate", "rates", "of all", is_share=True, rule=None)
        return float(re.findall(r'<circle cx="([\d.]+)"', drawn)[0])

    assert place(0.005) > 100 > place(0.11)


@pytest.mark.parametrize(
    ("factor", "said"), [(12.34, "12"), (650_123.4, "650,000"), (999, "1,000"), (1e12, "1e+12"), (float("inf"), "inf")]
)
def test_odds_are_written_in_full_while_they_can_be_read(factor: float, said: str) -> None:
    assert _odds(factor) == said
