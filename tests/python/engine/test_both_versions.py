"""A published file of one version of DuckDB goes on under the other, and back; both compute the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

SALT = "a salt for tests only"
OTHER = os.environ.get("LEARNING_LOOP_OTHER_PYTHON", "")
# When a night ran.
CLOCKS = {"computed_at", "started_at", "finished_at", "read_at"}

pytestmark = [
    pytest.mark.skipif(not OTHER, reason="LEARNING_LOOP_OTHER_PYTHON names no second environment"),
    pytest.mark.timeout(1800),  # four whole nights
]


def run(python: Path | str, root: Path, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEARNING_LOOP_")}
    command = [str(Path(python).with_name("learning-loop")), *arguments]
    done = subprocess.run(
        command, cwd=root, env=environment | {"LEARNING_LOOP_SALT": SALT}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def night(python: Path | str, root: Path, warehouse: str, day: int) -> None:
    as_of = f"2026-02-{day}T02:00:00Z"
    run(
        python,
        root,
        "nightly",
        "--landing",
        "landing",
        "--warehouse",
        f"{warehouse}/learning_loop.duckdb",
        "--as-of",
        as_of,
    )


def differing(one: Path, two: Path) -> dict[str, int]:
    """Return per published table how many of its rows are not in the other file's."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{two}' as two (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'one' and schema_name = 'main' order by 1"
        ).fetchall()
        for (table,) in tables:
            columns = [row[0] for row in connection.execute(f"describe one.main.{table}").fetchall()]
            names = ", ".join(f'"{column}"' for column in columns if column not in CLOCKS)
            sides = [f"select {names} from {side}.main.{table}" for side in ("one", "two")]
            rows = connection.execute(
                "select count(*) from"
                f" (({sides[0]} except all {sides[1]}) union all ({sides[1]} except all {sides[0]}))"
            ).fetchall()[0][0]
            if rows:
                found[table] = rows
    assert tables
    return found


def test_a_file_goes_to_the_other_version_and_back(tmp_path):
    run(OTHER, tmp_path, "sample", "--out", "landing", "--days", "28")
    night(OTHER, tmp_path, "turns", 15)
    shutil.copytree(tmp_path / "turns", tmp_path / "stays")
    night(sys.executable, tmp_path, "turns", 16)
    night(OTHER, tmp_path, "stays", 16)
    files = [tmp_path / name / "learning_loop.duckdb" for name in ("turns", "stays")]
    assert differing(*files) == {}
    night(OTHER, tmp_path, "turns", 17)
    with duckdb.connect(str(files[0]), read_only=True) as connection:
        nights = connection.execute("select run_number, status from nightly_runs order by 1").fetchall()
    assert nights == [(1, "success"), (2, "success"), (3, "success")]
