"""The SQL that ships, as dbt compiles it, for simulations that run it over small tables of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner

from learning_loop.night import dbt_runner
from learning_loop.project import project_dir


def compiled(models: Iterable[str], manifest: Any = None, logs: Iterable[str] = ()) -> dict[str, str]:
    """Return the SQL of the models as dbt compiles it for a first night, less the database; a Python model has none.

    Args:
        models: their names.
        manifest: the project as it is already parsed; without it dbt parses it.
        logs: tables that are there already, so that a model reads what the nights before left.
    """
    with tempfile.TemporaryDirectory() as folder, _environment(folder):
        places = ["--project-dir", str(project_dir()), "--profiles-dir", str(project_dir() / "profiles")]
        places += ["--target-path", folder, "--log-path", folder, "--no-write-json", "--select", *models]
        with duckdb.connect(f"{folder}/learning_loop.duckdb") as con:
            for log in logs:
                con.execute(f"create table {log} (key varchar)")
        done = dbtRunner(manifest).invoke(["--quiet", "--log-level", "none", "compile", *places])
    assert done.success, done.exception
    return {
        one.node.name: (one.node.compiled_code or "").replace('"learning_loop".', "") for one in done.result.results
    }


@contextmanager
def _environment(folder: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= {
        "LEARNING_LOOP_BUILD": f"{folder}/learning_loop.duckdb",
        "LEARNING_LOOP_SALT": "a salt for benchmarks only",
    }
    try:
        yield
    finally:
        dbt_runner._close()
        os.environ.clear()
        os.environ.update(before)
