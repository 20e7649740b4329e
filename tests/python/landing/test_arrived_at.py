"""When a file is taken to have arrived, for nights of the past."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from learning_loop.landing.arrival import arrived_at

LAST = datetime(2026, 2, 10, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def stat(tmp_path: Path) -> os.stat_result:
    """The stat of a file that was last modified at LAST."""
    file = tmp_path / "x.jsonl"
    file.touch()
    os.utime(file, (LAST.timestamp(),) * 2)
    return file.stat()


@pytest.mark.parametrize(
    ("last_night", "arrived"), [(LAST - SECOND, None), (LAST, LAST), (LAST + SECOND, LAST)],
    ids=["after the last night", "at the last night", "before it"],
)  # fmt: skip
def test_a_file_modified_after_the_last_night_says_nothing_of_its_arrival(stat, last_night, arrived):
    assert arrived_at("modified", last_night, "events/x.jsonl", stat) == arrived


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("events/date=2026-02-03/x.jsonl", 3),
        ("date=2026-02-03/x.jsonl", 3),
        ("events/date=2026-02-03/hour=7/x.jsonl", 3),
        ("events/date=2026-02-03/date=2026-02-05/x.jsonl", 5),
        ("events/date=2026-02-05/part/date=2026-02-03/x.jsonl", 3),
        ("events/update=2026-02-03/x.jsonl", None),
        ("events/date=2026-02-03-a/x.jsonl", None),
        ("events/date=2026-02-031/x.jsonl", None),
        ("events/update=2026-02-05/date=2026-02-03/x.jsonl", 3),
        ("events/date=2026-02-03/update=2026-02-05/x.jsonl", 3),
        ("events/date=2026-02-03", None),
        ("events/date=2026-02-03.jsonl", None),
        ("events/Date=2026-02-03/x.jsonl", None),
        ("events/date=2026-2-3/x.jsonl", None),
        ("events/date=2026-02-31/x.jsonl", None),
        ("events/x.jsonl", None),
    ],
    ids=[
        "a folder", "the first folder", "a folder above others", "the innermost of two",
        "the innermost, though earlier",
        "the end of a longer name", "the head of a longer name", "a digit too many",
        "a longer name above a folder", "a longer name below a folder", "no folder but a file", "in a file's name",
        "another case", "no two digits", "no day of the calendar", "none",
    ],
)  # fmt: skip
def test_a_partition_is_there_at_the_end_of_the_day_of_its_innermost_folder(stat, path, day):
    expected = None if day is None else datetime(2026, 2, day, tzinfo=UTC) + timedelta(days=1)
    assert arrived_at("partition", LAST, path, stat) == expected


def test_by_rows_no_file_says_when_it_arrived(stat):
    assert arrived_at("rows", LAST, "events/date=2026-02-03/x.jsonl", stat) is None
