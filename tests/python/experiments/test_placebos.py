"""Experiments without an effect: drawn by name, summed by SQL, judged by the gate; a gate that lies is said to."""

from __future__ import annotations

import functools
import json
import re
import tempfile
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from dbt.cli.main import dbtRunner
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from typer.testing import CliRunner

from house import WAREHOUSE, manifest
from learning_loop.experiments import placebos, statistics
from learning_loop.experiments.cli import app
from learning_loop.night import context, dbt_runner
from learning_loop.project import project_dir
from learning_loop.report.standing import Standing, alarms, gate_in_words

AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
PYTHON = {"int_experiments__placebo_verdicts": placebos.judge, "int_experiments__placebo_bounds": placebos.bounds}
GIVEN = {"int_experiments__placebo_verdicts": "int_experiments__placebo_inputs",
         "int_experiments__placebo_bounds": "int_experiments__placebo_counts"}  # fmt: skip
DRAWING = ("int_experiments__placebo_labels", "int_experiments__placebo_values", "int_experiments__placebos",
           "int_experiments__placebo_sums", "int_experiments__placebo_inputs")  # fmt: skip
JUDGING = ("int_experiments__placebo_verdicts", "placebo_experiments", "int_experiments__placebo_counts",
           "int_experiments__placebo_bounds", "placebo_rates")  # fmt: skip
SEEDS = ("placebo_policy", "experiments", "experiment_bars", "experiment_metrics")
BAR = {
    "kind": "rate", "role": "effect", "margin": None, "mixture_sd": 0.05, "min_reviewed": 200, "min_days": 14.0,
    "alpha": 0.05, "min_lift": 0.0, "min_sources_per_arm": 10, "look_growth": 0.6, "low_rate_below": 0.05,
    "is_clustered": False, "treatment_share": 0.5, "look_count": 3,
}  # fmt: skip


@functools.cache
def compiled() -> dict[str, str]:
    names = [name for name in (*DRAWING, *JUDGING) if name not in PYTHON]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_BUILD", f"{folder}/{WAREHOUSE}")
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        places = ["--project-dir", str(project_dir()), "--profiles-dir", str(project_dir() / "profiles")]
        places += ["--target-path", folder, "--log-path", folder, "--no-write-json"]
        told = dbtRunner(manifest()).invoke(
            ["--quiet", "--log-level", "none", "compile", "--select", *names, *places]
        )  # fmt: skip
        dbt_runner._close()
    assert told.success, told.exception
    return {
        one.node.name: re.sub(r'"learning_loop"\."\w+"\."(\w+)"', r"\1", one.node.compiled_code)
        for one in told.result.results
    }


def label(number: int, days_ago: float, source: str = "a", promoted: bool = False, **changes):
    """Return a label of candidate `number`."""
    return {
        "id": f"l{number}-{days_ago:g}", "candidate_id": f"c{number}", "source_key": source, "is_machine": False,
        "action": "promoted" if promoted else "rejected", "is_promotion": promoted, "rewrite_severity": None,
        "duplicate_confirmed": None, "edit_distance": None, "created_at": AS_OF - timedelta(days=days_ago),
        "loaded_in_run": 1, "is_displaced": False,
    } | changes  # fmt: skip


