"""The fold in SQL against plain Python, on 200 random histories; and the verdicts of their runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import duckdb
import pyarrow as pa
import pytest
from compiled import model
from fold_oracle import Row, fold, source_of
from histories import APPROVERS, PER_RUN, PER_SOURCE, START, History, history

from learning_loop.backlog.sql import set_as_of
from learning_loop.night import context

HISTORIES = [history(number) for number in range(200)]
FAR = START + timedelta(days=400)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        context.lay_down(connection, {"run_id": None, "run_number": None})
        load(connection, HISTORIES)
        yield connection


def load(con: duckdb.DuckDBPyConnection, histories: list[History]) -> None:
    """Lay the histories down as the tables that the fold reads. Their keys differ, so that one fold serves all."""
    con.execute(
        """
        create table proposals (
            run_id varchar, proposed_at timestamptz, proposal_number bigint, candidate_key varchar, source_type varchar,
            subject_ref varchar, verdict varchar, period_starts_on date, priority_score double, priority varchar,
            missing_parts varchar[], reopens_because varchar, is_risen boolean
        );
        create table stored_decisions (
            decision_id varchar, candidate_key varchar, decision varchar, actor varchar, decided_at timestamptz,
            reason varchar, issue_ref varchar, snooze_until timestamptz, recorded_by varchar, is_displaced boolean
        );
        create table reports (
            candidate_key varchar, step_id varchar, reported_at timestamptz, content_hash varchar, is_completed boolean,
            reported_by varchar, evidence varchar
        );
        create table approvals (
            role varchar, actor varchar, valid_from timestamptz default '1970-01-01',
            valid_to timestamptz default 'infinity'
        );
        create table short_keys (candidate_key varchar, short_key varchar);
        create table transitions (from_status varchar, decision varchar, to_status varchar);
        insert into transitions values
            ('candidate', 'approve', 'approved'), ('candidate', 'dismiss', 'dismissed'),
            ('approved', 'promote', 'promoted'), ('approved', 'dismiss', 'dismissed'),
            ('dismissed', 'reopen', 'candidate'), ('approved', 'reopen', 'candidate'),
            ('promoted', 'reopen', 'candidate');
        """
    )
    con.executemany(
        "insert into approvals (role, actor) values ('approver', ?)", [[name] for name in sorted(APPROVERS)]
    )
    columns = {
        "proposals": [
            (f"h{made.number}", p.at, p.number, p.key, source_of(p.key), made.subjects[p.key], p.verdict, p.week,
             p.score, p.label, list(p.missing_parts), "logged" if p.reopens else None, p.is_risen)
            for made in histories for p in made.proposals
        ],
        "stored_decisions": [
            (d.decision_id, d.key, d.decision, d.actor, d.at, None, None, d.snooze_until, None, False)
            for made in histories for d in made.decisions
        ],
        "reports": [
            (r.key, r.step, r.at, "", r.is_completed, "ci", None) for made in histories for r in made.reports
        ],
    }  # fmt: skip
    for table, rows in columns.items():
        names = [row[0] for row in con.execute(f"describe {table}").fetchall()]
        landed = pa.table({name: [row[turn] for row in rows] for turn, name in enumerate(names)})
        con.register("landed", landed)
        con.execute(f"insert into {table} by name from landed")
        con.unregister("landed")


def folded(con: duckdb.DuckDBPyConnection, as_of: datetime = FAR, proposals: str = "proposals") -> str:
    """Return the fold's SQL over the tables, as of an instant."""
    set_as_of(con, as_of)
    given = {"stg_backlog_decisions": "stored_decisions", "int_backlog__step_reports": "reports",
             "int_backlog__short_keys_before_tonight": "short_keys"}  # fmt: skip
    con.execute(
        "create or replace temp table decisions as "
        + model("int_backlog__decisions", given | {"int_policy__approvals": "approvals"})
    )
    return model("int_backlog__steps", {
        "learning_backlog_proposals": proposals, "int_backlog__decisions": "decisions",
        "backlog_transitions": "transitions",
    })  # fmt: skip


