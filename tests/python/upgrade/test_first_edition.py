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

from learning_loop.backlog import export

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


# What an older reader stored of a file that lies there still, and of one that is gone: (event_id, instant then).
OLDER, VANISHED = "events/date=2026-02-16/older.jsonl", "events/date=2026-02-16/vanished.jsonl"
STORED = {
    OLDER: {name: "2026-02-16T10:00:00Z" for name in ("older-same", "older-moved", "older-bad", "older-gone")},
    VANISHED: {"older-vanished": "2026-02-16T10:00:00Z"},
}
READ_NOW = [
    EVENTS[1] | {"event_id": "older-same", "timestamp": "2026-02-16T10:00:00Z"},
    EVENTS[1] | {"event_id": "older-moved", "timestamp": "2026-02-04T10:00:00Z"},
    EVENTS[1] | {"event_id": "older-bad", "timestamp": "2026-02-16T10:00:00 BST"},
]


def store_as_an_older_reader(warehouse: Path) -> None:
    """Add rows, lines of the ledger and a row in quarantine, as the first edition's reader left them."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set timezone = 'UTC'")
        for file, rows in STORED.items():
            connection.execute(
                "insert into landing_files select * replace ($1 as source_file, $2 as rows_in, $3 as kept,"
                " $2 - $3 as quarantined, 0 as redelivered, 0 as ignored) from landing_files"
                " where feed = 'events' limit 1",
                [file, len(rows) + (file == VANISHED), len(rows)],
            )
            for number, (name, at) in enumerate(rows.items(), 1):
                connection.execute(
                    "insert into staging.stg_events select * replace ($1 as event_id, $2::timestamptz as event_at,"
                    " $3 as source_file, $4 as row_number, 'ask bea@example.org' as issue_type, 'u_bea' as user_id)"
                    " from staging.stg_events where event_type = 'learning.signal.logged' limit 1",
                    [name, at, file, number],
                )
        connection.execute(
            "insert into quarantined_rows select * replace ('older' as row_key, 'older' as quarantine_key,"
            " $1 as source_file, 'events' as feed, 'bea@example.org' as raw_row, 'is bea' as detail,"
            " null::timestamptz as released_at) from quarantined_rows limit 1",
            [VANISHED],
        )


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
    store_as_an_older_reader(warehouse)
    (root / "landing" / OLDER).parent.mkdir()
    (root / "landing" / OLDER).write_text("".join(json.dumps(event) + "\n" for event in READ_NOW))
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


def test_what_it_proposed_is_still_handed_to_trackers_in_its_form(upgraded):
    found = query(upgraded[1], "select issue_payload from learning_backlog_candidates")
    payloads = [json.loads(text) for (text,) in found]
    assert payloads and {payload["schema_version"] for payload in payloads} == {1}
    for payload in payloads:
        body = export.github(payload)["body"]
        assert all(export.escaped(text) in body for text in payload["suggested_updates"]["regression_tests"])


def test_what_was_stored_and_what_came_tonight_count_once(upgraded):
    before, after = upgraded
    known = "select count(*), count(distinct event_id) from staging.stg_events where event_id not like 'older-%'"
    (count, distinct), (count_now, distinct_now) = query(before, known)[0], query(after, known)[0]
    assert (count_now, distinct_now) == (count + len(EVENTS) - 1, distinct + len(EVENTS) - 1)


def test_who_was_erased_stays_erased(upgraded):
    tonight = "select kept, ignored from landing_files where source_file like '%date=2026-02-17%'"
    assert query(upgraded[1], tonight) == [(len(EVENTS) - 1, 1)]


def test_what_an_older_reader_stored_of_a_file_is_replaced_and_its_periods_are_touched(upgraded):
    tonight = query(upgraded[1], "select max(run_number) from nightly_runs")[0][0]
    rows = query(
        upgraded[1],
        "select event_id, event_at::date::varchar, is_displaced, reader_version, loaded_in_run from staging.stg_events"
        f" where source_file = '{OLDER}' order by all",
    )
    assert rows == [
        ("older-bad", "2026-02-16", True, 3, tonight),
        ("older-gone", "2026-02-16", True, 3, tonight),
        # The day on which it was and the day on which it is are both computed anew.
        ("older-moved", "2026-02-04", False, 3, tonight),
        ("older-moved", "2026-02-16", True, 3, tonight),
        ("older-same", "2026-02-16", False, 3, tonight),
    ]
    assert query(upgraded[1], f"select kept, quarantined from landing_files where source_file = '{OLDER}'") == [(2, 1)]


def test_what_is_stored_of_a_vanished_file_loses_its_addresses_once(upgraded):
    of_file = f"from staging.stg_events where source_file = '{VANISHED}'"
    rows = query(upgraded[1], f"select event_id, issue_type, user_id, is_displaced, reader_version {of_file}")
    assert rows == [("older-vanished", "ask [email]", "u_bea", False, 3)]  # the next night finds nothing older


def test_what_quarantine_kept_of_rows_is_kept_no_more(upgraded):
    """Of files that are gone; of others the newer reader says again what may be kept."""
    before, after = upgraded
    kept = "select count(*) from quarantined_rows where raw_row is not null"
    assert query(before, kept)[0][0] > 0
    of_file = f"select raw_row, detail, reader_version from quarantined_rows where source_file = '{VANISHED}'"
    assert query(after, of_file) == [(None, None, 0)]
    assert query(after, f"{kept} and reader_version = 0") == [(0,)]


def test_a_table_that_has_moved_is_dropped_where_it_was(upgraded):
    places = "select table_schema from information_schema.tables where table_name like '%source_states'"
    assert [query(file, places) for file in upgraded] == [[("main",)], [("intermediate",)]]


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