class Factory:
    """The models over a table of labels, with some numbers of the policy changed."""

    def __init__(self, labels: list[dict], **policy: object) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'; set threads = 1")
        context.lay_down(self.connection, {"run_id": "tonight"})
        context.lay_down(self.connection, {"run_number": "1"}, "integer")
        context.lay_down(self.connection, {"as_of": str(AS_OF)}, "timestamptz")
        for seed in SEEDS:
            file = project_dir() / "seeds" / "policy" / f"{seed}.csv"
            self.connection.execute(
                f"create table {seed} as select * replace (effective_from::timestamptz as effective_from)"
                f" from read_csv('{file}')"
            )
        for name, value in policy.items():
            self.connection.execute(f"update placebo_policy set {name} = $1", [value])
        self.connection.register("given", pa.Table.from_pylist([*labels, label(0, 0, edit_distance=0.5,
            duplicate_confirmed=False, rewrite_severity="none")]).slice(0, len(labels)))  # fmt: skip
        self.connection.execute("create table ingest_editor_labels as from given")
        self.connection.execute(
            "create table stg_ingest_editor_labels as select *, '' as source_file, 1 as row_number, 1 as reader_version"
            " from given"
        )
        self.make(*DRAWING)

    def make(self, *models: str) -> None:
        for name in models:
            if name in PYTHON:
                inputs = self.connection.sql(f"from {GIVEN[name]} order by all").to_arrow_table()
                self.connection.register("told", PYTHON[name](inputs))
                self.connection.execute(f"create or replace table {name} as from told")
            else:
                self.connection.execute(f"create or replace table {name} as {compiled()[name]}")

    def rows(self, sql: str) -> list[tuple]:
        return self.connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def world() -> Factory:
    """A thousand placebos over the labels of 24 sources, whose rates differ; low bars open the gate on more looks."""
    rng = np.random.default_rng(20260216)
    rates = rng.uniform(0.05, 0.4, 24)
    labels = [
        label(n, float(rng.uniform(0, 60)), f"s{n % 24}", bool(rng.random() < rates[n % 24])) for n in range(1200)
    ]
    made = Factory(labels, placebos_a_night=1000, small_every=5000, clustered_every=5000)
    made.connection.execute("update experiments set min_reviewed = 50")
    made.make("int_experiments__placebo_inputs")
    return made


def rates(world: Factory) -> dict[str, tuple]:
    world.make(*JUDGING)
    found = world.rows(
        "select metric_name, opened_count, rejected_rate, verdict, power from placebo_rates where rate_group = 'all'"
    )
    return {name: told for name, *told in found}


def test_the_gate_holds_on_labels_without_an_effect(world):
    for opened, rejected, verdict, power in rates(world).values():
        assert opened == 1000 and rejected <= 0.05 and verdict == "holds"
        assert rejected < power < 0.6


def test_a_gate_of_one_look_at_every_look_turns_red_within_a_thousand(world, monkeypatch):
    """Alpha without the sequence: what a fixed test does when people look at it every four days."""
    monkeypatch.setattr(statistics, "always_valid_p_value", lambda lift, v, sd: stats.norm.sf(lift / np.sqrt(v)))
    for opened, rejected, verdict, _ in rates(world).values():
        assert opened == 1000 and rejected > 0.05 and verdict == "lies"


def test_a_large_planted_effect_is_found(world):
    drawn = "select sum(planted_total) - sum(total) from int_experiments__placebo_sums where arm = "
    assert world.rows(drawn + "'control'") == [(0,)]
    [(added, treated)] = world.rows(
        "select sum(planted_total) - sum(total), sum(item_count) from int_experiments__placebo_sums"
        " where arm = 'treatment'"
    )
    assert added / treated == pytest.approx(0.05, abs=0.001)


def test_arms_are_as_large_as_planned_and_of_nothing_but_the_name(world):
    [(share,)] = world.rows(
        "select sum(item_count) filter (where arm = 'treatment') / sum(item_count) from int_experiments__placebo_sums"
    )
    assert share == pytest.approx(0.5, abs=0.005)
    assert world.rows("select count(distinct source_key) from int_experiments__placebos group by placebo_id") == (
        [(6,)] * 1000
    )


def small(labels: list[dict]) -> list[tuple]:
    return Factory(labels, placebos_a_night=10).rows("from int_experiments__placebo_sums order by all")


def test_the_order_of_rows_changes_nothing_and_who_draws_again_draws_the_same():
    rng = np.random.default_rng(1)
    labels = [
        label(n, float(rng.uniform(0, 60)), f"s{n % 9}", n % 3 == 0, edit_distance=float(rng.random()))
        for n in range(300)
    ]  # fmt: skip
    assert small(labels) == small(labels[::-1])


