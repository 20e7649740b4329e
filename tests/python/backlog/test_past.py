"""The backlog at any second of the past is what the last night up to then published."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from compiled import kept, model
from fold_oracle import source_of
from histories import START, history
from typer.testing import CliRunner

from house import House
from learning_loop.backlog import replay
from learning_loop.backlog.cli import app
from learning_loop.backlog.foresight import FEEDS, MODELS
from learning_loop.backlog.sql import set_as_of
from learning_loop.errors import WrongUse
from learning_loop.experiments.replay import gates
from learning_loop.night import earlier
from learning_loop.project import project_dir
from learning_loop.warehouse import night_at

PUBLISHED = (
    "learning_backlog_candidates", "learning_backlog_history", "learning_backlog_checklist", "rejected_decisions",
    "learning_backlog_regressions",
)  # fmt: skip
NAMED_IN = 12  # the night that first sees approvers named


@dataclass
class Store:
    """A feed's rows as a warehouse stores them: of one id the version with the least (instant, content) counts."""

    identity: str
    instant: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, datetime] = field(default_factory=dict)

    def load(self, run: int, as_of: datetime, arrived: list[dict[str, Any]]) -> None:
        for row in arrived:
            self.files[f"{row[self.identity]}-{run}"] = as_of
            same = [r for r in self.rows if r[self.identity] == row[self.identity] and not r["is_displaced"]]
            if same and (same[0][self.instant], str(same[0]["actor"])) <= (row[self.instant], str(row["actor"])):
                continue
            for loser in same:
                loser |= {"is_displaced": True, "loaded_in_run": run}
            stored = {"source_file": f"{row[self.identity]}-{run}", "row_number": 1, "reader_version": 2}
            self.rows.append(row | stored | {"loaded_in_run": run, "is_displaced": False})


