"""Open Bandit (Apache-2.0): enough items and seven days, so the gate stays shut. Skipped where the data is absent."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from house import EXPERIMENTS, House
from learning_loop.experiments.cli import app

REAL = Path(__file__).parents[4] / "shared" / "real" / "open_bandit"


@pytest.mark.skipif(not REAL.is_dir(), reason="the real data is not there")
def test_both_experiments_want_days_and_show_says_so_in_one_line(tmp_path):
    house = House(tmp_path, REAL, EXPERIMENTS)
    house.night("2019-12-01T02:00:00+00:00")
    assert house.query(
        "select experiment_id, verdict, sample_gate, missing_evidence, expected_open_date from experiment_gates "
        "order by experiment_id"
    ) == [
        (
            name,
            "insufficient_data",
            "shut",
            ["control has 6.99 of 14 days", "treatment has 6.99 of 14 days"],
            "2019-12-08",
        )
        for name in ("obd_men", "obd_women")
    ]
    told = CliRunner().invoke(app, ["show", "obd_men", "--warehouse", str(house.warehouse)])
    assert told.exit_code == 0
    [verdict] = [line.strip() for line in told.output.splitlines() if line.startswith("  verdict")]
    assert verdict == (
        "verdict   insufficient_data: control has 6.99 of 14 days; treatment has 6.99 of 14 days; "
        "compliance_incident_rate: no evidence, quality_flags was not delivered for the period; "
        "safety_flag_rate: no evidence, quality_flags was not delivered for the period; should open 2019-12-08"
    )
    [(p_value,)] = house.query(
        "select p_value from ingest_experiment_metrics where experiment_id = 'obd_men' and is_primary"
    )
    assert round(p_value, 3) == 0.031
