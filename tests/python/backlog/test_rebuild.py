"""What the backlog holds follows from its logs, however many nights there were and with the bridge on or off."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from arrivals import arrive
from clone import Clone
from house import BACKLOG, House
from learning_loop.sample import backlog
from learning_loop.sample.plan import DEFAULT_AS_OF, Plan

PLAN = Plan(7, 56, 1, DEFAULT_AS_OF)
TABLES = (
    "learning_backlog_candidates", "learning_backlog_history", "learning_backlog_checklist",
    "learning_backlog_regressions", "rejected_decisions", "learning_backlog_bridge_runs",
)  # fmt: skip


def tables(house: House) -> dict[str, list[tuple]]:
    return {table: house.query(f"from {table} order by all") for table in TABLES}


def drop(house: House) -> None:
    with duckdb.connect(str(house.warehouse)) as con:
        for table in TABLES:
            con.execute(f"drop table {table}")


def test_all_can_be_dropped_but_the_two_logs(told: tuple[House, dict], copy: House) -> None:
    before = tables(told[0])
    drop(copy)
    copy.night(DEFAULT_AS_OF)
    assert tables(copy) == before


@pytest.mark.faults
def test_after_five_weeks_of_daily_nights_all_can_be_dropped_but_the_two_logs(tmp_path: Path) -> None:
    house = House(tmp_path, select=BACKLOG)
    with duckdb.connect() as con:
        backlog.write(con, tmp_path / "world", PLAN)
    nights = [DEFAULT_AS_OF - timedelta(days=days) for days in reversed(range(36))]
    for number, at in enumerate(nights):
        arrive(tmp_path / "world", house.landing, at.date())
        house.night(at, bridge=number not in (3, 17))
    before = tables(house)
    assert [row[1] for row in before["learning_backlog_bridge_runs"]].count("skipped") == 2
    assert len(before["learning_backlog_bridge_runs"]) == len(nights)
    assert {row[1] for row in before["learning_backlog_candidates"]} >= {"candidate", "approved", "dismissed"}
    drop(house)
    house.night(DEFAULT_AS_OF)
    assert tables(house) == before
    house.night(DEFAULT_AS_OF, full_refresh=True)
    assert tables(house) == before


def test_with_the_bridge_off_clusters_and_alerts_go_on_and_the_run_is_recorded_as_skipped(
    told: tuple[House, dict], copy: House
) -> None:
    at = DEFAULT_AS_OF + timedelta(days=1)
    copy.night(at, bridge=False)
    run_id = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    status, *counts = copy.query(
        "select status, total_cluster_rows, total_underperforming_rows, candidates_considered, candidates_written,"
        " filtered_noise, duplicates_skipped, details from learning_backlog_bridge_runs where run_id = ?", run_id
    )[0]  # fmt: skip
    assert (status, counts) == ("skipped", [0, 0, 0, 0, 0, 0, "{}"])
    assert copy.column("select count(*) from learning_backlog_verdicts where run_id = ?", run_id) == [0]
    for runs in ("learning_issue_cluster_runs", "extraction_calibration_runs"):
        assert copy.column(f"select count(*) from {runs} where run_id = ?", run_id) == [1], runs
    candidates = "select * exclude (quiet_weeks) from learning_backlog_candidates order by all"
    assert copy.query(candidates) == told[0].query(candidates), "what stands in the backlog stays"


def test_a_decision_counts_while_the_bridge_is_off(told: tuple[House, dict], copy: House) -> None:
    key = told[1]["keys"]["newcomer"]
    at = DEFAULT_AS_OF + timedelta(days=1)
    row = {
        "decision_id": "while-off", "candidate_key": key, "decision": "approve", "actor": backlog.APPROVER,
        "decided_at": (at - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    copy.land("while-off.jsonl", [row], feed="backlog_decisions")
    copy.night(at, bridge=False)
    assert copy.column("select status from learning_backlog_candidates where candidate_key = ?", key) == ["approved"]


def test_once_approvers_are_named_the_decision_of_another_is_refused_for_that(
    told: tuple[House, dict], copy: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = Clone(tmp_path, monkeypatch).seed("approvers")
    named = [f"{actor},approver,1970-01-01,known to the team\n" for actor in (backlog.APPROVER, backlog.SECOND)]
    seed.write_text(seed.read_text() + "".join(named))
    copy.night(DEFAULT_AS_OF + timedelta(days=1))
    refused = dict(copy.query("select decision_id, reason_code from rejected_decisions"))
    assert refused == told[1]["rejected"] | {"dec-stranger": "not_an_approver"}
    query = "select candidate_key, status from learning_backlog_candidates order by all"
    assert copy.query(query) == told[0].query(query)
