"""The editorial models on made-up rows: their compiled SQL, run on a world's rows in a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from learning_loop import duplicates, editing

ROOT = Path(__file__).parents[3]
AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
ROOMS = ("editorial", "duplicates", "quality", "tuning", "population_priors")
STORED = {"source_file": "test", "row_number": 1, "reader_version": 1, "loaded_in_run": 1, "is_displaced": False}
PYTHON_MODELS = {
    "int_editorial__edit_distances": ("scratch.int_editorial__edited_texts", editing.edit_distances),
    "int_duplicates__groups": ("scratch.int_duplicates__links", duplicates.groups),
}


def dbt_build(folder: Path, landing: Path, *arguments: str, as_of: str = AS_OF.isoformat()) -> Path:
    """Build the project into ``folder`` and return its database."""
    database = folder / "learning_loop.duckdb"
    done = subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build", "--profiles-dir", "profiles",
            "--exclude", "resource_type:unit_test",
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
            "--vars", json.dumps({"as_of": as_of}), *arguments,
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
        if rows:
            names = sorted({name for row in rows for name in row} | set(STORED))
            full = pa.Table.from_pylist([{name: (STORED | row).get(name) for name in names} for row in rows])
            self.connection.register("given", full)
            self.connection.execute(f"insert into {table} by name from given")

    def compute(self, *only: str) -> None:
        """Run the models in their order, or only those named."""
        for relation, name, sql in self.models:
            if only and name not in only:
                continue
            if name in PYTHON_MODELS:
                source, function = PYTHON_MODELS[name]
                order = " order by weakness nulls first, candidate_a, candidate_b" if "links" in source else ""
                result = function(self.connection.sql(f"from {source}{order}").to_arrow_table())
                self.connection.register("result", result)
                self.connection.execute(f"create or replace table {relation} as from result")
            elif sql is not None:
                self.connection.execute(f"create or replace table {relation} as {sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        return self.connection.execute(sql).fetchall()
