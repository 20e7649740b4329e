"""Small rates keep their digits on the page: .46 % is not nothing, and an axis to 100 % would hide it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from learning_loop.experiments.sentences import _odds
from learning_loop.report.charts import interval_rows, percent, points
from learning_loop.report.standing import fixes_in_words


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


@pytest.mark.parametrize(
    ("effects", "said"),
    [
        ([], ""),
        (["undecided", "undecided"], "Whether what was promoted helped cannot be told yet (2)."),
        (["lowered"], "Of what was promoted (1) 1 lowered the rate of their failure (7 events avoided so far)."),
        (["worse", "undecided"], "Of what was promoted (2) 1 made it worse, of 1 it cannot be told yet."),
    ],
    ids=["nothing promoted", "nothing known", "all known", "one got worse"],
)
def test_of_the_fixes_only_what_is_known_is_counted(effects: list[str], said: str) -> None:
    standing: Any = SimpleNamespace(fixes=[{"effect": effect, "events_avoided": 7} for effect in effects])
    assert fixes_in_words(standing) == said