def test_states_histories_and_refusals_agree_with_the_oracle_on_200_histories(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create or replace temp table steps as " + folded(con))
    found: dict[str, list[tuple]] = {}
    for row in con.execute(
        "select candidate_key, entry_kind, entry_id, entered_at, status_before, status, rejected_because, decided_by,"
        " status_changed_at, reopened_count, approved_at, content.proposed_at, dismissed_priority_score,"
        " dismissed_priority, snoozed_until from steps order by candidate_key, step_number"
    ).fetchall():
        found.setdefault(row[0], []).append(row)
    compared, reopened, promoted, refused = 0, 0, 0, set()
    for made in HISTORIES:
        for key in {p.key for p in made.proposals} | {d.key for d in made.decisions}:
            expected = fold(key, made.proposals, made.decisions, made.reports, APPROVERS, FAR)
            steps = found[key]
            assert as_row(steps) == as_tuple(expected), f"history {made.number}, {key}"
            assert [(s[5], s[3]) for s in steps if s[4] != s[5]] == expected.history
            assert [(s[2], s[6]) for s in steps if s[6]] == expected.rejected
            compared += 1
            reopened += expected.reopened_count > 0
            promoted += expected.status == "promoted"
            refused |= {reason for _, reason in expected.rejected}
    # The histories must hold what they are meant to show.
    assert compared > 700 and reopened > 50 and promoted > 10
    assert {"not_an_approver", "unknown_candidate", "checklist_incomplete", "not_allowed_when_dismissed"} <= refused


def as_row(steps: list[tuple]) -> tuple:
    close = steps[-1]
    assert close[1] == "close"
    return (close[5], *close[7:12], *(close[12:15] if close[12] is not None else ()))


def as_tuple(row: Row) -> tuple:
    state = (
        row.status, row.decided_by, row.changed_at, row.reopened_count, row.approved_at,
        row.content and row.content.at,
    )  # fmt: skip
    return (*state, *((row.dismissed_score, row.dismissed_label, row.snoozed_until) if row.dismissed_at else ()))


def test_the_order_of_rows_changes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    text = folded(con)
    con.execute("create or replace temp table in_order as " + text)
    con.execute(
        "create or replace temp table shuffled as select * from proposals order by hash(candidate_key, proposed_at)"
    )
    con.execute("create or replace temp table decisions as select * from decisions order by hash(decision_id)")
    again = model("int_backlog__steps", {
        "learning_backlog_proposals": "shuffled", "int_backlog__decisions": "decisions",
        "backlog_transitions": "transitions",
    })  # fmt: skip
    assert (
        con.execute(f"(from in_order except all ({again})) union all (({again}) except all from in_order)").fetchall()
        == []
    )


@pytest.mark.parametrize("number", range(0, 200, 10))
def test_verdicts_of_every_run_agree_with_the_oracle(con: duckdb.DuckDBPyConnection, number: int) -> None:
    made = HISTORIES[number]
    con.execute("create or replace temp table policy as select timestamptz '1970-01-01' as effective_from,"
                f" '' as rationale, {PER_SOURCE} as max_candidates_per_source, {PER_RUN} as max_candidates_per_run,"
                " 0.1::decimal(9, 6) as reopen_min_priority_gain,"
                " 0.02::decimal(9, 6) as reopen_min_label_gain")  # fmt: skip
    for run in made.runs:
        if not run:
            continue
        at = run[0].at
        known = [d.decision_id for d in made.decisions if (d.arrives or d.at) <= at]
        con.execute("create or replace temp table logged as"
                    " select * from proposals where run_id = ? and proposed_at < ?",
                    [f"h{number}", at])  # fmt: skip
        con.execute("create or replace temp table tonight as select proposal_number, candidate_key, source_type,"
                    " candidate_key as source_ref, subject_ref, '' as source_period_key, period_starts_on,"
                    " period_starts_on as last_period_starts_on, 1::bigint as event_count,"
                    " null::bigint as unique_users, 1::bigint as weeks_recurring, null::date as first_recurred_on,"
                    " null::json as trend, null::struct(invariants varchar[], policy_areas varchar[],"
                    " test_suites varchar[], evidence json) as update_targets,"
                    " priority_score,"
                    " priority, null::struct(guardrail varchar, measured double)[] as guardrails,"
                    " null::varchar as early_verdict, null::struct(guardrail varchar,"
                    " measured double, bar double, is_passed boolean) as missed_guardrail,"
                    " null::json as impacted_metrics, null::json as evidence"
                    " from proposals where run_id = ? and proposed_at = ?",
                    [f"h{number}", at])  # fmt: skip
        con.execute("create or replace temp table texts as select null::bigint as proposal_number, null as title,"
                    " null as root_cause_hypothesis, null as description, null as design, null as acceptance_criteria,"
                    " null::varchar[] as invariant_updates, null::varchar[] as policy_updates,"
                    " null::varchar[] as regression_tests where false")  # fmt: skip
        text = folded(con, at, "logged")
        con.execute("delete from decisions where not list_contains(?, decision_id)", [known])
        con.execute("create or replace temp table states as " + text)
        con.execute("create or replace temp table rates as select candidate_key, states.dismissed_at as settled_at,"
                    " proposals.is_risen, 1.0 as evidence_worse, 20.0 as evidence_bar"
                    " from states inner join proposals using (candidate_key)"
                    " where states.entry_kind = 'close' and run_id = ? and proposed_at = ?",
                    [f"h{number}", at])  # fmt: skip
        refs = {"int_backlog__proposals": "tonight", "int_backlog__texts": "texts", "backlog": "policy",
                "int_backlog__steps_before_tonight": "states", "int_backlog__faced_proposals": "faced",
                "int_backlog__rate_verdicts": "rates",
                "learning_backlog_proposals": "logged"}  # fmt: skip
        faced = model("int_backlog__faced_proposals", refs)
        con.execute("create or replace temp table faced as " + faced)
        found = con.execute(
            "select candidate_key, verdict from (" + model("learning_backlog_proposals", refs) + ")"
        ).fetchall()
        assert dict(found) == {p.key: p.verdict for p in run}, f"history {number}, run of {at}"
