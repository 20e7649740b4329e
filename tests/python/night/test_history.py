"""Back in time: nights built again, earlier files gone back to, files compared, and space given back."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from house import LOADING, UNTESTED, House, build, selection
from learning_loop.errors import NightFailed, WrongUse
from learning_loop.night import compaction, difference, earlier, history_cli, steps
from learning_loop.night.rollback import go_back
from learning_loop.terminal import run_id
from worlds import signal_at

FIRST = datetime(2026, 2, 10, 2, tzinfo=UTC)
NIGHT = timedelta(days=1)
NIGHTS = [FIRST + number * NIGHT for number in range(3)]


@pytest.fixture(scope="module")
def lost(tmp_path_factory):
    """A house of three nights, each of which found the day's file; the last keeps both earlier files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        house = House(tmp_path_factory.mktemp("lost"), select=LOADING)
        for at in NIGHTS:
            rows = [signal_at(at - timedelta(hours=hour), hour) for hour in range(1, 9)]
            path = house.land(f"date={at - NIGHT:%Y-%m-%d}/part-0.jsonl", [*rows, "no json"])
            os.utime(path, (at.timestamp() - 3600,) * 2)
            house.night(at, keep=2)
    return house


@pytest.fixture
def copy(lost, tmp_path):
    """A house of its own in the same state; its kept files are no second names of another house's."""
    house = House(tmp_path, select=LOADING)
    shutil.copytree(lost.warehouse.parent, house.warehouse.parent, ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(lost.landing, house.landing, dirs_exist_ok=True)
    return house


def run(*arguments: object):
    return CliRunner().invoke(history_cli.app, [str(argument) for argument in arguments])


@pytest.fixture
def fast_replay(monkeypatch):
    monkeypatch.setattr(
        history_cli, "_build", lambda at, arguments: build(at, [*arguments, *selection(LOADING), *UNTESTED])
    )


def differences(a: Path, b: Path) -> list[str]:
    with difference.opened_both(a, b) as files:
        return [one.mart for one in difference.compare(files) if one.is_any]


@pytest.mark.parametrize(
    "arrived", [pytest.param("modified", marks=pytest.mark.faults), pytest.param("partition", marks=pytest.mark.faults)]
)
def test_replay_of_what_came_in_time_equals_the_lost_file_row_for_row(lost, tmp_path, fast_replay, arrived):
    anew = tmp_path / "learning_loop.duckdb"
    asked = ["--from", run_id(NIGHTS[0]), "--to", run_id(NIGHTS[2] + NIGHT / 2), "--arrived", arrived]
    told = run("replay", *asked, "--landing", lost.landing, "--warehouse", anew)
    assert told.exit_code == 0, told.output
    assert "3 of 3  2026-02-12T02:00:00Z  8 rows kept, 1 quarantined, of 1 files" in told.output
    assert differences(lost.warehouse, anew) == []  # the logs too: each night found the files it had found


@pytest.mark.faults
def test_replay_goes_on_where_it_broke_off_and_into_no_other_file(lost, tmp_path, fast_replay):
    anew = tmp_path / "learning_loop.duckdb"
    shutil.copy(earlier.file_of(lost.warehouse, run_id(NIGHTS[1])), anew)
    asked = ["--to", run_id(NIGHTS[2]), "--landing", lost.landing, "--warehouse", anew]
    refused = run("replay", "--from", run_id(NIGHTS[1]), *asked)
    assert isinstance(refused.exception, WrongUse) and "none of this replay" in str(refused.exception)
    told = run("replay", "--from", run_id(NIGHTS[0]), *asked)
    assert "Published 1 nights" in told.output, told.output
    assert differences(lost.warehouse, anew) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--every", "often"], "--every 'often' is no span"),
        (["--every", "0d"], "is no span"),
        (["--to", "2026-01-01"], "lies before --from"),
        (["--arrived", "guess"], "--arrived 'guess' is not known"),
        (["--every", "1m", "--to", "2027-01-01"], "nights. Choose a later --from"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_replay_says_what_is_wrong(tmp_path, options, said):
    given = {"--from": "2026-02-10", "--to": "2026-02-12", **dict(zip(options[::2], options[1::2], strict=True))}
    told = run("replay", *(part for pair in given.items() for part in pair), "--warehouse", tmp_path / "x.duckdb")
    assert isinstance(told.exception, WrongUse) and said in str(told.exception)


def test_a_night_keeps_as_many_earlier_files_as_it_is_told(lost):
    assert list(earlier.kept(lost.warehouse)) == NIGHTS[:2]
    for at, path in earlier.kept(lost.warehouse).items():
        with duckdb.connect(str(path), read_only=True) as connection:
            newest = connection.execute("select max(run_id) from nightly_runs").fetchall()
        assert newest == [(run_id(at),)]


def test_rollback_leads_back_and_forth_and_the_next_night_reads_again_what_is_missing(copy):
    published = copy.marts()
    assert go_back(copy.warehouse) == (NIGHTS[2], NIGHTS[1])
    assert copy.column("select max(run_id) from nightly_runs") == [run_id(NIGHTS[1])]
    assert go_back(copy.warehouse, NIGHTS[2]) == (NIGHTS[1], NIGHTS[2])
    assert copy.marts() == published
    assert go_back(copy.warehouse, NIGHTS[0]) == (NIGHTS[2], NIGHTS[0])
    copy.night(NIGHTS[2], keep=1)
    assert copy.marts() == published
    assert list(earlier.kept(copy.warehouse)) == [NIGHTS[2]], "the latest by run: the one that was left"


def test_rollback_lists_what_is_kept_or_says_that_nothing_is(copy, tmp_path):
    told = run("rollback", "--list", "--warehouse", copy.warehouse)
    assert [line.split()[0] for line in told.output.splitlines()] == [run_id(at) for at in earlier.kept(copy.warehouse)]
    assert "--keep N" in run("rollback", "--list", "--warehouse", tmp_path / "nothing.duckdb").output


def test_rollback_replaces_a_damaged_file_and_keeps_it_beside(copy):
    copy.warehouse.write_bytes(b"no database")
    assert go_back(copy.warehouse) == (None, NIGHTS[1])
    assert copy.warehouse.with_name("learning_loop.duckdb.damaged").read_bytes() == b"no database"


def test_rollback_says_what_is_kept(copy, tmp_path):
    with pytest.raises(WrongUse, match=r"No earlier file of .* --keep 7"):
        go_back(tmp_path / "other.duckdb")
    with pytest.raises(WrongUse, match=f"2026-01-01T00:00:00Z is kept. Kept: {run_id(NIGHTS[0])}, {run_id(NIGHTS[1])}"):
        go_back(copy.warehouse, datetime(2026, 1, 1, tzinfo=UTC))
    earlier.file_of(copy.warehouse, run_id(NIGHTS[1])).write_bytes(b"damaged too")
    with pytest.raises(WrongUse, match="cannot be opened"):
        go_back(copy.warehouse)
    assert copy.column("select max(run_id) from nightly_runs") == [run_id(NIGHTS[2])]


def test_diff_counts_rows_only_here_only_there_and_changed(copy, tmp_path):
    other = tmp_path / "other" / "learning_loop.duckdb"
    other.parent.mkdir()
    shutil.copy(copy.warehouse, other)
    with duckdb.connect(str(other)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("update learning_issue_clusters set score = 0.5 where period_key = '2026-02-09'")
        connection.execute("delete from learning_issue_clusters where period_key = '2026-02-10'")
        connection.execute("insert into quarantined_rows by name select 'k' as quarantine_key, 'events' as feed")
        connection.execute("update nightly_runs set finished_at = finished_at + interval 1 hour")
        connection.execute("update learning_issue_clusters set computed_at = computed_at + interval 1 hour")
    with difference.opened_both(copy.warehouse, other) as files:
        found = {one.mart: one for one in difference.compare(files) if one.is_any}
        rows = difference.rows(files, "learning_issue_clusters", 10)
    counts = {mart: (one.only_in_a, one.only_in_b, one.changed) for mart, one in found.items()}
    assert counts == {"learning_issue_clusters": (1, 0, 1), "quarantined_rows": (0, 1, 0)}
    assert [(row["side"], row["key"]["period_key"]) for row in rows] == [
        ("changed", "2026-02-09"),
        ("only_in_a", "2026-02-10"),
    ]
    assert list(rows[0]["a"]) == ["score"] and rows[0]["b"] == {"score": "0.5"}
    told = run("diff", copy.warehouse, other, "--mart", "learning_issue_clusters")
    assert "score: " in told.output and "→ 0.5" in told.output, told.output
    same = run("diff", run_id(NIGHTS[0]), copy.warehouse, "--warehouse", copy.warehouse, "--json")
    assert same.exit_code == 0 and '"mart": "learning_issue_clusters"' in same.output
    unknown = run("diff", "nowhere", copy.warehouse, "--warehouse", copy.warehouse)
    assert isinstance(unknown.exception, WrongUse) and "neither a file nor a kept run" in str(unknown.exception)


def test_every_mart_has_a_key_to_tell_a_changed_row_from_a_new_one(lost):
    tables = set(lost.column("select table_name from information_schema.tables where table_schema = 'main'"))
    assert tables - difference.grains().keys() <= {"nightly_runs", "warehouse_identity"}  # compared as whole rows


def with_free_space(path: Path, rows_kept: int) -> None:
    with duckdb.connect(str(path), config={"storage_compatibility_version": steps.STORAGE_VERSION}) as connection:
        connection.execute(
            "create schema staging; create table staging.stays as select random() as x from range(400000)"
        )
        connection.execute("create view seen as select count(*) as rows_seen from staging.stays")
        connection.execute("create macro twice(x) as 2 * x")
        connection.execute("create table main.goes as select random() as x from range(800000)")
        connection.execute("checkpoint")
        connection.execute(f"delete from main.goes where rowid >= {rows_kept}; create table n as from main.goes")
        connection.execute("drop table main.goes; checkpoint")


@pytest.mark.parametrize(("rows_kept", "is_compacted"), [(0, True), (800000, False)], ids=["mostly free", "full"])
def test_a_file_is_written_anew_only_when_more_than_half_of_it_is_free(tmp_path, rows_kept, is_compacted):
    file = tmp_path / "a 'file'.duckdb"
    with_free_space(file, rows_kept)
    if not is_compacted:  # what the first copy left is free: give it back first
        compaction.compact(file, tmp_path / "first", steps.STORAGE_VERSION)
    size, free = file.stat().st_size, compaction.free_share(file)
    assert (free > compaction.FREE_SHARE) == is_compacted
    assert compaction.compact(file, tmp_path / "work", steps.STORAGE_VERSION) == is_compacted
    assert (file.stat().st_size < 0.7 * size) == is_compacted
    assert not (tmp_path / "work").exists()
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute("select rows_seen, twice(2) from seen").fetchall() == [(400000, 4)]
        version = connection.execute("select tags['storage_version'] from duckdb_databases() where not internal")
        assert version.fetchall()[0][0].startswith("v1.5.0")


def test_what_a_quiet_night_leaves_free_the_next_one_takes_and_the_file_stays_as_large(tmp_path, monkeypatch):
    written_anew: list[bool] = []
    usual = compaction.compact
    monkeypatch.setattr(steps, "compact", lambda *of, **how: written_anew.append(usual(*of, **how)))
    house = House(tmp_path, select=LOADING)
    house.land("a.jsonl", [signal_at(datetime(2026, 2, 15, 10, tzinfo=UTC), n) for n in range(50)])
    sizes = []
    for day in range(16, 21):
        house.night(f"2026-02-{day}T02:00:00+00:00")
        sizes.append(house.warehouse.stat().st_size)
    assert written_anew == [False] * 5
    assert sizes[4] <= 1.1 * sizes[1]


def test_a_compaction_that_finds_no_room_leaves_the_file_as_it_is(tmp_path, monkeypatch):
    file = tmp_path / "full.duckdb"
    with_free_space(file, 0)
    content = file.read_bytes()
    monkeypatch.setattr(compaction, "_content", lambda path: pytest.fail("no copy was to be made"))
    monkeypatch.setattr(compaction, "_text", lambda text: "'/proc/no room'" if "work" in text else f"'{text}'")
    assert not compaction.compact(file, tmp_path / "work", steps.STORAGE_VERSION)
    assert file.read_bytes() == content


def test_a_compaction_keeps_to_the_memory_that_a_night_may_take(tmp_path, monkeypatch):
    file = tmp_path / "large.duckdb"
    with_free_space(file, 0)
    content = file.read_bytes()
    monkeypatch.setenv("LEARNING_LOOP_MEMORY_LIMIT", "1MB")
    assert not compaction.compact(file, tmp_path / "work", steps.STORAGE_VERSION)
    with pytest.raises(duckdb.OutOfMemoryException):
        compaction.compact(file, tmp_path / "work", steps.STORAGE_VERSION, must=True)
    assert file.read_bytes() == content and not (tmp_path / "work").exists()


def test_a_copy_that_lacks_something_is_no_copy(copy, monkeypatch):
    monkeypatch.setattr(compaction, "FREE_SHARE", -1)
    monkeypatch.setattr(compaction, "_content", lambda path: [path.parent.name])
    published = copy.warehouse.read_bytes()
    with pytest.raises(NightFailed, match="does not hold what the file holds"):
        copy.night(NIGHTS[2] + NIGHT)
    assert copy.warehouse.read_bytes() == published
