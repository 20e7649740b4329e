"""What a copy writes is its user's alone, whole or not there, and never behind a link."""

import os
import stat

import pytest

from .test_land import EVENTS, killed_land, land, landed, stored


@pytest.fixture
def arguments(server, database, tmp_path):
    server.run(EVENTS, database)
    server.run("insert into events select from generate_series(1, 30)", database)
    return ["--from", server.url(database), "--landing", tmp_path / "landing", "--batch-rows", 10]


def modes(folder) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}


def test_files_and_folders_are_the_users_alone(arguments, tmp_path):
    before = os.umask(0)
    try:
        assert land(*arguments).returncode == 0
    finally:
        os.umask(before)
    landing = tmp_path / "landing"
    found = modes(landing)
    assert stat.S_IMODE(landing.stat().st_mode) == 0o700
    assert {mode for path, mode in found.items() if (landing / path).is_dir()} == {0o700}
    assert {mode for path, mode in found.items() if (landing / path).is_file()} == {0o600}
    assert {".land_state.json", ".land.lock"} < set(found)


def test_files_of_earlier_copies_are_tightened_and_folders_of_others_left(arguments, tmp_path):
    landing = tmp_path / "landing"
    (landing / "events").mkdir(parents=True)
    (landing / "events").chmod(0o750)
    landing.chmod(0o755)
    theirs = landing / "events" / "theirs.jsonl"
    theirs.touch(0o644)
    assert land(*arguments).returncode == 0
    for path in (*landing.rglob("*.parquet"), landing / ".land_state.json", landing / ".land.lock"):
        path.chmod(0o644)
    modified = {path: path.stat().st_mtime_ns for path in landing.rglob("*.parquet")}
    assert land(*arguments).returncode == 0
    found = modes(landing)
    assert {mode for path, mode in found.items() if path.endswith((".parquet", ".json", ".lock"))} == {0o600}
    assert (found["events"], stat.S_IMODE(landing.stat().st_mode)) == (0o750, 0o755)
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o644
    assert modified.items() <= {path: path.stat().st_mtime_ns for path in landing.rglob("*.parquet")}.items()


def folder_of_a_copy(arguments, tmp_path):
    """Return the folder that the copy will write to."""
    assert land(*arguments).returncode == 0
    [folder] = (tmp_path / "landing" / "events").iterdir()
    return folder


@pytest.mark.parametrize("depth", ["feed", "database"])
def test_a_linked_folder_is_refused(server, database, arguments, tmp_path, depth):
    folder = folder_of_a_copy(arguments, tmp_path)
    linked = folder.parent if depth == "feed" else folder
    elsewhere = tmp_path / "elsewhere"
    linked.rename(elsewhere)
    linked.symlink_to(elsewhere)
    before = modes(elsewhere)
    told = land(*arguments, "--from-start")
    assert told.returncode == 2 and f"{linked} is a link" in told.stderr
    assert modes(elsewhere) == before


@pytest.mark.parametrize("name", [".public.events-00000004.parquet.part", "public.events-00000004.parquet"])
def test_a_link_under_a_files_name_is_replaced_and_not_followed(server, database, arguments, tmp_path, name):
    folder = folder_of_a_copy(arguments, tmp_path)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (folder / name).symlink_to(victim)
    told = land(*arguments, "--from-start")
    assert told.returncode == 0, told.stderr
    assert victim.read_text() == "mine"
    assert not any(path.is_symlink() for path in folder.iterdir())
    assert set(landed(tmp_path / "landing")) == set(stored(server, database))


@pytest.mark.parametrize("name", [".land_state.json", ".land.lock"])
@pytest.mark.parametrize("kind", ["link", "dangling", "fifo", "folder"])
def test_what_is_no_file_under_the_name_of_the_memory_or_the_lock_is_refused(arguments, tmp_path, name, kind):
    landing = tmp_path / "landing"
    landing.mkdir()
    path, elsewhere = landing / name, tmp_path / "elsewhere"
    if kind == "link":
        elsewhere.write_text("{}")
    if kind in ("link", "dangling"):
        path.symlink_to(elsewhere)
    else:
        (os.mkfifo if kind == "fifo" else os.mkdir)(path)
    told = land(*arguments)
    assert told.returncode == 2 and str(path) in told.stderr, told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert not (kind == "dangling" and elsewhere.exists())


