"""What is wrong with a lake is said in a line, and no address with a password is taken."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pytest
from lake_house import LakeHouse

from learning_loop.errors import AnotherNightRuns, WrongUse
from learning_loop.lake import catalogue, lock

pytestmark = pytest.mark.lake

GOOD = {"LEARNING_LOOP_LAKE": "postgresql://loop@db/lake", "LEARNING_LOOP_LAKE_DATA": "s3://bucket/prefix"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"LEARNING_LOOP_LAKE": ""}, "set LEARNING_LOOP_LAKE. "),
        ({"LEARNING_LOOP_LAKE_DATA": ""}, "set LEARNING_LOOP_LAKE_DATA. "),
        ({"LEARNING_LOOP_LAKE": "postgresql://loop:secret@db/lake"}, "LEARNING_LOOP_LAKE holds a password"),
        ({"LEARNING_LOOP_LAKE": "postgresql://db/lake?password=secret"}, "LEARNING_LOOP_LAKE holds a password"),
        ({"LEARNING_LOOP_LAKE": "mysql://db/lake"}, "neither a PostgreSQL address"),
        ({"LEARNING_LOOP_LAKE_DATA": "gs://bucket"}, "neither a folder nor s3://"),
    ],
)
def test_a_lake_that_is_named_wrongly_is_refused(monkeypatch, given, said):
    for name, value in (GOOD | given).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WrongUse) as refused:
        catalogue.lake()
    assert said in str(refused.value) and "secret" not in str(refused.value)


def test_another_version_of_duckdb_is_refused(monkeypatch):
    monkeypatch.setattr(duckdb, "__version__", "2.0.1")
    with (
        duckdb.connect() as connection,
        pytest.raises(WrongUse, match="needs DuckDB"),
    ):
        catalogue.load_extensions(connection, catalogue.Lake("a file", "/data/"))


def test_a_server_that_is_not_there_is_named_without_its_address(tmp_path):
    nowhere = catalogue.Lake("postgresql://loop@127.0.0.1:1/lake", f"{tmp_path}/")
    with duckdb.connect() as connection:
        catalogue.prepare(connection, nowhere)
        with pytest.raises(WrongUse, match="The lake cannot be attached") as refused:
            catalogue.attach(connection, nowhere)
    assert "postgresql://" not in str(refused.value)


def test_a_second_night_is_refused_while_the_first_holds_the_lake(lake: LakeHouse):
    with lock.exclusive(catalogue.lake()) as held:
        held.must_be_held()
        with pytest.raises(AnotherNightRuns), lock.exclusive(catalogue.lake()):
            pass
    with lock.exclusive(catalogue.lake()):
        pass


def test_nothing_of_the_lake_is_imported_for_a_file():
    asked = "import sys; import learning_loop.cli, learning_loop.night.steps; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert "learning_loop.lake" not in done.stdout