class World:
    """A warehouse of small tables after each of its nights, and what each of these published."""

    def __init__(self, seed: int) -> None:
        self.rng, self.con, self.sql = random.Random(seed), duckdb.connect(), kept()
        self.made = [history(100 * seed + number) for number in range(10)]
        self.nights = sorted({run[0].at for made in self.made for run in made.runs if run})
        self.stores = {
            "stg_backlog_decisions": Store("decision_id", "decided_at"),
            "stg_checklist_updates": Store("update_id", "updated_at"),
            "stg_shadow_evaluations": Store("evaluation_id", "evaluated_at"),
        }
        self.published: list[dict[str, list[tuple]]] = []
        self.stays: dict[str, list[list[datetime | None]]] = {}
        self._lay_out()
        for turn, as_of in enumerate(self.nights):
            self._night(turn + 1, as_of, self.nights[turn - 1] if turn else START - timedelta(days=99))

    def _lay_out(self) -> None:
        seeds = project_dir() / "seeds" / "backlog"
        self.con.execute("set timezone = 'UTC'")
        for schema in ("staging", "policy", "intermediate"):
            self.con.execute(f"create schema {schema}")
        for seed in ("promotion_steps", "backlog_transitions"):
            self.con.execute(f"create table policy.{seed} as from read_csv('{seeds / seed}.csv')")
        self.con.execute(
            """
            create table nightly_runs (run_id varchar, run_number integer, as_of timestamptz, status varchar,
                code_version varchar);
            create table learning_backlog_proposals (run_id varchar, proposal_number bigint, candidate_key varchar,
                source_type varchar, source_ref varchar, subject_ref varchar, source_period_key varchar,
                period_starts_on date, priority_score double, priority varchar, verdict varchar,
                reopens_because varchar, title varchar, root_cause_hypothesis varchar, description varchar,
                design varchar, acceptance_criteria varchar[], invariant_updates varchar[], policy_updates varchar[],
                regression_tests varchar[], missing_parts varchar[], impacted_metrics json, guardrails json,
                evidence json, proposed_at timestamptz, event_count bigint, unique_users bigint,
                weeks_recurring bigint, first_recurred_on date, trend json, suggested_updates json);
            create table learning_issue_cluster_examples (period_granularity varchar, period_key varchar,
                cluster_signature varchar, example_number bigint, event_id varchar, captured_at timestamptz,
                signal_type varchar, issue_type varchar, invariant_id varchar, agent_version varchar,
                workflow_phase varchar, modality varchar, confidence_band varchar, attributes varchar);
            create table policy.approvers (actor varchar, role varchar, effective_from timestamptz, rationale varchar);
            create table policy_log (policy varchar, row_key varchar, effective_from timestamptz, is_gone boolean,
                loaded_in_run integer);
            create table attention_log (kind varchar, item_key varchar, since timestamptz, ended_at timestamptz);
            create table landing_files (feed varchar, source_file varchar, read_at timestamptz,
                modified_at timestamptz);
            create table erasures (erased_at timestamptz, is_in_force boolean);
            create table staging.stg_backlog_decisions (decision_id varchar, candidate_key varchar, decision varchar,
                actor varchar, decided_at timestamptz, reason varchar, issue_ref varchar, snooze_until timestamptz,
                recorded_by varchar);
            create table staging.stg_checklist_updates (update_id varchar, candidate_key varchar, step_id varchar,
                status varchar, actor varchar, updated_at timestamptz, evidence varchar, recorded_by varchar);
            create table staging.stg_shadow_evaluations (evaluation_id varchar, candidate_key varchar,
                experiment_id varchar, verdict varchar, evaluated_at timestamptz, metric_deltas varchar);
            """
        )
        for stage in self.stores:
            self.con.execute(
                f"alter table staging.{stage} add column source_file varchar;"
                f"alter table staging.{stage} add column row_number bigint;"
                f"alter table staging.{stage} add column reader_version integer;"
                f"alter table staging.{stage} add column loaded_in_run integer;"
                f"alter table staging.{stage} add column is_displaced boolean"
            )

    def _night(self, run: int, as_of: datetime, before: datetime) -> None:
        name = as_of.isoformat()
        self.con.execute("insert into nightly_runs values (?, ?, ?, 'success', 'v')", [name, run, as_of])
        if run == NAMED_IN:
            for actor in ("ann", "bob"):
                self.con.execute("insert into policy.approvers values (?, 'approver', '1970-01-01', '')", [actor])
                self.con.execute("insert into policy_log values ('approvers', ?, '1970-01-01', false, ?)",
                                 [f"{actor}/approver", run])  # fmt: skip
        for stage, rows in self._arrived(before, as_of).items():
            self.stores[stage].load(run, as_of, rows)
            self._insert(f"staging.{stage}", self.stores[stage].rows, is_whole=True)
        files = [
            {"feed": feed, "source_file": file, "read_at": at, "modified_at": at}
            for feed, (stage, _, _) in FEEDS.items() for file, at in self.stores[stage].files.items()
        ]  # fmt: skip
        self._insert("landing_files", files, is_whole=True)
        self._insert("learning_backlog_proposals", [
            {"run_id": name, "proposal_number": p.number + 100 * turn, "candidate_key": p.key,
             "source_type": source_of(p.key), "source_ref": p.key, "subject_ref": made.subjects[p.key],
             "source_period_key": str(p.week), "period_starts_on": p.week, "priority_score": p.score,
             "priority": p.label, "verdict": p.verdict, "reopens_because": "logged" if p.reopens else None,
             "title": f"{p.key} at {p.score}", "missing_parts": list(p.missing_parts), "impacted_metrics": "[]",
             "guardrails": "[]", "evidence": "{}", "proposed_at": as_of}
            for turn, made in enumerate(self.made) for made_run in made.runs for p in made_run if p.at == as_of
        ])  # fmt: skip
        self.published.append(self._publish(as_of))

    def _arrived(self, after: datetime, until: datetime) -> dict[str, list[dict[str, Any]]]:
        """Return the rows that came since the night before, some under a short key, some for the second time."""
        decisions, updates, evaluations = [], [], []
        names = {row[0]: row[1] for row in self.published[-1]["learning_backlog_candidates"]} if self.published else {}
        for made in self.made:
            for d in made.decisions:
                key = names.get(d.key, d.key) if self.rng.random() < 0.3 else d.key
                row = {"decision_id": d.decision_id, "candidate_key": key, "decision": d.decision, "actor": d.actor,
                       "decided_at": d.at, "snooze_until": d.snooze_until}  # fmt: skip
                came, again = d.arrives or d.at, sum(d.decision_id.encode()) % 4
                if after < came <= until:
                    decisions.append(row)
                if not again and after < came + timedelta(days=4) <= until:  # another word under the same id, and older
                    decisions.append(row | {"decision": "dismiss", "decided_at": d.at - timedelta(hours=30)})
            for turn, r in enumerate(made.reports):
                came = r.at + timedelta(days=turn % 3)
                if after < came <= until and "regression" in r.step:
                    updates.append({"update_id": f"{made.number}-{turn}", "candidate_key": r.key, "step_id": r.step,
                                    "status": "completed" if r.is_completed else "pending", "actor": "ci",
                                    "updated_at": r.at, "evidence": "t"})  # fmt: skip
                elif after < came <= until:
                    evaluations.append({"evaluation_id": f"{made.number}-{turn}", "candidate_key": r.key,
                                        "verdict": "pass" if r.is_completed else "fail", "actor": "",
                                        "evaluated_at": r.at})  # fmt: skip
        return dict(zip(self.stores, (decisions, updates, evaluations), strict=True))

    def _publish(self, as_of: datetime) -> dict[str, list[tuple]]:
        """Run the models as a night does: over all there is."""
        tables = {name: f"temp.tonight_{name}" for name in (*MODELS, "fix_effects", "int_policy__approvals",
                  "int_backlog__short_keys", "int_backlog__short_keys_before_tonight")}  # fmt: skip
        set_as_of(self.con, as_of)
        short_keys = self.sql.model("int_backlog__short_keys", {})
        before = f"(from learning_backlog_proposals where proposed_at < timestamptz '{as_of.isoformat()}')"
        earlier_keys = self.sql.model("int_backlog__short_keys", {"learning_backlog_proposals": before})
        self._table("int_backlog__short_keys", short_keys)
        self._table("int_backlog__short_keys_before_tonight", earlier_keys)
        for name in ("int_policy__approvals", *MODELS):
            if name == "int_backlog__shown_proposals":  # of a third of the promoted the rate is found to be back
                self._table("fix_effects", f"""
                    select candidate_key, entered_at as promoted_at,
                        hash(candidate_key, '{as_of:%V}') % 3 = 0 as is_regressed
                    from {tables["learning_backlog_history"]} where status = 'promoted' and left_at is null
                """)  # fmt: skip
            self._table(name, self.sql.model(name, tables))
        regressed = f"select candidate_key from {tables['learning_backlog_candidates']} where is_regressed"
        found = {row[0] for row in self.con.execute(regressed).fetchall()}
        for key in found | set(self.stays):
            stays = self.stays.setdefault(key, [])
            is_open = bool(stays) and stays[-1][1] is None
            if key in found and not is_open:
                stays.append([as_of, None])
            elif is_open and key not in found:
                stays[-1][1] = as_of
        self._insert("attention_log", [
            {"kind": "regressed_fix", "item_key": key, "since": since, "ended_at": ended}
            for key, stays in self.stays.items() for since, ended in stays
        ], is_whole=True)  # fmt: skip
        return {name: self.rows(tables[name]) for name in PUBLISHED}

    def _table(self, name: str, text: str) -> None:
        self.con.execute(f"create or replace temp table tonight_{name} as {text}")

    def _insert(self, table: str, rows: list[dict[str, Any]], is_whole: bool = False) -> None:
        if is_whole:
            self.con.execute(f"delete from {table}")
        if rows:
            names = [row[0] for row in self.con.execute(f"describe {table}").fetchall()]
            given = pa.table({name: [row.get(name) for row in rows] for name in names})
            self.con.register("given", given)
            self.con.execute(f"insert into {table} by name from given")
            self.con.unregister("given")

    def rows(self, table: str) -> list[tuple]:
        return self.con.execute(f"from {table} order by all").fetchall()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    yield World(3)


