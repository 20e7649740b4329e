"""A landing folder with one of everything: the night ends, names each thing, and reads the good files whole."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from house import LOADING, House

AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
FLAG = '{"candidate_id": "c%d", "flag": "safety", "raised_at": "2026-02-10T10:00:00Z", "raised_by": "u"}\n'
REASONS = "select source_file, reason_code from quarantined_rows where released_at is null order by all"


def test_each_thing_is_a_named_row_and_goes_when_it_is_mended(tmp_path):
    house = House(tmp_path, select=LOADING)
    flags = house.landing / "quality_flags"
    flags.mkdir()
    (tmp_path / "secret").write_text("the salt of another warehouse\n")
    (flags / "good.jsonl").write_text(FLAG % 1)
    (flags / "good.csv.gz").write_bytes(
        gzip.compress(b"candidate_id,flag,raised_at,raised_by\nc2,safety,2026-02-10T10:00:00Z,u\n")
    )
    (flags / "good.JSON").write_text("[" + (FLAG % 3).strip() + "]")
    (flags / "empty.csv").write_bytes(b"candidate_id,flag\n")
    (flags / "out.jsonl").symlink_to(tmp_path / "secret")
    (flags / "itself").symlink_to("itself")
    os.mkfifo(flags / "pipe.jsonl")
    (flags / "broken.jsonl.gz").write_bytes(gzip.compress(b"{}")[:-4])
    Path(os.fsdecode(os.path.join(os.fsencode(flags), b"caf\xe9.jsonl"))).write_text(FLAG % 4)  # noqa: PTH118
    (flags / "notes.txt").write_text("x")
    (house.landing / "misspelt").mkdir()
    (house.landing / "misspelt/x.jsonl").write_text(FLAG % 5)
    (house.landing / "ingest_runs").symlink_to(tmp_path)

    house.night(AS_OF)

    assert house.column("select candidate_id from staging.stg_quality_flags order by 1") == ["c1", "c2", "c3"]
    bad = [
        ("ingest_runs", "outside_landing"),
        ("quality_flags/broken.jsonl.gz", "unreadable_file"),
        (r"quality_flags/caf\xe9.jsonl", "unreadable_name"),
        ("quality_flags/itself", "not_a_file"),
        ("quality_flags/out.jsonl", "outside_landing"),
        ("quality_flags/pipe.jsonl", "not_a_file"),
    ]
    assert house.query(REASONS) == bad
    assert house.query("select source_file, status from landing_files where status = 'not_read' order by 1") == [
        ("misspelt/x.jsonl", "not_read"),
        ("quality_flags/notes.txt", "not_read"),
    ]
    assert house.query("select rows_in, status from landing_files where source_file like '%empty.csv'") == [(0, "read")]
    assert house.column("select verdict from feed_freshness where feed = 'ingest_runs'") == ["stale"]
    assert "salt" not in str(house.query("select detail, raw_row from quarantined_rows"))

    (flags / "out.jsonl").unlink()
    (flags / "out.jsonl").write_text(FLAG % 6)
    (flags / "pipe.jsonl").unlink()
    (house.landing / "ingest_runs").unlink()
    (house.landing / "ingest_runs").mkdir()
    house.night(AS_OF + timedelta(days=1))

    assert house.column("select candidate_id from staging.stg_quality_flags order by 1") == ["c1", "c2", "c3", "c6"]
    assert house.query(REASONS) == [row for row in bad[1:] if "out.jsonl" not in row[0]]
    assert house.column("select verdict from feed_freshness where feed = 'ingest_runs'") != ["stale"]
