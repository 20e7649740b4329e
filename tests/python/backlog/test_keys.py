"""Candidate keys against keys worked out by hand: printf '%s' 'prefix:source_ref' | sha1sum | cut -c1-16."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest
from compiled import macro, model

from learning_loop.night import context

AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
BY_HAND = {
    "plain": ("issue_cluster", "ls_0123456789abcdef0123", "cluster:ls_0123456789abcdef0123:0f006126eabed7e6"),
    "colons": ("issue_cluster", "tie:a|b", "cluster:tie:a|b:a4a901a9cae393b5"),
    "spaces": ("issue_cluster", "save mismatch", "cluster:save mismatch:c7311eacbd1c02ab"),
    "non-ASCII": ("issue_cluster", "Störung: Zähler", "cluster:Störung: Zähler:6dbead8aa433cb51"),
    "class": (
        "extraction_calibration",
        "set.weight:p-3.0:underperforming",
        "calibration:set.weight:p-3.0:underperforming:9d689ad45a803bad",
    ),
    "class with colons": (
        "extraction_calibration",
        "größe:v:1:drift_alert",
        "calibration:größe:v:1:drift_alert:81bfb11da62e5f6a",
    ),
}
REFS = {
    "int_backlog__proposals_issue_cluster": "from_source",
    "backlog_sources": "sources",
    "int_backlog__proposals_extraction_calibration": "nothing",
    "backlog_priority": "weights",
}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        context.lay_down(connection, {"as_of": str(AS_OF)}, "timestamptz")
        connection.execute(
            """
            create table sources as select * from (values
                ('issue_cluster', timestamptz '1970-01-01', 'cluster', true, ''),
                ('extraction_calibration', timestamptz '1970-01-01', 'calibration', true, '')
            ) as t (source_type, effective_from, key_prefix, is_active, rationale);
            create table weights as select timestamptz '1970-01-01' as effective_from, 0.60 as p1_min, 0.35 as p2_min,
                '' as rationale;
            """
        )
        yield connection


def proposals(con: duckdb.DuckDBPyConnection, rows: list[tuple]) -> dict[str, tuple]:
    """Return key to (label, early verdict, place) of proposals given as (source, ref, priority, measured, row)."""
    con.execute("create or replace temp table proposed (source_type varchar, source_ref varchar, priority_score double,"
                " measured double, source_row_ref varchar, event_count bigint, unique_users bigint,"
                " weeks_recurring bigint, period_starts_on date)")  # fmt: skip
    con.executemany(
        "insert into proposed values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*row[:5], *(row[5:] or (3, 2, 1, "2026-02-09"))) for row in rows],
    )
    con.execute(
        """
        create or replace temp table from_source as select *, source_ref as subject_ref,
            '2026-W07' as source_period_key, null::date as first_recurred_on, null::json as trend,
            'x' as text_variant, map {'a': 'b'} as facts,
            null::json as impacted_metrics, null as update_targets, null::json as evidence,
            [{'guardrail': 'bar', 'measured': measured, 'bar': 3.0, 'is_passed': measured >= 3}]
            as guardrails from proposed
        """
    )
    con.execute("create or replace temp table nothing as select * from from_source limit 0")
    found = con.execute(
        "select candidate_key, priority, early_verdict, proposal_number from ("
        + model("int_backlog__proposals", REFS) + ")"
    ).fetchall()  # fmt: skip
    return {(row[0], row[3]): row[1:] for row in found}


@pytest.mark.parametrize(("source", "ref", "key"), BY_HAND.values(), ids=BY_HAND)
def test_a_key_is_the_one_worked_out_by_hand(con: duckdb.DuckDBPyConnection, source: str, ref: str, key: str) -> None:
    assert [found for found, _ in proposals(con, [(source, ref, 0.5, 3, ref)])] == [key]


@pytest.mark.parametrize(
    ("score", "label"),
    [(0.6, "P1"), (0.599999, "P2"), (0.35, "P2"), (0.349999, "P3"), (0.1 + 0.2 + 0.3, "P1"), (0.6 - 1e-12, "P1")],
)
def test_labels_hold_on_the_bar_and_on_both_sides(con: duckdb.DuckDBPyConnection, score: float, label: str) -> None:
    assert [row[0] for row in proposals(con, [("issue_cluster", "a", score, 3, "a")]).values()] == [label]


def test_noise_is_set_aside_before_duplicates_and_the_strongest_of_a_key_stays(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        ("issue_cluster", "a", 0.9, 2.999, "1 noise, though the strongest"),
        ("issue_cluster", "a", 0.8, 3, "2 stays"),
        ("issue_cluster", "a", 0.8, 3, "3 ties and is second by its row"),
        ("issue_cluster", "a", 0.7, 3, "4 weaker"),
    ]
    verdicts = [row[1] for row in sorted(proposals(con, rows).values(), key=lambda row: row[2])]
    assert verdicts == ["filtered_noise", None, "duplicate_in_run", "duplicate_in_run"]


def test_of_a_keys_weeks_the_most_pressing_is_proposed_and_of_equal_ones_the_later(
    con: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        ("issue_cluster", "a", 0.7, 3, "a", 9, 9, 9, "2026-02-09"),
        ("issue_cluster", "a", 0.8, 3, "a", 3, 2, 1, "2026-01-26"),
        ("issue_cluster", "a", 0.8, 3, "a", 3, 2, 1, "2026-02-02"),
        ("issue_cluster", "a", 0.9, 2, "a", 3, 2, 1, "2026-01-19"),
    ]
    proposals(con, rows)
    found = con.execute(
        "select period_starts_on::varchar, early_verdict, last_period_starts_on::varchar from ("
        + model("int_backlog__proposals", REFS) + ") order by proposal_number"
    ).fetchall()  # fmt: skip
    assert found == [
        ("2026-01-19", "filtered_noise", "2026-01-19"),
        ("2026-02-02", None, "2026-02-09"),
        ("2026-01-26", "duplicate_in_run", "2026-02-09"),
        ("2026-02-09", "duplicate_in_run", "2026-02-09"),
    ]


def test_ties_in_priority_go_by_events_then_people_then_weeks_then_key(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        ("issue_cluster", "a", 0.5, 3, "", 3, 3, 3, "2026-02-09"),
        ("issue_cluster", "b", 0.5, 3, "", 3, 3, 3, "2026-02-09"),
        ("issue_cluster", "c", 0.5, 3, "", 3, 3, 4, "2026-02-09"),
        ("issue_cluster", "d", 0.5, 3, "", 3, 4, 2, "2026-02-09"),
        ("issue_cluster", "e", 0.5, 3, "", 4, 2, 1, "2026-02-09"),
        ("extraction_calibration", "f", 0.5, 3, "", 4, None, 9, "2026-02-09"),
        ("issue_cluster", "g", 0.500001, 3, "", 1, 1, 1, "2026-02-09"),
    ]
    placed = sorted((row[2], key.split(":")[1]) for (key, _), row in proposals(con, rows).items())
    assert [name for _, name in placed] == ["g", "e", "f", "d", "c", "a", "b"]
    # The slots of a source and of a run are given in the same order.
    order = macro("more_pressing_first")
    names = con.execute(
        f"select source_ref from (select *, source_ref as candidate_key from proposed) order by {order}"
    )
    assert [name for (name,) in names.fetchall()] == ["g", "e", "f", "d", "c", "a", "b"]


def test_an_unknown_source_proposes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    assert proposals(con, [("somewhere_else", "a", 0.9, 3, "a")]) == {}


@pytest.mark.parametrize(
    ("measured", "is_passed"),
    [("0.18", True), ("0.1799999999", True), ("0.179999999", False), ("0.180001", True), ("0", False), ("null", False)],
)
def test_a_guardrail_holds_on_the_bar_and_on_both_sides(
    con: duckdb.DuckDBPyConnection, measured: str, is_passed: bool
) -> None:
    rail = macro("guardrail")
    query = f"select ({rail}).is_passed from (select 0.18 as cluster_min_score, {measured}::double as measured)"
    assert con.execute(query).fetchall() == [(is_passed,)]


@pytest.mark.parametrize(
    ("gain", "label", "snooze", "week", "because"),
    [
        (0.10, "P2", None, "2026-02-09", "priority_gain"),
        (0.099999, "P2", None, "2026-02-09", None),
        (0.02, "P1", None, "2026-02-09", "better_label"),
        (0.019999, "P1", None, "2026-02-09", None),
        (0.02, "P3", None, "2026-02-09", None),
        (0.5, "P1", None, "2026-02-02", None),
        (0.5, "P1", "2026-02-16T02:00:01Z", "2026-02-09", None),
        (-0.3, "P3", "2026-02-16T02:00:00Z", "2026-02-09", "snooze_passed"),
        (0.5, "P1", "2026-02-16T02:00:00Z", "2026-02-02", None),
    ],
    ids=["gain on the bar", "gain under it", "better label on its bar", "better label under it", "worse label",
         "week of the dismissal", "snooze runs", "snooze passes at the instant", "snooze passed in the same week"],
)  # fmt: skip
def test_a_dismissed_class_comes_back_on_the_bars_and_not_under_them(
    con: duckdb.DuckDBPyConnection, gain: float, label: str, snooze: str | None, week: str, because: str | None
) -> None:
    assert reopened(con, "extraction_calibration", gain, label, snooze, week, None) == because


@pytest.mark.parametrize(
    ("is_risen", "snooze", "week", "because"),
    [
        (True, None, "2026-02-09", "rate_risen"),
        (False, None, "2026-02-09", None),
        (None, None, "2026-02-09", None),
        (True, None, "2026-02-02", None),
        (True, "2026-02-16T02:00:01Z", "2026-02-09", None),
        (False, "2026-02-16T02:00:00Z", "2026-02-09", "snooze_passed"),
    ],
    ids=["risen", "not risen", "nothing to watch", "week of the dismissal", "snooze runs", "snooze passes"],
)
def test_a_dismissed_signature_comes_back_when_its_rate_rose_whatever_its_priority(
    con: duckdb.DuckDBPyConnection, is_risen: bool | None, snooze: str | None, week: str, because: str | None
) -> None:
    assert reopened(con, "issue_cluster", 0.5, "P1", snooze, week, is_risen) == because


@pytest.mark.parametrize(("verdict", "because"), [(None, "alarm"), ("filtered_noise", None)], ids=["alarm", "none"])
def test_a_dismissed_class_comes_back_with_its_alarm_where_the_policy_asks_for_one(
    con: duckdb.DuckDBPyConnection, verdict: str | None, because: str | None
) -> None:
    given = ("extraction_calibration", 0.5, "P1", None, "2026-02-09", None, verdict, "within_chance")
    assert reopened(con, *given) == because


def reopened(
    con: duckdb.DuckDBPyConnection, source: str, gain: float, label: str, snooze: str | None, week: str,
    is_risen: bool | None, early_verdict: str | None = None, guardrail: str = "min_samples",
) -> str | None:  # fmt: skip
    """Return why a key, dismissed as P2 at .4 on a Wednesday, is reopened."""
    query = f"""
        select {macro("reopened_because")} from (
            select 'dismissed' as status, timestamptz '2026-02-04T12:00:00Z' as dismissed_at,
                'P2' as dismissed_priority, 0.4 as dismissed_priority_score, $1::timestamptz as snoozed_until,
                $2::date as last_period_starts_on, timestamptz '2026-02-16T02:00:00Z' as proposed_at, $4 as priority,
                0.4 + $3::double as priority_score, 0.10 as reopen_min_priority_gain, 0.02 as reopen_min_label_gain,
                $5 as source_type, $6::boolean as is_risen, $7::varchar as early_verdict,
                [{{'guardrail': $8::varchar}}] as guardrails
        ) as faced"""
    given = [snooze, week, gain, label, source, is_risen, early_verdict, guardrail]
    return con.execute(query, given).fetchall()[0][0]


def short_keys(con: duckdb.DuckDBPyConnection, rows: list[tuple[str, str, str]]) -> dict[str, str]:
    """Return the short key of each key that was proposed: (source, key, day of the proposal)."""
    con.execute("create or replace temp table proposed"
                " (source_type varchar, candidate_key varchar, proposed_at timestamptz)")  # fmt: skip
    con.executemany("insert into proposed values (?, ?, ?)", rows)
    return dict(con.execute(macro("short_keys")).fetchall())


def test_a_short_key_is_the_letter_of_its_source_and_eight_digits_of_the_keys_hash(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = short_keys(con, [(source, key, "2026-02-09") for source, _, key in BY_HAND.values()])
    assert found[BY_HAND["plain"][2]] == "c-0f006126"
    assert found[BY_HAND["class"][2]] == "k-9d689ad4"


@pytest.mark.parametrize(
    ("later", "short"),
    [
        ("0123456700000000", "c-012345670"),
        ("0123456780000000", "c-0123456780"),
        ("01234567890123aa", "c-01234567890123a"),
        ("0123456800000000", "c-01234568"),
    ],
)
def test_of_two_keys_that_begin_alike_the_later_seen_takes_more_digits_and_the_earlier_keeps_its_name(
    con: duckdb.DuckDBPyConnection, later: str, short: str
) -> None:
    first, second = "cluster:z:0123456789012345", f"cluster:a:{later}"
    rows = [("issue_cluster", second, "2026-02-10"), ("issue_cluster", first, "2026-02-09"),
            ("issue_cluster", second, "2026-02-08T23:00:00Z")]  # fmt: skip
    assert short_keys(con, rows[:2]) == {first: "c-01234567", second: short}
    assert short_keys(con, rows)[second] == f"c-{later[:8]}", "seen first, it has the name"
    of_a_class = [("extraction_calibration", second, "2026-02-10"), rows[1]]
    assert short_keys(con, of_a_class)[second] == f"k-{later[:8]}", "the letters tell them apart"


def test_many_keys_that_begin_alike_are_all_told_apart(con: duckdb.DuckDBPyConnection) -> None:
    keys = [f"cluster:x:01234567{number % 16:x}{number // 16:07x}" for number in range(64)]
    found = short_keys(con, [("issue_cluster", key, f"2026-02-{1 + turn % 7:02}") for turn, key in enumerate(keys)])
    assert len(set(found.values())) == 64
    assert all(key.endswith(found[key][2:] + key[len(key) - 16 + len(found[key]) - 2 :]) for key in keys)


@pytest.mark.parametrize(
    ("named", "meant"), [("c-0f006126", "cluster:a"), ("C-0F006126", "cluster:a"), ("c-0f00612", "c-0f00612")]
)
def test_a_decision_that_names_a_short_key_is_on_its_key_and_a_cut_one_is_on_none(
    con: duckdb.DuckDBPyConnection, named: str, meant: str
) -> None:
    con.execute(
        """
        create or replace temp table stored as select 'd' as decision_id, $1 as candidate_key, 'approve' as decision,
            'ann' as actor, timestamptz '2026-02-10' as decided_at, null as reason, null as issue_ref,
            null::timestamptz as snooze_until, null as recorded_by, false as is_displaced
        """,
        [named],
    )
    con.execute("create or replace temp table known as select 'cluster:a' as candidate_key, 'c-0f006126' as short_key")
    con.execute(
        "create or replace temp table reports as select null::varchar as candidate_key, null::varchar as step_id,"
        " null::timestamptz as reported_at, null::boolean as is_completed, '' as content_hash where false"
    )
    con.execute("create or replace temp table anyone as select 'approver' as role, null::varchar as actor,"
                " timestamptz '-infinity' as valid_from, timestamptz 'infinity' as valid_to")  # fmt: skip
    given = {"stg_backlog_decisions": "stored", "int_backlog__short_keys_before_tonight": "known",
             "int_backlog__step_reports": "reports", "int_policy__approvals": "anyone"}  # fmt: skip
    found = con.execute("select candidate_key from (" + model("int_backlog__decisions", given) + ")").fetchall()
    assert found == [(meant,)]
