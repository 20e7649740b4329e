"""A full disk, too little memory, files that change or are no good, two nights at once, a clock that steps back."""

import fcntl
import gzip
import json
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from kit import FIRST, NIGHT, SECOND, Disturbed, Nursery, digest, last_failure, signal_at

from learning_loop.night.steps import changed_while_read

LONG = pytest.mark.faults


@pytest.fixture
def morning(disturbed):
    """The house on the morning after its first night."""
    disturbed.restore()
    return disturbed


def night_of(morning: Disturbed, **asked: object) -> dict:
    return morning.nursery.night(morning.house, SECOND, morning.select, **asked)


def file_size(morning: Disturbed) -> int:
    return morning.house.warehouse.stat().st_size


@pytest.mark.parametrize(
    "share",
    [pytest.param(0.3, id="before_the_copy_ends", marks=LONG), pytest.param(1.0, id="while_building")]
    + [pytest.param(share, id=f"at_{share}", marks=LONG) for share in (0.01, 0.9, 1.02, 1.05, 1.1, 1.2)],
)
def test_a_full_disk_costs_the_night_and_says_so(morning, share):
    told = night_of(morning, file_limit=int(file_size(morning) * share), keep=1)
    if told["status"] == 0:  # it was enough
        assert share > 1.0 and morning.state() == "after"
        return
    assert told["status"] == 1, told
    assert "Free space beside the warehouse" in told["error"], told["error"]
    assert morning.state() == "before"
    morning.next_night()


@LONG
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_small_file_system_that_runs_full_costs_the_night_and_says_so(morning, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    size = file_size(morning)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={int(size * 2.05)}", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        small = disk / morning.house.warehouse.name
        shutil.copy(morning.house.warehouse, small)
        usual, morning.house.warehouse = morning.house.warehouse, small
        try:
            told = night_of(morning)
            assert told["status"] == 1 and "Free space beside the warehouse" in told["error"], told
            assert digest(small) == digest(usual)
        finally:
            morning.house.warehouse = usual
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("limit", ["1MB", pytest.param("5MB", marks=LONG), pytest.param("15MB", marks=LONG)])
def test_too_little_memory_costs_the_night_and_says_so(morning, limit):
    told = night_of(morning, environment={"LEARNING_LOOP_MEMORY_LIMIT": limit})
    if told["status"] == 0:
        assert limit != "1MB" and morning.state() == "after"
        return
    assert told["status"] == 1, told
    assert "Raise LEARNING_LOOP_MEMORY_LIMIT" in told["error"], told["error"]
    assert morning.state() == "before"
    assert last_failure(morning.house)
    morning.next_night()


# Where between the listing of the folder and the end of the build a file changes.
LISTED = "node landing_rows"
WHILE = [
    pytest.param("before copyfile", marks=LONG),
    LISTED,
    pytest.param("node stg_events", marks=LONG),
    pytest.param("before checkpoint", marks=LONG),
]


@pytest.mark.parametrize("at", WHILE)
@pytest.mark.parametrize(
    "deed",
    [pytest.param(deed, marks=LONG) for deed in ("append", "append half a line", "shrink", "replace")] + ["vanish"],
)
def test_a_landing_file_that_changes_while_it_is_read_costs_no_row(morning, tmp_path, deed, at):
    """Whatever the disturbed night does with it, the one after has what an undisturbed one has of the last state."""
    house = morning.house
    file = house.landing / "events" / "b.jsonl"
    late = signal_at(FIRST + timedelta(hours=12), 12)
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps(signal_at(FIRST + timedelta(hours=13), k)) + "\n" for k in range(4)))
    line = json.dumps(late) + "\n"
    deeds = {
        "append": [["append", str(file), line]],
        "append half a line": [["append", str(file), line[:40]]],
        "shrink": [["shrink", str(file)]],
        "vanish": [["vanish", str(file)]],
        "replace": [["replace", str(file), str(other)]],
    }
    told = night_of(morning, at=at, do=deeds[deed])
    assert told["status"] in (0, 1), told
    if told["status"] == 1:
        assert "Changed while it was read: events/b.jsonl. Run the night again" in told["error"], told["error"]
        assert morning.state() == "before"
    if deed == "append half a line":  # the writer goes on
        with file.open("a", encoding="utf-8") as out:
            out.write(line[40:])
    again = morning.nursery.night(house, SECOND + NIGHT, morning.select)
    assert again["status"] == 0, again
    stored = {row[0] for row in house.query("select event_id from staging.stg_events where not is_displaced")}
    there = {json.loads(row)["event_id"] for row in rows_of(house.landing)}
    # A row that was read before its file lost it stays.
    assert there <= stored
    if deed in ("append", "append half a line"):
        assert stored == there
    counts = house.query("select rows_in, kept + redelivered + ignored + quarantined from landing_files")
    assert all(rows_in == told for rows_in, told in counts)
    open_bad = house.column("select count(*) from quarantined_rows where released_at is null")
    assert open_bad == [sum(house.column("select quarantined from landing_files"))]


