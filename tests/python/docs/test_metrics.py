"""The metrics that are defined once say what the marts say, to a reader who cannot change the published file."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from learning_loop.project import project_dir

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def ask(sample_world, tmp_path_factory):
    """Ask MetricFlow for metrics by a dimension; the answer is {value of the dimension: {metric: value}}."""
    folder = tmp_path_factory.mktemp("metrics")
    environment = os.environ | {
        "DBT_PROFILES_DIR": str(project_dir() / "profiles"), "DBT_TARGET": "published",
        "DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs"),
        "LEARNING_LOOP_WAREHOUSE": str(sample_world[0].warehouse),
    }  # fmt: skip

    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=project_dir(), env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    def metrics(names: str, dimension: str) -> dict[str, dict[str, float | None]]:
        file = folder / "answer.csv"
        run(str(BIN / "mf"), "query", "--metrics", names, "--group-by", dimension, "--csv", str(file))
        with file.open(newline="") as opened:
            rows = list(csv.DictReader(opened))
        return {row.pop(dimension): {k: float(v) if v else None for k, v in row.items()} for row in rows}

    run(str(BIN / "dbt"), "--quiet", "parse")
    return metrics


def test_promotion_and_rejection_rates_by_source_are_those_of_the_marts(sample_world, ask):
    """Over a window that holds all labels but those of machines and of superseded decisions."""
    found = ask("promotion_rate,rejection_rate,reviewed_count", "decision__source_key")
    told = sample_world[0].query(
        "select source_key, promotion_rate, rejection_rate, reviewed_count from source_performance"
        " where window_days = 90 and reviewed_count > 0"
    )
    assert len(told) > 10
    for source, promotion, rejection, reviewed in told:
        row = found[source]
        assert row["reviewed_count"] == reviewed, source
        assert (row["promotion_rate"], row["rejection_rate"]) == pytest.approx((promotion, rejection), abs=1e-5), source


def test_the_brier_score_of_a_week_is_the_mean_over_its_claims(sample_world, ask):
    found = ask("brier_score,cluster_count", "metric_time__week")
    week, brier, clusters = sample_world[0].query(
        "select period_starts_on::varchar, sum(brier_score * sample_count) / sum(sample_count),"
        " (select count(*) from learning_issue_clusters as c where c.period_granularity = 'week'"
        " and c.period_starts_on = m.period_starts_on)"
        " from extraction_calibration_metrics as m where period_granularity = 'week'"
        " group by period_starts_on order by period_starts_on desc limit 1"
    )[0]
    row = next(row for key, row in found.items() if key.startswith(week))
    assert row["brier_score"] == pytest.approx(brier, abs=1e-5)
    assert row["cluster_count"] == clusters