def test_at_any_second_the_backlog_is_what_the_last_night_up_to_then_published(world: World) -> None:
    assert len(world.nights) >= 30
    rng, ends = random.Random(5), [*world.nights[1:], world.nights[-1] + timedelta(days=3)]
    for turn, (as_of, next_as_of) in enumerate(zip(world.nights, ends, strict=True)):
        lasts = (next_as_of - as_of).total_seconds() - 1
        instant = as_of + timedelta(seconds=rng.choice([0, lasts, rng.uniform(0, lasts)]))
        night = night_at(world.con, instant)
        assert night.as_of == as_of
        replay.rebuild(world.con, world.sql, night)
        for name in PUBLISHED:
            assert world.rows(f"temp.{name}") == world.published[turn][name], f"night {turn + 1}, {name}"


def test_the_nights_hold_what_they_are_meant_to_show(world: World) -> None:
    last = world.published[-1]
    assert {row[2] for row in last["learning_backlog_candidates"]} == {"candidate", "approved", "dismissed", "promoted"}
    assert sum(row["is_displaced"] for row in world.stores["stg_backlog_decisions"].rows) > 5
    assert any(ended for stays in world.stays.values() for _, ended in stays), "a fix regressed, and recovered"
    short = {row["candidate_key"] for row in world.stores["stg_backlog_decisions"].rows} - {
        key for made in world.made for key in made.subjects
    }
    assert len(short) > 5, "decisions that name a short key"
    refused = [{row[7] for row in one["rejected_decisions"]} for one in world.published]
    assert "not_an_approver" in refused[NAMED_IN - 1] and "not_an_approver" not in refused[NAMED_IN - 2]


