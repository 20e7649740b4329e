"""A feed that nobody knew yesterday: three files tell the night of it, and a night reads it."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learning_loop.landing import tombstones
from learning_loop.project import project_dir, write_project

SQL = """-- What the people in the warehouse found on a shelf.

with

typed as (
    {{ typed_rows() }}
),

final as (
    {{ kept_rows('typed') }}
)

select * from final
"""
YAML = """version: 2

models:
  - name: stg_shelf_checks
    description: One row per check of a shelf, and per displaced version of one.
    config:
      materialized: landing_feed
      meta: {feed: shelf_checks, files: "shelf_checks/*", reader_version: 1, identity: [check_id], instant: checked_at}
    columns:
      - {name: check_id, description: The id of the check., config: {meta: {field: id, sent: id, required: true}}}
      - {name: shelf, description: The shelf., config: {meta: {field: text, required: true, at_most: 8}}}
      - name: state
        description: How the shelf was found.
        config: {meta: {field: choice, required: true, of: [full, empty]}}
      - name: fill_share
        description: How full it is.
        config: {meta: {field: number, path: measured.fill, between: [0, 1]}}
      - {name: checked_by, description: Who checked., config: {meta: {field: id, treat: pseudonym}}}
      - {name: checked_at, description: When., config: {meta: {field: instant, required: true}}}
"""
GOOD = {
    "id": "s1", "shelf": "A-7", "state": "full", "measured": {"fill": 0.5}, "checked_by": "ann",
    "checked_at": "2026-02-12T10:00:00Z",
}  # fmt: skip
BAD = [
    (GOOD | {"id": None}, "missing_field", "id"),
    (GOOD | {"id": "s2", "shelf": {"is": "A-7"}}, "wrong_type", "shelf"),
    (GOOD | {"id": "s3", "shelf": "A-7654321"}, "id_too_long", "shelf"),
    (GOOD | {"id": "s4", "state": "half"}, "unknown_value", "state"),
    (GOOD | {"id": "s5", "measured": {"fill": 1.5}}, "confidence_out_of_range", "measured.fill is not within 0..1"),
    (GOOD | {"id": "s6", "measured": "much"}, "wrong_type", "measured is no object"),
    (GOOD | {"id": "s7", "checked_at": "noon"}, "unreadable_instant", "checked_at"),
]


def test_a_feed_of_six_fields_is_a_line_a_model_and_its_yaml(tmp_path):
    project, landing, warehouse = tmp_path / "project", tmp_path / "landing", tmp_path / "out" / "learning_loop.duckdb"
    write_project(project_dir(), project)
    settings = project / "dbt_project.yml"
    settings.write_text(settings.read_text().replace("  feeds:\n", "  feeds:\n    - shelf_checks\n"))
    (project / "models/staging/shelf").mkdir()
    (project / "models/staging/shelf/stg_shelf_checks.sql").write_text(SQL)
    (project / "models/staging/shelf/_shelf__staging.yml").write_text(YAML)
    (landing / "shelf_checks").mkdir(parents=True)
    rows = [GOOD, *(row for row, _, _ in BAD), GOOD]
    (landing / "shelf_checks" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    environment = os.environ | {"LEARNING_LOOP_PROJECT": str(project), "LEARNING_LOOP_SALT": "a salt for tests only"}
    night = [sys.executable, "-m", "learning_loop.cli", "nightly", "--as-of", "2026-02-16T02:00:00Z"]
    places = ["--landing", str(landing), "--warehouse", str(warehouse)]
    done = subprocess.run([*night, *places], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ask = lambda query: connection.execute(query).fetchall()  # noqa: E731
        assert ask("select check_id, shelf, state, fill_share from staging.stg_shelf_checks") == [
            ("s1", "A-7", "full", 0.5)
        ]
        assert ask("select checked_by from staging.stg_shelf_checks")[0][0].startswith("u_")
        assert ask("select reason_code, detail from quarantined_rows order by row_number") == [
            (reason, detail) for _, reason, detail in BAD
        ]
        assert ask("select rows_in, kept, redelivered, quarantined from landing_files") == [(9, 1, 1, 7)]
        assert ask("select stored_count from feed_freshness where feed = 'shelf_checks'") == [(1,)]
        assert "ann" not in str(ask("select raw_row from quarantined_rows"))


def lines_of(path, row):
    path.with_suffix(".jsonl").write_text(json.dumps(row) + "\n")


def gzip_of(path, row):
    with gzip.open(path.with_suffix(".jsonl.gz"), "wt") as file:
        file.write(json.dumps(row) + "\n")


def csv_of(path, row):
    with path.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row | {"tombstones": json.dumps(row["tombstones"])})


def parquet_of(path, row):
    pq.write_table(pa.Table.from_pylist([row]), path.with_suffix(".parquet"))


@pytest.mark.parametrize("write", [lines_of, gzip_of, csv_of, parquet_of], ids=["lines", "gzip", "csv", "parquet"])
def test_an_erasure_counts_in_every_form_that_the_landing_folder_takes(tmp_path, write):
    (tmp_path / tombstones.FEED).mkdir()
    row = {"erasure_id": "x1", "tombstones": ["0" * 64, "1" * 64], "actor": "ann", "created_at": "2026-02-12T10:00:00Z"}
    write(tmp_path / tombstones.FEED / "a", row)
    assert tombstones.recorded(tmp_path) == {"0" * 64, "1" * 64}
