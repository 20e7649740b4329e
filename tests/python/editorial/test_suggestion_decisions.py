"""What people decide on suggestions: the fold, what it refuses, and the commands that land decisions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from editorial.test_suggestions import nights
from house import House, manifest
from learning_loop.editorial import suggestions
from learning_loop.editorial.cli import app
from learning_loop.errors import WrongUse

AT = "2026-02-{:02d}T12:00:00Z"


@pytest.fixture(scope="module")
def history_sql() -> str:
    return nights.shipped.compiled(["suggestion_history"], manifest())["suggestion_history"]


def fold(sql: str, *decisions: dict[str, Any], nights_run: int = 1) -> list[tuple[str, str | None]]:
    """Return status and refusal after each: ts_1 was confirmed on the 3rd, x-1 ready from the 5th to the 20th."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'; set variable as_of = timestamptz '2026-02-28 00:00:00+00'")
        for schema in ("policy", "staging", "intermediate", "main"):
            con.execute(f"create schema if not exists {schema}")
        con.execute(
            "create table policy.tuning_policy as select timestamptz '1970-01-01' as effective_from,"
            " 30 as keep_open_days, 2 as approval_late_days, '' as rationale"
        )
        con.execute(
            "create table policy.machine_actors as select 'machine:x' as actor, timestamptz '1970-01-01' as"
            " effective_from, '' as rationale"
        )
        seed = suggestions.__file__.partition("/python/")[0] + "/seeds/editorial/suggestion_transitions.csv"
        con.execute(f"create table policy.suggestion_transitions as from read_csv('{seed}')")
        con.execute(
            "create table intermediate.int_policy__approvals as from (values ('approver', null::varchar,"
            " timestamptz '-infinity', timestamptz '2026-02-25'), ('approver', 'ann', timestamptz '2026-02-25',"
            " timestamptz 'infinity')) as t (role, actor, valid_from, valid_to)"
        )
        con.execute(
            "create table tuning_suggestion_log as from (values ('ts_1', timestamptz '2026-02-03', null::timestamptz,"
            " 'confirmed'), ('ts_old', '2025-01-01', '2025-01-02', 'confirmed')) as"
            " t (suggestion_id, since, ended_at, verdict)"
        )
        con.execute(
            "create table experiment_gate_log as from (values ('x-1', 'ready_for_approval', timestamptz '2026-02-05',"
            " timestamptz '2026-02-20'), ('x-1', 'undecided', '2026-02-20', null)) as"
            " t (experiment_id, verdict, since, ended_at)"
        )
        con.execute(
            f"create table nightly_runs as select 'success' as status, n as run_number,"
            f" timestamptz '2026-02-03' + to_days(n::integer) as as_of from range(1, {nights_run + 1}) as t (n)"
        )
        full = [
            {
                "decision_id": f"d{number}", "suggestion_id": "ts_1", "actor": "ann", "experiment_id": None,
                "config_version": None, "reason": None, "recorded_by": None, "loaded_in_run": 1, "source_file": "",
                "row_number": 1, "reader_version": 1, "is_displaced": False,
            } | given
            for number, given in enumerate(decisions)
        ]  # fmt: skip
        names = list(full[0])
        con.register("given", pa.Table.from_pylist([{name: row.get(name) for name in names} for row in full]))
        con.execute(
            "create table staging.stg_suggestion_decisions as select * replace (decided_at::timestamptz as decided_at,"
            " experiment_id::varchar as experiment_id, config_version::varchar as config_version) from given"
        )
        return con.execute(f"select status, refusal from ({sql}) order by decision_id").fetchall()


PLAN = {"decision": "plan", "decided_at": AT.format(4), "experiment_id": "x-1"}
ADOPT = {"decision": "adopt", "decided_at": AT.format(6), "experiment_id": "x-1", "config_version": "v2"}


