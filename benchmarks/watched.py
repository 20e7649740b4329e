"""A night as the benchmark watches it: python benchmarks/watched.py FOLDER [--count] nightly …

FOLDER keeps what dbt says of the night's nodes; with --count also every statement that DuckDB is sent, which takes time.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb

from learning_loop import cli
from learning_loop.night import steps


def keep_artefacts(folder: Path) -> None:
    """Have dbt write what it did, and keep it when the night forgets it."""
    os.environ["DBT_WRITE_JSON"] = "true"
    usual = steps.forget_rows

    def forget_rows(night: steps.Night) -> None:
        for name in ("manifest.json", "run_results.json"):
            if (night.work_dir / "target" / name).exists():
                shutil.copyfile(night.work_dir / "target" / name, folder / name)
        usual(night)

    steps.forget_rows = forget_rows


def log_statements(folder: Path) -> None:
    """Have each database that this process opens log what it is sent."""
    usual, opened = duckdb.connect, iter(range(10_000))

    def connect(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        connection = usual(*arguments, **options)
        place = folder / f"statements-{next(opened)}"
        connection.execute(f"call enable_logging('QueryLog', storage = 'file', storage_config = {{'path': '{place}'}})")
        return connection

    duckdb.connect = connect


def count(folder: Path) -> int:
    """Return how many statements were logged."""
    found = "select count(*) from read_csv($1, all_varchar = true) where type = 'QueryLog'"
    logs = [str(path) for path in folder.glob("statements-*/*entries.csv")]
    return sum(duckdb.execute(found, [log]).fetchall()[0][0] for log in logs)


if __name__ == "__main__":
    place, *rest = sys.argv[1:]
    keep_artefacts(Path(place))
    if rest[0] == "--count":
        log_statements(Path(place))
    sys.argv = ["learning-loop", *[word for word in rest if word != "--count"]]
    cli.main()