def test_a_later_label_replaces_an_earlier_one_from_its_look_on():
    # Looks are on every fourth day: the first word is known on the first, the second on the last.
    factory = Factory([label(1, 59, promoted=True), label(1, 1), label(2, 57), label(2, 56.5, promoted=True)])
    assert factory.rows(
        "select candidate_id, is_promotion, first_look, until_look from int_experiments__placebo_labels order by all"
    ) == [("c1", False, 15, None), ("c1", True, 1, 15), ("c2", True, 1, None)]
    assert factory.rows(
        "select distinct sum(total) filter (where look < 15), sum(total), sum(item_count) from"
        " int_experiments__placebo_sums where metric_name = 'promotion_rate' group by placebo_id"
    ) == [(2, 1, 2)]


def test_only_a_night_with_new_labels_draws_and_machines_and_old_labels_say_nothing():
    count = "select count(*) from int_experiments__placebo_labels"
    assert Factory([label(1, 1)]).rows(count) == [(1,)]
    assert Factory([label(1, 1, loaded_in_run=0)]).rows(count) == [(0,)]
    assert Factory([label(1, 1, is_machine=True), label(2, 60), label(3, 59.9)]).rows(count) == [(1,)]


def test_of_many_candidates_some_take_part_with_all_their_labels():
    labels = [label(n, days) for n in range(40) for days in (9, 2)]
    drawn = Factory(labels, candidates_at_most=10).rows(
        "select candidate_id, count(*) from int_experiments__placebo_labels group by all order by all"
    )
    assert len(drawn) == 10 and {count for _, count in drawn} == {2}
    assert drawn == Factory(labels[::-1], candidates_at_most=10).rows(
        "select candidate_id, count(*) from int_experiments__placebo_labels group by all order by all"
    )


def test_a_night_without_new_labels_adds_nothing():
    factory = Factory([label(1, 1, loaded_in_run=0)])
    factory.make(*JUDGING)
    assert factory.rows("from placebo_experiments") == factory.rows("from placebo_rates") == []


def test_every_fifth_placebo_is_given_whole_sources_and_every_fourth_is_small():
    factory = Factory([label(n, n % 50 + 1, f"s{n % 30}" if n % 10 else "unknown") for n in range(600)])
    kinds = factory.rows(
        "select split_part(placebo_id, '/', 2)::int as n, any_value(is_clustered), any_value(treatment_share),"
        " count(*) from int_experiments__placebos group by n order by n"
    )
    assert [(n, clustered, share) for n, clustered, share, _ in kinds] == [
        (n, n % 5 == 4, 0.2 if n % 4 == 3 else 0.5) for n in range(20)
    ]
    assert {sources for _, clustered, _, sources in kinds if clustered} == {28}
    assert {sources for _, clustered, _, sources in kinds if not clustered} == {6}
    assert factory.rows(
        "select max(arms) from (select count(distinct arm) as arms from int_experiments__placebo_sums"
        " where source_key != '' group by placebo_id, source_key)"
    ) == [(1,)]


def placebo(control: list[tuple], treatment: list[tuple], planted: float = 0.0, **changes):
    """Return an input whose arms have (source, successes, count); the last day of the last look is the twentieth."""
    sums = [
        {"arm": arm, "source_key": source, "look": look, "item_count": n / 2, "total": k / 2, "total_of_squares": k / 2,
         "planted_total": k / 2 + (planted / 2 if arm == "treatment" else 0), "planted_squares": k / 2,
         "known_count": 0 if source == "unknown" else n / 2,
         "first_day": 0.0, "last_day": 20.0 if look == 3 else 5.0}
        for arm, parts in (("control", control), ("treatment", treatment))
        for source, k, n in parts
        for look in (1, 3)
    ]  # fmt: skip
    return BAR | {"placebo_id": "p", "metric_name": "promotion_rate", "sums": sums} | changes


def judged(*rows: dict) -> list[tuple]:
    told = placebos.judge(pa.Table.from_pylist(rows)).to_pylist()
    return [(row["is_opened"], row["is_rejected"], row["is_planted_found"]) for row in told]