def test_a_folder_in_the_place_of_an_unfinished_file_is_one_line(arguments, tmp_path):
    folder = folder_of_a_copy(arguments, tmp_path)
    (folder / ".public.events-00000004.parquet.part").mkdir()
    told = land(*arguments, "--from-start")
    assert told.returncode == 2 and len(told.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", '{"sources": []}', "[" * 100_000, "\0", '{"sources": {"P": []}}',
        '{"sources": {"P": {"events <- public.events": {"keys": [["timestamp"], ["id"]], "files": "1"}}}}',
        '{"sources": {"P": {"events <- public.events": {"keys": [["timestamp"], ["id"]], "files": -1}}}}',
        '{"sources": {"P": {"events <- public.events": {"keys": [["timestamp"], ["id"]], "after": ["x"]}}}}',
        '{"sources": {"P": {"events <- public.events": {"keys": [["timestamp"], ["id"]], "start": 7}}}}',
        '{"sources": {"P": {"events <- public.events": {"keys": [["timestamp"], ["id"]], "start": "often"}}}}',
        '{"sources": {"P": {}}, "servers": []}',
    ],
)  # fmt: skip
def test_a_damaged_memory_is_named_in_one_line(server, database, arguments, tmp_path, content):
    (tmp_path / "landing").mkdir()
    place = f"127.0.0.1:{server.port}/{database}"
    (tmp_path / "landing" / ".land_state.json").write_text(content.replace('"P"', f'"{place}"'))
    told = land(*arguments)
    assert (told.returncode, len(told.stderr.strip().splitlines())) == (2, 1), told.stderr
    assert ".land_state.json is damaged" in told.stderr


def test_a_copy_killed_while_it_wrote_its_memory_leaves_nothing_behind(server, database, arguments, tmp_path):
    assert killed_land("before-memory", 2, *arguments) == -9
    assert list((tmp_path / "landing").glob(".*.part"))
    assert land(*arguments).returncode == 0
    assert not list((tmp_path / "landing").rglob(".*.part"))
    assert landed(tmp_path / "landing") == stored(server, database)


@pytest.mark.parametrize("name", ["x" * 300, "loop", os.fsdecode(b"\xff")], ids=["too_long", "loop", "no_utf8"])
@pytest.mark.parametrize("json", [[], ["--json"]], ids=["text", "json"])
def test_a_landing_folder_of_any_name_is_used_or_refused_in_one_line(arguments, tmp_path, name, json):
    (tmp_path / "loop").symlink_to("loop")
    told = land(*arguments, "--landing", tmp_path / name, *json)
    assert (told.returncode, len(told.stderr.strip().splitlines())) in ((0, 0), (2, 1)), told.stderr


@pytest.mark.parametrize("table", ["a/b", "a[b]*", "ÄÖ ü"])
def test_a_tables_name_leads_nowhere_else(server, database, tmp_path, table):
    server.run(EVENTS.replace("events", f'"{table}"'), database)
    server.run(f'insert into "{table}" default values', database)
    (tmp_path / "land.yml").write_text(
        f"tables:\n- feed: events\n  table: '{table}'\n  watermark: timestamp\n  id: id\n"
        "  columns: {event_id: id, event_type: event_type, timestamp: timestamp, data: data}\n"
    )
    arguments = ["--from", server.url(database), "--landing", tmp_path / "landing", "--config", tmp_path / "land.yml"]
    for _ in range(2):
        told = land(*arguments)
        assert told.returncode == 0, told.stderr
    assert len(set(landed(tmp_path / "landing"))) == 1
    [folder] = (tmp_path / "landing" / "events").iterdir()
    assert all(path.is_file() for path in folder.iterdir())
