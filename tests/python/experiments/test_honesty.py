"""What the gate says of chance, held to its bounds on fewer experiments; a broken gate breaks them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from learning_loop.experiments import gate, statistics
from learning_loop.project import project_dir

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
EXPERIMENTS = 500
# Of so few experiments a true rate at the bound passes it by more than this once in a thousand.
LUCK = 0.03


def load(name: str):
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", BENCHMARKS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


honesty = load("honesty")
bench = load("gate")
Cell = bench.Cell

NULLS = [
    Cell("at 5 %, 50 a day", 0.05, 0.05, 50), Cell("at 15 %, 500 a day, 80:20", per_day=500, share=0.2),
    Cell("at 50 %, 200 a day", 0.5, 0.5, 200), Cell("rare edits", per_day=500, edits=True),
    Cell("canary of 10 sources", sources=10), Cell("canary of 12, a tenth unknown", sources=12, unknown=0.1),
]  # fmt: skip
AT_MARGIN = Cell("", 0.10, 0.20, 200, harm=(0, 1.0, 0))
TWICE = Cell("", 0.10, 0.20, 200, harm=(0, 2.0, 0))
HARMLESS = Cell("", 0.10, 0.15, 50)


@pytest.mark.parametrize("cell", NULLS, ids=lambda cell: cell.name)
def test_an_experiment_without_an_effect_is_ready_once_in_twenty_at_most(cell):
    told = bench.run(cell, EXPERIMENTS)
    assert max(told.ready, told.won) / told.of <= 0.05 < told.plain / told.of
    assert told.mismatched <= 2


def test_waits_in_whole_days_win_by_their_ties_no_more_often():
    wins, of = bench.tied_waits(24, days=40)
    assert wins / of <= 0.05


def test_harm_at_the_margin_is_seldom_ready_and_at_twice_it_never():
    assert bench.run(AT_MARGIN, EXPERIMENTS).ready / EXPERIMENTS <= 0.14 + LUCK
    assert bench.run(TWICE, EXPERIMENTS).ready / EXPERIMENTS <= 0.01


def test_a_harmless_winner_is_ready_and_not_blocked():
    told = bench.run(HARMLESS, EXPERIMENTS)
    assert told.ready / told.of >= 0.90
    assert told.blocked / told.of <= 0.05


def test_what_editors_leave_lying_is_a_mismatch_before_it_is_a_success():
    told = bench.run(Cell("", unreviewed=0.2), EXPERIMENTS)
    assert told.ready / told.of <= 0.10 and told.mismatched / told.of > 0.9


def test_opening_dates_are_ranges_that_hold():
    late, outside, of = bench.opening_days(100, (0.2,) * 5 + (0.0,) * 2)
    assert outside / of <= 0.15 and late / of <= 0.30


def test_an_effect_that_stays_is_not_called_gone():
    wrong, of = bench.held(EXPERIMENTS)
    assert of > 0.9 * EXPERIMENTS and wrong / of <= 0.05


def one_look(lift, variance, mixture_sd):
    return stats.norm.sf(lift / np.sqrt(variance))


def of_one_look(told, margin, has_spoken=True):
    """The rule as it was: one look blocks, and undecided passes."""
    harm = told.comparison.lower > 0
    return np.where(harm & (told.comparison.upper_once >= margin), "regressed", "ok")


@pytest.mark.parametrize(
    ("where", "name", "broken", "cell", "seen"),
    [
        (statistics, "always_valid_p_value", one_look, NULLS[2], lambda told: told.ready > 0.05 * told.of),
        (gate, "guardrail_rule", of_one_look, Cell("", 0.10, 0.20, 20, harm=(0, 0, 1.0)),
         lambda told: told.ready > (0.14 + LUCK) * told.of),
        (gate, "guardrail_rule", of_one_look, HARMLESS, lambda told: told.blocked > 0.05 * told.of),
        (statistics, "log_gap_evidence", lambda k, n, sd: np.zeros(k[0].shape), Cell("", unreviewed=0.2),
         lambda told: told.ready > 0.10 * told.of),
    ],
    ids=["one look's p", "undecided passes", "one look blocks", "nobody counts the reviewed"],
)  # fmt: skip
def test_a_broken_gate_breaks_its_bounds(monkeypatch, where, name, broken, cell, seen):
    monkeypatch.setattr(where, name, broken)
    assert seen(bench.run(cell, 300))


def test_clusters_taken_for_items_break_the_bound(monkeypatch):
    """What one stray candidate of no known source did to a canary."""

    def as_items(control, treatment, is_rate, mixture_sd, alpha):
        pairs = [(arm.total.sum(-1), arm.count.sum(-1)) for arm in (control, treatment)]
        return gate.measured_rates(pairs[0], pairs[1], mixture_sd, alpha)

    monkeypatch.setattr(gate, "measured_clusters", as_items)
    told = bench.run(Cell("", sources=12, per_day=200), 200)
    assert told.ready > 0.2 * told.of


def test_the_bars_are_those_of_the_policy():
    rows = {}
    for seed in ("experiments", "experiment_bars", "experiment_metrics", "experiment_metric_bars"):
        table = honesty_csv(seed)
        rows[seed] = {row.get("metric_name", ""): row for row in table}
    of, bars, metrics = rows["experiments"][""], rows["experiment_bars"][""], rows["experiment_metrics"]
    assert [float(of[key]) for key in ("alpha", "min_lift", "min_reviewed", "min_days")] == [
        bench.ALPHA, bench.MIN_LIFT, bench.MIN_REVIEWED, bench.MIN_DAYS,
    ]  # fmt: skip
    assert float(of["min_sources_per_arm"]) == bench.MIN_SOURCES
    assert (float(of["min_reviewed"]), float(bars["look_growth"])) == bench.LOOKS
    assert (float(bars["wide_concentration"]), float(bars["narrow_concentration"])) == bench.CONCENTRATIONS
    assert float(bars["mismatch_bayes_factor"]) == bench.MISMATCH
    assert float(bars["review_rate_sd"]) == bench.REVIEW_RATE_SD
    assert float(metrics["promotion_rate"]["mixture_sd"]) == bench.MIXTURE
    assert float(metrics["median_hours_to_decision"]["mixture_sd"]) == bench.HOURS_MIXTURE
    assert float(rows["experiment_metric_bars"]["promotion_rate"]["worthwhile_lift"]) == bench.WORTHWHILE
    for name, (margin, _) in bench.GUARDRAILS.items():
        assert float(metrics[name]["margin"]) == margin
        assert rows["experiment_metric_bars"][name]["is_required"] == "true"


def honesty_csv(seed: str) -> list[dict[str, str]]:
    import csv

    with (project_dir() / "seeds" / "policy" / f"{seed}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_benchmark_writes_its_own_section(tmp_path):
    file = tmp_path / "honesty.md"
    honesty.write("gate", "earlier words", file)
    honesty.write("alarms", "other words", file)
    honesty.write("gate", "later words", file)
    told = file.read_text()
    assert "earlier words" not in told and told.index("later words") < told.index("other words")
    assert told.startswith("# What is said about chance")


def test_every_claim_in_the_document_holds():
    told = (BENCHMARKS.parent / "docs" / "honesty.md").read_text("utf-8")
    assert told.count("| yes |") > 50 and "**no**" not in told
