"""The drift alarms over small tables: their statistic by the formulas, their restarts, and the promise they make."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date, datetime, timedelta
from math import exp, log
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import minimize_scalar

from house import manifest
from learning_loop.calibration import baseline

_FILE = Path(__file__).parents[3] / "benchmarks" / "alarms.py"
sys.path.insert(0, str(_FILE.parent))  # it reads its neighbour
_SPEC = importlib.util.spec_from_file_location("alarms", _FILE)
alarms = importlib.util.module_from_spec(_SPEC)
sys.modules["alarms"] = alarms
_SPEC.loader.exec_module(alarms)

MONDAY = alarms.STARTS.date()
DROPS = (0.5, 1.0, 1.5)


@pytest.fixture(scope="module")
def sql():
    return alarms.compiled(manifest())


def week(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


def after(weeks: int) -> datetime:
    """The instant at which so many weeks have matured."""
    return alarms.STARTS + timedelta(weeks=weeks + 1)


def warehouse_of(sql, weeks: list[list[tuple[int, float, int, int]]], sessions: int = 1):
    """A warehouse of one stream per list of (week, confidence, claims, right), each claim (or so many) a session."""
    made = alarms.Warehouse(sql)
    made.connection.execute(
        "create table intermediate.int_calibration__horizon_bins (period_starts_on date, claim_class varchar,"
        " parser_version varchar, bin_index integer, claim_count bigint, right_count bigint,"
        " confidence_sum decimal(38, 12));"
        "create table intermediate.int_calibration__session_moments (period_starts_on date, claim_class varchar,"
        " parser_version varchar, claim_count bigint, size_squares bigint, surprise_sum double,"
        " claim_surprise_squares double, session_surprise_squares double, size_times_surprise double)"
    )
    for number, of_stream in enumerate(weeks):
        for place, confidence, claims, right in of_stream:
            wrong, name = claims - right, f"class-{number}.x"
            made.connection.execute(
                "insert into intermediate.int_calibration__horizon_bins values ($1, $2, 'p', $3, $4, $5, $6)",
                [week(place), name, int(confidence * 10), claims, right, round(claims * confidence, 9)],
            )
            surprise, squares = right - claims * confidence, right * (1 - confidence) ** 2 + wrong * confidence**2
            made.connection.execute(
                "insert into intermediate.int_calibration__session_moments values"
                " ($1, $2, 'p', $3, $4, $5, $6, $7, $8)",
                [week(place), name, claims, claims * sessions, surprise, squares, squares, surprise],
            )
    return made


def compute(made, weeks: int) -> None:
    made.connection.execute("create or replace table staging.stg_events__claims as select now() as event_at limit 0")
    made.compute(after(weeks), "int_calibration__answers")


def statistics(made, channel: str) -> dict[int, float]:
    rows = made.connection.execute(
        "select (period_starts_on - $2::date) // 7, log_statistic from extraction_drift_weeks where channel = $1"
        " and log_statistic is not null",
        [channel, MONDAY],
    ).fetchall()
    return dict(rows)


def recursion(weeks, shift_of, slack_of) -> dict[int, float]:
    """log M by its recursion, for a stream of one bin per week; None as a shift: cannot be judged."""
    found, running = {}, dict.fromkeys(DROPS, 0.0)
    for place, confidence, claims, right in weeks:
        if (shift := shift_of(place)) is None:
            continue
        null = log(confidence / (1 - confidence)) + shift - slack_of(place)
        for drop in DROPS:
            q0, q1 = 1 / (1 + exp(-null)), 1 / (1 + exp(drop - null))
            evidence = right * log(q1 / q0) + (claims - right) * log((1 - q1) / (1 - q0))
            running[drop] = (1 + running[drop]) * exp(evidence)
        found[place] = log(sum(running.values()) / len(DROPS))
    return found


def test_the_statistic_is_the_recursion_of_shiryaev_and_roberts(sql):
    rng = np.random.default_rng(3)
    weeks = [(place, 0.9, 12, int(rng.binomial(12, 0.9 if place < 25 else 0.7))) for place in range(34) if place != 9]
    made = warehouse_of(sql, [weeks])
    compute(made, 34)
    assert statistics(made, "overconfident") == pytest.approx(recursion(weeks, lambda _: 0.0, lambda _: 0.1), abs=2e-6)

    fitted: dict[int, tuple[float, float] | None] = {}
    for place, *_ in weeks:
        known = [one for one in weeks if one[0] <= place - 5]
        claims, right = sum(one[2] for one in known), sum(one[3] for one in known)
        if claims < 60:
            fitted[place] = None
            continue
        logit = log(0.9 / 0.1)

        def loss(a, claims=claims, right=right, logit=logit):
            p = 1 / (1 + exp(-logit - a))
            return -(right * log(p) + (claims - right) * log(1 - p)) + a * a / 2 / 0.25

        a = minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 1e-10}).x
        p = 1 / (1 + exp(-logit - a))
        fitted[place] = a, (claims * p * (1 - p) + 4) ** -0.5
    expected = recursion(
        weeks,
        lambda place: fitted[place] and fitted[place][0],
        lambda place: max(0.1, 1.0 * fitted[place][1]),
    )
    found = statistics(made, "drift")
    assert min(found) == 10, "60 claims are 5 weeks of 12, and the lag is 5"
    assert found == pytest.approx(expected, abs=2e-5)


def test_no_calm_is_so_long_and_no_drop_so_deep_that_it_overflows(sql):
    calm = [(place, 0.9, 3000, 2950) for place in range(60)]
    lost = [(place, 0.9, 3000, 2700 if place < 10 else 0) for place in range(60)]
    made = warehouse_of(sql, [calm, lost])
    compute(made, 60)
    rows = made.connection.execute(
        "select claim_class, channel, evidence, began_on, log_statistic from extraction_drift_alarms order by 1, 2"
    ).fetchall()
    assert [row[:4] for row in rows] == [
        ("class-0.x", "drift", "within_chance", None),
        ("class-0.x", "overconfident", "within_chance", None),
        ("class-1.x", "drift", "alarm", week(10)),
        ("class-1.x", "overconfident", "alarm", week(10)),
    ]
    assert all(np.isfinite(row[4]) for row in rows)
    assert rows[0][4] < 0 < 10_000 < rows[3][4]


def test_an_alarm_stands_until_its_candidate_is_answered_and_is_then_watched_anew(sql):
    weeks = [(place, 0.9, 30, 27 if place < 12 else 15) for place in range(24)]
    made = warehouse_of(sql, [weeks])
    columns = "evidence, cannot_tell_because, began_on, answered_in_week_of, candidate_key"
    state = f"select {columns} from extraction_drift_alarms where channel = $1"

    def of(channel):
        return made.connection.execute(state, [channel]).fetchone()

    compute(made, 16)
    evidence, _, began_on, _, key = of("drift")
    assert (evidence, began_on) == ("alarm", week(12))
    assert key.startswith("calibration:class-0.x:p:drift_alert:")
    assert of("overconfident")[4].startswith("calibration:class-0.x:p:underperforming:")

    def decide(decision, at, displaced=False):
        made.connection.execute(
            "insert into staging.stg_backlog_decisions values ($1, $2, 'ann', $3, $4)", [key, decision, at, displaced]
        )

    decided_at = alarms.STARTS + timedelta(weeks=16, days=3)
    decide("approve", decided_at)
    decide("dismiss", decided_at, displaced=True)
    decide("dismiss", after(24) + timedelta(days=1))
    compute(made, 16)
    assert of("drift")[0] == "alarm", "neither an approval nor what is not there (yet, or any more) answers it"
    decide("promote", decided_at)
    compute(made, 16)
    assert of("drift")[:4] == ("cannot_tell", "answered", None, week(16))
    compute(made, 23)
    assert of("drift")[:2] == ("cannot_tell", "insufficient_history"), "its new baseline is the level since then"
    assert of("overconfident")[0::2][:2] == ("alarm", week(17)), "what is still wrong rises again from the week after"
    segments = "select distinct verdict from extraction_drift_weeks where channel = 'drift' and period_starts_on = $1"
    assert made.connection.execute(segments, [week(15)]).fetchone() == ("alarm",), "what stood then stays shown"


def test_a_stopped_feed_makes_no_calm(sql):
    weeks = [(place, 0.9, 30, 27) for place in range(20)]
    worse = [(place, 0.9, 30, 27 if place < 15 else 12) for place in range(20)]
    made = warehouse_of(sql, [weeks, worse])
    made.connection.execute("update feed_freshness set verdict = 'stale'")
    compute(made, 20)
    rows = made.connection.execute(
        "select claim_class, evidence, cannot_tell_because from extraction_drift_alarms"
        " where channel = 'drift' order by 1"
    ).fetchall()
    assert rows == [("class-0.x", "cannot_tell", "stale_feed"), ("class-1.x", "alarm", None)]


def test_a_claim_is_judged_by_what_was_known_a_horizon_after_it(sql):
    made = alarms.Warehouse(sql)
    at = alarms.STARTS
    late, week_later = at + timedelta(days=7), at + timedelta(days=7, microseconds=1)
    claims = ["wrong", "late", "withdrawn", "withdrawn later", "no target", "right", "before"]
    made.connection.execute(
        "insert into staging.stg_events__claims"
        " select 'c ' || unnest($1), $2, 'a.x', 'x', 'p', .9, unnest($1), unnest($1)",
        [claims, at],
    )
    made.connection.execute(
        "update staging.stg_events__claims set target_event_id = null where event_id = 'c no target'"
    )
    corrections = [("wrong", late), ("wrong", week_later), ("late", week_later), ("before", at - timedelta(seconds=1))]
    for target, instant in corrections:
        made.connection.execute(
            "insert into staging.stg_events__corrections values ('k', $2, $1, ['x'])", [target, instant]
        )
    for event_id, instant in [("c withdrawn", late), ("c withdrawn later", week_later), ("c no target", week_later)]:
        made.connection.execute("insert into staging.stg_events__retractions values ('r', $2, $1)", [event_id, instant])
    counts = "select claim_count, right_count from extraction_drift_weeks where channel = 'overconfident'"
    made.compute(at + timedelta(days=14))
    assert made.connection.execute(counts).fetchall() == [(5, 4)]
    made.compute(at + timedelta(days=14, microseconds=-1))
    assert made.connection.execute(counts).fetchall() == [], "the week enters once, when all of it has matured"


def test_sessions_that_fail_together_count_for_less(sql):
    for kind, least, most in (
        (alarms.Kind(), 1, 1),
        (alarms.Kind(sessions=1.0), 5, 7),  # of ten that are not equally sure
        (alarms.Kind(sessions=0.3), 2, 3.5),
    ):
        made = alarms.Warehouse(sql)
        alarms.simulate(made, kind, 6, 50, 30, seed=1)
        made.compute(after(30))
        effects = made.connection.execute(
            "select avg(design_effect) from extraction_drift_weeks where period_starts_on >= $1", [week(25)]
        ).fetchone()
        assert least <= effects[0] <= most, kind


def test_a_night_of_pure_noise_over_340_streams_gives_two_alarms_at_most(sql):
    made = alarms.Warehouse(sql, budget=2)
    alarms.simulate(made, alarms.Kind(), 340, 12, 27, seed=7)
    made.compute(after(27))
    streams, bar, standing = made.connection.execute(
        "select count(distinct claim_class), max(log_bar), count(*) filter (where evidence = 'alarm')"
        " from extraction_drift_alarms"
    ).fetchone()
    assert streams == 340
    assert bar == pytest.approx(log(26 * 340 / 2), abs=0.02)
    assert standing <= 2


@pytest.mark.parametrize("claims_a_week", [20])
def test_a_drop_of_twenty_points_is_found_in_time_and_calm_is_not(sql, claims_a_week):
    found = alarms.measured(sql, alarms.Kind(drop=0.2), 60, claims_a_week, seed=5)
    assert found["drift found"] >= 0.95
    assert found["drift false before"] <= 0.05


def test_the_fit_does_not_overshoot_and_takes_no_rows():
    rows = {
        "claim_class": ["a", "a", "b"], "parser_version": ["p"] * 3, "watched_from": [MONDAY] * 3,
        "period_starts_on": [MONDAY] * 3, "prior_sd": [0.5] * 3, "claim_weight": [1.0] * 3,
        "claim_count": [1000.0, 10.0, 20.0], "right_count": [0.0, 0.0, 20.0], "confidence": [0.999, 0.5, 0.5],
    }  # fmt: skip
    fitted = baseline.fit(pa.table(rows)).to_pylist()
    assert [row["claim_count"] for row in fitted] == [1010, 20]
    assert -11 < fitted[0]["shift"] < -6 and 0.5 < fitted[1]["shift"] < 1.5
    assert all(0 < row["shift_sd"] <= 0.5 for row in fitted)
    assert baseline.fit(pa.table(rows).slice(0, 0)).num_rows == 0