def test_a_suggestion_goes_from_plan_to_adoption_and_back(history_sql: str) -> None:
    revert = {"decision": "revert", "decided_at": AT.format(7)}
    again = {"decision": "plan", "decided_at": AT.format(8), "experiment_id": "x-2"}
    refuse = {"decision": "refuse", "decided_at": AT.format(9)}
    assert fold(history_sql, PLAN, ADOPT, revert, again, refuse) == [
        ("planned", None), ("adopted", None), ("reverted", None), ("planned", None), ("refused", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("decisions", "refusal"),
    [
        ([PLAN | {"suggestion_id": "ts_made_up"}], "unknown_suggestion"),
        ([PLAN | {"decided_at": AT.format(2)}], "unknown_suggestion"),
        ([PLAN | {"suggestion_id": "ts_old"}], "outdated"),
        ([PLAN | {"experiment_id": None}], "no_experiment"),
        ([ADOPT], "not_allowed_when_open"),
        ([PLAN, PLAN | {"decided_at": AT.format(5)}], "not_allowed_when_planned"),
        ([PLAN, ADOPT | {"decided_at": "2026-02-04T23:59:59Z"}], "gate_not_ready"),
        ([PLAN, ADOPT | {"decided_at": "2026-02-20T00:00:00Z"}], "gate_not_ready"),
        ([PLAN, ADOPT | {"config_version": None}], "no_config_version"),
        ([PLAN, ADOPT | {"actor": "machine:x"}], "signed_by_a_machine"),
        ([PLAN | {"experiment_id": "x-2"}, ADOPT], "other_experiment"),
        ([PLAN | {"decided_at": AT.format(26), "actor": "bob"}], "not_an_approver"),
        ([PLAN, {"decision": "revert", "decided_at": AT.format(7)}], "not_allowed_when_planned"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_lacks_something_changes_nothing(history_sql: str, decisions: list[dict], refusal: str) -> None:
    told = fold(history_sql, *decisions)
    assert told[-1][1] == refusal
    assert [row[1] for row in told[:-1]] == [None] * (len(told) - 1)


@pytest.mark.parametrize(("loaded_in_run", "refusal"), [(5, None), (6, "dated_back")])
def test_an_approval_that_nights_have_passed_is_dated_back(
    history_sql: str, loaded_in_run: int, refusal: str | None
) -> None:
    # Decided on the 6th at noon; the night of the 8th is run 5, that of the 9th, two days after it, is not: run 6 is.
    told = fold(history_sql, PLAN, ADOPT | {"loaded_in_run": loaded_in_run + 1}, nights_run=9)
    assert told[-1][1] == refusal


@pytest.mark.parametrize(
    ("change", "state", "steps"),
    [
        (("include_pattern", "add", "/a/"), {}, [("add", "/include_url_patterns")]),
        (("include_pattern", "add", "/a/"), {"include_url_patterns": ["x"]}, [("add", "/include_url_patterns/-")]),
        (
            ("exclude_pattern", "remove", "/a/"),
            {"exclude_url_patterns": ["*/a/*", "b", "h/a/"]},
            [(op, f"/exclude_url_patterns/{place}") for place in (2, 0) for op in ("test", "remove")],
        ),
        (("selector_priority", "prefer", "h1"), {}, [("add", "/selectors/0")]),
        (("selector_priority", "demote", "h1"), {}, [("add", "/selectors/-")]),
        (("quality_threshold", "lower", "0.40"), {"quality_threshold": 0.6}, [("replace", "/quality_threshold")]),
        (("pause", "resume", "all"), {"state": "paused"}, [("replace", "/state")]),
        (("run_frequency", "less", "less often"), {"cadence": "daily"}, [("replace", "/cadence")]),
        (("text_normalisation_rule", "add", "sentence_case"), {}, [("add", "/text_rules/-")]),
    ],
    ids=lambda given: " ".join(given[:2]) if isinstance(given, tuple) else "",
)
def test_a_patch_says_where_and_what(change: tuple[str, str, str], state: dict, steps: list) -> None:
    row = dict(zip(("kind", "direction", "value"), change, strict=True))
    assert [(step["op"], step["path"]) for step in suggestions.patch(row, state)] == steps


@pytest.fixture
def say(sample_world: tuple[House, dict], tmp_path: Path) -> Any:
    """Run a command on the published sample world, with a landing folder of its own; the folder is `say.landing`."""

    def run(*words: str, as_json: bool = False) -> Any:
        places = ["--warehouse", str(sample_world[0].warehouse), "--landing", str(tmp_path)]
        result = CliRunner().invoke(app, ["suggestion", *words, *places, *(["--json"] if as_json else [])])
        if isinstance(result.exception, WrongUse):
            raise result.exception
        assert result.exit_code == 0, result.output
        return json.loads(result.output) if as_json else " ".join(result.output.split())

    run.landing = tmp_path  # type: ignore[attr-defined]
    return run


def test_every_planted_suggestion_is_on_the_list_of_what_wants_a_person(sample_world: Any, say: Any) -> None:
    house, truth = sample_world
    planted = sorted(map(tuple, truth["editorial"]["suggestions"]))
    told = say("list", as_json=True)
    assert sorted((row["source_key"], row["kind"], row["direction"], row["value"]) for row in told) == planted
    asked = house.column("select item_key from attention_items where kind = 'suggestion_confirmed' order by 1")
    assert asked == sorted(row["suggestion_id"] for row in told)


def test_the_way_from_a_suggestion_to_its_trial_and_what_is_refused_on_it(say: Any) -> None:
    key = next(row["suggestion_id"] for row in say("list", as_json=True) if row["value"] == "/listicles/")
    shown = say("show", key)
    assert "exclude /listicles/" in shown and f"suggestion plan {key}" in shown
    for words, lacks in (
        (("show", "ts_made_up"), "names no suggestion"),
        (("adopt", key, "--config-version", "v2", "--by", "ann"), "is open; only what is planned"),
        (("revert", key, "--reason", "r", "--by", "ann"), "is open; only what is adopted"),
        (("refuse", key, "--reason", " ", "--by", "ann"), "--reason is blank"),
    ):
        with pytest.raises(WrongUse, match=lacks):
            say(*words)
    assert list(say.landing.rglob("*.jsonl")) == []
    planned = say("plan", key, "--by", "ann", as_json=True)
    assert planned["patch"] == [{"op": "add", "path": "/exclude_url_patterns", "value": ["*/listicles/*"]}]
    assert planned["experiment"]["scope_json"]["suggestion_id"] == key
    assert planned["decision"]["experiment_id"] == planned["experiment"]["id"]
    with pytest.raises(WrongUse, match="is planned; only what is open"):
        say("plan", key, "--by", "ann")
    with pytest.raises(WrongUse, match=r"gate_not_ready.*No night has seen the experiment"):
        say("adopt", key, "--config-version", "v2", "--by", "ann")
    assert "Recorded: refuse" in say("refuse", key, "--reason", "not worth it", "--by", "ann")
    assert next(row["status"] for row in say("list", as_json=True) if row["suggestion_id"] == key) == "refused"
    landed = {path.parent.name for path in say.landing.rglob("*.jsonl")}
    assert landed == {"suggestion_decisions", "ingest_experiments"}
