"""A night is published whole or not at all, and says what it did."""

import fcntl
import functools
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import duckdb
import pytest
from dbt.cli.main import dbtRunnerResult

import house as house_module
from house import LOGS, SIGNALS, House
from learning_loop.errors import NightFailed
from learning_loop.night import dbt_runner
from learning_loop.night.steps import Night
from worlds import signal_at

FIRST = datetime(2026, 2, 10, 2, tzinfo=UTC)
NIGHT = timedelta(days=1)


def command(*arguments: object, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "learning_loop.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def two_days(tmp_path_factory):
    """A house after its first night, with the rows of the second one landed: copied by each test that needs it."""
    root = tmp_path_factory.mktemp("two_days")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        house = House(root, select=SIGNALS)
        house.land("a.jsonl", [signal_at(FIRST - timedelta(hours=hour), hour) for hour in range(1, 9)])
        house.night(FIRST)
        house.land("b.jsonl", [signal_at(FIRST + timedelta(hours=hour), hour) for hour in range(1, 9)] + ["no json"])
        undisturbed = copy_of(root, tmp_path_factory.mktemp("undisturbed"))
        undisturbed.night(FIRST + NIGHT)
    return root, house.marts(), undisturbed


def copy_of(root: Path, to: Path) -> House:
    for part in ("landing", "warehouse"):
        shutil.copytree(root / part, to / part, dirs_exist_ok=True)
    return House(to, select=SIGNALS)


def test_the_same_night_again_changes_no_row_outside_the_logs(two_days, tmp_path):
    root, before, _ = two_days
    house = copy_of(root, tmp_path)
    (house.landing / "events" / "b.jsonl").unlink()
    house.night(FIRST)
    assert house.marts() == before
    assert house.query("select run_id, status, run_number from nightly_runs") == [
        ("2026-02-10T02:00:00Z", "success", 2)
    ]
    assert len(house.column("select run_id from learning_issue_cluster_runs")) == 1


def test_a_failing_night_says_what_failed_and_the_next_one_remembers_it(two_days, tmp_path, monkeypatch):
    root, before, _ = two_days
    house = copy_of(root, tmp_path)
    # A row that no rule of the reader allows: it stands for any model or test that fails.
    with duckdb.connect(str(house.warehouse)) as connection:
        connection.execute("insert into learning_issue_cluster_runs (run_id, total_signals) values ('broken', 1)")
    with pytest.raises(NightFailed, match="assert_cluster_runs_add_up"):
        house.night(FIRST + NIGHT, is_tested=True)
    assert house.marts() == before
    line = json.loads((house.warehouse.parent / "failed_nights.jsonl").read_text())
    assert line["run_id"] == "2026-02-11T02:00:00Z"
    assert "assert_cluster_runs_add_up" in line["error"]
    with duckdb.connect(str(house.warehouse)) as connection:
        connection.execute("delete from learning_issue_cluster_runs where run_id = 'broken'")
    house.night(FIRST + NIGHT)
    house.night(FIRST + 2 * NIGHT)
    assert house.query("select run_id, status from nightly_runs order by started_at") == [
        ("2026-02-10T02:00:00Z", "success"),
        ("2026-02-11T02:00:00Z", "failed"),
        ("2026-02-11T02:00:00Z", "success"),
        ("2026-02-12T02:00:00Z", "success"),
    ]


def test_a_night_tests_what_it_touched_and_with_all_tests_everything(two_days, tmp_path):
    house = copy_of(two_days[0], tmp_path)
    with duckdb.connect(str(house.warehouse)) as connection:  # a week long over, damaged since
        connection.execute(
            "insert into staging.stg_events by name select events.* replace ('long ago' as event_id,"
            " event_at - to_days(60) as event_at) from (from staging.stg_events limit 1) as events, range(2)"
        )
    house.night(FIRST + NIGHT, is_tested=True)
    with pytest.raises(NightFailed, match="assert_an_event_is_stored_once"):
        house.night(FIRST + 2 * NIGHT, all_tests=True)


def test_a_second_night_at_once_is_told_so(two_days, tmp_path):
    root, *_ = two_days
    house = copy_of(root, tmp_path)
    with house.warehouse.with_name(f".{house.warehouse.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = command("nightly", "--landing", house.landing, "--warehouse", house.warehouse)
    assert told.returncode == 3
    assert told.stderr.startswith("Another night is running on") and "Traceback" not in told.stderr


def wrong_uses():
    yield "no_landing_folder", ["--landing", "nowhere"], "The landing folder", ""
    yield "no_instant", ["--as-of", "yesterday"], "--as-of 'yesterday' is no instant", ""
    yield "unwritable_warehouse", ["--warehouse", "/proc/nowhere/learning_loop.duckdb"], "cannot be written", ""
    yield "question_mark", ["--warehouse", "what?/learning_loop.duckdb"], "holds a question mark", ""
    yield "a_schemas_name", ["--warehouse", "Policy.duckdb"], "may not be called Policy.duckdb", ""
    yield "duckdbs_own_name", ["--warehouse", "main.duckdb"], "may not be called main.duckdb", ""
    yield "no_database", ["--warehouse", "broken/learning_loop.duckdb"], "cannot be opened as a DuckDB database", ""
    yield "another_database", ["--warehouse", "other/other.duckdb"], "no learning-loop warehouse", ""
    yield "going_back", ["--as-of", "2026-02-09"], "lies before the last published night", ""
    yield "another_salt", [], "The salt is not the one", "another salt"


@pytest.mark.parametrize(
    ("arguments", "message", "salt"),
    [case[1:] for case in wrong_uses()],
    ids=[case[0] for case in wrong_uses()],
)
def test_wrong_use_is_one_line_and_exit_code_2(two_days, tmp_path, monkeypatch, arguments, message, salt):
    root, before, _ = two_days
    house = copy_of(root, tmp_path)
    monkeypatch.chdir(tmp_path)
    for folder, content in {"broken": b"no database", "other": None}.items():
        Path(folder).mkdir()
        if content is None:
            duckdb.connect(f"{folder}/other.duckdb").close()
        else:
            Path(folder, "learning_loop.duckdb").write_bytes(content)
    usual = ["nightly", "--landing", house.landing, "--warehouse", house.warehouse, "--as-of", "2026-02-11"]
    told = command(*usual, *arguments, **({"LEARNING_LOOP_SALT": salt} if salt else {}))
    assert told.returncode == 2, told.stderr
    assert message in told.stderr and "Traceback" not in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert house.marts() == before


@pytest.mark.faults
def test_the_zone_of_the_machine_and_odd_names_change_nothing(tmp_path, two_days):
    root, _, undisturbed = two_days
    here = tmp_path / "date=2026-01-01" / "a [b] *c? d's"
    warehouse = tmp_path / "a [b] *c d's"
    shutil.copytree(root / "landing", here / "landing")
    (here / "landing/events/date=2026-02-11").mkdir()
    (here / "landing/events/b.jsonl").rename(here / "landing/events/date=2026-02-11/b [1] ü's.jsonl")
    there = House(warehouse, here / "landing", SIGNALS)
    there.night(FIRST)
    told = command(
        "nightly",
        *("--landing", here / "landing", "--warehouse", there.warehouse),
        *("--as-of", (FIRST + NIGHT).replace(tzinfo=None).isoformat()),
        TZ="Asia/Tokyo",
    )
    assert told.returncode == 0, told.stderr
    found, expected = there.marts(), undisturbed.marts()
    assert {mart: found[mart] for mart in expected} == expected


def test_no_raw_identity_reaches_the_warehouse_or_the_logs(tmp_path, monkeypatch):
    house = House(tmp_path, select=SIGNALS)
    usual = functools.partial(house_module.build, artefacts="--write-json")
    monkeypatch.setattr(house_module, "build", usual)
    secret = "Zaphod.Beeblebrox.4242"
    rows = [
        signal_at(FIRST - timedelta(hours=hour), hour, user_ref={"pseudonymized_user_id": secret}) for hour in (1, 2, 3)
    ]
    rows += [
        signal_at(FIRST - NIGHT, 4, user_ref={"pseudonymized_user_id": secret}, captured_at="never"),
        json.dumps(signal_at(FIRST - NIGHT, 5, user_ref={"pseudonymized_user_id": secret}))[:-3],
        signal_at(FIRST - NIGHT, 6, user_ref={"pseudonymized_user_id": secret + "x" * 300}),
        {**signal_at(FIRST - NIGHT, 7), "data": json.dumps({"user_ref": {"pseudonymized_user_id": secret}})},
        {**rows[0], "timestamp": (FIRST - timedelta(hours=5)).isoformat()},
    ]
    house.land("a.jsonl", rows)
    house.land("b.csv", ["event_id,event_type,timestamp,user_id", f"x,learning.signal.logged,2026-02-09,{secret}"])
    house.night(FIRST)
    assert len(house.column("select reason_code from quarantined_rows")) >= 6
    held = house.warehouse.parent
    files = [path for path in held.rglob("*") if path.is_file()]
    assert {"manifest.json", "learning_loop.duckdb"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        for planted in (secret, "a salt for tests only"):
            assert planted.encode() not in content, path
    # Compressed pages could hide it from a search of bytes: ask the database too.
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        tables = connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        for (table,) in tables:
            hits = connection.execute(f"select count(*) from {table} as t where t::varchar ilike '%beeblebrox%'")
            assert hits.fetchall() == [(0,)], table


def test_logs_survive_a_full_refresh_and_the_marts_come_out_the_same(two_days, tmp_path):
    house = copy_of(two_days[2].landing.parent, tmp_path)
    after = house.marts()
    published = set(house.column("select table_name from information_schema.tables where table_schema = 'main'"))
    names = sorted((LOGS & published) - {"nightly_runs"})
    logs = {log: house.query(f"select * from {log} order by all") for log in names}
    shutil.rmtree(house.landing / "events")  # a full refresh never reads landing
    house.night(FIRST + NIGHT, full_refresh=True)
    assert house.marts() == after
    assert {log: house.query(f"select * from {log} order by all") for log in logs} == logs


def test_untouched_periods_are_not_computed_again(two_days):
    computed = dict(
        two_days[2].query(
            "select period_key, computed_at from learning_issue_clusters where period_granularity = 'day'"
        )
    )
    assert computed == {"2026-02-09": FIRST, "2026-02-10": FIRST + NIGHT}


@pytest.mark.faults
def test_more_rows_than_a_row_group_are_all_seen_by_the_night_that_stores_them(tmp_path):
    house = House(tmp_path, select=SIGNALS)
    count = 130_000  # DuckDB's row groups hold 122,880
    house.land("a.jsonl", (signal_at(FIRST - timedelta(hours=1 + n % 48), n) for n in range(count)))
    house.night(FIRST)
    counted = "select sum(total_signals) from intermediate.int_issue_clusters__buckets where period_granularity = 'day'"
    assert house.column("select count(*) from staging.stg_events") == [count]
    assert house.column(counted) == [count]


@mock.patch.dict(os.environ)  # `build` sets what dbt reads, for the rest of its process
def test_an_interrupted_night_says_so(tmp_path, monkeypatch):
    stopped = dbtRunnerResult(success=False, exception=KeyboardInterrupt())
    monkeypatch.setattr(dbt_runner.dbtRunner, "invoke", lambda *_: stopped)
    night = Night(tmp_path, tmp_path / "w.duckdb", FIRST)
    night.work_dir.mkdir()
    with pytest.raises(NightFailed, match="Interrupted"):
        dbt_runner.build(night, ["build"], lambda tally: None)
