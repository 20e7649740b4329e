"""A published file of the first edition takes its next night without a hand's help; how it was made: README.md."""

from __future__ import annotations

import json
import lzma
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

SALT = "a salt for tests only"
HERE = Path(__file__).parent
NIGHTS, NEXT_NIGHT = ["2026-02-16T02:00:00Z", "2026-02-17T02:00:00Z"], "2026-02-18T02:00:00Z"
# What each night adds to: no line of an earlier night may change or go.
LOGS = {
    "attention_log": "item_key",
    "landing_files": "source_file",
    "learning_backlog_proposals": "run_id",
    "nightly_runs": "run_id",
    "policy_log": "policy",
    "quarantined_rows": "source_file",
    "tuning_change_verdicts": "tuning_change_id",
}
EVENTS = [
    {
        "event_id": f"next-{number}",
        "event_type": "learning.signal.logged",
        "timestamp": f"2026-02-17T1{number}:00:00Z",
        "data": {
            "schema_version": 1,
            "signal_type": "tooltip_dismissed",
            # The first is a person whom the first edition erased.
            "user_ref": {"pseudonymized_user_id": "user-0005" if number == 0 else f"user-{number}"},
            "cluster_signature": "noise:220",
        },
    }
    for number in range(5)
]


def query(file: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory) -> tuple[Path, Path]:
    """(the file as it was, the file after its next night)."""
    root = tmp_path_factory.mktemp("upgrade")
    before, warehouse = root / "before.duckdb", root / "warehouse" / "learning_loop.duckdb"
    before.write_bytes(lzma.decompress((HERE / "first_edition.duckdb.xz").read_bytes()))
    warehouse.parent.mkdir()
    warehouse.write_bytes(before.read_bytes())
    # The salt of a warehouse lies beside it.
    (warehouse.parent / "learning_loop.salt").write_text(SALT + "\n")
    # Files that were loaded may be gone: what they held is stored.
    landed = root / "landing" / "events" / "date=2026-02-17" / "part-0.jsonl"
    landed.parent.mkdir(parents=True)
    landed.write_text("".join(json.dumps(event) + "\n" for event in EVENTS))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEARNING_LOOP_")}
    command = [
        *(Path(sys.executable).with_name("learning-loop"), "nightly", "--as-of", NEXT_NIGHT),
        *("--landing", root / "landing", "--warehouse", warehouse),
    ]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return before, warehouse


def test_its_nights_go_on(upgraded):
    nights = query(upgraded[1], "select run_id, status, error from nightly_runs order by run_number")
    assert nights == [(name, "success", None) for name in (*NIGHTS, NEXT_NIGHT)]


def test_what_people_decided_stands(upgraded):
    statuses = "select candidate_key, status from learning_backlog_candidates where status in ('approved', 'dismissed')"
    before, after = (set(query(file, statuses)) for file in upgraded)
    assert {status for _, status in before} == {"approved", "dismissed"} and before == after


def test_what_was_stored_and_what_came_tonight_count_once(upgraded):
    before, after = upgraded
    known = "select count(*), count(distinct event_id) from staging.stg_events"
    (count, distinct), (count_now, distinct_now) = query(before, known)[0], query(after, known)[0]
    assert (count_now, distinct_now) == (count + len(EVENTS) - 1, distinct + len(EVENTS) - 1)


def test_who_was_erased_stays_erased(upgraded):
    tonight = "select kept, ignored from landing_files where source_file like '%date=2026-02-17%'"
    assert query(upgraded[1], tonight) == [(len(EVENTS) - 1, 1)]


@pytest.mark.parametrize("log", LOGS)
def test_no_line_of_its_logs_is_lost(upgraded, log):
    counts = f"select {LOGS[log]}, count(*) from {log} group by all"
    before, after = (dict(query(file, counts)) for file in upgraded)
    assert before
    assert not {key: count for key, count in before.items() if after.get(key, 0) < count}


def test_its_marts_are_built_anew(upgraded):
    """No week's cluster is lost by the new code."""
    keys = "select period_key, cluster_signature from learning_issue_clusters where period_granularity = 'week'"
    before, after = (set(query(file, keys)) for file in upgraded)
    assert before
    assert before <= after
    # Trailing windows move with the night, so these may hold fewer rows than before; never none.
    moving = ("source_performance", "reviewer_agreement", "feed_freshness", "stage_b_rules", "stage_b_ticket_outcomes")
    assert not [mart for mart in moving if not query(upgraded[1], f"select 1 from {mart} limit 1")]
    versions = query(upgraded[1], "select distinct code_version from nightly_runs")
    assert len(versions) == 2