def test_what_may_differ_is_named(world: World) -> None:
    world.con.execute("begin")
    night = night_at(world.con, world.nights[9])
    said = " ".join(replay.exceptions(world.con, night))
    assert "lost since to another version" in said and "read after it" not in said and "erased" not in said
    world.con.execute("insert into erasures values ($1, true)", [world.nights[12]])
    world.con.execute("update landing_files set modified_at = $1", [START - timedelta(days=30)])
    world.con.execute("insert into nightly_runs values ('later', 99, $1, 'success', 'w')", [world.nights[-1]])
    said = " ".join(replay.exceptions(world.con, night))
    assert "Persons erased since: 1" in said and "read after it" in said and "the rules of v; those of w" in said
    world.con.execute("rollback")


@pytest.fixture(scope="module")
def places(told: tuple[House, dict], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The sample's six nights; the log of what wants a person is not part of their graph, and is written here."""
    file = tmp_path_factory.mktemp("replay") / told[0].warehouse.name
    file.write_bytes(told[0].warehouse.read_bytes())
    nights = earlier.kept(told[0].warehouse)
    with duckdb.connect(str(file)) as con:
        con.execute("create table attention_log"
                    " (kind varchar, item_key varchar, since timestamptz, ended_at timestamptz)")  # fmt: skip
        for (as_of, night), until in zip(nights.items(), [*list(nights)[1:], None], strict=True):
            with duckdb.connect(str(night), read_only=True) as before:
                query = "select candidate_key from learning_backlog_candidates where is_regressed"
                for (key,) in before.execute(query).fetchall():
                    con.execute("insert into attention_log values ('regressed_fix', ?, ?, ?)", [key, as_of, until])
    return ["--warehouse", str(file), "--landing", str(told[0].landing)]


def test_the_samples_nights_are_told_as_their_kept_files_say(told: tuple[House, dict], places: list[str]) -> None:
    nights = earlier.kept(told[0].warehouse)
    assert len(nights) == len(told[1]["nights"]) - 1
    for as_of, file in nights.items():
        instant = (as_of + timedelta(hours=7)).isoformat()
        found = json.loads(CliRunner().invoke(app, ["at", instant, "--json", *places]).output)
        assert found["exceptions"] == []
        with duckdb.connect(str(file), read_only=True) as con:
            con.execute("set timezone = 'UTC'")
            query = (
                "select candidate_key, short_key, status, priority_score, title, times_seen, quiet_weeks, is_regressed"
            )
            published = con.execute(f"{query} from learning_backlog_candidates order by 1").fetchall()
            columns = [column[0] for column in con.description]
        shown = sorted((tuple(row[name] for name in columns) for row in found["shown"]), key=lambda row: row[0])
        assert shown == published, as_of


def test_it_is_told_in_80_columns_with_what_was_decided_since(told: tuple[House, dict], places: list[str]) -> None:
    second = datetime.fromisoformat(told[1]["nights"][1]).astimezone(UTC)
    text = CliRunner().invoke(app, ["at", (second + timedelta(days=6)).isoformat(), *places]).output
    assert f"the last night was {second:%Y-%m-%dT%H:%M:%SZ} (run 2)" in text
    assert "Decided by then, and not known to that night" in text
    titles = {line for line in text.splitlines() if line.startswith(" " * 14)}
    assert [line for line in text.splitlines() if len(line) > 80 and line not in titles] == []


def test_before_the_first_night_nothing_was_known(told: tuple[House, dict], places: list[str]) -> None:
    result = CliRunner().invoke(app, ["at", "2025-01-01", *places])
    assert isinstance(result.exception, WrongUse) and "No night had run yet" in str(result.exception)


def test_a_file_may_bear_any_name(places: list[str], tmp_path: Path) -> None:
    copy = tmp_path / "yesterday's copy.duckdb"
    copy.write_bytes(Path(places[1]).read_bytes())
    result = CliRunner().invoke(app, ["at", "2026-02-16T12:00:00Z", "--warehouse", str(copy), *places[2:]])
    assert result.exit_code == 0, result.exception


GATES = ("nothing", "a", "b", "c")


def test_at_any_second_the_gates_are_those_that_the_last_night_published(tmp_path: Path) -> None:
    rng, con, text = random.Random(8), duckdb.connect(), model("experiment_gate_log", {})
    con.execute("set timezone = 'UTC'")
    con.execute("create table experiment_gates (experiment_id varchar, verdict varchar, lift double,"
                " reasons varchar[], computed_at timestamptz)")  # fmt: skip
    con.execute("create table experiment_gate_log (experiment_id varchar, since timestamptz, ended_at timestamptz,"
                " verdict varchar, gate json)")  # fmt: skip
    published: dict[datetime, list[tuple]] = {}
    nights = [START + timedelta(days=turn) for turn in range(30)]
    for as_of in sorted(nights + rng.sample(nights, 6)):  # six nights run twice, and only the second of them is history
        rows = [(name, rng.choice(GATES[1:]), rng.choice([0.1, 1 / 3]), ["x"], as_of) for name in "pqrst"]
        con.execute("delete from experiment_gates")
        for row in rows:
            if rng.random() < 0.8:
                con.execute("insert into experiment_gates values (?, ?, ?, ?, ?)", row)
        set_as_of(con, as_of)
        # As the hook of a log of stays, and its strategy, delete+insert.
        con.execute("delete from experiment_gate_log where since = run.as_of()")
        con.execute("update experiment_gate_log set ended_at = null where ended_at = run.as_of()")
        con.execute(f"create or replace temp table tonight as {text}")
        con.execute("delete from experiment_gate_log where (experiment_id, since) in"
                    " (select (experiment_id, since) from tonight)")  # fmt: skip
        con.execute("insert into experiment_gate_log from tonight")
        query = "select * exclude (computed_at) from experiment_gates order by experiment_id"
        published[as_of] = con.execute(query).fetchall()
    for as_of, rows in published.items():
        assert [tuple(gate.values()) for gate in gates(con, as_of)] == rows, as_of
    assert 30 < con.execute("select count(*) from experiment_gate_log").fetchall()[0][0] < 140, "repeats cost nothing"
