"""The planted chapter of the backlog after six weekly nights, built once for all tests that only read it."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from house import House
from learning_loop.sample import backlog
from learning_loop.sample.plan import DEFAULT_AS_OF, Plan


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, dict]:
    """The house and the truth of the chapter; every night saw the files that had arrived by then."""
    os.environ["LEARNING_LOOP_SALT"] = "a salt for tests only"
    root = tmp_path_factory.mktemp("backlog")
    with duckdb.connect() as con:
        truth = backlog.write(con, root / "world", Plan(7, 56, 1, DEFAULT_AS_OF))["backlog"]
    house = House(root)
    for instant in truth["nights"]:
        _arrive(root / "world", house.landing, datetime.fromisoformat(instant).date())
        house.night(instant)
    return house, truth


@pytest.fixture
def copy(told: tuple[House, dict], tmp_path: Path) -> House:
    """A house of its own in the same state."""
    house = House(tmp_path)
    shutil.copytree(told[0].landing, house.landing, dirs_exist_ok=True)
    house.warehouse.parent.mkdir()
    shutil.copy(told[0].warehouse, house.warehouse)
    return house


def _arrive(world: Path, landing: Path, today: date) -> None:
    for path in world.rglob("*.jsonl"):
        if path.parent.name < f"date={today}":
            target = landing / path.relative_to(world)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copy2(path, target)
