"""The one way to open the published file."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import duckdb
import pytest

from learning_loop import warehouse
from learning_loop.errors import WrongUse
from learning_loop.night import difference
from learning_loop.project import project_dir


@pytest.fixture
def file(tmp_path):
    """A database whose view names its catalog, as DuckDB 1.5 stores every view."""
    path = tmp_path / "learning_loop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema staging; create table staging.rows as select 1 as x")
        connection.execute("create view main.seen as select x from learning_loop.staging.rows")
    return path


@pytest.mark.parametrize("name", ["learning_loop.duckdb", "learning_loop-2026-02-16.duckdb", "it's a copy.duckdb"])
def test_views_are_read_whatever_the_file_is_called(file, tmp_path, name):
    (tmp_path / "backup").mkdir()
    copy = Path(shutil.copy(file, tmp_path / "backup" / name))
    with warehouse.open_published(copy) as connection:
        assert connection.execute("select x from seen").fetchall() == [(1,)]
        assert connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute("create table main.other (x integer)")


def test_two_files_are_compared_view_by_view(file, tmp_path):
    other = Path(shutil.copy(file, tmp_path / "back-up of monday.duckdb"))
    with duckdb.connect(str(other)) as connection:
        connection.execute("insert into staging.rows values (2)")
    with difference.opened_both(file, other) as files:
        (found,) = difference.compare(files)
        rows = difference.rows(files, "seen", 10)
    assert (found.mart, found.only_in_a, found.only_in_b, found.changed) == ("seen", 0, 1, 0)
    assert [(row["side"], row["key"]) for row in rows] == [("only_in_b", {"x": "2"})]


@pytest.mark.parametrize(
    "content, said",
    [
        pytest.param(None, "no warehouse at .* yet", id="absent"),
        pytest.param(b"no database", "cannot be opened as a DuckDB database", id="no_database"),
    ],
)
def test_what_cannot_be_opened_is_wrong_use(tmp_path, content, said):
    path = tmp_path / "learning_loop.duckdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongUse, match=said), warehouse.open_published(path):
        pass


def test_a_database_of_somebody_else_is_no_warehouse(file):
    with pytest.raises(WrongUse, match="no learning-loop warehouse"):
        warehouse.read_published(file)
    with pytest.raises(WrongUse, match="lacks a table of this version"), warehouse.open_published(file) as connection:
        connection.execute("from nightly_runs")


def test_no_file_says_nothing_of_itself(tmp_path):
    assert warehouse.read_published(tmp_path / "none.duckdb") == warehouse.Published()


def test_the_limits_of_a_night_are_those_of_the_profile(monkeypatch):
    profile = (project_dir() / "profiles" / "profiles.yml").read_text("utf-8")
    for setting, (variable, usual) in warehouse.LIMITS.items():
        assert re.search(rf"{setting}: .*env_var\('{variable}', '{usual}'\)", profile), setting
        monkeypatch.setenv(variable, "1GB")
    assert set(warehouse.limits().values()) == {"1GB"}
