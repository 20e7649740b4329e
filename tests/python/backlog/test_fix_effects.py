"""What became of promoted signatures, on worlds of weekly counts with a known truth, by the SQL that ships."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest
from compiled import model

from learning_loop.night import context
from learning_loop.project import project_dir

MONDAY = date(2024, 1, 1)
CHAIN = (
    "int_backlog__weekly_signals",
    "int_backlog__watch_windows",
    "int_backlog__left_out_traffic", "int_backlog__exposures", "int_backlog__usual_cases", "int_backlog__usual_rates",
    "int_backlog__rate_priors", "int_backlog__class_weeks", "int_backlog__class_priors",
    "int_backlog__watched_weeks",
    "int_backlog__rate_baselines", "int_backlog__rate_evidence", "int_backlog__rate_verdicts",
    "int_backlog__lowered_rates",
    "int_backlog__rate_returns", "int_backlog__weeks_since", "fix_effects",
)  # fmt: skip
OTHERS = {f"other {number}": [3 + number % 4] * 40 for number in range(12)}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        policy = project_dir() / "seeds" / "policy" / "fix_effects_policy.csv"
        connection.execute(
            f"create table policy as select * replace (effective_from::timestamptz as effective_from,"
            f" lowered_ratios::double[] as lowered_ratios, worse_ratios::double[] as worse_ratios)"
            f" from read_csv('{policy}')"
        )
        yield connection


def effects(
    con: duckdb.DuckDBPyConnection, counts: dict[str, list[int]], promoted: dict[str, int], status: str = "promoted",
    events_per_case: int = 1,
) -> dict[str, dict]:  # fmt: skip
    """Return signature to row of fix_effects, of cases by week and the weeks of the promotions.

    A dismissal is watched as a promotion is, and its verdict returned in its place.
    """
    weeks = max(len(of_weeks) for of_weeks in counts.values())
    context.lay_down(con, {"as_of": str(MONDAY + timedelta(weeks=weeks))}, "timestamptz")
    buckets = [
        ("week", MONDAY + timedelta(weeks=week), name, cases * events_per_case, cases)
        for name, of_weeks in counts.items() for week, cases in enumerate(of_weeks) if cases
    ]  # fmt: skip
    names = ["period_granularity", "period_starts_on", "cluster_signature", "total_signals", "unique_users"]
    con.register("given", pa.table({name: [row[turn] for row in buckets] for turn, name in enumerate(names)}))
    con.execute("create or replace temp table buckets as from given")
    con.execute(
        "create or replace temp table watches (candidate_key varchar, status varchar, settled_at timestamptz,"
        " left_at timestamptz, cluster_signature varchar, claim_class varchar, settled_in date);"
        "create or replace temp table decisions (candidate_key varchar, decided_at timestamptz, decision varchar,"
        " issue_ref varchar, actor varchar)"
    )
    _claims(con, {})
    for name, week in promoted.items():
        monday = MONDAY + timedelta(weeks=week)
        at = f"{monday + timedelta(days=3)} 09:00:00+00"
        con.execute(
            "insert into watches values (?, ?, ?, null, ?, null, ?)", [f"cluster:{name}", status, at, name, monday]
        )
        con.execute("insert into decisions values (?, ?, 'promote', 'T-1', 'ann')", [f"cluster:{name}", at])
    return _found(con, "fix_effects" if status == "promoted" else "int_backlog__rate_verdicts")


def class_effects(
    con: duckdb.DuckDBPyConnection, wrong: dict[str, list[int]], promoted_in: int, began_in: int | None
) -> dict[str, dict]:
    """Return class to row of fix_effects, of the wrong ones among 100 claims a week that say .9, and its promotion."""
    effects(con, OTHERS, {})
    _claims(con, wrong, began_in)
    monday = MONDAY + timedelta(weeks=promoted_in)
    at = f"{monday + timedelta(days=3)} 09:00:00+00"
    for name in wrong:
        con.execute(
            "insert into watches values (?, 'promoted', ?, null, null, ?, ?)", [f"class:{name}", at, name, monday]
        )
        con.execute("insert into decisions values (?, ?, 'promote', 'T-2', 'ann')", [f"class:{name}", at])
    return _found(con, "fix_effects")


def _claims(con: duckdb.DuckDBPyConnection, wrong: dict[str, list[int]], began_in: int | None = None) -> None:
    con.execute(
        "create or replace temp table bins (period_starts_on date, claim_class varchar, parser_version varchar,"
        " claim_count bigint, right_count bigint, confidence_sum decimal(18, 9));"
        "create or replace temp table drift (period_starts_on date, claim_class varchar, parser_version varchar,"
        " verdict varchar, began_on date, design_effect double)"
    )
    for name, of_weeks in wrong.items():
        for week, count in enumerate(of_weeks):
            monday, version = MONDAY + timedelta(weeks=week), f"p{week // 20}"
            con.execute("insert into bins values (?, ?, ?, 100, ?, 90)", [monday, name, version, 100 - count])
            is_alarm = began_in is not None and week > began_in
            began_on = MONDAY + timedelta(weeks=began_in) if is_alarm else None
            con.execute(
                "insert into drift values (?, ?, ?, ?, ?, 1)",
                [monday, name, version, "alarm" if is_alarm else "within_chance", began_on],
            )


def _found(con: duckdb.DuckDBPyConnection, of: str) -> dict[str, dict]:
    tables = {"int_issue_clusters__buckets": "buckets", "int_backlog__watches": "watches",
              "int_backlog__decisions": "decisions", "fix_effects_policy": "policy",
              "int_calibration__horizon_bins": "bins", "extraction_drift_weeks": "drift"}  # fmt: skip
    for name in CHAIN:
        con.execute(f"create or replace temp table {name} as {model(name, tables)}")
    cursor = con.execute(f"from {of} order by candidate_key")
    columns = [column[0] for column in cursor.description]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return {row["candidate_key"].partition(":")[2]: row for row in rows}


def promoted_after(before: list[int], since: list[int], **more: list[int]) -> dict[str, list[int]]:
    padded = [0] * (40 - len(before) - len(since)) + before + since
    return OTHERS | {"fixed": padded} | more


def test_a_rate_that_fell_is_lowered_and_its_events_avoided_are_counted(con: duckdb.DuckDBPyConnection) -> None:
    counts = promoted_after([12] * 20, [3] * 10)
    row = effects(con, counts, {"fixed": 29}, events_per_case=2)["fixed"]
    assert row["effect"] == "lowered" and row["is_regressed"] is False
    assert row["rate_ratio_lower"] < 0.25 < row["rate_ratio_upper"] < 0.6
    assert 150 < row["events_avoided"] < 200  # (12 - 3) cases of 2 events in 10 weeks
    assert row["in_words"].startswith("Promoted in 2024-W30 as T-1: rate down to 0.2")


def test_a_rate_that_stayed_cannot_be_told_though_it_was_seen_in_every_week(con: duckdb.DuckDBPyConnection) -> None:
    row = effects(con, promoted_after([12] * 20, [12] * 10), {"fixed": 29})["fixed"]
    assert (row["effect"], row["is_regressed"], row["weeks_seen_again"]) == ("undecided", False, 10)
    assert row["in_words"].startswith("Promoted in 2024-W30 as T-1: cannot tell yet after 10 weeks: 1.0")


def test_a_rate_that_rose_is_worse_and_regressed(con: duckdb.DuckDBPyConnection) -> None:
    row = effects(con, promoted_after([8] * 20, [20] * 8), {"fixed": 31})["fixed"]
    assert (row["effect"], row["is_regressed"], row["events_avoided"]) == ("worse", True, None)
    assert row["rate_ratio_lower"] > 1 and "rate up to 2." in row["in_words"]


def test_one_that_was_promoted_at_its_peak_and_went_back_to_its_usual_weeks_was_not_lowered(
    con: duckdb.DuckDBPyConnection,
) -> None:
    usual = [2, 4, 3, 5, 2, 3, 4, 3, 2, 4, 3, 5, 3, 2, 4, 3, 2, 3, 4]
    row = effects(con, promoted_after([*usual, 11], usual[:12]), {"fixed": 27})["fixed"]
    assert row["effect"] == "undecided"


def test_half_the_traffic_is_no_fix(con: duckdb.DuckDBPyConnection) -> None:
    fewer = {name: [*cases[:30], *(max(1, case // 3) for case in cases[30:])] for name, cases in OTHERS.items()}
    row = effects(con, promoted_after([12] * 20, [4] * 10) | fewer, {"fixed": 29})["fixed"]
    assert row["effect"] == "undecided"


def test_an_outage_of_another_signature_is_no_traffic(con: duckdb.DuckDBPyConnection) -> None:
    outage = {"outage": [0] * 31 + [5_000] * 9}
    row = effects(con, promoted_after([12] * 20, [12] * 10, **outage), {"fixed": 29})["fixed"]
    assert row["effect"] == "undecided" and 0.8 < row["rate_ratio"] < 1.2


def test_a_fix_of_one_leaves_what_is_expected_of_another(con: duckdb.DuckDBPyConnection) -> None:
    both = promoted_after([12] * 20, [12] * 10, second=[40] * 31 + [0] * 9)
    found = effects(con, both, {"fixed": 29, "second": 30})
    assert found["fixed"]["effect"] == "undecided" and 0.8 < found["fixed"]["rate_ratio"] < 1.2
    assert found["second"]["effect"] == "lowered"


def test_a_lowered_rate_that_comes_back_is_regressed(con: duckdb.DuckDBPyConnection) -> None:
    row = effects(con, promoted_after([12] * 15, [2] * 8 + [12] * 8), {"fixed": 23})["fixed"]
    assert (row["effect"], row["is_regressed"]) == ("lowered", True)
    assert "2024-W33" <= row["returned_in"] <= "2024-W36" and "; back since " in row["in_words"]


def test_weeks_without_anything_are_skipped(con: duckdb.DuckDBPyConnection) -> None:
    silent = {name: [*cases[:32], *[0] * 8] for name, cases in OTHERS.items()}
    row = effects(con, promoted_after([12] * 20, [12] * 2 + [0] * 8) | silent, {"fixed": 29})["fixed"]
    assert (row["effect"], row["weeks_watched"]) == ("undecided", 2)


def test_a_signature_without_others_to_compare_with_is_undecided(con: duckdb.DuckDBPyConnection) -> None:
    row = effects(con, {"fixed": [12] * 30 + [1] * 10}, {"fixed": 29})["fixed"]
    assert (row["effect"], row["weeks_watched"]) == ("undecided", 0)
    assert row["in_words"] == "Promoted in 2024-W30 as T-1: nothing to compare with since"


def test_one_that_is_new_is_held_to_the_weeks_since_it_came(con: duckdb.DuckDBPyConnection) -> None:
    row = effects(con, promoted_after([10] * 5, [10] * 10), {"fixed": 29})["fixed"]
    assert row["effect"] == "undecided"


def test_a_dismissed_signature_has_risen_only_when_it_has(con: duckdb.DuckDBPyConnection) -> None:
    for since, is_risen in (([10] * 10, False), ([30] * 10, True), ([0] * 10, False)):
        found = effects(con, promoted_after([10] * 20, since), {"fixed": 29}, status="dismissed")
        assert found["fixed"]["is_risen"] is is_risen


def test_a_person_who_meets_it_fifty_times_is_one_case(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        effects(con, promoted_after([12] * 20, [12] * 10), {"fixed": 29}, events_per_case=n)["fixed"] for n in (1, 50)
    ]
    assert rows[0]["rate_ratio"] == rows[1]["rate_ratio"]


def test_the_order_of_rows_changes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    counts = promoted_after([12, 3, 7, 9] * 5, [3, 1, 4] * 3, second=[5, 2] * 20)
    orders = [dict(reversed(counts.items())), dict(itertools.islice(counts.items(), 5)) | counts]
    found = [effects(con, one, {"fixed": 30, "second": 20}) for one in (counts, *orders)]
    assert found[0] == found[1] == found[2]


def test_of_a_promoted_class_the_share_that_is_wrong_is_watched_over_all_parser_versions(
    con: duckdb.DuckDBPyConnection,
) -> None:
    calm, bad = [10, 11, 9, 10] * 5, [30, 31, 29, 30, 30, 31]
    told = class_effects(
        con,
        {"mended": calm + bad + calm[:8], "as bad": calm + bad + bad, "worse": calm + bad + [70] * 6},
        promoted_in=25,
        began_in=20,
    )
    mended = told["mended"]
    assert (mended["effect"], mended["source_type"], mended["claim_class"]) == (
        "lowered",
        "extraction_calibration",
        "mended",
    )
    assert 0.25 < mended["rate_ratio"] < 0.42 and 140 < mended["events_avoided"] < 170
    assert " wrong claims avoided so far" in mended["in_words"]
    assert (told["as bad"]["effect"], told["as bad"]["is_regressed"]) == ("undecided", False)
    assert (told["worse"]["effect"], told["worse"]["is_regressed"]) == ("worse", True)


def test_a_class_that_was_mended_and_drifts_again_has_come_back(con: duckdb.DuckDBPyConnection) -> None:
    told = class_effects(con, {"back": [10] * 20 + [30] * 6 + [10] * 8 + [30] * 6}, promoted_in=25, began_in=20)["back"]
    assert (told["effect"], told["is_regressed"]) == ("lowered", True) and told["returned_in"] is not None


def test_without_an_alarm_all_weeks_before_say_what_is_usual(con: duckdb.DuckDBPyConnection) -> None:
    told = class_effects(con, {"always": [30] * 20 + [9] * 6}, promoted_in=19, began_in=None)["always"]
    assert told["effect"] == "lowered"
