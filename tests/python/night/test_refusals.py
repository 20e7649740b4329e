"""A refused command writes nothing: no salt, no lock, no folder; and it says what to do. What is private stays so."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from learning_loop import cli
from learning_loop.errors import NightFailed, WrongUse
from learning_loop.landing.identity import SHORTEST_SALT, fingerprint
from learning_loop.night import failed_nights, steps
from learning_loop.night.rollback import go_back

SALT, AS_OF = "a salt for tests only", datetime(2026, 2, 10, 2, tzinfo=UTC)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.delenv("LEARNING_LOOP_SALT")
    (tmp_path / "landing").mkdir()
    return tmp_path


def publish(warehouse, salt=SALT, as_of=AS_OF):
    """A published file, as far as the first steps of a night look at it."""
    warehouse.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set timezone = 'UTC'; create table nightly_runs as select $1 as as_of, 'x' as code_version,"
                           " 1 as run_number, 'success' as status", [as_of])  # fmt: skip
        connection.execute("create table warehouse_identity as select $1 as salt_fingerprint", [fingerprint(salt)])
    return warehouse


def command(*words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["learning-loop", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return int(ended.value.code or 0)


def entries(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


REFUSED = {
    "lost salt": ({}, "The salt of", None),
    "another salt": ({"LEARNING_LOOP_SALT": "another salt than that"}, "is not the one", None),
    "an earlier night": ({"LEARNING_LOOP_SALT": SALT}, "learning-loop rollback", "2026-02-09"),
    "a night ahead": ({"LEARNING_LOOP_SALT": SALT}, "say --ahead", "2099-01-01"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_night_writes_nothing_and_says_what_to_do(place, monkeypatch, capsys, name):
    environment, said, as_of = REFUSED[name]
    warehouse = publish(place / "w" / "learning_loop.duckdb")
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    before = entries(place)
    told = command(
        "nightly", "--landing", place / "landing", "--warehouse", warehouse, "--as-of", as_of or "2026-02-11"
    )
    assert told == 2
    line = capsys.readouterr().err
    assert said in line and len(line.strip().splitlines()) == 1
    assert entries(place) == before


@pytest.mark.parametrize("salt", ["x", "y" * (SHORTEST_SALT - 1)], ids=len)
def test_a_new_salt_that_is_short_is_refused_before_there_is_a_folder(place, monkeypatch, capsys, salt):
    monkeypatch.setenv("LEARNING_LOOP_SALT", salt)
    given = ["--landing", place / "landing", "--warehouse", place / "w" / "learning_loop.duckdb"]
    assert command("nightly", *given, "--as-of", "2026-02-11") == 2
    assert f"The salt has {len(salt)} characters" in capsys.readouterr().err
    assert command("erase", "someone", "--by", "ann", *given) == 2
    assert entries(place) == ["landing"]


@pytest.mark.parametrize(("salt", "warns"), [("x", True), ("y" * 15, True), ("z" * 16, False)], ids=str)
def test_an_older_salt_that_is_short_only_warns(place, monkeypatch, capsys, salt, warns):
    monkeypatch.setenv("LEARNING_LOOP_SALT", salt)
    night = steps.Night(place / "landing", publish(place / "learning_loop.duckdb", salt), AS_OF)
    steps.inspect(night)
    assert steps.salt_of(night) == salt
    assert ("characters only" in capsys.readouterr().err) == warns


def test_a_night_ahead_is_what_the_clock_says_or_what_is_asked_for(place):
    now = datetime.now(UTC)
    night = steps.Night(place / "landing", place / "learning_loop.duckdb", now + timedelta(hours=23, minutes=59))
    steps.inspect(night)
    with pytest.raises(WrongUse, match="ahead of the clock"):
        steps.inspect(steps.dataclasses.replace(night, as_of=now + timedelta(days=1, minutes=1)))
    steps.inspect(steps.dataclasses.replace(night, as_of=now + timedelta(days=900), may_be_ahead=True))


@pytest.mark.parametrize("salt", [None, "another salt than that"], ids=["lost", "another"])
@pytest.mark.parametrize("more", [[], ["--dry-run"]], ids=["erase", "dry_run"])
def test_erase_refuses_a_salt_that_is_not_the_warehouses(place, monkeypatch, capsys, salt, more):
    warehouse = publish(place / "learning_loop.duckdb")
    if salt:
        monkeypatch.setenv("LEARNING_LOOP_SALT", salt)
    (place / "landing" / "events").mkdir()
    rows = place / "landing" / "events" / "a.jsonl"
    rows.write_text(json.dumps({"user_id": "someone"}) + "\n")
    before = entries(place)
    given = ["--landing", place / "landing", "--warehouse", warehouse]
    assert command("erase", "someone", "--by", "ann", *given, *more) == 2
    assert "Nothing was erased." in capsys.readouterr().err
    assert entries(place) == before and "someone" in rows.read_text()


def test_the_place_of_the_first_salt_is_shut_and_made_by_the_first_night_alone(place):
    night = steps.Night(place / "landing", place / "learning_loop.duckdb", AS_OF)
    steps.inspect(night)
    assert entries(place) == ["landing"]
    steps.salt_of(night)
    assert (place / "learning_loop.salt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444], ids=oct)
def test_a_published_file_keeps_its_mode_and_what_is_private_is_shut(place, monkeypatch, mode):
    monkeypatch.setenv("LEARNING_LOOP_SALT", SALT)
    warehouse = publish(place / "learning_loop.duckdb")
    warehouse.chmod(mode)
    seen = {}

    def build(night, _):
        (night.work_dir / "repaired").mkdir()
        (night.work_dir / "repaired" / "a").write_text("raw")
        (night.work_dir / "logs").mkdir()
        (night.work_dir / "logs" / "dbt.log").write_text("raw")
        seen.update({path.name: path.stat().st_mode & 0o777 for path in night.work_dir.rglob("*")})
        seen["."] = night.work_dir.stat().st_mode & 0o777
        with duckdb.connect(str(night.private_file)) as connection:
            connection.execute("set timezone = 'UTC'; update nightly_runs set as_of = $1", [night.as_of])

    monkeypatch.setattr(steps, "holds_erased", lambda *_: False)
    monkeypatch.setattr(steps.retention, "moves", lambda *_: False)
    night = steps.Night(place / "landing", warehouse, AS_OF + timedelta(days=1), keep=2)
    night.work_dir.mkdir(mode=0o755)
    steps.run(night, build, lambda _: None)
    assert seen["."] == 0o700 and all(shut & 0o077 == 0 for shut in seen.values())
    assert [path.name for path in night.work_dir.iterdir() if path.name != "night.json"] == []
    assert warehouse.stat().st_mode & 0o777 == mode
    assert {path.stat().st_mode & 0o777 for path in steps.earlier.kept(warehouse).values()} == {mode}
    warehouse.chmod(0o600)
    go_back(warehouse)
    assert warehouse.stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o077 for path in steps.earlier.kept(warehouse).values()} == {0}


def test_a_first_published_file_has_the_mode_of_any_new_file(place, monkeypatch):
    monkeypatch.setenv("LEARNING_LOOP_SALT", SALT)
    night = steps.Night(place / "landing", place / "learning_loop.duckdb", AS_OF)
    before = os.umask(0o027)
    try:
        steps.run(night, lambda *_: None, lambda _: None)
    finally:
        assert os.umask(before) == 0o027
    assert night.warehouse.stat().st_mode & 0o777 == 0o640


def test_whatever_breaks_a_night_is_said_without_the_row(place, monkeypatch):
    monkeypatch.setenv("LEARNING_LOOP_SALT", SALT)
    night = steps.Night(place / "landing", place / "learning_loop.duckdb", AS_OF)

    def build(*_):
        raise ValueError("row 'Zaphod' is odd")

    with pytest.raises(NightFailed, match="ValueError: row …"):
        steps.run(night, build, lambda _: None)
    assert "Zaphod" not in failed_nights.file_beside(night.warehouse).read_text()


def failed(number, **more):
    at = f"2026-02-{number:02d}T02:00:00+00:00"
    return {"run_id": f"r{number}", "status": "failed", "as_of": at, "started_at": at, "error": "x", **more}


def test_two_warehouses_in_one_folder_remember_each_its_own_failures(tmp_path):
    for number, name in enumerate(("a.duckdb", "b.duckdb", "a.duckdb"), 1):
        failed_nights.append(tmp_path / name, failed(number))
    with failed_nights.file_beside(tmp_path / "a.duckdb").open("a") as file:
        file.write(json.dumps(failed(4)) + "\n")  # of before, when a line named no warehouse
    told = {
        name: [night["run_id"] for night in failed_nights.read(tmp_path / name)] for name in ("a.duckdb", "b.duckdb")
    }
    assert told == {"a.duckdb": ["r1", "r3", "r4"], "b.duckdb": ["r2", "r4"]}


def test_what_is_no_failed_night_costs_nothing(tmp_path):
    warehouse, file = tmp_path / "w.duckdb", tmp_path / "failed_nights.jsonl"
    good = json.dumps(failed(1, error="Conversion Error: Could not convert string 'Zaphod' to INT64")).encode()
    odd = [b"\xef\xbb\xbf" + good, b"x" * (40 << 20), b"{", b"7", b"null", b"[" * 100_000, b"\xff\x00",
           json.dumps(failed(2, started_at="290000-01-01")).encode(), json.dumps(failed(3, as_of="never")).encode(),
           json.dumps({"run_id": {"a": 1}, "started_at": []}).encode(), good]  # fmt: skip
    file.write_bytes(b"\n".join(odd))
    found = failed_nights.read(warehouse)
    assert [night["run_id"] for night in found] == ["r1", "r3", "r1"]
    assert "Zaphod" not in str(found) and found[1]["as_of"] is None
    file.unlink()
    file.mkdir()
    assert failed_nights.read(warehouse) == []
    with pytest.raises(OSError, match="directory"):
        failed_nights.append(warehouse, failed(1))
