import json
from datetime import datetime

import pytest
from hypothesis import settings

from house import House
from learning_loop.sample.world import write_world
from shared import built_once

SALT = "a salt for tests only"
# A test measures no time: a machine that does something else meanwhile must fail nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def one_salt(monkeypatch):
    """Of two contents at one instant the hash decides, and it holds pseudonyms: every test has the same salt."""
    monkeypatch.setenv("LEARNING_LOOP_SALT", SALT)
    monkeypatch.delenv("LEARNING_LOOP_LANDING", raising=False)
    monkeypatch.delenv("LEARNING_LOOP_WAREHOUSE", raising=False)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture(scope="session")
def sample_world(tmp_path_factory):
    """(house, truth) after one night of the sample world: for tests that only read."""
    with built_once(tmp_path_factory, "sample_world") as (root, is_first), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", SALT)
        house = House(root)
        if is_first:
            truth = write_world(root / "landing", seed=7)
            house.night(datetime.fromisoformat(truth["as_of"]), is_tested=True)
        return house, json.loads((root / "landing" / "truth.json").read_text())
