"""One build of an empty landing folder for all tests of the editorial models."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from editorial.harness import AS_OF, ROOMS, World, built
from house import manifest
from learning_loop.night import steps
from shared import built_once


def forget_views(database: Path) -> None:
    """Drop the editorial views: a world computes each of them as a table."""
    ours = {(node.schema, node.name) for node in manifest().nodes.values() if is_ours(node)}
    with duckdb.connect(str(database)) as con:
        for view in con.execute("select schema_name, view_name from duckdb_views() where not internal").fetchall():
            if view in ours:
                con.execute(f"drop view {view[0]}.{view[1]}")


def is_ours(node: Any) -> bool:
    """Say whether a node of the manifest is an editorial model."""
    return (
        node.resource_type == "model"
        and "staging" not in node.fqn
        and (node.fqn[2] in ROOMS or node.name == "int_policy__approvals")
    )


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str | None]]]:
    """Build the project on an empty landing folder; return the database and the editorial models in order."""
    with built_once(tmp_path_factory, "editorial") as (folder, is_first):
        night = steps.Night(folder / "landing", folder / "learning_loop.duckdb", AS_OF)
        if is_first:
            night.landing.mkdir()
            built(folder, night.landing, is_tested=False)
            forget_views(night.private_file)
    found = {key: node for key, node in manifest().nodes.items() if is_ours(node)}
    models: list[tuple[str, str, str | None]] = []
    while found:
        key = next(k for k, node in found.items() if not set(node.depends_on.nodes) & (set(found) - {k}))
        node = found.pop(key)
        path = night.work_dir / "target" / "compiled" / "learning_loop" / node.original_file_path
        sql = path.read_text() if path.suffix == ".sql" else None
        models.append((f"{node.schema}.{node.name}", node.name, sql))
    return night.private_file, models


@pytest.fixture
def world(empty_build: tuple[Path, list[tuple[str, str, str | None]]], tmp_path: Path) -> Any:
    """Return a world of its own to fill and compute."""
    database, models = empty_build
    copy = tmp_path / "learning_loop.duckdb"
    shutil.copy(database, copy)
    made = World(copy, models)
    yield made
    made.connection.close()
