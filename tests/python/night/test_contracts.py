"""A contract is held where the code is new: by every `dbt build`, by a first night, and by one that rebuilds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from house import build, manifest
from learning_loop.errors import NightFailed
from learning_loop.night import steps

ONE_TABLE = ["build", "--select", "warehouse_identity", "--exclude-resource-type", "test"]
MISMATCH = r"warehouse_identity(.|\n)*enforced contract that failed(.|\n)*salt_fingerprint"


@pytest.fixture
def night(tmp_path, monkeypatch):
    """A night that builds one table, which there is already, before its contract comes to say another type."""
    made = steps.Night(tmp_path, tmp_path / "learning_loop.duckdb", datetime(2026, 2, 16, tzinfo=UTC))
    made.work_dir.mkdir()
    monkeypatch.setenv("LEARNING_LOOP_CONTRACTS", "new")
    build(made, ONE_TABLE)
    node = manifest().nodes["model.learning_loop.warehouse_identity"]
    monkeypatch.setattr(node.columns["salt_fingerprint"], "data_type", "integer")
    return made


def test_a_build_with_dbt_holds_every_model_to_its_contract(night, monkeypatch):
    monkeypatch.setenv("LEARNING_LOOP_CONTRACTS", "all")  # as without the variable
    with pytest.raises(NightFailed, match=MISMATCH):
        build(night, ONE_TABLE)


def test_a_night_holds_a_new_table_to_its_contract(night):
    night.private_file.unlink()
    with pytest.raises(NightFailed, match=MISMATCH):
        build(night, ONE_TABLE)


def test_a_night_that_rebuilds_holds_every_model_to_its_contract(night):
    with pytest.raises(NightFailed, match=MISMATCH):
        build(night, [*ONE_TABLE, "--full-refresh"])


def test_a_night_of_the_same_code_compares_nothing(night):
    build(night, ONE_TABLE)
