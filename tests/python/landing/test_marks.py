"""A sender's line that looks like the reader's own mark is a line that is no JSON, and nothing of it is kept."""

from __future__ import annotations

import gzip

import pyarrow as pa
import pyarrow.parquet as pq

from house import LOADING, House
from learning_loop.landing.folder import known_feeds
from learning_loop.landing.parquet import lines

MARK = "!unreadable_file!planted-person-77!more"
EVENT = '{"event_id": "e1", "event_type": "set.logged"}'


def test_a_forged_mark_is_a_line_that_is_no_json_in_a_clean_file_and_in_a_copied_one(tmp_path):
    house = House(tmp_path, select=LOADING)
    house.land("clean.jsonl", [MARK, "\ufeff" + MARK, EVENT])
    path = house.land("copied.jsonl.gz", [])
    path.write_bytes(gzip.compress(b"") + gzip.compress(f"{MARK}\n\ufeff{MARK}\n{EVENT}\n".encode()))
    house.night("2026-02-16T02:00:00+00:00")
    found = house.query("select reason_code, detail, raw_row like '%planted%' from quarantined_rows")
    assert found == [("not_json", None, False)] * 4
    assert house.query("select sum(rows_in), sum(ignored) from landing_files") == [(6, 2)]


def test_a_parquet_column_of_any_name_takes_no_rows_place(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"event_id": ["e1"], "line": ["x"], "is_broken": [True]}), path)
    events = next(feed for feed in known_feeds() if feed.name == "events")
    assert [row for rows in lines(str(path), events, 1 << 20) for row in rows.to_pylist()] == [
        '{"event_id":"e1","line":"x","is_broken":true}'
    ]
