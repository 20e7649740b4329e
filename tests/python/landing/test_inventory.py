"""Which files of the landing folder there are, and which of them tonight reads."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import (
    files,
    known_feeds,
    landing_dir,
    landing_files,
    path_pattern,
    unknown_folders,
)
from learning_loop.landing.inventory import INVENTORY_SCHEMA, Known, inventory, ledger

AT = datetime(2026, 2, 10, 2, 0, 0, 123456, tzinfo=UTC)
LINE = b'{"a": 1}\n'
FEEDS = [
    Feed("events", "events/*", 2),
    Feed("runs", "stage_b/*/run.json", 1),
    Feed("selections", "stage_b/*/selections*", 1),
    Feed("all_of_stage_b", "stage_b/*", 1),
]


def put(root: Path, relative: str, content: bytes = LINE, at: datetime = AT) -> Path:
    path = root / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    # In whole microseconds: as a float the instant would lie beside them.
    nanoseconds = int(at.timestamp()) * 10**9 + at.microsecond * 1000
    os.utime(path, ns=(nanoseconds, nanoseconds))
    return path


@pytest.mark.parametrize(
    ("relative", "feed"),
    [
        ("events/x.jsonl", "events"),
        ("events/x.jsonl.gz", "events"),
        ("events/x.csv", "events"),
        ("events/x.parquet", "events"),
        ("events/date=2026-02-03/x.jsonl", "events"),
        ("stage_b/r/m/run.json", "runs"),
        ("stage_b/r/run.json", "runs"),
        ("stage_b/r/m/selections.jsonl", "selections"),
        ("stage_b/r/m/other.jsonl", "all_of_stage_b"),
        ("events/.x.jsonl", None),
        ("events/x.json", "events"),
        ("events/x.JSONL", "events"),
        ("events/x.csv.gz", "events"),
        ("events/x.ndjson.GZ", "events"),
        ("events/x.Parquet", "events"),
        ("events/x.txt", None),
        ("events/x.jsonl~", None),
        ("events/x.csv.tmp", None),
        ("events/x.jsonl.part", None),
        ("event/x.jsonl", None),
        ("x.jsonl", None),
    ],
    ids=lambda value: value if value and "/" in value else "",
)
def test_a_file_is_of_the_first_feed_whose_pattern_it_fits(tmp_path, relative, feed):
    put(tmp_path, relative)
    assert [(found.name, path) for found, path in landing_files(tmp_path, FEEDS)] == (
        [(feed, relative)] if feed else []
    )


def test_files_come_by_folder_and_path_whatever_the_order_of_the_feeds(tmp_path):
    names = ["events/b.jsonl", "events/a/z.jsonl", "stage_b/r/run.json", "events/a.jsonl", "stage_b/a/x.jsonl"]
    for name in names:
        put(tmp_path, name)
    assert [path for _, path in landing_files(tmp_path, FEEDS[::-1])] == sorted(names)


def test_a_folder_that_is_not_there_has_no_files(tmp_path):
    assert list(files(tmp_path / "nowhere", FEEDS)) == []
    assert unknown_folders(tmp_path / "nowhere", FEEDS) == []


def test_a_file_that_vanishes_meanwhile_is_not_there(tmp_path):
    put(tmp_path, "events/a.jsonl")
    (tmp_path / "events" / "b.jsonl").symlink_to(tmp_path / "gone.jsonl")
    assert [path for _, path, _ in files(tmp_path, FEEDS)] == ["events/a.jsonl"]


def test_folders_that_no_feed_reads_are_named(tmp_path):
    for name in ("events/x.jsonl", "stage_b/x.jsonl", "event/x.jsonl", "Events/x.jsonl", "notes.txt"):
        put(tmp_path, name)
    assert unknown_folders(tmp_path, FEEDS) == ["Events", "event"]


KNOWN = Known(len(LINE), AT, 2, False)


@pytest.mark.parametrize(
    ("known", "is_read", "is_settled"),
    [
        (None, True, False),
        (KNOWN, False, False),
        (replace(KNOWN, size_bytes=len(LINE) + 1), True, False),
        (replace(KNOWN, modified_at=AT + timedelta(microseconds=1)), True, False),
        (replace(KNOWN, modified_at=AT - timedelta(microseconds=1)), True, False),
        (replace(KNOWN, reader_version=1), True, True),
        (replace(KNOWN, reader_version=3), False, False),
        (replace(KNOWN, has_open_line=True), True, True),
        (replace(KNOWN, has_open_line=True, size_bytes=1), True, False),
    ],
    ids=[
        "new", "unchanged", "grown", "modified before", "modified since", "a newer reader", "an older reader",
        "unchanged with an open line", "grown with an open line",
    ],
)  # fmt: skip
def test_only_what_is_new_changed_or_read_otherwise_is_read(tmp_path, known, is_read, is_settled):
    put(tmp_path / "landing", "events/x.jsonl")
    seen = {("events", "events/x.jsonl"): known} if known else {}
    found = inventory(tmp_path / "landing", FEEDS, seen, tmp_path / "repaired")
    assert found.schema == INVENTORY_SCHEMA
    assert [row["is_settled"] for row in found.to_pylist()] == ([is_settled] if is_read else [])


def test_an_unchanged_file_is_not_opened(tmp_path):
    path = put(tmp_path / "landing", "events/x.jsonl")
    path.unlink()
    path.mkdir()  # a folder of a file's name cannot be opened as one
    put(tmp_path / "landing", "events/y.jsonl")
    seen = {("events", "events/y.jsonl"): KNOWN}
    assert inventory(tmp_path / "landing", FEEDS, seen, tmp_path / "repaired").num_rows == 0


def test_a_path_known_in_another_feed_is_new_in_its_own(tmp_path):
    put(tmp_path / "landing", "events/x.jsonl")
    seen = {("runs", "events/x.jsonl"): KNOWN}
    assert inventory(tmp_path / "landing", FEEDS, seen, tmp_path / "repaired").num_rows == 1


def test_what_tonight_may_not_know_is_not_in_it(tmp_path):
    for name in ("events/early.jsonl", "events/late.jsonl"):
        put(tmp_path / "landing", name)
    found = inventory(
        tmp_path / "landing", FEEDS, {}, tmp_path / "repaired", lambda relative, _: relative.endswith("early.jsonl")
    )
    assert found["source_file"].to_pylist() == ["events/early.jsonl"]


def test_a_row_says_where_and_how_each_file_is_read(tmp_path):
    landing, copies = tmp_path / "landing", tmp_path / "copies"
    put(landing, "events/a.jsonl", LINE + b"{")
    put(landing, "events/b.csv", b"a\n1\n")
    put(landing, "events/c.jsonl", b"\xff\n")
    put(landing, "events/d.jsonl.gz", b"no gzip")
    put(landing, "events/e.jsonl", b"")
    put(copies, "of_last_night.parquet")
    rows = inventory(landing, FEEDS, {}, copies).to_pylist()
    asked = ("source_file", "copy", "line_count", "is_open_ended", "reader_version", "modified_at")
    assert [tuple(row[name] for name in asked) for row in rows] == [
        ("events/a.jsonl", str(copies / "0.parquet"), 2, True, 2, AT),
        ("events/b.csv", str(copies / "1.parquet"), 1, True, 2, AT),
        ("events/c.jsonl", str(copies / "2.parquet"), 1, False, 2, AT),
        ("events/d.jsonl.gz", None, 0, False, 2, AT),
        ("events/e.jsonl", None, 0, False, 2, AT),
    ]
    assert [row["error"] is not None for row in rows] == [False, False, False, True, False]
    assert sorted(path.name for path in copies.iterdir()) == ["0.parquet", "1.parquet", "2.parquet"]


@pytest.mark.parametrize("name", ["a*b", "a?b", "a[b]", "a]b", "[!a]", "a{b,c}", "a\\b", "plain"])
def test_a_pattern_matches_its_own_path_alone(tmp_path, name):
    put(tmp_path, f"{name}.jsonl")
    for other in ("axb", "ab", "b", "ac"):
        put(tmp_path, f"{other}.jsonl")
    with duckdb.connect() as connection:
        found = connection.execute("select file from glob($1)", [path_pattern(tmp_path / f"{name}.jsonl")]).fetchall()
    assert found == [(str(tmp_path / f"{name}.jsonl"),)]


@pytest.mark.parametrize(("given", "expected"), [(None, "landing"), ("", "landing"), ("other", "other")])
def test_the_landing_folder_is_named_by_the_environment(tmp_path, monkeypatch, given, expected):
    monkeypatch.chdir(tmp_path)
    if given is not None:
        monkeypatch.setenv("LEARNING_LOOP_LANDING", given)
    assert landing_dir() == (tmp_path / expected).resolve()


def test_every_known_feed_has_a_pattern_of_its_own_folder_and_a_reader():
    feeds = known_feeds()
    assert len({feed.name for feed in feeds}) == len(feeds) > 20
    assert all("/" in feed.path_pattern and feed.reader_version >= 1 for feed in feeds)


def test_a_database_without_a_ledger_has_read_nothing():
    with duckdb.connect() as connection:
        assert ledger(connection) == {}


def test_the_ledger_is_read_back_as_it_was_written():
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Tokyo'")
        connection.execute(
            "create table landing_files as select 'events' as feed, 'events/x.jsonl' as source_file, 9 as size,"
            " timestamptz '2026-02-10 02:00:00.123456+00' as modified_at, 2 as reader_version, false as has_open_line"
        )
        assert ledger(connection) == {("events", "events/x.jsonl"): KNOWN}
