"""What a candidate is called, and the words for how long it has been there and where it is going."""

from __future__ import annotations

import json

import duckdb
import pytest
from compiled import macro

HASH = "ls_0123456789abcdef0123"


@pytest.mark.parametrize(
    ("signature", "signal", "issues", "invariants", "name"),
    [
        ("Hardware: CPU", "hardware", ["hardware"], [], "Hardware: CPU"),
        ("save mismatch", "save_claim_mismatch_attempt", ["x"], [], "save mismatch (save claim mismatch attempt)"),
        (
            HASH,
            "workflow_violation",
            ["skipped_step", "late", "z"],
            ["INV-1"],
            "skipped_step, late (workflow violation)",
        ),
        (HASH, "workflow_violation", [], ["INV-1"], "INV-1 (workflow violation)"),
        (HASH, "workflow_violation", [], [], f"{HASH} (workflow violation)"),
        (HASH, "skipped_step", ["skipped step"], [], "skipped step"),
    ],
    ids=[
        "signature says the signal",
        "signature",
        "hash with issues",
        "hash with invariants",
        "bare hash",
        "underscores",
    ],
)
def test_a_cluster_is_called_by_its_signature_or_what_that_stands_for(
    signature: str, signal: str, issues: list[str], invariants: list[str], name: str
) -> None:
    query = (
        f"select {macro('cluster_name')} from (select $1 as cluster_signature, $2 as signal_type_top,"
        " $3::varchar[] as issue_types, $4::varchar[] as invariant_ids)"
    )
    assert duckdb.execute(query, [signature, signal, issues, invariants]).fetchall() == [(name,)]


@pytest.mark.parametrize(
    ("weeks", "words"), [(1, "in 2005-W36 for the first time"), (106, "in 106 weeks, the first 2003-W36")]
)
def test_a_first_week_is_none_in_which_something_recurs(weeks: int, words: str) -> None:
    query = (
        f"select {macro('recurrence')} from (select $1 as weeks_recurring, date '2003-09-01' as first_recurred_on,"
        " '2005-W36' as period_key)"
    )
    assert duckdb.execute(query, [weeks]).fetchall() == [(words,)]


@pytest.mark.parametrize(
    ("wrong", "before", "matured", "trend", "begins"),
    [
        ((15, 30), (20, 160), 0.1, "rising", "Wrong more often: 50 % of the claims wrong, 12 % in the weeks before"),
        ((1, 60), (80, 160), 1.0, "falling", "Wrong less often: 2 % of the claims wrong, 50 % in the weeks before"),
        ((1, 60), (80, 160), 0.9, "cannot_tell", "Cannot tell whether it gets worse or better: 2 % of the claims"),
        ((5, 30), (20, 160), 1.0, "cannot_tell", "Cannot tell whether it gets worse or better: 17 % of the claims"),
        ((5, 30), (None, None), 1.0, "cannot_tell", "Cannot tell whether it gets worse or better: there is nothing"),
    ],
    ids=["worse", "better", "better but young", "covers no change", "nothing before"],
)
def test_a_class_gets_better_only_once_its_claims_have_had_their_time(
    wrong: tuple[int, int], before: tuple[int | None, int | None], matured: float, trend: str, begins: str
) -> None:
    query = f"""
        with classes as (select $1 as incorrect_count, $2 as sample_count,
            to_json({{'matured_share': $5::double}}) as details),
        before as (select $3::bigint as incorrect_count, $4::bigint as sample_count)
        select trend, {macro("class_trend_in_words")} from (
            select {macro("class_trend")} as trend from classes cross join before
        )"""
    told, words = duckdb.execute(query, [*wrong, *before, matured]).fetchall()[0]
    assert json.loads(told)["trend"] == trend
    assert words.startswith(begins)
