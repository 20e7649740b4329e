"""The editorial models on made-up rows: one build of an empty landing folder, then their compiled SQL per world."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from learning_loop import duplicates, editing

ROOT = Path(__file__).parents[3]
AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
ROOMS = ("editorial", "duplicates", "quality", "tuning", "population_priors")
STORED = {"source_file": "test", "row_number": 1, "reader_version": 1, "loaded_in_run": 1, "is_displaced": False}
PYTHON_MODELS = {
    "int_editorial__edit_distances": ("scratch.int_editorial__edited_texts", editing.edit_distances),
    "int_duplicates__groups": ("scratch.int_duplicates__links", duplicates.groups),
}


def dbt_build(folder: Path, landing: Path, *arguments: str) -> Path:
    """Build the project into ``folder`` and return its database."""
    database = folder / "learning_loop.duckdb"
    done = subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build", "--profiles-dir", "profiles",
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
            "--vars", json.dumps({"as_of": AS_OF.isoformat()}), *arguments,
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"LEARNING_LOOP_BUILD": str(database), "LEARNING_LOOP_LANDING": str(landing)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    return database


class World:
    """A database with the rows of one world, and the editorial models computed from them."""

    def __init__(self, database: Path, models: list[tuple[str, str, str | None]]) -> None:
        self.connection = duckdb.connect(str(database))
        self.connection.execute("set timezone = 'UTC'; set threads = 1; set variable learning_loop_salt = 'test'")
        self.models = models

    def store(self, feed: str, rows: list[dict[str, Any]]) -> None:
        """Replace the stored rows of a feed; a column that is not given is null."""
        table = f"staging.stg_{feed}"
        self.connection.execute(f"delete from {table}")
        for row in rows:
            full = STORED | row
            names, places = ", ".join(full), ", ".join("?" for _ in full)
            self.connection.execute(f"insert into {table} ({names}) values ({places})", list(full.values()))

    def compute(self, *only: str) -> None:
        """Run the models in their order, or only those named."""
        for relation, name, sql in self.models:
            if only and name not in only:
                continue
            if name in PYTHON_MODELS:
                source, function = PYTHON_MODELS[name]
                order = " order by weakness nulls first, candidate_a, candidate_b" if "links" in source else ""
                result = function(self.connection.execute(f"from {source}{order}").to_arrow_table())  # noqa: F841
                self.connection.execute(f"create or replace table {relation} as from result")
            elif sql is not None:
                self.connection.execute(f"create or replace table {relation} as {sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(sql).fetchall()


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str | None]]]:
    """Build the project on an empty landing folder; return the database and the editorial models in order."""
    folder = tmp_path_factory.mktemp("editorial")
    (folder / "landing").mkdir()
    database = dbt_build(folder, folder / "landing")
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    found: dict[str, dict[str, Any]] = {
        key: node for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][2] in ROOMS and "staging" not in node["fqn"]
    }  # fmt: skip
    models: list[tuple[str, str, str | None]] = []
    while found:
        key = next(k for k, node in found.items() if not set(node["depends_on"]["nodes"]) & (set(found) - {k}))
        node = found.pop(key)
        path = folder / "target" / "compiled" / "learning_loop" / node["original_file_path"]
        sql = path.read_text() if path.suffix == ".sql" else None
        if sql is not None:
            sql = sql.replace("date '9999-12-31'", "date '1970-01-01'")  # tonight's touched days: here, all
        models.append((f"{node['schema']}.{node['name']}", node["name"], sql))
    connection = duckdb.connect(str(database))
    for schema, name in connection.execute(
        "select schema_name, view_name from duckdb_views() where not internal"
    ).fetchall():
        if any(f"{schema}.{name}" == relation for relation, _, _ in models):
            connection.execute(f"drop view {schema}.{name}")
    connection.close()
    return database, models


@pytest.fixture
def world(empty_build: tuple[Path, list[tuple[str, str, str | None]]], tmp_path: Path) -> Any:
    """Return a world of its own to fill and compute."""
    database, models = empty_build
    copy = tmp_path / "learning_loop.duckdb"
    shutil.copy(database, copy)
    made = World(copy, models)
    yield made
    made.connection.close()
