"""Rows that the policy no longer keeps are gone, and the warehouse is that of a world in which they never were."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from house import LOADING, SIGNALS, UNTESTED, House, build
from learning_loop.night import retention, steps

FIRST = datetime(2026, 6, 21, 2, tzinfo=UTC)  # a Sunday: a week later the boundary has moved by one
POLICY = """feed,effective_from,retention_days,rationale
events,1970-01-01,,For ever
events,2026-01-01,125,For a while
ingest_runs,1970-01-01,,For ever
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "retention [it's].csv"
    file.write_text(POLICY)
    return file


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_rows_are_kept_by_whole_weeks_and_for_ever_where_no_days_are_named(policy):
    monday = at("2026-02-16")
    assert retention.kept_from(at("2026-06-21"), policy) == {"events": monday}
    assert retention.kept_from(at("2026-06-28"), policy) == {"events": monday + timedelta(days=7)}
    assert retention.kept_from(at("2025-12-31"), policy) == {}
    assert retention.kept_from(at("2026-06-21")) == {}, "what is shipped keeps everything"


def test_the_marts_are_computed_anew_only_when_the_boundary_moves(monkeypatch, policy):
    days = [at("2026-06-21"), at("2026-06-28"), at("2026-07-04")]
    real = retention.kept_from
    monkeypatch.setattr(retention, "kept_from", lambda as_of: real(as_of, policy))
    assert not retention.moves(None, days[0])
    assert [retention.moves(before, after) for before, after in pairwise(days)] == [True, False]


def event(number: int, day: datetime) -> dict:
    return {
        "event_id": f"e{number}-{day:%m%d}",
        "event_type": "learning.signal.logged",
        "timestamp": (day + timedelta(hours=number)).isoformat(),
        "data": {
            "signal_type": "workflow_violation", "user_ref": {"pseudonymized_user_id": f"user-{number % 5}"},
            "signature": {"issue_type": "x", "confidence_band": "high"},
        },
    }  # fmt: skip


@pytest.fixture(scope="module")
def aged(tmp_path_factory):
    """A house whose rows aged between two nights, some delivered again; and one that was never given them."""
    root = tmp_path_factory.mktemp("aged")
    policy = root / "retention.csv"
    policy.write_text(POLICY)
    weeks = [at("2026-02-16"), at("2026-02-23"), at("2026-06-15")]
    rows = [[event(number, week) for number in range(12)] for week in weeks]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        real = retention.query
        patch.setattr(retention, "query", lambda given=None: real(given or policy))
        house = House(root / "aged", select=SIGNALS)
        house.land("a.jsonl", [*rows[0], *rows[1]])
        house.land("b.jsonl", rows[2])
        house.night(FIRST)
        before = set(house.column("select distinct period_key from learning_issue_clusters"))
        house.land("c.jsonl", [*rows[0][:4], *rows[2][:2]])
        house.night(FIRST + timedelta(days=7))
        incremental = house.marts()
        house.night(FIRST + timedelta(days=8), full_refresh=True, is_tested=True)
        other = House(root / "other", select=SIGNALS)
        other.land("a.jsonl", [*rows[1], *rows[2]])
        other.night(FIRST + timedelta(days=8))
    return house, before, incremental, other


def test_what_is_too_old_leaves_the_stores_and_the_marts_and_does_not_come_back(aged):
    house, before, _, other = aged
    assert "2026-W08" in before
    assert house.column("select count(*) from staging.stg_events where event_at < '2026-02-23'") == [0]
    assert house.marts() == other.marts()
    assert "2026-W09" in house.column("select period_key from learning_issue_clusters")


def test_a_full_refresh_gives_what_the_nights_gave(aged):
    house, _, incremental, _ = aged
    found = house.marts()
    periods = {"learning_issue_clusters", "extraction_calibration_metrics"}
    assert {mart: found[mart] for mart in periods} == {mart: incremental[mart] for mart in periods}


def test_the_ledger_counts_rows_that_were_too_old_as_ignored(aged):
    house, *_ = aged
    counts = house.query(
        "select source_file, rows_in, kept, redelivered, ignored from landing_files order by source_file"
    )
    assert counts == [
        ("events/a.jsonl", 24, 12, 0, 12),
        ("events/b.jsonl", 12, 12, 0, 0),
        ("events/c.jsonl", 6, 0, 2, 4),
    ]


@pytest.mark.faults
def test_a_build_that_keeps_the_marts_is_refused_while_rows_are_stored_that_are_too_old(tmp_path, policy, monkeypatch):
    """Plain `dbt build`: only a night knows by itself that everything must be computed anew."""
    real = retention.query
    monkeypatch.setattr(retention, "query", lambda given=None: real(given or policy))
    house = House(tmp_path, select=LOADING)
    house.land("a.jsonl", [event(1, at("2026-02-16")), event(1, at("2026-06-15"))])
    house.night(FIRST)
    tonight = steps.Night(house.landing, house.warehouse, FIRST + timedelta(days=7))
    steps.prepare(tonight)
    refused = r"Rows of events are older than the policy `retention` keeps.* add --full-refresh"
    with pytest.raises(steps.NightFailed, match=refused):
        build(tonight, ["build", *house.select])
    build(tonight, ["build", "--full-refresh", *house.select, *UNTESTED])
    with duckdb.connect(str(tonight.private_file), read_only=True) as connection:
        stored = connection.execute("select event_id from staging.stg_events").fetchall()
    assert stored == [("e1-0615",)]
