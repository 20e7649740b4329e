"""Which files a night of the past finds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from learning_loop.landing import arrival
from learning_loop.landing.arrival import Arrival, Rule

LAST_NIGHT = datetime(2026, 2, 16, 2, 0, 0, 250000, tzinfo=UTC)


@pytest.mark.parametrize("rule", Rule)
def test_what_a_night_tells_its_dbt_is_what_it_meant(rule):
    meant = Arrival(rule, LAST_NIGHT)
    assert Arrival.parse(str(meant)) == meant


@pytest.mark.parametrize("text", ["modified until 2026-02-16T02:00:00Z", "guess@2026-02-16T02:00:00+00:00", "rows@"])
def test_what_is_no_arrival_stops_the_night_rather_than_show_it_every_file(text):
    with pytest.raises(ValueError):
        Arrival.parse(text)


@pytest.mark.parametrize(
    "told, as_of, is_there",
    [
        pytest.param("", "2026-02-01T00:00:00Z", True, id="night_of_the_present"),
        pytest.param("partition@2026-02-16T02:00:00+00:00", "2026-02-12T23:59:59Z", False, id="before_its_day_ended"),
        pytest.param("partition@2026-02-16T02:00:00+00:00", "2026-02-13T00:00:00Z", True, id="when_its_day_ended"),
        pytest.param("rows@2026-02-16T02:00:00+00:00", "2026-02-01T00:00:00Z", True, id="its_rows_decide"),
    ],
)
def test_a_night_finds_what_had_arrived_by_then(tmp_path, monkeypatch, told, as_of, is_there):
    monkeypatch.setenv("LEARNING_LOOP_ARRIVED", told)
    monkeypatch.setenv("LEARNING_LOOP_AS_OF", as_of)
    assert arrival.is_there_tonight("events/date=2026-02-12/x.jsonl", tmp_path.stat()) is is_there