def rows_of(landing: Path) -> list[str]:
    lines = [line for path in landing.rglob("*.jsonl") for line in path.read_text().splitlines()]
    return [line for line in lines if line.startswith("{") and line.endswith("}")]


@LONG
def test_a_truncated_gzip_is_one_quarantined_row_and_read_when_it_is_whole(morning):
    house = morning.house
    whole = gzip.compress((house.landing / "events/b.jsonl").read_bytes())
    (house.landing / "events/b.jsonl").unlink()
    path = house.landing / "events/b.jsonl.gz"
    path.write_bytes(whole[:-9])
    assert night_of(morning)["status"] == 0
    bad = "select reason_code from quarantined_rows where source_file = 'events/b.jsonl.gz' and released_at is null"
    assert house.column(bad) == ["unreadable_file"]
    path.write_bytes(whole)
    assert night_of(morning)["status"] == 0
    assert house.column(bad) == ["not_json"]
    assert morning.house.marts() == morning.after


def checksum(content: bytes) -> bytes:
    """DuckDB's checksum of a block: its words, multiplied, one upon the other."""
    found = 5381
    for start in range(0, len(content), 8):
        found ^= int.from_bytes(content[start : start + 8], "little") * 0xBF58476D1CE4E5B9 % 2**64
    return found.to_bytes(8, "little")


