"""Two nights of the sample, the whole project: on a lake by two processes and by one, and on a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import duckdb
import pytest
from lake_house import LakeHouse

from house import House
from learning_loop.lake import catalogue
from learning_loop.project import seeds_digest
from learning_loop.sample.world import write_world
from worlds import signal_at

pytestmark = [pytest.mark.lake, pytest.mark.timeout(3600)]

NIGHT = timedelta(days=1)
# It says when a run started and ended by the clock, and how many tests it held: the file's nights hold none.
CLOCK = {"nightly_runs"}
KEPT = "select name, kind, sql_text from operations.kept_sql order by all"


@dataclass(frozen=True)
class Nights:
    """The lake, the file, what both hold of a night in the marts and for the command line, and what it said."""

    lake: LakeHouse
    file: House
    at: datetime
    said: str = ""

    @cached_property
    def marts(self) -> tuple[dict, dict]:
        return self.lake.marts(CLOCK), self.file.marts(CLOCK)

    @cached_property
    def kept(self) -> tuple[list, list]:
        return self.lake.query(KEPT), self.file.query(KEPT)

    def are_equal(self) -> None:
        (lake, file), (sql, sql_of_file) = self.marts, self.kept
        assert lake.keys() == file.keys() and len(file) > 60
        assert [name for name in file if lake[name] != file[name]] == []
        assert len(sql_of_file) > 20 and sql == sql_of_file


@pytest.fixture(scope="module")
def first(place, tmp_path_factory):
    """The first night: on the lake by two processes, as a person asks for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        lake = LakeHouse(tmp_path_factory.mktemp("lake"), place("sample_nights"))
        file = House(tmp_path_factory.mktemp("file"), landing=lake.landing)
        at = datetime.fromisoformat(write_world(lake.landing, seed=7)["as_of"])
        said = lake.command(
            "nightly", "--target", "lake", "--ahead", "--as-of", at.isoformat(), LEARNING_LOOP_PROCESSES="2"
        )
        assert said.returncode == 0, said.stderr
        file.night(at)
        yield Nights(lake, file, at, said.stdout)


@pytest.fixture(scope="module")
def second(first):
    """The second, by one process."""
    at = first.at + NIGHT
    first.lake.land("more.jsonl", [*(signal_at(first.at + timedelta(hours=n), n) for n in range(1, 9)), "no json"])
    for house in (first.lake, first.file):
        house.night(at)
    return Nights(first.lake, first.file, at)


def test_a_first_night_by_two_processes_is_that_of_the_file(first):
    first.are_equal()


def test_by_two_processes_it_is_one_run_that_holds_all_tests_and_knows_its_seeds(first):
    assert first.lake.query("select run_number, status, tests_passed > 250 from nightly_runs") == [(1, "success", True)]
    assert first.lake.query("select digest from operations.loaded_seeds") == [(seeds_digest(),)]


def test_relations_are_described_as_those_of_the_file(first):
    asked = (
        "select schema_name, table_name, comment from duckdb_tables()"
        " where not internal and database_name = current_database() and table_name != 'published' order by all"
    )
    assert first.lake.query(asked) == first.file.query(asked)


def test_the_night_says_how_it_is_attached_and_so_it_is(first):
    assert "Published the night of" in first.said and "the lake" in first.said
    (attach,) = re.findall(r"attach if not exists .* use learning_loop", " ".join(first.said.split()))
    with duckdb.connect() as connection, first.lake.named():
        catalogue.prepare(connection, catalogue.lake())
        for statement in attach.split("; "):
            connection.execute(statement)
        assert connection.execute("select max(run_number) from nightly_runs").fetchall() == [(1,)]


def test_commands_read_the_lake_as_they_do_the_file_and_foresee_what_was_said_since(first):
    asked_for = "select min(candidate_key) from learning_backlog_candidates where status = 'candidate'"
    [(key,)] = first.lake.query(asked_for)
    done = first.lake.command("backlog", "dismiss", key, "--by", "ann", "--reason", "it is no problem of ours")
    assert done.returncode == 0, done.stderr
    for asked in (["backlog", "show", key, "--json"], ["status", "--now", "2026-02-16T06:00:00Z"]):
        on_lake = first.lake.command(*asked)
        on_file = first.lake.command(
            *asked, LEARNING_LOOP_TARGET="local", LEARNING_LOOP_WAREHOUSE=str(first.file.warehouse)
        )
        assert on_lake.returncode == on_file.returncode == 0, on_lake.stderr
        assert _but_for_where_it_is(on_lake.stdout) == _but_for_where_it_is(on_file.stdout)
    assert "dismissed" in first.lake.command("backlog", "show", key, "--json").stdout


def _but_for_where_it_is(told: str) -> list[str]:
    """What is said of the rows: the file's night here is one without tests, and a lake has no file."""
    lines = re.sub(r"\d+ tests passed", "tests passed", told).splitlines()
    return [line for line in lines if "The file has" not in line and "The warehouse is a lake" not in line]


def test_a_second_night_is_that_of_the_file(second):
    second.are_equal()
    assert second.lake.query("select max(run_number) from nightly_runs") == [(2,)]
