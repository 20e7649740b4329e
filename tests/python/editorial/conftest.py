"""One build of an empty landing folder for all tests of the editorial models."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from editorial.harness import ROOMS, World, built
from house import manifest


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str | None]]]:
    """Build the project on an empty landing folder; return the database and the editorial models in order."""
    folder = tmp_path_factory.mktemp("editorial")
    (folder / "landing").mkdir()
    night = built(folder, folder / "landing", is_tested=False)
    found: dict[str, Any] = {
        key: node for key, node in manifest().nodes.items()
        if node.resource_type == "model" and "staging" not in node.fqn
        and (node.fqn[2] in ROOMS or node.name == "int_policy__approvals")
    }  # fmt: skip
    models: list[tuple[str, str, str | None]] = []
    while found:
        key = next(k for k, node in found.items() if not set(node.depends_on.nodes) & (set(found) - {k}))
        node = found.pop(key)
        path = night.work_dir / "target" / "compiled" / "learning_loop" / node.original_file_path
        sql = path.read_text() if path.suffix == ".sql" else None
        models.append((f"{node.schema}.{node.name}", node.name, sql))
    connection = duckdb.connect(str(night.private_file))
    for schema, name in connection.execute(
        "select schema_name, view_name from duckdb_views() where not internal"
    ).fetchall():
        if any(f"{schema}.{name}" == relation for relation, _, _ in models):
            connection.execute(f"drop view {schema}.{name}")
    connection.close()
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
