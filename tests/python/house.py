"""A landing folder and a warehouse of their own, and what tests ask of them."""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from learning_loop.night import dbt_runner, steps
from learning_loop.project import project_dir

WAREHOUSE = "learning_loop.duckdb"
# Contracts are held by `make build`, which is of the same code, and by the tests that are about them.
os.environ.setdefault("LEARNING_LOOP_CONTRACTS", "none")
# What each night did, and so what may differ between two ways to the same rows.
LOGS = {
    # Since when something wants a person, and what changed, follows from the nights there were.
    "attention_items",
    "attention_log",
    "night_changes",
    "extraction_calibration_runs",
    "fix_effects",  # of promotions, which follow from what each run proposed
    "landing_files",
    "feed_freshness",  # how often each was delivered
    # The backlog follows from what each run proposed, so from the nights there were.
    "learning_backlog_bridge_runs",
    "learning_backlog_candidates",
    "learning_backlog_checklist",
    "learning_backlog_history",
    "learning_backlog_proposals",
    "learning_backlog_regressions",
    "learning_backlog_verdicts",
    "rejected_decisions",
    "learning_issue_cluster_runs",
    "nightly_runs",
    "experiment_gate_log",  # what each night published
    # A night draws from the labels that it knows, and only where new ones came.
    "maturity_status",  # what the nights confirmed, and people then adopted
    "placebo_experiments",
    "placebo_rates",
    "policy_log",
    "quarantined_rows",
    "tuning_change_verdicts",
    "suggestion_history",
    "suggestion_states",
    "tuning_suggestion_log",
    "tuning_history",  # it repeats first verdicts
    "ungated_tuning_changes",
}


@functools.cache
def manifest():
    """The parsed project (dbt's Manifest): reading it takes as long as a night.

    Relations are named with the database of the file that dbt was given while it read; so that this is every night's,
    whoever asks first, the file is named here. DuckDB 2 takes the name of another database for a schema.
    """
    places = ["--project-dir", str(project_dir()), "--profiles-dir", str(project_dir() / "profiles")]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_BUILD", f"{folder}/{WAREHOUSE}")
        places += ["--target-path", folder, "--log-path", folder]
        parsed = dbtRunner().invoke(["--quiet", "--log-level", "none", "parse", "--no-write-json", *places])
    assert parsed.success, parsed.exception
    dbt_runner._close()
    return parsed.result


def graph(*concepts: str) -> list[str]:
    """Select what these concepts stand on, and operations: the whole graph takes long."""
    return [f"+path:models/marts/{concept}" for concept in (*concepts, "operations")]


# Loading, the ledger, the quarantine and one concept.
LOADING = graph("issue_clusters")
SIGNALS = graph("issue_clusters", "calibration")
BACKLOG = graph("issue_clusters", "calibration", "backlog")
EXPERIMENTS = graph("experiments")
STAGE_B = graph("stage_b")
UNTESTED = ["--exclude-resource-type", "test"]


def build(tonight: steps.Night, arguments: list[str], tell=lambda _: None, artefacts: str = "--no-write-json") -> None:
    """Build as dbt_runner.build, of the project that this process has read; a clone's seeds are the clone's own.

    The environment, which dbt_runner.build sets for the rest of its process, is afterwards what it was.
    """
    usual, project, before = dbt_runner.dbtRunner, str(dbt_runner.project_dir()), dict(os.environ)
    seeds = [node for node in manifest().nodes.values() if node.resource_type == "seed"]
    for seed in seeds:
        seed.root_path = project
    dbt_runner.dbtRunner = functools.partial(dbtRunner, manifest())
    try:
        dbt_runner.build(tonight, [*arguments, artefacts], tell)
    finally:
        dbt_runner.dbtRunner = usual
        os.environ.clear()
        os.environ.update(before)


def selection(select: list[str]) -> list[str]:
    """Say to dbt what to build; a test is run when all that it reads is built."""
    return ["--select", *select, "--indirect-selection", "cautious"]


class House:
    """One warehouse under test; its nights run in this process, as `learning-loop nightly` runs them."""

    def __init__(self, root: Path, landing: Path | None = None, select: list[str] | None = None):
        self.landing = landing or root / "landing"
        self.landing.mkdir(parents=True, exist_ok=True)
        self.warehouse = root / "warehouse" / WAREHOUSE
        self.select = selection(select) if select else []
        self.steps: list[str] = []
        self.look: Callable[[Path], object] = lambda work_dir: (
            None
        )  # at what a build leaves, before it goes with the night

    def land(self, name: str, rows: Iterable[dict | str], feed: str = "events") -> Path:
        path = self.landing / feed / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return path

    def night(
        self,
        as_of: datetime | str,
        full_refresh: bool = False,
        bridge: bool = True,
        keep: int | None = None,
        is_tested: bool = False,
        all_tests: bool = False,
    ) -> None:
        """Run one night. Without data tests unless asked: mostly a comparison of all marts says more, and sooner."""
        at = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
        select = [*self.select, *([] if is_tested or all_tests else UNTESTED)]

        def build_and_look(tonight: steps.Night, arguments: list[str]) -> None:
            build(tonight, [*arguments, *select])
            self.look(tonight.work_dir)

        steps.run(
            steps.Night(
                self.landing, self.warehouse, at, full_refresh, bridge, keep, all_tests=all_tests, may_be_ahead=True
            ),
            build_and_look,
            self.steps.append,
        )

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            return connection.execute(sql, list(parameters)).fetchall()

    def column(self, sql: str, *parameters: object) -> list:
        return [row[0] for row in self.query(sql, *parameters)]

    def marts(self, logs: set[str] = LOGS) -> dict[str, list[tuple]]:
        """Every published table but the logs, as sorted rows without computed_at."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            tables = connection.execute(
                "select table_name from information_schema.tables where table_schema = 'main' order by 1"
            ).fetchall()
            found = {}
            for (table,) in tables:
                if table in logs:
                    continue
                columns = connection.execute(f"describe {table}").fetchall()
                names = ", ".join(f'"{column[0]}"' for column in columns if column[0] != "computed_at")
                found[table] = connection.execute(f"select {names} from {table} order by all").fetchall()
            return found
