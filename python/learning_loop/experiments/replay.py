"""The experiments at any second of the past: what was known, which gates were shown, which changes were decided."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from learning_loop.terminal import day, instant_text
from learning_loop.warehouse import Night, night_at

Row = dict[str, Any]


@dataclass(frozen=True)
class Then:
    """The experiments at an instant.

    Attributes:
        night: the last run with an as_of up to the instant.
        known: how many candidates, labels and assignments that run knew.
        gates: what it published of each experiment: rows of experiment_gates.
        decided: the changes applied up to the instant, the latest first, with the first verdict on each; `is_known`
            says whether that run had read it.
        exceptions: what makes this differ from what was published, in words.
    """

    night: Night
    known: dict[str, int]
    gates: list[Row]
    decided: list[Row]
    exceptions: list[str]


def stand(con: duckdb.DuckDBPyConnection, instant: datetime) -> Then:
    """Return the experiments as they stood at an instant.

    Args:
        con: to a published file; it is only read.
        instant: any, from the first night on.

    Raises:
        WrongUse: no night had run yet.
    """
    night = night_at(con, instant)
    known = {
        feed: int(
            con.execute(KNOWN.format(feed=feed, happened=happened), [night.run_number, night.as_of]).fetchall()[0][0]
        )
        for feed, happened in FEEDS.items()
    }
    decided = _rows(con, DECIDED, instant, night.run_number, night.as_of)
    return Then(night, known, gates(con, night.as_of), decided, _exceptions(con, night))


def gates(con: duckdb.DuckDBPyConnection, as_of: datetime) -> list[Row]:
    """Return the rows of experiment_gates that the night of ``as_of`` published, by their id, JSON-able."""
    return [json.loads(row["gate"]) for row in _rows(con, GATES, as_of)]


def heading(instant: datetime, then: Then) -> list[str]:
    """Return the first lines of `experiment at`."""
    known = ", ".join(
        f"{count:,} {feed.removeprefix('ingest_').replace('_', ' ')}" for feed, count in then.known.items()
    )
    return [
        f"At {instant_text(instant)} the last night was {then.night.run_id} (run {then.night.run_number}).",
        f"  known  {known}",
        "",
    ]


def decisions(then: Then) -> list[str]:
    """Return the lines on changes and on what may differ."""
    shown = ["", "Changes by then, the last first"] if then.decided else ["", "No change had been applied."]
    for row in then.decided[:SHOWN_DECISIONS]:
        rests = f"{row['experiment_id']}: {row['experiment_verdict'] or 'not judged'}" if row["experiment_id"] else (
            "no experiment"
        )  # fmt: skip
        unknown = "" if row["is_known"] else "; that night did not know of it"
        shown += [
            f"  {instant_text(row['applied_at'])}  {row['deployment_mode']:<6}  {row['source_key']}",
            f"      by {row['approved_by'] or 'nobody named'}; {rests}{unknown}",
        ]
    if len(then.decided) > SHOWN_DECISIONS:
        shown.append(f"  and {len(then.decided) - SHOWN_DECISIONS:,} more: --json has all")
    if then.exceptions:
        shown += ["", "What may differ from what was published", *(f"  {text}" for text in then.exceptions)]
    return shown


def _exceptions(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    begun, erased = con.execute(
        "select (select min(since) from experiment_gate_log),"
        " (select count(*) from erasures where is_in_force and erased_at > $1)",
        [night.as_of],
    ).fetchall()[0]
    said = []
    if begun is None or begun.astimezone(UTC) > night.as_of:
        since = f"only since {day(begun)}" if begun else "not yet"
        said.append(f"What nights publish of gates is logged {since}: of this night nothing is kept.")
    if erased:
        said.append(f"Persons erased since: {erased}. They are counted nowhere, and their names are struck out.")
    return said


def _rows(con: duckdb.DuckDBPyConnection, query: str, *parameters: object) -> list[Row]:
    found = con.execute(query, list(parameters))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


SHOWN_DECISIONS = 10
FEEDS = {
    "ingest_candidates": "created_at", "ingest_editor_labels": "created_at",
    "ingest_experiment_assignments": "assigned_at",
}  # fmt: skip
KNOWN = """
select count(*) from staging.stg_{feed}
where not is_displaced and loaded_in_run <= $1 and {happened} <= $2
"""
GATES = """
select gate from experiment_gate_log
where since <= $1 and coalesce(ended_at > $1, true)
order by experiment_id
"""
# A change without a row in the log of verdicts was a trial, or no night had judged it yet.
DECIDED = """
select changes.tuning_change_id, changes.source_key, changes.config_version, changes.experiment_id,
    changes.approved_by, changes.applied_at, changes.deployment_mode, verdicts.experiment_verdict, verdicts.is_gated,
    changes.loaded_in_run <= $2 and changes.applied_at <= $3 as is_known
from staging.stg_ingest_tuning_changes as changes
left join tuning_change_verdicts as verdicts using (tuning_change_id)
where not changes.is_displaced and changes.applied_at <= $1
order by changes.applied_at desc, changes.tuning_change_id
"""
