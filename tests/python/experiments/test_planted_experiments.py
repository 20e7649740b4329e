"""Nights over the planted experiments: every one gets the verdict that it deserves."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb
import pytest
from typer.testing import CliRunner

from house import EXPERIMENTS, House
from learning_loop.errors import WrongUse
from learning_loop.experiments.cli import app
from learning_loop.sample import experiments
from learning_loop.sample.experiments import NAMES
from learning_loop.sample.plan import DEFAULT_AS_OF, Plan

WINNER = NAMES["clear-winner"]
RESULTS = ("experiment_gates", "ingest_experiment_metrics", "experiment_conflicts", "tuning_history", "maturity_status")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("trials")
    with duckdb.connect() as con:
        truth = experiments.write(con, root / "landing", Plan(7, 28, 1))["experiments"]
    house = House(root, select=EXPERIMENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        house.night(DEFAULT_AS_OF, is_tested=True)
    return house, truth


def test_every_experiment_gets_the_verdict_it_deserves(world):
    house, truth = world
    assert dict(house.query("select experiment_id, verdict from experiment_gates")) == truth["verdicts"]


@pytest.mark.parametrize("what", ["assigned", "reviewed"])
def test_arms_hold_whom_they_were_given_and_nobody_twice(world, what):
    house, truth = world
    sql = f"select experiment_id, [control_{what}_count, treatment_{what}_count] from experiment_gates"
    assert dict(house.query(sql)) == truth[what]


def test_misfits_are_listed_and_the_second_assignment_is_quarantined(world):
    house, truth = world
    found = house.query("select experiment_id, candidate_id, conflict_type from experiment_conflicts order by all")
    assert [list(row) for row in found] == sorted(truth["conflicts"])
    assert house.query("select feed, reason_code from quarantined_rows") == [
        ("ingest_experiment_assignments", "conflicting_redelivery")
    ]


def test_a_rollout_is_gated_only_by_an_experiment_that_was_ready_then(world):
    house, truth = world
    assert (
        dict(house.query("select tuning_change_id, experiment_verdict from ungated_tuning_changes")) == truth["ungated"]
    )
    assert house.column("select tuning_change_id from tuning_change_verdicts where is_gated") == truth["gated"]


def test_what_is_said_of_shadow_and_of_few_sources(world):
    house, _ = world
    said = dict(house.query("select experiment_id, reasons::varchar from experiment_gates"))
    assert "stays shut by nature" in said[NAMES["in-shadow"]]
    assert "under 10 sources an arm" in said[NAMES["six-sources"]]
    assert "220 and 360 candidates" in said[NAMES["broken-split"]]


def test_the_first_verdict_on_a_change_is_kept_and_the_rest_follows_the_rows(world, tmp_path):
    house, _ = world
    landing = tmp_path / "landing"
    landing.mkdir()
    # The same rows without half of the winner's labels, which come a night late.
    late = []
    for path in sorted(house.landing.rglob("*.jsonl")):
        target = landing / path.relative_to(house.landing)
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text("utf-8").splitlines(keepends=True)
        is_late = [path.parent.name == "ingest_editor_labels" and f"{WINNER}-treatment-1" in line for line in lines]
        late += [line for line, flag in zip(lines, is_late, strict=True) if flag]
        target.write_text("".join(line for line, flag in zip(lines, is_late, strict=True) if not flag), "utf-8")
    second = House(tmp_path, landing, EXPERIMENTS)
    second.night(DEFAULT_AS_OF - timedelta(hours=20))
    judged = "select * exclude (run_id) from tuning_change_verdicts order by all"
    first = second.query(judged)
    assert experiments.CHANGES["gated"] in second.column("select tuning_change_id from ungated_tuning_changes")
    second.land("late.jsonl", [json.loads(line) for line in late], feed="ingest_editor_labels")
    second.night(DEFAULT_AS_OF)
    assert second.query(judged) == first
    for table in RESULTS:
        columns = "columns(* exclude (computed_at))" if "computed_at" in columns_of(house, table) else "*"
        if table == "tuning_history":
            columns = "* exclude (computed_at, is_gated, experiment_verdict, expected_lift, expected_least_gain)"
        if table == "maturity_status":
            columns = "source_key, stage"
        sql = f"select {columns} from {table} order by all"
        assert second.query(sql) == house.query(sql), table


def columns_of(house: House, table: str) -> list[str]:
    return [row[0] for row in house.query(f"describe {table}")]


def test_the_command_line_lists_and_shows(world):
    house, truth = world
    told = CliRunner().invoke(app, ["list", "--warehouse", str(house.warehouse)])
    assert told.exit_code == 0
    # A line each, the verdict first, nothing broken at 80 columns.
    lines = told.output.splitlines()
    assert max(map(len, lines)) <= 80
    assert {tuple(line.split()[:2]) for line in lines} >= {(verdict, key) for key, verdict in truth["verdicts"].items()}
    assert "2026-Q1: 8 experiments judged, 1 ready." in told.output
    told = CliRunner().invoke(app, ["show", WINNER, "--warehouse", str(house.warehouse)])
    assert "ready_for_approval: promotion_rate +0.2" in told.output
    assert "The confidence sequence shows a lift" in told.output
    assert "every required guardrail excludes harm" in told.output
    assert "a person decides" in told.output
    assert "1 candidates: both arms" in told.output


def test_the_gates_at_an_instant_are_those_that_its_night_published(world):
    house, _ = world
    at = (DEFAULT_AS_OF + timedelta(hours=5)).isoformat()
    told = json.loads(CliRunner().invoke(app, ["at", at, "--json", "--warehouse", str(house.warehouse)]).output)
    gates = "(select * exclude (computed_at) from experiment_gates) as gates"
    query = f"select to_json(gates)::varchar from {gates} order by experiment_id"
    assert told["gates"] == [json.loads(row) for row in house.column(query)]
    assert told["exceptions"] == [] and told["night"]["run_number"] == 1
    assert len(told["decided"]) == house.column("select count(*) from ingest_tuning_changes")[0] > 0
    assert all(change["is_known"] for change in told["decided"])
    text = CliRunner().invoke(app, ["at", at, "--warehouse", str(house.warehouse)]).output
    assert max(map(len, text.splitlines())) <= 80 and "Changes by then" in text and WINNER in text


@pytest.mark.parametrize(
    "arguments", [["show", "nothing"], ["list", "--warehouse", "nowhere.duckdb"]], ids=["unknown", "no file"]
)
def test_a_mistake_is_told_in_a_sentence(world, arguments):
    house, _ = world
    given = arguments if "--warehouse" in arguments else [*arguments, "--warehouse", str(house.warehouse)]
    assert isinstance(CliRunner().invoke(app, given).exception, WrongUse)
