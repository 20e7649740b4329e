"""A row's number is its line's place in its file, however many threads read how many rows."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from house import LOADING, House
from learning_loop.landing.reading import check
from worlds import signal_at

AT = datetime(2026, 2, 10, 2, tzinfo=UTC)


def numbered(first: int, count: int) -> bytes:
    return b"".join(b'{"n": %d}\n' % number for number in range(first, first + count))


def test_a_million_lines_read_by_several_threads_keep_their_numbers(tmp_path):
    files = {
        "a.jsonl": numbered(1, 1_000_000),
        "b.jsonl.gz": gzip.compress(numbered(1, 100_000), 1),
        "c.csv": b"n\n" + b"".join(b"%d\n" % number for number in range(1, 50_001)),
        "d.json": b"[" + b",".join(numbered(1, 50_000).splitlines()) + b"]",
        "e.jsonl": numbered(1, 49_999) + b"\xff\n" + numbered(50_001, 9),  # a block that is mended line by line
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        assert not check(tmp_path / name, tmp_path / "private" / f"{name}.parquet").error
    with duckdb.connect(config={"threads": 8, "preserve_insertion_order": "false"}) as connection:
        # As macros/landing/tonight_rows.sql reads the copies.
        found = connection.execute(
            "select source_file, count(*), count_if(file_row_number + 1 = regexp_extract(line, '\\d+')::int)"
            f" from read_parquet('{tmp_path}/private/*.parquet', file_row_number = true, hive_partitioning = false)"
            " group by all order by all"
        ).fetchall()
    assert found == [
        ("a.jsonl", 1_000_000, 1_000_000),
        ("b.jsonl.gz", 100_000, 100_000),
        ("c.csv", 50_000, 50_000),
        ("d.json", 50_000, 50_000),
        ("e.jsonl", 50_009, 50_008),
    ]


def landed(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        for number in range(1, count + 1):
            row = signal_at(AT - timedelta(seconds=number), number) | {"event_id": f"e{number}"}
            out.write((json.dumps(row) if number % 1000 else "no json") + "\n")


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_night_of_a_million_rows_stores_each_with_the_number_of_its_line(tmp_path, monkeypatch):
    monkeypatch.setenv("LEARNING_LOOP_THREADS", "4")
    house = House(tmp_path, select=LOADING)
    landed(house.land("a.jsonl", []), 1_000_000)
    house.night(AT)
    ids = "select count(*), count_if(event_id = 'e' || row_number) from staging.stg_events"
    assert house.query(ids) == [(999_000, 999_000)]
    bad = "select count(*), count_if(row_number % 1000 = 0) from quarantined_rows where reason_code = 'not_json'"
    assert house.query(bad) == [(1000, 1000)]