SOURCES = [(f"s{n}", 10, 100) for n in range(10)]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (placebo([("", 40, 200)], [("", 40, 200)]), (True, False, False)),
        (placebo([("", 40, 200)], [("", 80, 200)]), (True, True, True)),
        (placebo([("", 40, 200)], [("", 40, 200)], planted=40), (True, False, True)),
        (placebo([("", 40, 198)], [("", 80, 200)]), (False, False, False)),
        (placebo([("", 40, 200)], [("", 80, 200)], min_days=20.5), (False, False, False)),
        (placebo([("", 10, 200)], [("", 60, 200)], role="guardrail", margin=0.05), (True, True, True)),
        (placebo([("", 60, 200)], [("", 10, 200)], role="guardrail", margin=0.05), (True, False, False)),
        (placebo(SOURCES, SOURCES, is_clustered=True), (True, False, False)),
        (placebo(SOURCES, [*SOURCES[1:], ("unknown", 10, 100)], is_clustered=True), (False, False, False)),
    ],
    ids=["no effect", "chance looks like an effect", "a planted effect is found", "too few items", "too few days",
         "harm", "less harm", "ten sources", "unknown is no source"],
)  # fmt: skip
def test_a_placebo_is_judged_as_an_experiment_is(row, told):
    assert judged(row) == [told]


def test_placebos_are_judged_together_as_one_by_one():
    rows = [placebo([("", k, 200)], [("", 80 - k, 200)], placebo_id=str(k)) for k in range(20, 60)]
    assert judged(*rows) == [one for row in rows for one in judged(row)] == judged(*rows[::-1])[::-1]


@pytest.mark.parametrize(("k", "n"), [(0, 1000), (50, 1000), (66, 1000), (1000, 1000), (1, 1)])
def test_bounds_are_those_of_clopper_and_pearson(k, n):
    assert [float(bound) for bound in placebos.clopper_pearson(k, n)] == pytest.approx(
        proportion_confint(k, n, 0.05, method="beta")
    )


def test_aa_says_it_in_eighty_columns_and_as_json(world, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    rates(world)
    file = tmp_path / WAREHOUSE
    world.connection.execute(
        f"attach '{file}' as published; create table published.placebo_rates as from placebo_rates"
    )
    world.connection.execute("detach published")
    told = CliRunner().invoke(app, ["aa", "--warehouse", str(file)])
    assert told.exit_code == 0 and max(map(len, told.output.splitlines())) <= 80
    assert "holds       promotion_rate            all        1000" in told.output
    assert "the same with 5 points planted" in told.output and "lies on your data" not in told.output
    rows = json.loads(CliRunner().invoke(app, ["aa", "--json", "--warehouse", str(file)]).output)
    assert {row["verdict"] for row in rows} == {"holds"}
    with duckdb.connect(str(file)) as connection:
        connection.execute("update placebo_rates set verdict = 'lies' where metric_name = 'rejection_rate'")
    assert "This gate lies on your data." in CliRunner().invoke(app, ["aa", "--warehouse", str(file)]).output


def standing(*rates: dict) -> Standing:
    told = {
        "metric_name": "promotion_rate", "rate_group": "all", "opened_count": 1000, "rejected_rate": 0.004,
        "rejected_lower": 0.001, "alpha": 0.05, "verdict": "holds", "min_opened": 1000, "planted_lift": 0.05,
        "power": 0.135,
    }  # fmt: skip
    night = {"max_age_hours": 36.0, "as_of": AS_OF}
    return Standing(AS_OF, night, 0.0, [], [], [], [], [], [], [], [told | rate for rate in rates])


def test_status_says_in_one_line_whether_the_gate_lies():
    assert gate_in_words(standing()) == "" and alarms(standing()) == []
    few = {"verdict": "cannot_tell", "opened_count": 17}
    assert gate_in_words(standing(few)) == (
        "Whether the gate of experiments holds on these labels cannot be told yet: 17 of 1,000 placebos."
    )
    assert gate_in_words(standing({})) == (
        "The gate of experiments holds on these labels: it called 0.4% of 1,000 placebos an effect at most"
        " (promotion_rate; promised is 5%), and found 14% of those with 5 points planted."
    )
    lies = standing({}, few, {"verdict": "lies", "rejected_rate": 0.095, "rejected_lower": 0.0775})
    assert gate_in_words(lies).startswith("This gate lies on your data")
    assert [told[:28] for told in alarms(lies)] == ["This gate lies on your data:"]