def damage(path: Path, what: str) -> None:
    if what == "of another version":
        # The first block: its checksum, then DUCK and the version of the format.
        head = path.read_bytes()[:4096]
        assert checksum(head[8:]) == head[:8] and head[8:12] == b"DUCK"
        content = head[8:12] + (9999).to_bytes(8, "little") + head[20:]
        with path.open("r+b") as file:
            file.write(checksum(content) + content)
    elif what == "without its head":
        with path.open("r+b") as file:
            file.write(b"\0" * 4096)
    elif what == "cut in half":
        os.truncate(path, path.stat().st_size // 2)
    elif what == "empty":
        os.truncate(path, 0)
    elif what == "damaged within":
        with path.open("r+b") as file:
            for place in range(12288 + 4096, path.stat().st_size, 262144):
                file.seek(place)
                file.write(os.urandom(64))


@pytest.mark.parametrize(
    ("what", "status", "said"),
    [
        pytest.param("of another version", 2, "was written by another version of DuckDB", marks=LONG),
        pytest.param("without its head", 2, "cannot be opened as a DuckDB database", marks=LONG),
        pytest.param("cut in half", None, "learning-loop rollback", marks=LONG),
        pytest.param("empty", 2, "learning-loop", marks=LONG),
        ("damaged within", None, "learning-loop rollback"),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_published_file_that_is_no_good_is_not_built_upon_and_rollback_heals_it(morning, what, status, said):
    from learning_loop.night.rollback import go_back

    assert night_of(morning, keep=1)["status"] == 0
    house = morning.house
    # A file of its own: the kept one must not be its second name.
    damage(house.warehouse, what)
    broken = digest(house.warehouse)
    told = morning.nursery.night(house, SECOND + NIGHT, morning.select, keep=1)
    assert told["status"] == status or (status is None and told["status"] in (1, 2)), told
    assert said in told["error"], told["error"]
    assert digest(house.warehouse) == broken
    go_back(house.warehouse, FIRST)
    assert morning.state() == "before"
    house.warehouse.with_name(f"{house.warehouse.name}.damaged").unlink(missing_ok=True)
    morning.next_night()


HOLDER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_a_published_file_that_somebody_writes_to_is_left_alone(morning):
    house = morning.house
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, house.warehouse], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        told = night_of(morning)
    finally:
        holder.communicate()
    assert told["status"] == 2 and "is open in a program that writes to it" in told["error"], told
    assert morning.state() == "before"
    morning.next_night()


def test_of_two_nights_at_once_one_is_told_so_and_the_other_is_undisturbed(morning):
    house = morning.house
    with house.warehouse.with_name(f".{house.warehouse.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        told = night_of(morning)
        assert told["status"] == 3 and "Another night is running" in told["error"]
        assert morning.state() == "before"
    morning.next_night()


@LONG
def test_two_nights_that_start_together_publish_one_night(morning, tmp_path):
    other = Nursery(tmp_path)
    try:
        asked = {"landing": str(morning.house.landing), "warehouse": str(morning.house.warehouse)}
        asked |= {"as_of": SECOND.isoformat(), "select": morning.select}
        for number, nursery in enumerate((morning.nursery, other)):
            nursery.process.stdin.write(json.dumps(asked | {"moments": str(tmp_path / f"{number}.log")}) + "\n")
            nursery.process.stdin.flush()
        told = [json.loads(nursery.process.stdout.readline()) for nursery in (morning.nursery, other)]
    finally:
        other.close()
    assert sorted(one["status"] for one in told) in ([0, 3], [0, 0]), told
    assert morning.state() == "after"


@LONG
def test_a_clock_that_steps_back_costs_nothing(morning):
    """The night's instant is later than the last one's, but the machine's clock shows an hour before it."""
    told = night_of(morning, clock=3600 * 24 * 400, keep=1)
    assert told["status"] == 0, told
    assert morning.state() == "after"
    morning.next_night(SECOND)
    assert not morning.house.column("select run_id from nightly_runs where status = 'failed'")


def test_a_night_killed_after_its_rename_is_no_failure_whatever_the_clock_says(morning):
    number = len(morning.moments) - morning.moments[::-1].index("after replace")
    told = night_of(morning, kill_at=number, keep=1)
    assert told["status"] == -9 and told["moments"][-1] == "after replace", told
    os.utime(morning.house.warehouse, (0, 0))
    morning.next_night()
    assert not morning.house.column("select run_id from nightly_runs where status = 'failed'")


def test_a_night_that_lies_before_the_last_one_is_refused(morning):
    told = morning.nursery.night(morning.house, FIRST - NIGHT, morning.select)
    assert told["status"] == 2 and "lies before the last published night" in told["error"]
    assert morning.state() == "before"


@LONG
def test_a_line_that_a_killed_process_left_half_written_costs_no_other(morning):
    from learning_loop.night.failed_nights import file_beside
    from learning_loop.night.steps import Night, log_failure

    tonight = Night(morning.house.landing, morning.house.warehouse, SECOND)
    file_beside(tonight.warehouse).write_text('{"run_id": "half a li')
    told = {"run_id": "a", "status": "failed", "as_of": "2026-02-10T03:00:00Z", "started_at": "2026-02-10T03:00:00Z"}
    log_failure(tonight, told | {"error": "first"})
    log_failure(tonight, told | {"started_at": "2026-02-10T04:00:00Z", "error": "second"})
    assert night_of(morning)["status"] == 0
    failed = "select error from nightly_runs where status = 'failed' order by 1"
    assert morning.house.column(failed) == ["first", "second"]


def test_files_of_tonights_inventory_that_changed_are_named(morning, tmp_path):
    from learning_loop.night.steps import Night

    tonight = Night(morning.house.landing, tmp_path / "x.duckdb", SECOND)
    tonight.work_dir.mkdir()
    there = morning.house.landing / "events/a.jsonl"
    stat = there.stat()
    with duckdb.connect(str(tonight.private_file)) as connection:
        connection.execute("set timezone = 'UTC'; create schema scratch")
        connection.execute(
            "create table scratch.landing_inventory as from (values ('events/a.jsonl', $1, make_timestamptz($2), 'x'),"
            " ('events/gone.jsonl', 1, now(), 'x')) as t (source_file, size_bytes, modified_at, copy)",
            [stat.st_size, stat.st_mtime_ns // 1000],
        )
    assert changed_while_read(tonight) == ["events/gone.jsonl"]
    os.utime(there, (0, 0))
    assert changed_while_read(tonight) == ["events/a.jsonl", "events/gone.jsonl"]
