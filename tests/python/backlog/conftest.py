"""The planted chapter of the backlog after six weekly nights, built once for all tests that only read it."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from arrivals import arrive
from house import BACKLOG, House
from learning_loop.sample import backlog
from learning_loop.sample.plan import DEFAULT_AS_OF, Plan
from shared import built_once


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, dict]:
    """The house and the truth of the chapter; every night saw the files that had arrived by then."""
    with (
        built_once(tmp_path_factory, "backlog") as (root, is_first),
        duckdb.connect() as con,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        truth = backlog.write(con, root / "world", Plan(7, 56, 1, DEFAULT_AS_OF))["backlog"]
        house = House(root, select=[*BACKLOG, "+int_backlog__tried_months"])
        for instant in truth["nights"] if is_first else ():
            arrive(root / "world", house.landing, datetime.fromisoformat(instant).date())
            house.night(instant, keep=9, is_tested=instant == truth["nights"][-1])
    return house, truth


@pytest.fixture
def copy(told: tuple[House, dict], tmp_path: Path) -> House:
    """A house of its own in the same state."""
    house = House(tmp_path, select=BACKLOG)
    shutil.copytree(told[0].landing, house.landing, dirs_exist_ok=True)
    house.warehouse.parent.mkdir()
    shutil.copy(told[0].warehouse, house.warehouse)
    return house
