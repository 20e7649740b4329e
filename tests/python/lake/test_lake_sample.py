"""Two nights of the sample, the whole project: on a lake by two processes and by one, and on a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    """The lake, the file, what each night of both left, and what the lake's first one said of itself."""

    lake: LakeHouse
    file: House
    marts: list[tuple[dict, dict]]
    kept: list[tuple[list, list]]
    said: str


@pytest.fixture(scope="module")
def nights(place, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        root = tmp_path_factory.mktemp("lake")
        lake = LakeHouse(root, place("sample_nights"))
        file = House(tmp_path_factory.mktemp("file"), landing=lake.landing)
        at = datetime.fromisoformat(write_world(lake.landing, seed=7)["as_of"])
        said = lake.command(
            "nightly", "--target", "lake", "--ahead", "--as-of", at.isoformat(), LEARNING_LOOP_PROCESSES="2"
        )
        assert said.returncode == 0, said.stderr
        assert lake.query("select digest from operations.loaded_seeds") == [(seeds_digest(),)]
        file.night(at)
        marts = [(lake.marts(CLOCK), file.marts(CLOCK))]
        kept = [tuple(house.query(KEPT) for house in (lake, file))]
        lake.land("more.jsonl", [*(signal_at(at + timedelta(hours=hour), hour) for hour in range(1, 9)), "no json"])
        for house in (lake, file):
            house.night(at + NIGHT)
        marts.append((lake.marts(CLOCK), file.marts(CLOCK)))
        kept.append(tuple(house.query(KEPT) for house in (lake, file)))
        yield Nights(lake, file, marts, kept, said.stdout)


@pytest.mark.parametrize("number", [0, 1], ids=["the first, by two processes", "the second, by one"])
def test_every_mart_is_that_of_the_file(nights, number):
    found, expected = nights.marts[number]
    assert found.keys() == expected.keys() and len(found) > 60
    assert [name for name in expected if found[name] != expected[name]] == []


@pytest.mark.parametrize("number", [0, 1], ids=["the first, by two processes", "the second, by one"])
def test_the_sql_that_is_kept_is_that_of_the_file(nights, number):
    found, expected = nights.kept[number]
    assert len(expected) > 20 and found == expected


def test_by_two_processes_it_is_one_run_and_all_tests_were_held(nights):
    runs = "select run_number, status from nightly_runs order by 1"
    assert nights.lake.query(runs) == nights.file.query(runs) == [(1, "success"), (2, "success")]
    assert nights.lake.query("select tests_passed > 250 from nightly_runs where run_number = 1") == [(True,)]


def test_relations_are_described_as_those_of_the_file(nights):
    asked = (
        "select schema_name, table_name, comment from duckdb_tables()"
        " where not internal and database_name = current_database() and table_name != 'published' order by all"
    )
    assert nights.lake.query(asked) == nights.file.query(asked)


def test_the_night_says_how_it_is_attached_and_so_it_is(nights):
    assert "Published the night of" in nights.said and "the lake" in nights.said
    (attach,) = re.findall(r"attach if not exists .* use learning_loop", " ".join(nights.said.split()))
    with duckdb.connect() as connection, nights.lake.named():
        catalogue.prepare(connection, catalogue.lake())
        for statement in attach.split("; "):
            connection.execute(statement)
        assert connection.execute("select max(run_number) from nightly_runs").fetchall() == [(1,)]


def test_commands_read_the_lake_as_they_do_the_file_and_foresee_what_was_said_since(nights):
    key = nights.lake.query("select min(candidate_key) from learning_backlog_candidates where status = 'proposed'")[0][
        0
    ]
    done = nights.lake.command("backlog", "dismiss", key, "--by", "ann", "--reason", "it is no problem of ours")
    assert done.returncode == 0, done.stderr
    for asked in (["backlog", "show", key, "--json"], ["status", "--now", "2026-02-17T06:00:00Z"]):
        on_lake = nights.lake.command(*asked)
        on_file = nights.lake.command(
            *asked, LEARNING_LOOP_TARGET="local", LEARNING_LOOP_WAREHOUSE=str(nights.file.warehouse)
        )
        assert on_lake.returncode == on_file.returncode == 0, on_lake.stderr
        of_the_file = [line for line in on_file.stdout.splitlines() if "The file has" not in line]
        assert [line for line in on_lake.stdout.splitlines() if "The warehouse is a lake" not in line] == of_the_file
    assert "dismissed" in nights.lake.command("backlog", "show", key, "--json").stdout
